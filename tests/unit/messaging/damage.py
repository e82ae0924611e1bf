"""Batches damaged in every way somebody thought of, sealed again, between two good ones; and what a consumer owes.

`python -m tests.unit.messaging.damage FIRST COUNT` goes through so many trials from FIRST on, and says which one fails.
"""

import os
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from aiokafka import TopicPartition

from shared.messaging.consume.decoding import Bad, decode
from shared.messaging.kafka.fetcher import RawBatch, UnreadableRecord, WholeBatches
from shared.messaging.kafka.record_batch import HEADER
from shared.messaging.topics.catalogue import TIES
from shared.observability import logs
from shared.testing.record_batches import (
    FIRST_TIMESTAMP_MS,
    GZIP,
    LZ4,
    PLAIN,
    SNAPPY,
    XERIAL,
    ZSTD,
    Headers,
    Record,
    batch,
    batch_of,
    consumed,
    framed,
    packed,
    sealed,
    varint,
)

PLACE = TopicPartition(TIES.name, 3)
CODECS = (PLAIN, GZIP, SNAPPY, LZ4, ZSTD)
ODD_NUMBERS = (
    -1, -2, -(2**31), -(2**63), 0, 1, 2, 63, 64, 127, 128, 300, 2**14, 2**21, 2**31 - 1, 2**31, 2**32, 2**45, 2**62,
    2**63 - 1, 2**63 - 40, 2**63 - 2**20,
)  # fmt: skip
BYTES = (None, b"", b"k", b"key:other", b'{"a":1}', bytes(70))
NAMES = (b"ce_id", b"", b"\xff\xfe", "é".encode())
BOMB_BYTES = 12 * 1024 * 1024
ONE_BOMB_IN = 2_000

Draw = Callable[[Random], tuple[bytes | None, bytes | None, Headers]]
Content = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...], int]


@dataclass
class Trial:
    """Fetched bytes; what must be read at which offset; where something must stand, readable or not; where it ends.

    `allowed`: the offsets of the damaged batch, in which so many records were `written`.
    """

    number: int
    how: str = ""
    data: bytes = b""
    exact: dict[int, Content] = field(default_factory=dict)
    something: set[int] = field(default_factory=set)
    allowed: range = range(0)
    written: int = 0
    end: int = 0


def content(record: Record) -> Content:
    headers = tuple((name.decode(errors="backslashreplace"), value) for name, value in record.headers)
    return record.key, record.value, headers, FIRST_TIMESTAMP_MS + record.timestamp_delta


def anything(draw: Random) -> tuple[bytes | None, bytes | None, Headers]:
    """A key, a value and headers."""
    headers = [(draw.choice(NAMES), draw.choice(BYTES)) for _ in range(draw.randrange(3))]
    return draw.choice(BYTES), draw.choice([*BYTES, draw.randbytes(9)]), headers


# --- making ---------------------------------------------------------------------------------------------------------


def trial(number: int, some: Draw = anything) -> Trial:
    """A trial follows from its number; `some` draws what its records say."""
    draw = Random(number)
    made = Trial(number)
    base = draw.choice([0, 7, 2**31 - 2, 2**40])
    before = records(draw, some, compacted=False)
    first = batch_of(before, base=base, codec=draw.choice(CODECS))
    made.exact |= {base + one.delta: content(one) for one in before}
    base += len(before)
    middle = records(draw, some, compacted=draw.random() < 1 / 3)
    last = middle[-1].delta + (draw.randrange(3) if draw.random() < 1 / 3 else 0)
    damage = draw.choice(DAMAGES)
    made.how = damage.__name__
    damaged = damage(draw, made, base, middle, last)
    made.allowed, made.written = range(base, base + last + 1), len(middle)
    base += last + 1
    after = records(draw, some, compacted=False)
    made.exact |= {base + one.delta: content(one) for one in after}
    made.end = base + len(after)
    made.data = first + damaged + batch_of(after, base=base, codec=draw.choice(CODECS))
    return made


def records(draw: Random, some: Draw, *, compacted: bool) -> list[Record]:
    delta, found = -1, []
    for _ in range(draw.choice([1, 1, 2, 3, 6])):
        delta += draw.randint(1, 3) if compacted else 1
        found.append(Record(delta, *some(draw), draw.choice([0, 1, -1, 10**6])))
    return found


def parts(record: Record) -> list[Any]:
    """A record's fields in their order: numbers, and bytes that stand as they are."""
    found: list[Any] = [b"\0", record.timestamp_delta, record.delta]
    for each in (record.key, record.value):
        found += [-1] if each is None else [len(each), each]
    found.append(len(record.headers))
    for pair in record.headers:
        for each in pair:
            found += [-1] if each is None else [len(each), each]
    return found


def body(fields: list[Any]) -> bytes:
    return b"".join(varint(each) if isinstance(each, int) else each for each in fields)


def keep(made: Trial, base: int, those: list[Record]) -> None:
    made.exact |= {base + one.delta: content(one) for one in those}


# --- damaging -------------------------------------------------------------------------------------------------------


def one_field(draw: Random, made: Trial, base: int, middle: list[Record], last: int) -> bytes:
    """A length, a count or a number of one record; its frame and its neighbours are whole."""
    victim = draw.randrange(len(middle))
    fields = parts(middle[victim])
    at = draw.choice([place for place, each in enumerate(fields) if isinstance(each, int) and place != 2])
    fields[at] = draw.choice([*ODD_NUMBERS, fields[at] + 1, fields[at] - 1])
    return around(draw, made, base, middle, last, victim, body(fields))


def offset_delta(draw: Random, made: Trial, base: int, middle: list[Record], last: int) -> bytes:
    """The offset of one record; without compaction its neighbours are not mistaken for the wrong ones."""
    victim = draw.randrange(len(middle))
    fields = parts(middle[victim])
    fields[2] = draw.choice([*ODD_NUMBERS, fields[2] + 1, fields[2] - 1])
    whole = len(middle) == last + 1
    damaged = around(draw, made, base, middle, last, victim, body(fields))
    if not whole:  # another one's offset may be the one that is not believed
        for one in middle:
            made.exact.pop(base + one.delta, None)
        made.something.clear()
    return damaged


def endless_number(draw: Random, made: Trial, base: int, middle: list[Record], last: int) -> bytes:
    """A number of more bytes than there can be, or one that does not end before the record does."""
    victim = draw.randrange(len(middle))
    fields = parts(middle[victim])
    at = draw.choice([place for place, each in enumerate(fields) if isinstance(each, int) and place > 2])
    fields[at:] = [b"\x80" * draw.choice([1, 5, 9, 10, 11, 12, 40])] + ([b"\x01"] if draw.random() < 1 / 2 else [])
    return around(draw, made, base, middle, last, victim, body(fields))


def cut_or_longer(draw: Random, made: Trial, base: int, middle: list[Record], last: int) -> bytes:
    """A record that ends too early or too late, in a frame that fits it."""
    victim = draw.randrange(len(middle))
    whole = body(parts(middle[victim]))
    bent = whole + draw.randbytes(draw.randint(1, 9)) if draw.random() < 1 / 2 else whole[: max(6, len(whole) - 3)]
    return around(draw, made, base, middle, last, victim, bent)


def name_in_no_utf8(draw: Random, made: Trial, base: int, middle: list[Record], last: int) -> bytes:
    """It is read, with the name escaped, beside a record that is not."""
    named = Record(middle[0].delta, b"k", b"v", [(draw.choice([b"\xff", b"\xc3", b"ok\xed\xa0\x80"]), b"x")])
    made.exact[base + named.delta] = content(named)
    if len(middle) > 1:
        victim = draw.randrange(1, len(middle))
        fields = parts(middle[victim])
        fields[3] = draw.choice(ODD_NUMBERS)
        return around(draw, made, base, [named, *middle[1:]], last, victim, body(fields))
    return batch(framed(body(parts(named))), count=1, base=base, last_delta=last)


def around(draw: Random, made: Trial, base: int, middle: list[Record], last: int, victim: int, damaged: bytes) -> bytes:
    """The records, one of them damaged, of which something is there all the same."""
    frames = [framed(damaged if index == victim else body(parts(one))) for index, one in enumerate(middle)]
    keep(made, base, [one for index, one in enumerate(middle) if index != victim])
    if len(middle) == last + 1:
        made.something.add(base + middle[victim].delta)
    codec = draw.choice(CODECS)
    return batch(packed(codec, b"".join(frames)), count=len(middle), base=base, last_delta=last, attributes=codec)


def frame_length(draw: Random, made: Trial, base: int, middle: list[Record], last: int) -> bytes:
    """A record's own length: what comes before it is read."""
    victim = draw.randrange(len(middle))
    frames = [framed(body(parts(one))) for one in middle]
    inner = body(parts(middle[victim]))
    length = draw.choice([*(each for each in ODD_NUMBERS if each != len(inner)), len(inner) + 1, len(inner) - 1])
    frames[victim] = varint(length) + inner
    if len(middle) == last + 1:
        keep(made, base, middle[:victim])
    codec = draw.choice(CODECS)
    return batch(packed(codec, b"".join(frames)), count=len(middle), base=base, last_delta=last, attributes=codec)


def record_count(draw: Random, made: Trial, base: int, middle: list[Record], last: int) -> bytes:
    """All records are there, whatever the header counts."""
    keep(made, base, middle)
    whole = bytearray(batch_of(middle, base=base, codec=draw.choice(CODECS), last_delta=last))
    number = draw.choice([0, -1, 1, len(middle) - 1, len(middle) + 1, 2**31 - 1, -(2**31), 10_000])
    whole[57:61] = struct.pack(">i", number)
    if len(middle) != last + 1:  # a record too many that is counted may stand anywhere between
        made.something.clear()
    return sealed(bytes(whole))


def last_offset_delta(draw: Random, made: Trial, base: int, middle: list[Record], last: int) -> bytes:
    """The next batch says where this one must have ended."""
    if len(middle) == last + 1:
        keep(made, base, middle)
    number = draw.choice([-1, 0, last - 1, last + 1, 2**31 - 1, -(2**31), 100])
    whole = bytearray(batch_of(middle, base=base, codec=draw.choice(CODECS), last_delta=last))
    whole[23:27] = struct.pack(">i", number)
    return sealed(bytes(whole))


def other_codec(draw: Random, made: Trial, base: int, middle: list[Record], last: int) -> bytes:
    """The payload is not packed as the header says."""
    _ = made
    whole = bytearray(batch_of(middle, base=base, codec=draw.choice(CODECS), last_delta=last))
    whole[21:23] = struct.pack(">H", draw.randrange(8) | draw.choice([0, 8, 16, 0xFF00 & 0x7F00]))
    return sealed(bytes(whole))


def cut_payload(draw: Random, made: Trial, base: int, middle: list[Record], last: int) -> bytes:
    """The payload ends too early; the batch's length fits it."""
    _ = made
    codec = draw.choice(CODECS)
    payload = packed(codec, b"".join(framed(body(parts(one))) for one in middle))
    payload = payload[: draw.randrange(len(payload))]
    return batch(payload, count=len(middle), base=base, last_delta=last, attributes=codec)


def other_bytes(draw: Random, made: Trial, base: int, middle: list[Record], last: int) -> bytes:
    """Any bytes of header and payload, after the offsets and before them."""
    _ = made
    whole = bytearray(batch_of(middle, base=base, codec=draw.choice(CODECS), last_delta=last))
    for _ in range(draw.randint(1, 4)):
        at = draw.choice([draw.randrange(HEADER.size, len(whole)), draw.randrange(HEADER.size - 4, len(whole)), 22])
        kept = whole[at] & 0xF0 if at == 22 else 0  # whether it is a transaction's is no damage
        whole[at] = kept | draw.choice([0, 1, 127, 128, 255, draw.randrange(256)]) & (0x0F if at == 22 else 0xFF)
    return sealed(bytes(whole))


def snappy_blocks(draw: Random, made: Trial, base: int, middle: list[Record], last: int) -> bytes:
    """Lengths of a snappy stream's blocks."""
    _ = made
    payload = XERIAL + struct.pack(">i", draw.choice([-4, -1, 0, 1, 4, 2**31 - 1, -(2**31)])) + draw.randbytes(8)
    if draw.random() < 1 / 2:
        payload = varint(draw.choice([2**31, 2**32 - 1, 2**20]) // 2) + draw.randbytes(12)
    return batch(payload, count=len(middle), base=base, last_delta=last, attributes=SNAPPY)


def bomb(draw: Random, made: Trial, base: int, middle: list[Record], last: int) -> bytes:
    """A payload that unpacks to more than is taken; a good record stands before it."""
    codec = draw.choice([GZIP, SNAPPY, LZ4, ZSTD])
    if draw.randrange(ONE_BOMB_IN // len(DAMAGES)):
        return snappy_blocks(draw, made, base, middle, last)
    good = framed(body(parts(middle[0])))
    filling = draw.choice([bytes(BOMB_BYTES), framed(b"\0" * 6) * (BOMB_BYTES // 7), varint(2**30) + bytes(BOMB_BYTES)])
    if codec != SNAPPY and len(middle) == last + 1:
        keep(made, base, middle[:1])
    return batch(packed(codec, good + filling), count=len(middle), base=base, last_delta=last, attributes=codec)


Damage = Callable[[Random, Trial, int, list[Record], int], bytes]
DAMAGES: tuple[Damage, ...] = (
    one_field, one_field, offset_delta, endless_number, cut_or_longer, name_in_no_utf8, frame_length, record_count,
    last_offset_delta, other_codec, cut_payload, other_bytes, other_bytes, snappy_blocks, bomb,
)  # fmt: skip


# --- judging --------------------------------------------------------------------------------------------------------


def judge(made: Trial) -> None:
    """Raise AssertionError where a consumer would not give what it owes."""
    reading = consumed(made.data, PLACE)
    found = list(reading)
    offsets = [one.offset for one in found]
    assert offsets == sorted(set(offsets)), f"offsets do not grow: {offsets}"
    assert reading.next_fetch_offset == made.end, f"goes on at {reading.next_fetch_offset}, not {made.end}"
    there = {one.offset: one for one in found}
    for offset, wanted in made.exact.items():
        assert offset in there, f"nothing at {offset}"
        one = there[offset]
        read = (one.key, one.value, one.headers, one.timestamp)
        assert not isinstance(one, UnreadableRecord), f"{offset}: {one.problem}"
        assert read == wanted, f"{offset}: {read} instead of {wanted}"
    assert made.something <= set(offsets), f"nothing at {made.something - set(offsets)}"
    within = [one for one in found if one.offset in made.allowed]
    unreadable = [one for one in within if isinstance(one, UnreadableRecord)]
    assert unreadable or len(within) >= made.written, f"{made.written - len(within)} records vanished"
    strays = [offset for offset in offsets if offset not in made.exact and offset not in made.allowed]
    assert not strays, f"something at {strays}"
    for one in found:
        decoded = decode(TIES, one)
        assert isinstance(decoded, Bad) or not isinstance(one, UnreadableRecord)
    whole = list(consumed(made.data, PLACE, values=WholeBatches(TIES.name)))
    assert all(isinstance(one, RawBatch) for one in whole)
    assert [one for each in whole for one in each.consumer_records()] == found


def main(first: int, count: int, check: Callable[[int], None] = lambda number: judge(trial(number))) -> None:
    """Go through trials. The last number printed is that of the one that failed, should the process die of it."""
    logs.configure("fuzz", level="CRITICAL")
    for number in range(first, first + count):
        with suppress(OSError):  # only a file has a place to write to again and again
            os.pwrite(1, b"%020d\n" % number, 0)
        try:
            check(number)
        except Exception as error:  # noqa: BLE001 - whatever it is, its number is what is wanted
            sys.exit(f"trial {number}: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
