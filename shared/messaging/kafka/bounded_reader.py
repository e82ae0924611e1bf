"""Reads a batch's unpacked records, whatever their bytes say. Pure.

Kept true: no length, count or number is believed before it was compared with the bytes that are left. A record that
cannot be read costs nothing but itself, as long as its length can; offsets grow and stay within the batch.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

VARINT_BYTES: Final = 10
_INT64: Final = 1 << 63
_LEAST_HEADER_BYTES: Final = 2
"""The length of its name and that of its value."""

NOWHERE: Final = -1
"""In place of an offset, below any."""

Headers = list[tuple[str, bytes | None]]


@dataclass(slots=True)
class Record:
    """A record that was read. `timestamp`: Unix milliseconds; `timestamp_type` 0: the writer's, 1: the broker's."""

    checksum: ClassVar[None] = None
    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(slots=True)
class Unreadable:
    """A record, or all that is left of its batch, that cannot be read: its bytes, and why, without repeating them."""

    offset: int
    timestamp: int
    raw: bytes
    problem: str


class Batch(NamedTuple):
    """What is known of a batch's records. Offsets less `base_offset`: `last_delta` is the last one's, says the header.

    `most_delta` is the highest one that no other batch has. It differs only where the header is wrong.
    """

    base_offset: int
    last_delta: int
    most_delta: int
    record_count: int
    first_timestamp: int
    max_timestamp: int
    timestamp_type: int


def read(batch: Batch, body: bytes, problem: str | None) -> Iterator[Record | Unreadable]:
    """The records in `body`; `problem`: why it is only the beginning of what the batch held, where it is.

    One `Unreadable` stands for all that is missing at the end. What no offset is left for comes last, at `NOWHERE`;
    that needs a batch of more records than offsets, and Kafka takes none.
    """
    frames, rest = _split(body, batch.most_delta + 1)
    missing = bool(rest) or problem is not None or len(frames) < batch.record_count
    if problem is None:
        problem = (
            "a record's length is not within its batch" if rest else "the batch holds fewer records than it counts"
        )
    deltas = [_offset_delta(frame) for frame in frames]
    last = min(max(batch.last_delta, len(frames) - 1), batch.most_delta)
    trusted = _in_order(deltas, slack=last + 1 - len(frames))
    delta = -1
    for index, (frame, own, known) in enumerate(zip(frames, deltas, trusted, strict=True)):
        delta = own if own is not None and known else delta + 1
        if delta > last:
            rest, problem = b"".join((*frames[index:], rest)), "the batch holds more records than offsets"
            break
        yield _record(batch, frame, delta, known=known)
    if delta < last and missing:
        yield Unreadable(batch.base_offset + delta + 1, batch.max_timestamp, rest, problem)
    elif rest:
        yield Unreadable(NOWHERE, batch.max_timestamp, rest, problem)


class _Wrong(Exception):  # noqa: N818 - why a record is unreadable; no failure of ours
    """Why, in words that repeat nothing of the input."""


class _Cursor:
    """Goes through bytes and never past their end."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def left(self) -> int:
        """How many bytes are left."""
        return len(self.data) - self.at

    def varint(self) -> int:
        """A zigzag number of up to 64 bits."""
        number = 0
        for place in range(min(VARINT_BYTES, self.left())):
            byte = self.data[self.at + place]
            number |= (byte & 0x7F) << 7 * place
            if byte < 0x80:  # noqa: PLR2004 - the highest bit says that more follow
                self.at += place + 1
                if number >= 2 * _INT64:
                    break
                return (number >> 1) ^ -(number & 1)
        raise _Wrong("a number in a record has no end, or more than 64 bits")

    def take(self, length: int) -> bytes:
        """So many bytes."""
        if not 0 <= length <= self.left():
            raise _Wrong("a length in a record goes past its end")
        self.at += length
        return self.data[self.at - length : self.at]

    def field(self) -> bytes | None:
        """Bytes after their length; a negative one says that there are none."""
        length = self.varint()
        return None if length < 0 else self.take(length)


def _split(body: bytes, most: int) -> tuple[list[bytes], bytes]:
    """The bytes of each record, of so many at most, and those that are left once a length does not fit."""
    cursor, found = _Cursor(body), list[bytes]()
    whole = 0
    try:
        while len(found) < most and cursor.left() and (length := cursor.varint()) > 0:
            found.append(cursor.take(length))
            whole = cursor.at
    except _Wrong:
        pass
    return found, body[whole:]


def _offset_delta(frame: bytes) -> int | None:
    """A record's offset, less the batch's first; None where it cannot be read."""
    try:
        return _head(_Cursor(frame))[1]
    except _Wrong:
        return None


def _head(cursor: _Cursor) -> tuple[int, int]:
    """The record's time and offset, each less the batch's first."""
    cursor.take(1)  # attributes, of which there are none yet
    return cursor.varint(), cursor.varint()


def _record(batch: Batch, frame: bytes, delta: int, *, known: bool) -> Record | Unreadable:
    offset = batch.base_offset + delta
    if not known:
        problem = "a record's offset cannot be read, or is not between its neighbours'"
        return Unreadable(offset, batch.max_timestamp, frame, problem)
    try:
        return _parsed(batch, offset, _Cursor(frame))
    except _Wrong as wrong:
        return Unreadable(offset, batch.max_timestamp, frame, str(wrong))


def _parsed(batch: Batch, offset: int, cursor: _Cursor) -> Record:
    since, _ = _head(cursor)
    timestamp = batch.max_timestamp if batch.timestamp_type else batch.first_timestamp + since
    if not -_INT64 <= timestamp < _INT64:
        raise _Wrong("a record's time has more than 64 bits")
    key, value, headers = cursor.field(), cursor.field(), _headers(cursor)
    if cursor.left():
        raise _Wrong("a record is longer than its parts")
    return Record(offset, timestamp, batch.timestamp_type, key, value, headers)


def _headers(cursor: _Cursor) -> Headers:
    """A name that is not UTF-8 is escaped: it is the reader's matter whether it minds."""
    count = cursor.varint()
    if not 0 <= count <= cursor.left() // _LEAST_HEADER_BYTES:
        raise _Wrong("a record counts more headers than it has room for")
    return [(cursor.take(cursor.varint()).decode(errors="backslashreplace"), cursor.field()) for _ in range(count)]


def _in_order(deltas: Sequence[int | None], slack: int) -> list[bool]:
    """Which offsets to trust: as many as can be, so that they grow and leave room for the records between them.

    That is the longest run of `delta - index` that does not fall and stays from 0 to `slack`, the number of offsets
    that compaction left without a record; without compaction an offset is its record's place.
    """
    ends: list[int] = []  # by length, the lowest end of a run so long
    last: list[int] = []  # by length, the record in which that run ends
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
