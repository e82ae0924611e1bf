"""A case without a broker: the records of a file, applied in order to a new engine, and what it then suggests."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, Protocol

from pydantic import ValidationError

from services.matching.engine.engine import INPUTS, Engine, Event, contract_violation
from services.matching.rules.plain import engine as plain
from shared.resolution import Vocabulary

Refuse = Callable[[int, str], None]
"""Called with the number of each line that cannot be used, from 1, and the reason."""


class EngineOf(Protocol):
    """Makes an engine, fast or plain."""

    def __call__(self, vocabulary: Vocabulary, *, today: date) -> Engine | plain.Engine:
        """A new engine that knows the day."""


class RefusedError(ValueError):
    """A line that cannot be used; the message says why."""


def replay(
    lines: Iterable[str],
    today: date,
    vocabulary: Vocabulary,
    refuse: Refuse = lambda _line, _reason: None,
    engine_of: EngineOf = Engine,
) -> list[dict[str, Any]]:
    """The live suggestions after all lines, by seeker and posting, with exact numbers.

    A line is `{"topic", "key", "value"}`; a null value is a tombstone, then with a `"version"`. Empty lines are
    skipped. `refuse` is called for lines that cannot be used; who has an unreadable record does not introduce.
    """
    engine = engine_of(vocabulary, today=today)
    reader = Reader()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            engine.ingest((reader.event(line),))
        except RefusedError as error:
            refuse(number, str(error))
            if reader.unreadable_person is not None:
                engine.suspend_introductions(reader.unreadable_person)
    engine.update()
    return list(as_objects(engine))


def as_objects(engine: Engine | plain.Engine) -> Iterator[dict[str, Any]]:
    """The live suggestions of an engine as plain objects, sorted by seeker and posting."""
    for (seeker, posting), found in sorted(engine.suggestions().items()):
        paths = [
            {
                "introducer_id": path.introducer,
                "insider_id": path.insider,
                "score": path.score,
                "label": path.label,
                "ask": path.ask,
            }
            for path in found.paths
        ]
        yield {"seeker_id": seeker, "posting_id": posting, "fit": found.fit, "paths": paths}


class Reader:
    """Reads lines into events. A value without a version is newer than the one before it under its key."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], int] = {}
        self.unreadable_person: str | None = None

    def event(self, line: str) -> Event:
        """One line's event.

        Raises:
            RefusedError: it has none; `unreadable_person` is whom it was about, where that is known.
        """
        self.unreadable_person = None
        record = _object(line)
        topic, key = record.get("topic"), record.get("key")
        if not isinstance(topic, str) or topic not in INPUTS:
            raise RefusedError("topic is not an input of the matcher")
        if not isinstance(key, str) or not key:
            raise RefusedError("key is not a text")
        try:
            event = self._read(topic, key, record)
        except RefusedError:
            if topic == "people.v1":
                self.unreadable_person = key
            raise
        self._last[topic, key] = max(self._last.get((topic, key), -1), event.version)
        return event

    def _read(self, topic: str, key: str, record: dict[str, Any]) -> Event:
        if "value" not in record:
            raise RefusedError("value is missing (a tombstone has null)")
        value, version = record["value"], record.get("version")
        if version is not None and (not isinstance(version, int) or isinstance(version, bool) or version < 0):
            raise RefusedError("version is not a whole number from 0 up")
        if value is None:
            if version is None and topic != "clock.v1":
                raise RefusedError("a tombstone needs a version")
            event = Event(topic, key, None, version or 0)
        else:
            event = self._valued(topic, key, value, version)
        reason = contract_violation(event)
        if reason is not None:
            raise RefusedError(reason)
        return event

    def _valued(self, topic: str, key: str, value: Any, version: int | None) -> Event:
        if isinstance(value, dict):
            value = {name: part for name, part in value.items() if part is not None}
            value.setdefault("version", self._last.get((topic, key), -1) + 1 if version is None else version)
            if topic == "introductions.v1":  # the only input whose documentation does not ask for the id in the value
                value.setdefault("introduction_id", key)
        try:
            read = INPUTS[topic].model_validate(value)
        except ValidationError as error:
            raise RefusedError(_reason(error)) from error
        return Event(topic, key, read, read.version)  # type: ignore[attr-defined]  # every input carries one


def _object(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"not JSON: {error}") from error
    if not isinstance(record, dict):
        raise RefusedError("not a JSON object")
    return record


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"])) or "value"
    return f"value: {where}: {first['msg']}"
