"""Record batches as brokers return them (Kafka's message format 2): header, checksum and records.

Invariant: reading a batch's records never raises and never crashes, whatever it contains; it takes no more memory than
`MAX_BODY_BYTES` and the records made of them.

aiokafka's compiled reader is tried first, being ten times as fast. It checks lengths, but not where varints end. So it
only gets uncompressed bytes in an object of their own, which CPython terminates with a zero byte: that ends any varint.

Read in aiokafka 0.14.0: `record.default_records.DefaultRecordBatch`, made of bytes, gives records with offset,
timestamp (None for -1), timestamp_type, key, value and headers, or raises; `record.util.calc_crc32c` takes a buffer.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, Self

from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.util import calc_crc32c

from shared.messaging.kafka import bounded_reader
from shared.messaging.kafka.bounded_reader import Record, Unreadable
from shared.messaging.kafka.decompression import decompress

HEADER: Final = struct.Struct(">qiibIhiqqqhii")
FORMAT: Final = 2
_BEGINNING: Final = struct.Struct(">qi")
_LENGTH_ENDS: Final = _BEGINNING.size
_CHECKED_FROM: Final = struct.calcsize(">qiibI")

_ATTRIBUTES: Final = slice(_CHECKED_FROM, _CHECKED_FROM + 2)
_CODEC: Final = 0x07
_LOG_APPEND_TIME: Final = 0x08
_TRANSACTIONAL: Final = 0x10
_CONTROL: Final = 0x20


class Header(NamedTuple):
    """A batch's fields in their order."""

    base_offset: int
    length: int
    leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    first_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    record_count: int

    @classmethod
    def of(cls, batch: bytes) -> Self:
        """Of a batch of at least `HEADER.size` bytes."""
        return cls._make(HEADER.unpack_from(batch))

    @property
    def codec(self) -> int:
        """The number of the compression codec, 0 to 7; 0: none."""
        return self.attributes & _CODEC

    @property
    def is_transactional(self) -> bool:
        """Whether it belongs to a transaction."""
        return bool(self.attributes & _TRANSACTIONAL)

    @property
    def is_control(self) -> bool:
        """Whether it holds a transaction's marker and no records."""
        return bool(self.attributes & _CONTROL)


def length_at(data: bytes, at: int) -> int | None:
    """The length of the batch at that place; None if it is cut off. Below `HEADER.size` it is no batch."""
    if len(data) - at < _LENGTH_ENDS:
        return None
    length: int = _BEGINNING.unpack_from(data, at)[1]
    return _LENGTH_ENDS + length


def base_offset_at(data: bytes, at: int) -> int | None:
    """The first offset of the batch at that place; None if it is cut off."""
    if len(data) - at < _LENGTH_ENDS:
        return None
    base: int = _BEGINNING.unpack_from(data, at)[0]
    return base


def body(batch: bytes) -> bytes | None:
    """The records' bytes, decompressed; None if that fails."""
    header = Header.of(batch)
    found, problem = decompress(header.codec, batch[HEADER.size :])
    return found if problem is None and header.magic == FORMAT else None


def checksum(batch: bytes) -> int:
    """CRC-32C of everything after the checksum field."""
    found: int = calc_crc32c(memoryview(batch)[_CHECKED_FROM:])
    return found


def read(batch: bytes, header: Header, most_delta: int | None = None) -> Iterable[Any]:
    """The records of a batch with increasing offsets, `Unreadable` among them.

    `most_delta`: the last offset before the next batch, minus this batch's first; None if no next batch is known. Then
    the header's last offset counts. Records beyond that come last, with `NO_OFFSET`.
    """
    payload = batch[HEADER.size :]
    if header.magic != FORMAT:
        problem = f"message format {header.magic} is not supported"
        return [Unreadable(header.base_offset, header.max_timestamp, payload, problem)]
    body, problem_or_none = decompress(header.codec, payload)
    about = bounded_reader.Batch(
        header.base_offset,
        header.last_offset_delta if most_delta is None else min(header.last_offset_delta, most_delta),
        header.last_offset_delta if most_delta is None else most_delta,
        header.record_count,
        header.first_timestamp,
        header.max_timestamp,
        int(bool(header.attributes & _LOG_APPEND_TIME)),
    )
    if problem_or_none is None and (records := _by_aiokafka(batch, body, about)) is not None:
        return records
    return _with_payload(bounded_reader.read(about, body, problem_or_none), payload)


def _with_payload(records: Iterable[Record | Unreadable], payload: bytes) -> Iterator[Record | Unreadable]:
    """Where nothing could be decompressed, the payload as it was received."""
    for record in records:
        if isinstance(record, Unreadable) and not record.raw:
            record.raw = payload
        yield record


def _by_aiokafka(batch: bytes, body: bytes, about: bounded_reader.Batch) -> list[Any] | None:
    """By aiokafka's reader; None if it raises, or if offsets do not increase within the batch."""
    plain = (int.from_bytes(batch[_ATTRIBUTES]) & ~_CODEC).to_bytes(2)
    uncompressed = batch[: _ATTRIBUTES.start] + plain + batch[_ATTRIBUTES.stop : HEADER.size] + body
    try:
        records = list(DefaultRecordBatch(uncompressed))
    except Exception:  # noqa: BLE001 - the bounded reader finds out what is wrong, and where
        return None
    before = about.base_offset - 1
    for record in records:
        if record.offset <= before:
            return None
        before = record.offset
    return records if before <= about.base_offset + about.last_delta else None
