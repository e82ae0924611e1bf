"""A topic's records as an operator selects and reads them.

Pure except for `start_offsets` and `read_records`, which need a consumer. Invariant: any record can be shown, also one
that breaks its contract.
"""

import json
import math
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge
from typing import Any, Literal

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.messaging.consume.decoding import Bad, Raw, decode
from shared.messaging.kafka.partitioning import partition_of
from shared.messaging.topics.catalogue import Topic
from shared.messaging.traces import traceparent_of
from shared.observability import trace

POLL_MS = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AGO = re.compile(r"(\d{1,9})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGES = ((86400 * 2, 86400, "d"), (3600 * 2, 3600, "h"), (60 * 2, 60, "m"))

_LONGEST_VERSION = 19
"""As many digits has the largest number of 64 bits; Python refuses to read very long ones."""

Begin = Literal["beginning", "latest"] | datetime


# --- selecting ------------------------------------------------------------------------------------------------------


def parse_moment(text: str, now: datetime) -> tuple[datetime, bool]:
    """A moment in UTC, and whether its zone was assumed. `text`: ISO 8601, or a time before `now` (`15m`, `2h`, `3d`).

    Raises:
        ValueError: it is neither, or lies outside the calendar or before 1970.
    """
    try:
        ago = _AGO.fullmatch(text.strip())
        if ago:
            found, assumed = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])}), False
        else:
            found = datetime.fromisoformat(text.strip())
            assumed = found.tzinfo is None
            found = found.replace(tzinfo=UTC) if assumed else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no moment") from None
    if found.timestamp() < 0:
        raise ValueError(f"{text!r} is before 1970")
    return found, assumed


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """`company.name=Initech`: a path into the value, and the text expected there."""

    path: tuple[str, ...]
    expected: str

    def matches(self, value: Any) -> bool:
        """Whether the value has it; of a list any item may. Numbers, true, false and null are compared as JSON."""
        return self._matches_at(value, self.path)

    def _matches_at(self, value: Any, path: tuple[str, ...]) -> bool:
        if isinstance(value, list):
            return any(self._matches_at(each, path) for each in value)
        if path:
            return isinstance(value, dict) and path[0] in value and self._matches_at(value[path[0]], path[1:])
        return value == self.expected if isinstance(value, str) else _same(value, self.expected)


def _same(value: Any, expected: str) -> bool:
    if isinstance(value, dict):
        return False
    return json.dumps(value) == expected or (
        isinstance(value, float) and json.dumps(value).removesuffix(".0") == expected
    )


def parse_where(text: str) -> FieldFilter:
    """A filter from `FIELD=VALUE`. Raises ValueError if there is no `=` or a part of the path is empty."""
    path, equals, wanted = text.partition("=")
    parts = tuple(path.strip().split("."))
    if not equals or not all(parts):
        raise ValueError(f"{text!r} is not FIELD=VALUE, such as company.name=Initech")
    return FieldFilter(parts, wanted)


def partitions_of(topic: Topic, key: str | None) -> list[int]:
    """The partitions that may hold records of `key`: one if the key determines it, else all."""
    if key is None or not topic.by_key:
        return list(range(topic.partitions))
    return [partition_of(key.encode(), topic.partitions)]


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Selects records of one key whose value matches all of `where`; a tombstone matches only an empty `where`."""

    key: str | None = None
    where: Sequence[FieldFilter] = ()

    def matches(self, raw: Raw) -> bool:
        """Whether a record is selected."""
        if self.key is not None and raw.key != self.key.encode():
            return False
        if not self.where:
            return True
        value = value_of(raw.value)
        return all(each.matches(value) for each in self.where)


# --- showing --------------------------------------------------------------------------------------------------------


def value_of(raw: bytes | None) -> Any:
    """A value parsed as JSON; text with replacement characters if it is no UTF-8 JSON; None for a tombstone."""
    if raw is None:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw.decode(errors="replace")


def header(raw: Raw, name: str) -> str | None:
    """A header as text; None if there is none."""
    return next((text_of(value) for each, value in raw.headers if each == name), None)


def text_of(raw: bytes | None) -> str:
    """Bytes as text with replacement characters; None as empty text."""
    return (raw or b"").decode(errors="replace")


def violation(topic: Topic, raw: Raw) -> str | None:
    """How a record breaks its topic's contract; None if it keeps it or the topic has none."""
    if topic.model is None:
        return None
    found = decode(topic, raw)
    return found.reason if isinstance(found, Bad) else None


def describe(topic: Topic, raw: Raw, now: datetime) -> dict[str, Any]:
    """A record as JSON: what `warmpath match` reads, and its place, time, type and contract violation."""
    return {
        "topic": raw.topic,
        "partition": raw.partition,
        "offset": raw.offset,
        "time": iso(raw.timestamp),
        "age_s": round(now.timestamp() - raw.timestamp / 1000, 3),
        "type": header(raw, "ce_type"),
        "key": None if raw.key is None else text_of(raw.key),
        "version": _version(raw),
        "trace_id": trace.id_of(traceparent_of(raw.headers)),
        "value": value_of(raw.value),
        "violation": violation(topic, raw),
    }


def iso(timestamp_ms: int) -> str:
    """Kafka's timestamp as ISO 8601 in UTC. Writers may send any number: one outside the calendar stays a number."""
    try:
        return (_EPOCH + timedelta(milliseconds=timestamp_ms)).isoformat(timespec="milliseconds")
    except OverflowError:
        return f"{timestamp_ms} ms"


def age(seconds: float) -> str:
    """A duration in the largest unit of which it has at least two: `3 s`, `15 m`, `2 h`, `9 d`."""
    least = max(0.0, seconds)
    for from_s, unit_s, name in _AGES:
        if least >= from_s:
            return f"{least // unit_s:.0f} {name}"
    return f"{least:.0f} s"


def _version(raw: Raw) -> int | str | None:
    """`ce_version` as a number, so that the output of `--json` can be piped into `warmpath match`."""
    text = header(raw, "ce_version")
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) <= _LONGEST_VERSION
    return int(text) if text is not None and is_number else text


# --- reading --------------------------------------------------------------------------------------------------------


async def start_offsets(
    consumer: AIOKafkaConsumer, places: Sequence[TopicPartition], begin: Begin, ends: Mapping[TopicPartition, int]
) -> dict[TopicPartition, int]:
    """The offset to start at in each partition; `ends` must have been read before. Raises KafkaError."""
    if begin == "beginning":
        return dict(await consumer.beginning_offsets(places))
    if begin == "latest":
        return dict(ends)
    found = await consumer.offsets_for_times(dict.fromkeys(places, _millis(begin)))
    return {place: at.offset if (at := found.get(place)) else ends[place] for place in places}


def _millis(moment: datetime) -> int:
    """The first millisecond that is not before it."""
    return -((_EPOCH - moment) // timedelta(milliseconds=1))


async def read_records(
    consumer: AIOKafkaConsumer, places: Sequence[TopicPartition], begin: Begin, *, until_now: bool = False
) -> AsyncGenerator[ConsumerRecord, None]:
    """Committed records from `begin` on, in order within a partition, merged by time within a fetch.

    If `begin` is a moment, only records with that or a later timestamp. `until_now`: stop at the topic's end as it was
    at the start. Raises KafkaError.
    """
    ends = await consumer.end_offsets(places)
    begins = await start_offsets(consumer, places, begin, ends)
    since = _millis(begin) if isinstance(begin, datetime) else -math.inf
    consumer.assign(places)
    for place, offset in begins.items():
        consumer.seek(place, offset)
    left = {place for place in places if begins[place] < ends[place]} if until_now else set(places)
    while left:
        batches = await consumer.getmany(*left, timeout_ms=POLL_MS)
        for record in merge(*batches.values(), key=lambda each: each.timestamp):
            if until_now and record.offset >= ends[TopicPartition(record.topic, record.partition)]:
                continue
            # Timestamps are the writers' clocks: an earlier one may follow the first that is late enough.
            if record.timestamp >= since:
                yield record
        if until_now:  # compare positions, since the last offsets may be transaction markers
            left = {place for place in left if await consumer.position(place) < ends[place]}
