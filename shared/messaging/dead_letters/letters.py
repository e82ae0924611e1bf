"""A group's dead letters as an operator sees them: what is wrong with each, and whether it was replayed or dropped.

Pure except for `read_letters` and `read_letter`, which need a consumer. Single letters cannot be deleted from Kafka: a
marker record on the same topic, whose header `dlq_resolved` names a letter's place, says what was done with it. Letters
and markers expire after 30 days.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.messaging.consume.decoding import Raw
from shared.messaging.inspection.records import header, iso, read_records, text_of
from shared.messaging.topics.catalogue import Topic

Outcome = Literal["replayed", "dropped"]
Step = Literal["replaying", "replayed", "dropping", "dropped"]
"""What the audit records: that an action was begun, and that it was done."""
UNDER_WAY: Mapping[Outcome, Step] = {"replayed": "replaying", "dropped": "dropping"}
_LONGEST_NUMBER = 19
Place = tuple[int, int]
"""Partition and offset on the group's `.dlq` topic."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What was done with a letter, by whom and when (ISO 8601)."""

    outcome: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A letter without its value. `origin`: the topic, partition and offset it came from; `size`: bytes of its value.

    `truncated`: the length of the original value, if only its beginning was kept.
    """

    place: Place
    written_ms: int
    key: str | None
    topic: str
    origin: str
    error: str
    reason: str
    attempts: int
    first_at: str
    last_at: str
    size: int
    truncated: int | None
    resolved: Resolution | None = None

    @property
    def id(self) -> str:
        """`partition:offset`, its id in commands."""
        return f"{self.place[0]}:{self.place[1]}"


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Selects letters; None matches all. `reason` matches a part of the reason, `error` and `topic` the whole."""

    ids: Collection[Place] | None = None
    topic: str | None = None
    error: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def matches(self, letter: DeadLetter) -> bool:
        """Whether a letter is selected."""
        return (
            (self.ids is None or letter.place in self.ids)
            and self.topic in {None, letter.topic}
            and self.error in {None, letter.error}
            and (self.reason is None or self.reason.casefold() in letter.reason.casefold())
            and (self.since is None or letter.written_ms >= self.since.timestamp() * 1000)
            and (self.until is None or letter.written_ms < self.until.timestamp() * 1000)
        )


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many letters have one topic, error and reason. Times are Unix milliseconds."""

    topic: str
    error: str
    reason: str
    letters: int
    first_ms: int
    last_ms: int


def parse_id(text: str) -> Place:
    """A place from `partition:offset`. Raises ValueError."""
    partition, colon, offset = text.partition(":")
    if not (colon and partition.isdecimal() and offset.isdecimal()):
        raise ValueError(f"{text!r} is not PARTITION:OFFSET, such as 0:17")
    return int(partition), int(offset)


def is_marker(raw: Raw) -> bool:
    """Whether a record is a marker. Letters never have its header: `dlq_` headers of others are not copied to them."""
    return header(raw, "dlq_resolved") is not None


def parse_letter(raw: Raw) -> DeadLetter:
    """A letter from a record of a `.dlq` topic, whatever headers that has."""
    found = {name: text_of(value) for name, value in raw.headers if name.startswith("dlq_")}
    attempts, truncated = found.get("dlq_attempts", ""), found.get("dlq_truncated", "")
    topic = found.get("dlq_topic", "?")
    return DeadLetter(
        place=(raw.partition, raw.offset),
        written_ms=raw.timestamp,
        key=None if raw.key is None else text_of(raw.key),
        topic=topic,
        origin=f"{topic} {found.get('dlq_partition', '?')}:{found.get('dlq_offset', '?')}",
        error=found.get("dlq_error", "?"),
        reason=found.get("dlq_reason", "?"),
        attempts=_number(attempts) or 0,
        first_at=found.get("dlq_first_at", "?"),
        last_at=found.get("dlq_last_at", "?"),
        size=len(raw.value or b""),
        truncated=_number(truncated),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else None


def letter_as_json(letter: DeadLetter) -> dict[str, Any]:
    """A letter as JSON shows it: its id and times as people write them."""
    found = asdict(letter)
    del found["place"]
    return {"id": letter.id, "written_at": iso(found.pop("written_ms"))} | found


def whole_letter_as_json(raw: Raw, resolved: Resolution | None) -> dict[str, Any]:
    """A letter with its headers and its value: as JSON if it is JSON, otherwise text, otherwise `hex: …`."""
    headers = [[name, text_of(value)] for name, value in raw.headers if not name.startswith("dlq_")]
    letter = replace(parse_letter(raw), resolved=resolved)
    return letter_as_json(letter) | {"headers": headers, "value": _readable(raw.value)}


def _readable(value: bytes | None) -> Any:
    if value is None:
        return None
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return f"hex: {value.hex()}"
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def marker_headers(letter: DeadLetter, resolved: Resolution) -> list[tuple[str, bytes]]:
    """A marker's headers."""
    said = {"resolved": letter.id, "outcome": resolved.outcome, "by": resolved.by, "at": resolved.at}
    return [(f"dlq_{name}", text.encode()) for name, text in said.items()]


def parse_marker(raw: Raw) -> tuple[Place, Resolution] | None:
    """The letter's place and what was done with it; None if the marker is unreadable."""
    said = {name: header(raw, f"dlq_{name}") or "?" for name in ("resolved", "outcome", "by", "at")}
    try:
        return parse_id(said["resolved"]), Resolution(said["outcome"], said["by"], said["at"])
    except ValueError:
        return None


def count_by_reason(letters: Iterable[DeadLetter]) -> list[ReasonCount]:
    """Counts by topic, error and reason, largest first."""
    kinds: dict[tuple[str, str, str], list[int]] = {}
    for each in letters:
        kinds.setdefault((each.topic, each.error, each.reason), []).append(each.written_ms)
    found = [ReasonCount(*kind, len(times), min(times), max(times)) for kind, times in kinds.items()]
    return sorted(found, key=lambda each: (-each.letters, each.topic, each.error, each.reason))


async def read_letters(consumer: AIOKafkaConsumer, topic: Topic) -> tuple[list[DeadLetter], dict[Place, Resolution]]:
    """All letters of a `.dlq` topic, oldest first in each partition, and what was last done with which.

    Raises KafkaError.
    """
    letters: list[DeadLetter] = []
    done: dict[Place, Resolution] = {}
    async for record in read_records(consumer, all_partitions(topic), "beginning", until_now=True):
        if not is_marker(record):
            letters.append(parse_letter(record))
        elif said := parse_marker(record):
            done[said[0]] = said[1]
    return letters, done


async def read_letter(consumer: AIOKafkaConsumer, topic: Topic, place: Place) -> ConsumerRecord | None:
    """The whole letter at a place; None if there is none. Raises KafkaError."""
    where = TopicPartition(topic.name, place[0])
    if place[0] >= topic.partitions:
        return None
    (first,), (end,) = (
        (await consumer.beginning_offsets([where])).values(),
        (await consumer.end_offsets([where])).values(),
    )
    if not first <= place[1] < end:
        return None
    consumer.assign([where])
    consumer.seek(where, place[1])
    while await consumer.position(where) <= place[1]:
        for records in (await consumer.getmany(where, timeout_ms=200, max_records=1)).values():
            record = records[0]
            return record if record.offset == place[1] and not is_marker(record) else None
    return None


def all_partitions(topic: Topic) -> list[TopicPartition]:
    """A topic's partitions."""
    return [TopicPartition(topic.name, number) for number in range(topic.partitions)]
