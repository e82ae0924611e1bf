"""CloudEvents 1.0 in Kafka's binary mode: attributes in `ce_*` headers, the value's JSON as the record's value.

A tombstone has no value, so its version is in `ce_version`; every record has it there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from shared.events.base import Contract

Headers = list[tuple[str, bytes]]
CONTENT_TYPE = b"application/json"
LONGEST_VERSION = len(str(2**63))


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of a record."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    version: int
    traceparent: str | None = None
    cause: str | None = None
    """Why the record was written, if its topic tells (`suggestions.v1`: `opening` or `network`)."""
    cause_time: datetime | None = None
    """When the record was written that caused this one, if known (`suggestions.v1`: the posting's record)."""


def seal(
    topic: str,
    key: str,
    version: int,
    source: str,
    *,
    traceparent: str | None = None,
    cause: str | None = None,
    cause_time: datetime | None = None,
    now: datetime | None = None,
) -> Headers:
    """The headers of a record or tombstone. The id is `topic:key:version`, so a repeated event has the same id."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", f"{topic}:{key}:{version}".encode()),
        ("ce_source", f"/warmpath/{source}".encode()),
        ("ce_type", f"warmpath.{topic}".encode()),
        ("ce_subject", key.encode()),
        ("ce_time", _text(now or datetime.now(UTC))),
        ("ce_version", b"%d" % version),
    ]
    if traceparent:
        headers.append(("traceparent", traceparent.encode()))
    if cause:
        headers.append(("ce_cause", cause.encode()))
    if cause_time:
        headers.append(("ce_causetime", _text(cause_time)))
    headers.append(("content-type", CONTENT_TYPE))
    return headers


def unseal(headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
    """Read the envelope back.

    Raises:
        ValueError: a header is not UTF-8, or a required one is missing or malformed. The text says which, and never
            repeats its content.
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
            time=_moment(found["ce_time"]),
            version=_number(found["ce_version"]),
            traceparent=found.get("traceparent"),
            cause=found.get("ce_cause"),
            cause_time=_moment(found["ce_causetime"], "ce_causetime") if "ce_causetime" in found else None,
        )
    except KeyError as missing:
        raise ValueError(f"header {missing.args[0]} is missing") from missing


def _text(moment: datetime) -> bytes:
    return _text_in(moment, moment.tzinfo)


@lru_cache(64)
def _text_in(moment: datetime, _zone: tzinfo | None) -> bytes:
    """The zone is an argument since equal moments of different zones would be one to the cache."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()


def _moment(text: str, header: str = "ce_time") -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"header {header} is malformed") from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_VERSION and int(text) < 2**63):
        raise ValueError("header ce_version is malformed")
    return int(text)


def body_of(value: Contract | None) -> bytes | None:
    """A value's bytes; None stays None (a tombstone)."""
    return None if value is None else value.to_json()
