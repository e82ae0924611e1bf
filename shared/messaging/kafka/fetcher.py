"""Replaces the part of aiokafka's fetcher that turns fetched bytes into records, in every consumer of the process.

Invariants: a batch with a correct checksum stops neither a consumer nor a partition, whatever it contains. Its readable
records are returned at their offsets, each malformed place as an `UnreadableRecord` (a dead letter, once decoded), and
every batch advances the partition. A wrong checksum, or a length too short for a batch, raises CorruptRecordException:
then disk or network are at fault, and another fetch may succeed.

Read in aiokafka 0.14.0, `consumer.fetcher`: the module's `MemoryRecords` (has_next, next_batch, size_in_bytes) and
`PartitionRecords`. Its `_unpack_records` uses a batch's base_offset, next_offset, producer_id, is_control_batch,
is_transactional, validate_crc and records, skips records below `next_fetch_offset`, and makes ConsumerRecords by
`_consumer_record`. aiokafka's own reader fails for a whole batch if one header name is not UTF-8, and returns None for
a timestamp of -1, which any producer may send.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.structs import ConsumerRecord, TopicPartition

from shared.messaging.kafka import record_batch
from shared.messaging.kafka.bounded_reader import NO_OFFSET, Unreadable
from shared.messaging.kafka.record_batch import HEADER, Header
from shared.observability.logs import get_logger

log = get_logger(__name__)

NO_TIMESTAMP = -1
_NO_MARKER = b"\x00\x00\xff\xff"
"""A control record's key (version and type, two bytes each) with a type that does not exist."""


@dataclass
class UnreadableRecord(ConsumerRecord):  # type: ignore[misc]  # aiokafka ships no types
    """In place of a malformed record, or of the malformed rest of a batch. The value is its bytes.

    `problem` is the reason, without any of them.
    """

    problem: str = ""


@dataclass(slots=True)
class Batch:
    """A batch as aiokafka's fetcher uses it. `following`: the first offset of the next batch, if that is known."""

    raw: bytes
    following: int | None
    fetch_offset: int
    header: Header = field(init=False)
    _end: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.header = Header.of(self.raw)
        if self.following is not None and self.following <= self.base_offset:
            self.following = None

    @property
    def base_offset(self) -> int:
        """The first offset that a record of it may have."""
        return self.header.base_offset

    @property
    def next_offset(self) -> int:
        """Where to continue: after the header's last offset, but not past the next batch, and always further on."""
        end = self.base_offset + self.header.last_offset_delta + 1
        if self.following is not None:
            end = min(end, self.following)
        return max(end, self._end, self.base_offset + 1, self.fetch_offset + 1)

    @property
    def producer_id(self) -> int:
        """The producer's id; -1 for one without idempotence."""
        return self.header.producer_id

    @property
    def is_control_batch(self) -> bool:
        """Whether it holds a transaction marker instead of records."""
        return self.header.is_control

    @property
    def is_transactional(self) -> bool:
        """Whether it belongs to a transaction."""
        return self.header.is_transactional

    def validate_crc(self) -> bool:
        """Whether the checksum is correct."""
        return record_batch.checksum(self.raw) == self.header.crc

    def records(self) -> Iterable[Any]:
        """Its records and `Unreadable` places, with increasing offsets."""
        most = None if self.following is None else self.following - self.base_offset - 1
        found = record_batch.read(self.raw, self.header, most)
        if not isinstance(found, list):
            return self._damaged(found)
        if found:
            self._end = found[-1].offset + 1
        return found

    def _damaged(self, found: Iterable[Any]) -> Iterator[Any]:
        for record in found:
            if record.offset == NO_OFFSET:
                log.error("records_without_offsets", base_offset=self.base_offset, bytes=len(record.raw))
            else:
                self._end = record.offset + 1
                yield record

    def __iter__(self) -> Iterator[Any]:
        return iter(self.records())

    def __next__(self) -> "_Marker":
        """The marker of a control batch."""
        return _Marker(next((each.key for each in self.records() if not isinstance(each, Unreadable)), None))


class _Marker:
    """A transaction marker; an unreadable one aborts nothing."""

    def __init__(self, key: bytes | None) -> None:
        self.key = key if key is not None and len(key) >= len(_NO_MARKER) else _NO_MARKER


class _WholeBatch(Batch):
    """A batch that yields itself as its only record."""

    __slots__ = ()

    def __iter__(self) -> Iterator["RawBatch"]:
        yield RawBatch(self)


class RawBatch:
    """A batch of one partition as Kafka stores it, for readers that decode all of its records at once.

    `offset`: its last offset. `start`: records below this offset were read before.
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._to_consumer_record: Callable[[Any], ConsumerRecord]
        self._consumer_records: list[ConsumerRecord] | None = None
        self.topic, self.partition, self.start = "", -1, 0
        self.base, self.offset = batch.base_offset, batch.next_offset - 1
        self.count, self.timestamp = batch.header.record_count, batch.header.max_timestamp

    def bind(self, place: TopicPartition, start: int, to_consumer_record: Callable[[Any], ConsumerRecord]) -> Self:
        """Set its partition, its start, and how ConsumerRecords are made of its records."""
        self.topic, self.partition, self.start, self._to_consumer_record = (
            place.topic,
            place.partition,
            start,
            to_consumer_record,
        )
        return self

    def body(self) -> bytes | None:
        """The records' bytes, decompressed; None if that fails."""
        return record_batch.body(self._batch.raw)

    def consumer_records(self) -> Sequence[ConsumerRecord]:
        """Its records as a consumer returns them, those below `start` included."""
        if self._consumer_records is None:
            self._consumer_records = [self._to_consumer_record(record) for record in self._batch.records()]
        return self._consumer_records


class FetchedBatches:
    """The batches of a partition's fetched bytes, of which the last may be cut off. Replaces `MemoryRecords`."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self.fetch_offset = 0
        self.kind: type[Batch] = Batch

    def size_in_bytes(self) -> int:
        """The number of fetched bytes."""
        return len(self._data)

    def has_next(self) -> bool:
        """Whether there is another complete batch."""
        length = record_batch.length_at(self._data, self._at)
        return length is not None and length <= len(self._data) - self._at

    def next_batch(self) -> Batch:
        """The next batch, if `has_next`. Raises CorruptRecordException if its length is too short for a batch."""
        end = self._at + (record_batch.length_at(self._data, self._at) or 0)
        if end - self._at < HEADER.size:
            raise CorruptRecordException(f"a batch of {end - self._at} bytes")
        following = record_batch.base_offset_at(self._data, end)
        batch = self.kind(self._data[self._at : end], following, self.fetch_offset)
        self._at = end
        return batch


class WholeBatches:
    """As a consumer's `value_deserializer`: batches of these topics are returned as `RawBatch` instead of records.

    Values of other topics are not changed.
    """

    def __init__(self, *topics: str) -> None:
        self.topics = topics

    def __call__(self, value: bytes | None) -> bytes | None:
        """The value itself."""
        return value


class PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka ships no types
    """aiokafka's, over `FetchedBatches`."""

    def __init__(
        self,
        tp: TopicPartition,
        records: FetchedBatches,
        aborted: Any,
        fetch_offset: int,
        keys: Any,
        values: Any,
        *others: Any,
    ) -> None:
        records.fetch_offset = fetch_offset
        if isinstance(values, WholeBatches) and tp.topic in values.topics:
            records.kind = _WholeBatch
        super().__init__(tp, records, aborted, fetch_offset, keys, values, *others)

    def _consumer_record(self, tp: TopicPartition, record: Any) -> ConsumerRecord | RawBatch:
        if isinstance(record, RawBatch):
            return record.bind(tp, self.next_fetch_offset, lambda each: self._consumer_record(tp, each))
        if isinstance(record, Unreadable):
            return _unreadable(tp, record)
        given = super()._consumer_record(tp, record)
        if given.timestamp is None:
            given.timestamp = NO_TIMESTAMP
        return given


def _unreadable(place: TopicPartition, record: Unreadable) -> UnreadableRecord:
    size = len(record.raw)
    return UnreadableRecord(
        *place, record.offset, record.timestamp, 0, None, record.raw, None, -1, size, (), problem=record.problem
    )


def install() -> None:
    """Replace aiokafka's classes for all consumers of this process that are created later."""
    fetcher.MemoryRecords = FetchedBatches
    fetcher.PartitionRecords = PartitionRecords
