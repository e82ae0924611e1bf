"""Kafka record batches (format 2) made by hand, so that a test can damage any part of one and seal it again.

And what a consumer gives of fetched bytes. The format: https://kafka.apache.org/documentation/#recordbatch
"""

import gzip
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cramjam
from aiokafka import TopicPartition

from shared.messaging.kafka.fetcher import FetchedBatches, PartitionRecords
from shared.messaging.kafka.record_batch import HEADER, checksum

PLAIN, GZIP, SNAPPY, LZ4, ZSTD = range(5)
TRANSACTIONAL = 0x10
FIRST_TIMESTAMP_MS = 1_700_000_000_000
XERIAL = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)
"""What a snappy stream begins with as Java's clients write it."""

_CRC, _SEALED = 17, 21
"""Where the checksum stands, and where it ends."""
_READ_COMMITTED = 1

Headers = Sequence[tuple[bytes, bytes | None]]


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `delta`: its offset less the batch's first; header names are bytes, so that they can be anything."""

    delta: int
    key: bytes | None = None
    value: bytes | None = None
    headers: Headers = ()
    timestamp_delta: int = 0


def varint(number: int) -> bytes:
    """A zigzag number of up to 64 bits."""
    rest, found = (number << 1) ^ (number >> 63), bytearray()
    while rest > 127:  # noqa: PLR2004 - seven bits a byte
        found.append(rest & 127 | 128)
        rest >>= 7
    return bytes((*found, rest))


def field(content: bytes | None) -> bytes:
    """Bytes after their length; -1 for null."""
    return varint(-1) if content is None else varint(len(content)) + content


def framed(body: bytes) -> bytes:
    """A record's parts after their length."""
    return varint(len(body)) + body


def record_body(record: Record) -> bytes:
    """A record's parts, without their length."""
    headers = b"".join(field(name) + field(value) for name, value in record.headers)
    return b"".join(
        (
            b"\0",
            varint(record.timestamp_delta),
            varint(record.delta),
            field(record.key),
            field(record.value),
            varint(len(record.headers)),
            headers,
        )
    )


def encoded(records: Iterable[Record]) -> list[bytes]:
    """Each record as it stands in a batch."""
    return [framed(record_body(record)) for record in records]


def packed(codec: int, body: bytes) -> bytes:
    """Compressed as Kafka's clients do it."""
    if codec == GZIP:
        return gzip.compress(body, mtime=0)
    if codec == SNAPPY:
        block = bytes(cramjam.snappy.compress_raw(body))
        return XERIAL + struct.pack(">i", len(block)) + block
    if codec == LZ4:
        compressor = cramjam.lz4.Compressor(level=1, content_checksum=False, block_linked=False)
        compressor.compress(body)
        return bytes(compressor.finish())
    return bytes(cramjam.zstd.compress(body, level=1)) if codec == ZSTD else body


def batch(body: bytes, *, count: int, base: int = 0, last_delta: int | None = None, attributes: int = PLAIN) -> bytes:
    """A batch around a body that is packed already, with its checksum; `attributes` hold the codec."""
    fields = (
        base,
        HEADER.size - 12 + len(body),
        -1,
        2,
        0,
        attributes,
        count - 1 if last_delta is None else last_delta,
        FIRST_TIMESTAMP_MS,
        FIRST_TIMESTAMP_MS + max(0, count - 1),
        -1,
        -1,
        -1,
        count,
    )
    return sealed(HEADER.pack(*fields) + body)


def sealed(whole: bytes) -> bytes:
    """The same batch with the checksum that fits it."""
    return whole[:_CRC] + struct.pack(">I", checksum(whole)) + whole[_SEALED:]


def batch_of(records: Sequence[Record], *, base: int = 0, codec: int = PLAIN, last_delta: int | None = None) -> bytes:
    """A good batch of these records."""
    body = packed(codec, b"".join(encoded(records)))
    last = max((record.delta for record in records), default=0) if last_delta is None else last_delta
    return batch(body, count=len(records), base=base, last_delta=last, attributes=codec)


def consumed(data: bytes, place: TopicPartition, *, start: int = 0, values: Any = None) -> Iterator[Any]:
    """What a consumer that stands at `start` gives of fetched bytes; `values`: its `value_deserializer`."""
    return iter(PartitionRecords(place, FetchedBatches(data), [], start, None, values, True, _READ_COMMITTED))
