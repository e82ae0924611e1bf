"""A group's dead letters as an operator sees them: what is wrong with each, and what has become of it.

Pure but for `look` and `one`, which need a consumer. Letters cannot be taken out of Kafka one by one: what was done
with one is a marker record on the same topic, `dlq_resolved` naming its place. Both leave after 30 days.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.messaging.consume.decoding import Raw
from shared.messaging.inspection.records import header, read, text_of
from shared.messaging.topics.catalogue import Topic

Outcome = Literal["replayed", "dropped"]
Step = Literal["replaying", "replayed", "dropping", "dropped"]
"""What the audit is told: that something is under way, and that it is done."""
UNDER_WAY: Mapping[Outcome, Step] = {"replayed": "replaying", "dropped": "dropping"}
Place = tuple[int, int]
"""Partition and offset on the group's `.dlq` topic."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was done with a letter, by whom, when (ISO 8601)."""

    outcome: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Found:
    """A letter without its value. `origin` is where the record stood first; `size` its bytes now.

    `truncated`: how long its value was, where only the beginning was kept.
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
    resolved: Resolved | None = None

    @property
    def id(self) -> str:
        """What commands call it: `partition:offset`."""
        return f"{self.place[0]}:{self.place[1]}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters are meant; what is None is left open. `reason` is a part of it, `error` and `topic` are whole."""

    ids: Collection[Place] | None = None
    topic: str | None = None
    error: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, letter: Found) -> bool:
        """Whether it is one of them."""
        return (
            (self.ids is None or letter.place in self.ids)
            and self.topic in {None, letter.topic}
            and self.error in {None, letter.error}
            and (self.reason is None or self.reason.casefold() in letter.reason.casefold())
            and (self.since is None or letter.written_ms >= self.since.timestamp() * 1000)
            and (self.until is None or letter.written_ms < self.until.timestamp() * 1000)
        )


@dataclass(frozen=True, slots=True)
class Count:
    """Letters of one kind. Times are Unix milliseconds."""

    topic: str
    error: str
    reason: str
    letters: int
    first_ms: int
    last_ms: int


def parse_id(text: str) -> Place:
    """`partition:offset`. Raises ValueError."""
    partition, colon, offset = text.partition(":")
    if not (colon and partition.isdecimal() and offset.isdecimal()):
        raise ValueError(f"{text!r} is not PARTITION:OFFSET, such as 0:17")
    return int(partition), int(offset)


def is_marker(raw: Raw) -> bool:
    """Whether a record says what was done with a letter. Letters never have that header: it is taken off them."""
    return header(raw, "dlq_resolved") is not None


def letter_of(raw: Raw) -> Found:
    """A record that stands on a `.dlq` topic, whatever its headers are like."""
    found = {name: text_of(value) for name, value in raw.headers if name.startswith("dlq_")}
    attempts, truncated = found.get("dlq_attempts", ""), found.get("dlq_truncated", "")
    topic = found.get("dlq_topic", "?")
    return Found(
        place=(raw.partition, raw.offset),
        written_ms=raw.timestamp,
        key=None if raw.key is None else text_of(raw.key),
        topic=topic,
        origin=f"{topic} {found.get('dlq_partition', '?')}:{found.get('dlq_offset', '?')}",
        error=found.get("dlq_error", "?"),
        reason=found.get("dlq_reason", "?"),
        attempts=int(attempts) if attempts.isdecimal() else 0,
        first_at=found.get("dlq_first_at", "?"),
        last_at=found.get("dlq_last_at", "?"),
        size=len(raw.value or b""),
        truncated=int(truncated) if truncated.isdecimal() else None,
    )


def marker_headers(letter: Found, resolved: Resolved) -> list[tuple[str, bytes]]:
    """The headers of the record that says what was done with a letter."""
    said = {"resolved": letter.id, "outcome": resolved.outcome, "by": resolved.by, "at": resolved.at}
    return [(f"dlq_{name}", text.encode()) for name, text in said.items()]


def resolution(raw: Raw) -> tuple[Place, Resolved] | None:
    """What a marker says; None where it is unreadable."""
    said = {name: header(raw, f"dlq_{name}") or "?" for name in ("resolved", "outcome", "by", "at")}
    try:
        return parse_id(said["resolved"]), Resolved(said["outcome"], said["by"], said["at"])
    except ValueError:
        return None


def counted(letters: Iterable[Found]) -> list[Count]:
    """How many of each topic, error and reason; most first."""
    kinds: dict[tuple[str, str, str], list[int]] = {}
    for each in letters:
        kinds.setdefault((each.topic, each.error, each.reason), []).append(each.written_ms)
    found = [Count(*kind, len(times), min(times), max(times)) for kind, times in kinds.items()]
    return sorted(found, key=lambda each: (-each.letters, each.topic, each.error, each.reason))


async def look(consumer: AIOKafkaConsumer, topic: Topic) -> tuple[list[Found], dict[Place, Resolved]]:
    """All letters of a `.dlq` topic, oldest first in each partition, and what was done last with which.

    Raises KafkaError.
    """
    letters: list[Found] = []
    done: dict[Place, Resolved] = {}
    async for record in read(consumer, places(topic), "beginning", until_now=True):
        if not is_marker(record):
            letters.append(letter_of(record))
        elif said := resolution(record):
            done[said[0]] = said[1]
    return letters, done


async def one(consumer: AIOKafkaConsumer, topic: Topic, place: Place) -> ConsumerRecord | None:
    """The letter at a place, whole; None where none stands there. Raises KafkaError."""
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


def places(topic: Topic) -> list[TopicPartition]:
    """A topic's partitions."""
    return [TopicPartition(topic.name, number) for number in range(topic.partitions)]
