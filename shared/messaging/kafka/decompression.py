"""Decompresses a record batch's payload up to a limit, and keeps what comes before a damaged place.

aiokafka's own codecs have no limits: a megabyte of zstd can decompress to 32 GB, and a snappy block of length -4 makes
its reader loop forever.
"""

import struct
import zlib
from collections.abc import Callable
from typing import Any, Final

import cramjam

MAX_BODY_BYTES: Final = 8 * 1024 * 1024
"""Twice our largest record (a dead letter of 4 MiB). Other clients' batches are 16 KiB to 1 MiB."""

_USUAL_RATIO: Final = 8
_CHUNK_BYTES: Final = 16 * 1024
_GZIP_WBITS: Final = 16 + zlib.MAX_WBITS
_XERIAL_MAGIC: Final = b"\x82SNAPPY\x00"
_XERIAL_HEADER_BYTES: Final = 16
_XERIAL_LENGTH: Final = struct.Struct(">i")
_BUFFER_IS_FULL: Final = "Too much to write"
"""In cramjam's error message; only the wording of a reason depends on it."""

Decompressed = tuple[bytes, str | None]
"""What could be decompressed, and why that is not everything; None if it is."""

TOO_LARGE: Final = f"the batch decompresses to more than {MAX_BODY_BYTES} bytes"
DAMAGED: Final = "the batch's compressed payload is damaged"


def decompress(codec: int, payload: bytes) -> Decompressed:
    """Decompress. `codec` is the number in a batch's attributes, 0 to 7. Never raises."""
    if codec >= len(_CODECS):
        return b"", f"the batch's compression codec {codec} is unknown"
    try:
        return _CODECS[codec](payload)
    except (cramjam.DecompressionError, struct.error, zlib.error, MemoryError):
        return b"", DAMAGED


def _plain(payload: bytes) -> Decompressed:
    return payload, None


def _gzip(payload: bytes) -> Decompressed:
    """All gzip members. In chunks, since zlib returns nothing of a chunk in which it finds an error."""
    found, at = bytearray(), 0
    member = zlib.decompressobj(_GZIP_WBITS)
    while at < len(payload):
        chunk = payload[at : at + _CHUNK_BYTES]
        try:
            found += member.decompress(chunk, MAX_BODY_BYTES + 1 - len(found))
        except zlib.error:
            return bytes(found), DAMAGED
        if len(found) > MAX_BODY_BYTES:
            return bytes(found[:MAX_BODY_BYTES]), TOO_LARGE
        at += len(chunk) - len(member.unused_data)
        if member.eof and at < len(payload):
            member = zlib.decompressobj(_GZIP_WBITS)
    return bytes(found), None if member.eof else DAMAGED


def _snappy(payload: bytes) -> Decompressed:
    """A single snappy block, or a stream of blocks as Java clients write it (xerial)."""
    if not payload.startswith(_XERIAL_MAGIC):
        return _snappy_block(payload, MAX_BODY_BYTES)
    found, at = bytearray(), _XERIAL_HEADER_BYTES
    while at < len(payload):
        if len(payload) - at < _XERIAL_LENGTH.size:
            return bytes(found), DAMAGED
        (length,) = _XERIAL_LENGTH.unpack_from(payload, at)
        at += _XERIAL_LENGTH.size
        if not 0 < length <= len(payload) - at:
            return bytes(found), DAMAGED
        block, problem = _snappy_block(payload[at : at + length], MAX_BODY_BYTES - len(found))
        found += block
        if problem is not None:
            return bytes(found), problem
        at += length
    return bytes(found), None


def _snappy_block(block: bytes, limit: int) -> Decompressed:
    """A block, or nothing if it is damaged or its declared length exceeds the limit."""
    try:
        if cramjam.snappy.decompress_raw_len(block) > limit:
            return b"", TOO_LARGE
        return bytes(cramjam.snappy.decompress_raw(block)), None
    except cramjam.DecompressionError:
        return b"", DAMAGED


def _stream(decompress_into: Callable[[bytes, Any], int]) -> Callable[[bytes], Decompressed]:
    """A cramjam codec with an output buffer of fixed size: first of the usual size, then of the maximum size."""

    def decompress_stream(payload: bytes) -> Decompressed:
        problem: str | None = DAMAGED
        for size in sorted({min(_USUAL_RATIO * len(payload), MAX_BODY_BYTES), MAX_BODY_BYTES}):
            room = bytearray(size)
            buffer = cramjam.Buffer(room, copy=False)
            try:
                decompress_into(payload, buffer)
            except cramjam.DecompressionError as error:
                problem = TOO_LARGE if _BUFFER_IS_FULL in str(error) else DAMAGED
            else:
                problem = None
                break
        with memoryview(room) as view:
            return bytes(view[: buffer.tell()]), problem

    return decompress_stream


_CODECS: Final = (_plain, _gzip, _snappy, _stream(cramjam.lz4.decompress_into), _stream(cramjam.zstd.decompress_into))
