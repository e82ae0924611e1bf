"""CloudEvents 1.0 in Kafka binary mode: attributes in `ce_*` headers, the value as the record's own JSON bytes.

A tombstone has no value, so its version travels in `ce_version`; every record carries it there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.events.base import Contract

Headers = list[tuple[str, bytes]]
CONTENT_TYPE = b"application/json"


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of one record."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    version: int
    traceparent: str | None = None


def seal(
    topic: str, key: str, version: int, source: str, *, traceparent: str | None = None, now: datetime | None = None
) -> Headers:
    """Headers for a record or tombstone. The id is `topic:key:version`, so a repeated event repeats its id."""
    moment = (now or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    headers = {
        "ce_specversion": "1.0",
        "ce_id": f"{topic}:{key}:{version}",
        "ce_source": f"/warmpath/{source}",
        "ce_type": f"warmpath.{topic}",
        "ce_subject": key,
        "ce_time": moment,
        "ce_version": str(version),
    }
    if traceparent:
        headers["traceparent"] = traceparent
    sealed = [(name, text.encode()) for name, text in headers.items()]
    return [*sealed, ("content-type", CONTENT_TYPE)]


def unseal(headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
    """Read the envelope back.

    Raises:
        ValueError: a header is not UTF-8, or one that must be there is missing or malformed; the text says which.
    """
    found: dict[str, str] = {}
    for name, raw in headers:
        try:
            found[name] = (raw or b"").decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"header {name} is not UTF-8") from error
    try:
        return Envelope(
            id=found["ce_id"],
            source=found["ce_source"],
            type=found["ce_type"],
            subject=found.get("ce_subject", ""),
            time=datetime.fromisoformat(found["ce_time"]),
            version=int(found["ce_version"]),
            traceparent=found.get("traceparent"),
        )
    except KeyError as missing:
        raise ValueError(f"header {missing.args[0]} is missing") from missing


def body_of(value: Contract | None) -> bytes | None:
    """A value's bytes; None stays None (a tombstone)."""
    return None if value is None else value.to_json()
