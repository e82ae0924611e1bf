"""What can be read about topics and metrics, all of it written from their lists: schemas, AsyncAPI, a page of each.

`python -m shared.messaging.topics.documents` (or `make docs`) writes the files; it refuses to overwrite a
schema with an incompatible one.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.events.base import Contract
from shared.events.compatibility import incompatibilities
from shared.messaging.topics.catalogue import STATE_TOPICS, Topic, all_topics
from shared.observability.metric_list import DECLARED
from shared.observability.metrics import ALL_SERVICES

FOLDER = Path("docs/api")


def json_schema(topic: Topic) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a topic's values."""
    model = _model(topic)
    schema = model.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:warmpath:{topic.name}", **schema}


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of every topic, with CloudEvents headers."""
    topics = list(all_topics())
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Warmpath topics",
            "version": "1",
            "description": "Kafka, CloudEvents 1.0 binary mode, JSON.",
        },
        "defaultContentType": "application/json",
        "channels": {t.name: _channel(t) for t in topics},
        "operations": {key: value for t in topics for key, value in _operations(t).items()},
        "components": {"schemas": {t.name: _embedded(t) for t in topics if t.model}},
    }


def topics_page() -> str:
    """The page of topics: who writes and reads each, and the fields of its values."""
    lines = [
        "# Topics",
        "",
        "Written from the catalogue (`shared/messaging/topics/catalogue.py`) by `make docs`; do not edit.",
        "Records are CloudEvents 1.0 in Kafka binary mode: attributes in `ce_*` headers (the version in `ce_version`,",
        "on tombstones too), the value as JSON. State topics are compacted; a null value is a tombstone.",
        "",
        "| topic | key | partitions | owner | read by | what it is | cleanup |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{t.name}` | {t.key} | {t.partitions} | {t.owner} | {', '.join(t.readers) or 'ops'} | {t.about} |"
        f" {_cleanup(t)} |"
        for t in all_topics()
    ]
    for topic in STATE_TOPICS:
        lines += ["", f"## `{topic.name}`", "", *_fields(topic)]
    return "\n".join(lines) + "\n"


def metrics_page() -> str:
    """The page of metrics: what each means, its unit and labels, and who shows it."""
    lines = [
        "# Metrics",
        "",
        "Written from the list (`shared/observability/metric_list.py`) by `make docs`; do not edit. Every service",
        "shows its own at `/metrics`, to whoever bears the operator's or the services' token. A counter's samples end",
        "in `_total`, a histogram's in `_bucket`, `_sum` and `_count`.",
        "",
        "| metric | kind | unit | labels | services | what it means |",
        "|---|---|---|---|---|---|",
    ]
    for each in DECLARED:
        services = "all" if each.services == ALL_SERVICES else ", ".join(each.services)
        labels = ", ".join(f"`{label}`" for label in each.labels) or "none"
        lines.append(f"| `{each.name}` | {each.kind} | {each.unit} | {labels} | {services} | {each.about} |")
    return "\n".join(lines) + "\n"


def files() -> dict[Path, str]:
    """Every document by its path, as it must stand in the repository."""
    found = {FOLDER / "schemas" / f"{t.name}.json": _text(json_schema(t)) for t in STATE_TOPICS}
    pages = {"asyncapi.json": _text(asyncapi()), "topics.md": topics_page(), "metrics.md": metrics_page()}
    return found | {FOLDER / name: text for name, text in pages.items()}


def _model(topic: Topic) -> type[Contract]:
    if topic.model is None:
        raise ValueError(f"{topic.name} carries bytes as they came: it has no schema")
    return topic.model


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _cleanup(topic: Topic) -> str:
    return "compacted" if topic.model else "30 days"


def _embedded(topic: Topic) -> dict[str, Any]:
    template = f"#/components/schemas/{topic.name}/$defs/{{model}}"
    return _model(topic).model_json_schema(mode="validation", ref_template=template)


def _channel(topic: Topic) -> dict[str, Any]:
    payload = {"$ref": f"#/components/schemas/{topic.name}"} if topic.model else {"description": "bytes as they came"}
    message = {"name": topic.name, "contentType": "application/json", "headers": _headers(), "payload": payload}
    kafka = {"topic": topic.name, "partitions": topic.partitions, "bindingVersion": "0.5.0"}
    return {
        "address": topic.name,
        "description": f"{topic.about}; key: {topic.key}",
        "messages": {"record": message},
        "bindings": {"kafka": kafka},
    }


def _headers() -> dict[str, Any]:
    names = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_version")
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in (*names, "traceparent")},
        "required": list(names),
    }


def _operations(topic: Topic) -> dict[str, Any]:
    channel = {"$ref": f"#/channels/{topic.name}"}
    sends = {f"{topic.owner}.send.{topic.name}": {"action": "send", "channel": channel}}
    return sends | {f"{r}.receive.{topic.name}": {"action": "receive", "channel": channel} for r in topic.readers}


def _fields(topic: Topic) -> list[str]:
    schema = json_schema(topic)
    rows = ["| field | must be there | what |", "|---|---|---|"]
    for name, field in schema["properties"].items():
        must = "yes" if name in schema.get("required", ()) else "no"
        rows.append(f"| `{name}` | {must} | {_words(field, schema.get('$defs', {}))} |")
    return rows


def _words(field: dict[str, Any], models: dict[str, Any]) -> str:
    """A field's type in a few words; a model of ours as its fields in braces."""
    if "$ref" in field:
        model = models[field["$ref"].rsplit("/", 1)[1]]
        if "enum" in model:
            return " / ".join(model["enum"])
        must = model.get("required", ())
        return "{" + ", ".join(_name(name, part, must) for name, part in model["properties"].items()) + "}"
    arms = [arm for arm in field.get("anyOf", field.get("oneOf", ())) if arm.get("type") != "null"]
    if arms:
        return " or ".join(_words(arm, models) for arm in arms)
    if field.get("type") == "array":
        return f"list of {_words(field['items'], models)}"
    words = " / ".join(field["enum"]) if "enum" in field else str(field.get("format") or field["type"])
    return f"{words}: {field['description']}" if "description" in field else words


def _name(name: str, field: dict[str, Any], must: Sequence[str]) -> str:
    if "const" in field:
        return f"{name}: {field['const']}"
    return name if name in must else f"{name}?"


def main() -> None:
    """Write every document, unless a schema would break what is out there."""
    for topic in STATE_TOPICS:
        path = FOLDER / "schemas" / f"{topic.name}.json"
        broken = incompatibilities(json.loads(path.read_text()), json_schema(topic)) if path.exists() else []
        if broken:
            sys.exit(f"{path} would change incompatibly; make a new topic version instead:\n  " + "\n  ".join(broken))
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
