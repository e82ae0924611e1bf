"""From a topic's bytes to a validated record, or to the reason why it is none. Pure; never raises.

Invariant: a reason names fields and kinds of error, never their content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError

from shared.events.base import Contract
from shared.events.envelope import Envelope, unseal
from shared.messaging.kafka.fetcher import UnreadableRecord
from shared.messaging.topics.catalogue import Topic

MOST_REASONS = 10


class Raw(Protocol):
    """The parts of an `aiokafka.ConsumerRecord` that are used."""

    @property
    def topic(self) -> str: ...  # noqa: D102
    @property
    def partition(self) -> int: ...  # noqa: D102
    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def timestamp(self) -> int: ...  # noqa: D102
    @property
    def key(self) -> bytes | None: ...  # noqa: D102
    @property
    def value(self) -> bytes | None: ...  # noqa: D102
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Record:
    """A record that keeps its topic's contract. `value` None is a tombstone; `timestamp_ms` is Kafka's."""

    topic: str
    partition: int
    offset: int
    key: str
    value: Contract | None
    version: int
    envelope: Envelope
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that breaks it. `error` is the kind of error; `reason` explains it without repeating any input."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    reason: str
    error: str


class _NotARecord(Exception):  # noqa: N818 - a finding about the input, not a failure of ours
    """Why it is not a record of its topic."""


def decode(topic: Topic, raw: Raw) -> Record | Bad:
    """Read one record of `topic`, even if it came from the group's `.retry` topic.

    Every record needs a UTF-8 key and the envelope's headers, `ce_version` among them; a body must be JSON that the
    topic's model accepts, and where it carries a version, the same one. An empty body is not a tombstone.
    """
    if isinstance(raw, UnreadableRecord):
        return bad(topic.name, raw, raw.problem, "UnreadableRecord")
    try:
        return _decode(topic, raw)
    except (_NotARecord, ValidationError) as error:
        reason = _places(error) if isinstance(error, ValidationError) else str(error)
        return bad(topic.name, raw, reason, "ValidationError" if isinstance(error, ValidationError) else "NotARecord")
    except Exception as error:  # noqa: BLE001 - whatever a parser may still raise on hostile bytes
        return bad(topic.name, raw, "could not be read", type(error).__name__)


def bad(topic: str, raw: Raw, reason: str, error: str) -> Bad:
    """`raw` as a bad record."""
    return Bad(topic, raw.partition, raw.offset, raw.key, reason, error)


def _decode(topic: Topic, raw: Raw) -> Record:
    key = _key(raw.key)
    try:
        envelope = unseal(raw.headers)
    except ValueError as error:
        raise _NotARecord(str(error)) from None
    value = _value(topic, raw.value, envelope.version)
    return Record(topic.name, raw.partition, raw.offset, key, value, envelope.version, envelope, raw.timestamp)


def _key(raw: bytes | None) -> str:
    if not raw:
        raise _NotARecord("the key is missing")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise _NotARecord("the key is not UTF-8") from None


def _value(topic: Topic, raw: bytes | None, version: int) -> Contract | None:
    if raw is None:
        if not topic.tombstones:
            raise _NotARecord(f"a tombstone does not belong on {topic.name}")
        return None
    if topic.model is None:
        raise _NotARecord(f"{topic.name} has no contract to be read by")
    value = topic.model.model_validate_json(raw)
    if "version" in value.model_fields_set and getattr(value, "version", version) != version:
        raise _NotARecord("the body's version is not that of the header ce_version")
    return value


def _places(error: ValidationError) -> str:
    """`company.name: missing; skills.3: string_type`. Input, context and messages stay out: they repeat values."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    places = [f"{'.'.join(str(part) for part in each['loc']) or 'body'}: {each['type']}" for each in found]
    more = [f"and {len(places) - MOST_REASONS} more"] if len(places) > MOST_REASONS else []
    return "; ".join(places[:MOST_REASONS] + more)
