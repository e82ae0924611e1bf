"""Reads a batch's uncompressed records, however malformed. Pure.

Invariants: every length, count and varint is checked against the bytes that are left before it is used. A malformed
record does not affect its neighbours unless its own length is wrong. Offsets increase and stay within the batch.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

VARINT_BYTES: Final = 10
_INT64: Final = 1 << 63
_LEAST_HEADER_BYTES: Final = 2
"""The lengths of its name and value."""

NO_OFFSET: Final = -1
"""The offset of bytes for which the batch has no offset left."""

Headers = list[tuple[str, bytes | None]]


@dataclass(slots=True)
class Record:
    """A well-formed record. `timestamp`: Unix milliseconds; `timestamp_type` 0: set by the writer, 1: by the broker."""

    checksum: ClassVar[None] = None
    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(slots=True)
class Unreadable:
    """A malformed record, or the malformed rest of a batch: its bytes, and the reason, which repeats none of them."""

    offset: int
    timestamp: int
    raw: bytes
    problem: str


class Batch(NamedTuple):
    """What a batch's header says about its records. Deltas are offsets minus `base_offset`.

    `last_delta`: the last record's, according to the header. `most_delta`: the last before the next batch; it is lower
    or higher than `last_delta` only if the header is wrong.
    """

    base_offset: int
    last_delta: int
    most_delta: int
    record_count: int
    first_timestamp: int
    max_timestamp: int
    timestamp_type: int


def read(batch: Batch, body: bytes, problem: str | None) -> Iterator[Record | Unreadable]:
    """The records in `body`. `problem`: why `body` is incomplete (it could not be decompressed to its end), or None.

    A single `Unreadable` stands for everything missing at the end. If the batch has more records than offsets, which
    Kafka does not accept, the rest comes last with the offset `NO_OFFSET`.
    """
    frames, rest = _split(body, batch.most_delta + 1)
    missing = bool(rest) or problem is not None or len(frames) < batch.record_count
    if problem is None:
        problem = "a record's length exceeds its batch" if rest else "the batch has fewer records than its header says"
    deltas = [_offset_delta(frame) for frame in frames]
    last = min(max(batch.last_delta, len(frames) - 1), batch.most_delta)
    trusted = _in_order(deltas, slack=last + 1 - len(frames))
    delta = -1
    for index, (frame, own, known) in enumerate(zip(frames, deltas, trusted, strict=True)):
        delta = own if own is not None and known else delta + 1
        if delta > last:
            rest, problem = b"".join((*frames[index:], rest)), "the batch has more records than offsets"
            break
        yield _record(batch, frame, delta, known=known)
    if delta < last and missing:
        yield Unreadable(batch.base_offset + delta + 1, batch.max_timestamp, rest, problem)
    elif rest:
        yield Unreadable(NO_OFFSET, batch.max_timestamp, rest, problem)


class _Malformed(Exception):  # noqa: N818 - a finding about the input, not a failure of ours
    """Why a record is malformed, without repeating its bytes."""


class _Cursor:
    """Reads from bytes, never past their end."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def left(self) -> int:
        """The number of unread bytes."""
        return len(self.data) - self.at

    def varint(self) -> int:
        """A zigzag-encoded number of at most 64 bits."""
        number = 0
        for place in range(min(VARINT_BYTES, self.left())):
            byte = self.data[self.at + place]
            number |= (byte & 0x7F) << 7 * place
            if byte < 0x80:  # noqa: PLR2004 - the highest bit means that more bytes follow
                self.at += place + 1
                if number >= 2 * _INT64:
                    break
                return (number >> 1) ^ -(number & 1)
        raise _Malformed("a varint in a record is longer than the record or than 64 bits")

    def take(self, length: int) -> bytes:
        """The next `length` bytes."""
        if not 0 <= length <= self.left():
            raise _Malformed("a length in a record exceeds the record")
        self.at += length
        return self.data[self.at - length : self.at]

    def field(self) -> bytes | None:
        """Bytes preceded by their length; None for a negative length."""
        length = self.varint()
        return None if length < 0 else self.take(length)


def _split(body: bytes, most: int) -> tuple[list[bytes], bytes]:
    """The bytes of each record, at most `most` of them, and the rest from the first length on that does not fit."""
    cursor, found = _Cursor(body), list[bytes]()
    whole = 0
    try:
        while len(found) < most and cursor.left() and (length := cursor.varint()) > 0:
            found.append(cursor.take(length))
            whole = cursor.at
    except _Malformed:
        pass
    return found, body[whole:]


def _offset_delta(frame: bytes) -> int | None:
    """A record's offset minus the batch's first; None if it cannot be read."""
    try:
        return _head(_Cursor(frame))[1]
    except _Malformed:
        return None


def _head(cursor: _Cursor) -> tuple[int, int]:
    """The record's timestamp and offset, each minus the batch's first."""
    cursor.take(1)  # attributes: unused in this format
    return cursor.varint(), cursor.varint()


def _record(batch: Batch, frame: bytes, delta: int, *, known: bool) -> Record | Unreadable:
    offset = batch.base_offset + delta
    if not known:
        problem = "a record's offset is unreadable, or not between its neighbours'"
        return Unreadable(offset, batch.max_timestamp, frame, problem)
    try:
        return _parsed(batch, offset, _Cursor(frame))
    except _Malformed as why:
        return Unreadable(offset, batch.max_timestamp, frame, str(why))


def _parsed(batch: Batch, offset: int, cursor: _Cursor) -> Record:
    since, _ = _head(cursor)
    timestamp = batch.max_timestamp if batch.timestamp_type else batch.first_timestamp + since
    if not -_INT64 <= timestamp < _INT64:
        raise _Malformed("a record's timestamp exceeds 64 bits")
    key, value, headers = cursor.field(), cursor.field(), _headers(cursor)
    if cursor.left():
        raise _Malformed("a record is longer than its fields")
    return Record(offset, timestamp, batch.timestamp_type, key, value, headers)


def _headers(cursor: _Cursor) -> Headers:
    """Names that are not UTF-8 are escaped; whether such a record is accepted is decided later."""
    count = cursor.varint()
    if not 0 <= count <= cursor.left() // _LEAST_HEADER_BYTES:
        raise _Malformed("a record has fewer bytes than its number of headers needs")
    return [(cursor.take(cursor.varint()).decode(errors="backslashreplace"), cursor.field()) for _ in range(count)]


def _in_order(deltas: Sequence[int | None], slack: int) -> list[bool]:
    """Which offsets to trust: the most that increase and leave offsets for the records between them.

    That is the longest non-decreasing subsequence of `delta - index` within 0 to `slack`, the number of offsets that
    compaction left without a record. (Without compaction, `delta` equals `index` in a well-formed batch.)
    """
    ends: list[int] = []  # by length: the lowest end of a subsequence of that length
    last: list[int] = []  # by length: the record at which that subsequence ends
    before = [-1] * len(deltas)
    for index, delta in enumerate(deltas):
        if delta is None or not 0 <= delta - index <= max(0, slack):
            continue
        length = bisect_right(ends, delta - index)
        before[index] = last[length - 1] if length else -1
        ends[length : length + 1], last[length : length + 1] = [delta - index], [index]
    trusted = [False] * len(deltas)
    index = last[-1] if last else -1
    while index >= 0:
        trusted[index] = True
        index = before[index]
    return trusted
