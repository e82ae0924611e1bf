"""Takes the place of what aiokafka's fetcher unpacks a partition's fetched bytes with, in every consumer made here.

Kept true: a batch with the right checksum ends no consumer and stops no partition, whatever it holds. What can be read
of it comes at its offset; each bad place comes as an `UnreadableRecord`, which `consume.decoding` makes a dead letter
of; and every batch moves the partition on. A wrong checksum, or a length that is not even a batch's, still raises: that
is the disk or the wire, and fetching again may mend it.

Read in aiokafka 0.14.0, `consumer.fetcher`: the module's names `MemoryRecords` (has_next, next_batch, size_in_bytes)
and `PartitionRecords`, whose `_unpack_records` asks a batch for base_offset, next_offset, producer_id,
is_control_batch, is_transactional, validate_crc and its records, passes over records below `next_fetch_offset`, and
makes each a ConsumerRecord in `_consumer_record`. Its own reader refuses a whole batch for one header name that is not
UTF-8, and gives None for a timestamp of -1, which any writer may send.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.structs import ConsumerRecord, TopicPartition

from shared.messaging.kafka import record_batch
from shared.messaging.kafka.bounded_reader import NOWHERE, Unreadable
from shared.messaging.kafka.record_batch import HEADER, Header
from shared.observability.logs import get_logger

log = get_logger(__name__)

NO_TIMESTAMP = -1
_NO_MARKER = b"\x00\x00\xff\xff"
"""A control record's key (version and kind, two bytes each) of a kind that there is not."""


@dataclass
class UnreadableRecord(ConsumerRecord):  # type: ignore[misc]  # aiokafka ships no types
    """Stands where a record, or all that was left of its batch, could not be read. The value is its bytes."""

    problem: str = ""


@dataclass(slots=True)
class Batch:
    """One batch for aiokafka's fetcher. `following`: where the next one begins, which this one does not reach."""

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
        """The first offset that it may have a record for."""
        return self.header.base_offset

    @property
    def next_offset(self) -> int:
        """Where to go on after it: where its header says, but not past the next batch, and never where it began."""
        end = self.base_offset + self.header.last_offset_delta + 1
        if self.following is not None:
            end = min(end, self.following)
        return max(end, self._end, self.base_offset + 1, self.fetch_offset + 1)

    @property
    def producer_id(self) -> int:
        """Who wrote it; -1: somebody without idempotence."""
        return self.header.producer_id

    @property
    def is_control_batch(self) -> bool:
        """Whether it is a transaction's marker."""
        return self.header.is_control

    @property
    def is_transactional(self) -> bool:
        """Whether it belongs to a transaction."""
        return self.header.is_transactional

    def validate_crc(self) -> bool:
        """Whether the checksum fits."""
        return record_batch.checksum(self.raw) == self.header.crc

    def records(self) -> Iterator[Any]:
        """Its records and what is unreadable, with growing offsets."""
        most = None if self.following is None else self.following - self.base_offset - 1
        for record in record_batch.read(self.raw, most):
            if record.offset == NOWHERE:
                log.error("records_without_offsets", base_offset=self.base_offset, bytes=len(record.raw))
            else:
                yield record

    def __iter__(self) -> Iterator[Any]:
        for record in self.records():
            self._end = record.offset + 1
            yield record

    def __next__(self) -> "_Marker":
        """A control batch's marker."""
        return _Marker(next((each.key for each in self.records() if not isinstance(each, Unreadable)), None))


class _Marker:
    """What a control batch says; one that cannot be read ends no transaction."""

    def __init__(self, key: bytes | None) -> None:
        self.key = key if key is not None and len(key) >= len(_NO_MARKER) else _NO_MARKER


class _WholeBatch(Batch):
    """A batch that has one record: itself."""

    __slots__ = ()

    def __iter__(self) -> Iterator["RawBatch"]:
        yield RawBatch(self)


class RawBatch:
    """A batch of one partition as Kafka keeps it, so that all of it can be read at once.

    `offset`: its last. `least`: records below this offset were read before.
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._give: Callable[[Any], ConsumerRecord]
        self._raws: list[ConsumerRecord] | None = None
        self.topic, self.partition, self.least = "", -1, 0
        self.base, self.offset = batch.base_offset, batch.next_offset - 1
        self.count, self.timestamp = batch.header.record_count, batch.header.max_timestamp

    def fetched(self, place: TopicPartition, least: int, give: Callable[[Any], ConsumerRecord]) -> Self:
        """Say where it comes from, and how its records are given to a consumer."""
        self.topic, self.partition, self.least, self._give = place.topic, place.partition, least, give
        return self

    def body(self) -> bytes | None:
        """The records' bytes, unpacked; None where they are damaged."""
        return record_batch.body(self._batch.raw)

    def raws(self) -> Sequence[ConsumerRecord]:
        """Its records one by one, as a consumer gives them, and those below `least` too."""
        if self._raws is None:
            self._raws = [self._give(record) for record in self._batch.records()]
        return self._raws


class FetchedBatches:
    """A partition's fetched bytes, batch by batch; the last may be cut off. In place of aiokafka's MemoryRecords."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self.fetch_offset = 0
        self.kind: type[Batch] = Batch

    def size_in_bytes(self) -> int:
        """How much was fetched."""
        return len(self._data)

    def has_next(self) -> bool:
        """Whether another whole batch is there."""
        length = record_batch.length_at(self._data, self._at)
        return length is not None and length <= len(self._data) - self._at

    def next_batch(self) -> Batch:
        """The next batch, where there is one. Raises CorruptRecordException where its length is too short for one."""
        end = self._at + (record_batch.length_at(self._data, self._at) or 0)
        if end - self._at < HEADER.size:
            raise CorruptRecordException(f"a batch of {end - self._at} bytes")
        following = record_batch.base_offset_at(self._data, end)
        batch = self.kind(self._data[self._at : end], following, self.fetch_offset)
        self._at = end
        return batch


class WholeBatches:
    """Given to a consumer as its `value_deserializer`: the batches of these topics come as `RawBatch`, not unpacked.

    All others come as always, since it changes no value.
    """

    def __init__(self, *topics: str) -> None:
        self.topics = topics

    def __call__(self, value: bytes | None) -> bytes | None:
        """As aiokafka calls a deserializer."""
        return value


class PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka ships no types
    """aiokafka's own, over `FetchedBatches`."""

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
            return record.fetched(tp, self.next_fetch_offset, lambda each: self._consumer_record(tp, each))
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
    """For every consumer of this process made from now on."""
    fetcher.MemoryRecords = FetchedBatches
    fetcher.PartitionRecords = PartitionRecords
