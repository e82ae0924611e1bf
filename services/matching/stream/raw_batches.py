"""Batches of `ties.v1` as Kafka keeps them, in place of their records, so that all of one can be read at once.

aiokafka makes some twenty objects of every record, which takes longer than all the matcher does with a tie. What a
consumer may see (aborted transactions, checksums, offsets) stays aiokafka's business, and so does reading what is not
as our own writers put it.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka.codec import lz4_decode
from aiokafka.consumer import fetcher
from aiokafka.structs import ConsumerRecord

from shared.messaging.consume.decoding import Raw
from shared.messaging.kafka import tolerant
from shared.messaging.topics.catalogue import TIES

_HEADER = struct.Struct(">qiibIhiqqqhii")
_MAGIC = 16
_CODEC = 7
_LATEST = 8
_PLAIN, _LZ4 = 0, 3


def whole_ties(value: bytes) -> bytes:
    """Given to a consumer as its `value_deserializer`, it makes `ties.v1` come as `Batch`es; it changes no value."""
    return value


@dataclass(slots=True)
class Batch:
    """A batch of one partition. `least`: records below this offset were read before; `offset`: where it ends."""

    topic: str
    partition: int
    offset: int
    count: int
    base: int
    least: int
    _bytes: memoryview
    _records: Any
    _raws: list[Raw] = field(default_factory=list)

    @property
    def timestamp(self) -> int:
        """The latest of its records' timestamps, Unix milliseconds."""
        return int(_HEADER.unpack_from(self._bytes)[_LATEST])

    def body(self) -> bytes | None:
        """The records' bytes; None where they are packed in a way that our writers do not use, or are damaged."""
        codec = _HEADER.unpack_from(self._bytes)[5] & _CODEC
        packed = self._bytes[_HEADER.size :].tobytes()
        if codec != _LZ4:
            return packed if codec == _PLAIN else None
        try:
            return bytes(lz4_decode(packed))
        except Exception:  # noqa: BLE001 - whatever it is, aiokafka says it better when it reads the batch
            return None

    def raws(self) -> Sequence[Raw]:
        """Its records one by one, as a consumer gives them, those below `least` too.

        Raises KafkaError when they are damaged.
        """
        if not self._raws:
            self._raws = [_raw(self, record) for record in self._records]
        return self._raws


def _raw(batch: Batch, record: Any) -> Raw:
    raw: Raw = ConsumerRecord(
        batch.topic,
        batch.partition,
        record.offset,
        record.timestamp,
        record.timestamp_type,
        record.key,
        record.value,
        record.checksum,
        -1 if record.key is None else len(record.key),
        -1 if record.value is None else len(record.value),
        tuple(record.headers),
    )
    return raw


class _AsOne:
    """A batch for aiokafka's fetcher that has one record: itself."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Any:
        fields = _HEADER.unpack_from(self._batch.raw)
        base, delta, count = fields[0], fields[6], fields[12]
        return iter((Batch(TIES.name, -1, base + delta, count, base, 0, self._batch.raw, self._batch),))

    def __next__(self) -> Any:
        return next(self._batch)


class _WholeBatches:
    """What the fetcher asks of a partition's records."""

    def __init__(self, records: tolerant.LenientRecords) -> None:
        self.has_next = records.has_next
        self._next_batch = records.next_batch

    def next_batch(self) -> Any:
        batch = self._next_batch()
        return batch if batch is None or batch.raw[_MAGIC] < 2 else _AsOne(batch)  # noqa: PLR2004 - since Kafka 0.11


class _PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka ships no types
    """aiokafka's own, for consumers that did not ask for whole batches."""

    def __init__(self, tp: Any, records: Any, *others: Any) -> None:
        *before, values, crcs, isolation = others
        if values is whole_ties:
            values = None
            if tp.topic == TIES.name:
                records = _WholeBatches(records)
        super().__init__(tp, records, *before, values, crcs, isolation)

    def _consumer_record(self, tp: Any, record: Any) -> Any:
        if not isinstance(record, Batch):
            return super()._consumer_record(tp, record)
        record.partition, record.least = tp.partition, self.next_fetch_offset
        return record


tolerant.install()
fetcher.PartitionRecords = _PartitionRecords
