"""One bad record must not stop a partition, nor one large batch a process; the rest is as aiokafka reads it."""

import struct
import tracemalloc
from random import Random

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.memory_records import MemoryRecords

from shared.messaging.consume.decoding import Bad, decode
from shared.messaging.kafka import settings
from shared.messaging.kafka.decompression import MAX_BODY_BYTES
from shared.messaging.kafka.fetcher import FetchedBatches, PartitionRecords, UnreadableRecord
from shared.messaging.kafka.record_batch import HEADER
from shared.messaging.topics.catalogue import PEOPLE
from shared.testing.record_batches import (
    FIRST_TIMESTAMP_MS,
    GZIP,
    LZ4,
    PLAIN,
    SNAPPY,
    XERIAL,
    ZSTD,
    Record,
    batch,
    batch_of,
    consumed,
    encoded,
    framed,
    packed,
    record_body,
    sealed,
    varint,
)

PLACE = TopicPartition("t", 0)
CODECS = (PLAIN, GZIP, SNAPPY, LZ4, ZSTD)
LOG_APPEND_TIME, CONTROL = 0x08, 0x20


def record(delta: int, name: bytes = b"fine") -> Record:
    return Record(delta, b"k%d" % delta, b"value", ((name, b"\xff"), (b"empty", None), (b"last", b"v")), delta)


def problems(data: bytes, start: int = 0) -> list[tuple[int, str | None]]:
    """Each offset, and what is wrong there."""
    return [(one.offset, getattr(one, "problem", None)) for one in consumed(data, PLACE, start=start)]


@pytest.mark.parametrize("codec", CODECS)
def test_a_header_name_that_is_not_utf8_is_escaped(codec: int):
    data = batch_of([record(0), record(1, b"\xff\xfe"), record(2)], codec=codec)
    assert [one.headers[0][0] for one in consumed(data, PLACE)] == ["fine", r"\xff\xfe", "fine"]
    assert problems(data) == [(0, None), (1, None), (2, None)]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("start", [0, 2, 4])
def test_everything_else_is_read_as_aiokafka_reads_it(codec: int, start: int):
    data = batch_of([record(0), record(1, "ä".encode()), record(4)], codec=codec) + batch_of([record(0)], base=5)
    own = PartitionRecords.__mro__[1]
    as_before = own(PLACE, MemoryRecords(data), [], start, None, None, True, fetcher.READ_COMMITTED)
    assert list(consumed(data, PLACE, start=start)) == list(as_before)


@pytest.mark.parametrize("codec", CODECS)
def test_only_what_cannot_be_read_is_lost(codec: int):
    cut = framed(record_body(record(1))[:-2])
    frames = [*encoded([record(0)]), cut, *encoded([record(2)])]
    data = batch(packed(codec, b"".join(frames)), count=3, attributes=codec) + batch_of([record(0)], base=3)
    found = list(consumed(data, PLACE))
    assert [isinstance(one, UnreadableRecord) for one in found] == [False, True, False, False]
    assert found[1].value == cut[1:]
    assert [one.offset for one in found] == [0, 1, 2, 3]


def test_what_cannot_be_read_is_a_bad_record_with_its_reason():
    (one,) = consumed(batch(framed(b"\0" * 5), count=1), PLACE)
    found = decode(PEOPLE, one)
    assert isinstance(found, Bad)
    assert (found.error, found.reason) == (
        "UnreadableRecord",
        "a varint in a record is longer than the record or than 64 bits",
    )


@pytest.mark.parametrize("start", [0, 1, 2])
def test_the_same_place_is_bad_wherever_reading_begins(start: int):
    data = batch(b"".join((*encoded([record(0)]), framed(b"\0" * 5), *encoded([record(2)]))), count=3)
    assert [offset for offset, _ in problems(data, start)] == list(range(start, 3))


@pytest.mark.parametrize(
    ("deltas", "last", "bad"),
    [
        ([0, 0, 2], 2, [1]),
        ([0, 9, 2], 2, [1]),
        ([7, 1, 2], 2, [0]),
        ([0, 5, 2, 3, 9], 9, [1]),
        ([0, 2, 1, 4], 4, [2]),
        ([-1, 1], 1, [0]),
        ([2**62, 1], 1, [0]),
    ],
)
def test_offsets_that_do_not_grow(deltas: list[int], last: int, bad: list[int]):
    data = batch_of([record(delta) for delta in deltas], last_delta=last) + batch_of([record(0)], base=last + 1)
    found = list(consumed(data, PLACE))
    assert [place for place, one in enumerate(found) if isinstance(one, UnreadableRecord)] == bad
    assert [one.offset for one in found if not isinstance(one, UnreadableRecord)] == [
        *(delta for place, delta in enumerate(deltas) if place not in bad),
        last + 1,
    ]


@pytest.mark.parametrize("last", [-1, 0, 7, 2**31 - 1])
def test_a_wrong_last_offset_costs_no_neighbour(last: int):
    data = batch_of([record(0), record(1)], last_delta=last) + batch_of([record(0), record(1)], base=2)
    reading = consumed(data, PLACE)
    assert [one.offset for one in reading] == [0, 1, 2, 3]
    assert reading.next_fetch_offset == 4


def test_a_batch_always_moves_the_position_on():
    reading = consumed(batch_of([record(0), record(1)], base=10, last_delta=-100), PLACE, start=11)
    assert list(reading) == []
    assert reading.next_fetch_offset == 12


@pytest.mark.parametrize("codec", [GZIP, SNAPPY, LZ4, ZSTD])
def test_a_batch_that_unpacks_to_more_than_a_process_can_hold(codec: int):
    good = encoded([record(0)])[0]
    data = batch(packed(codec, good + bytes(40 * MAX_BODY_BYTES)), count=2, attributes=codec)
    tracemalloc.start()
    found = problems(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    if codec == SNAPPY:  # one block: all or nothing
        assert found == [(0, f"the batch decompresses to more than {MAX_BODY_BYTES} bytes")]
    else:
        assert found == [(0, None), (1, f"the batch decompresses to more than {MAX_BODY_BYTES} bytes")]
    assert peak < 8 * MAX_BODY_BYTES


@pytest.mark.parametrize("codec", [GZIP, LZ4, ZSTD])
def test_a_payload_that_was_cut_off(codec: int):
    records = [Record(delta, b"k", Random(delta).randbytes(12_000)) for delta in range(40)]
    payload = packed(codec, b"".join(encoded(records)))
    found = problems(batch(payload[: len(payload) * 9 // 10], count=40, attributes=codec))
    good = [offset for offset, problem in found if problem is None]
    assert good == list(range(len(good)))
    assert len(good) > 5
    assert found[len(good) :] == [(len(good), "the batch's compressed payload is damaged")]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("length", [-4, 0, 2**31 - 1, -(2**31)])
def test_a_snappy_block_of_an_impossible_length(length: int):
    payload = XERIAL + struct.pack(">i", length) + b"rest"
    assert problems(batch(payload, count=1, attributes=SNAPPY)) == [(0, "the batch's compressed payload is damaged")]


@pytest.mark.parametrize("codec", [5, 6, 7])
def test_a_codec_that_there_is_not(codec: int):
    (one,) = consumed(batch(b"as it came", count=1, attributes=codec), PLACE)
    assert (one.problem, one.value) == (f"the batch's compression codec {codec} is unknown", b"as it came")


def test_a_time_that_the_writer_left_out():
    data = batch_of([Record(0, b"k", b"v", (), -FIRST_TIMESTAMP_MS - 1)])
    assert [one.timestamp for one in consumed(data, PLACE)] == [-1]


@pytest.mark.parametrize("name", [b"fine", b"\xff"])
def test_the_brokers_time_counts_where_a_topic_says_so(name: bytes):
    data = batch(b"".join(encoded([record(0), record(1, name)])), count=2, attributes=LOG_APPEND_TIME)
    assert [(one.timestamp, one.timestamp_type) for one in consumed(data, PLACE)] == [(FIRST_TIMESTAMP_MS + 1, 1)] * 2


@pytest.mark.parametrize("magic", [0, 1, 3])
def test_another_message_format_is_not_read(magic: int):
    data = bytearray(batch_of([record(0)]) + batch_of([record(0)], base=1))
    data[16] = magic
    assert problems(bytes(data)) == [(0, f"message format {magic} is not supported"), (1, None)]


def test_a_marker_that_cannot_be_read_aborts_nothing():
    for body in (b"", framed(b"\0" * 5), *encoded([Record(0, b"\0", b"")])):
        data = batch(body, count=1, attributes=CONTROL) + batch_of([record(0)], base=1)
        assert problems(data) == [(1, None)]


def test_aborted_transactions_are_not_seen():
    aborted = bytearray(batch_of([record(0)]))
    aborted[21:23] = struct.pack(">h", 0x10)
    aborted[43:51] = struct.pack(">q", 99)
    marker = bytearray(batch(b"".join(encoded([Record(0, b"\0\0\0\0", b"")])), count=1, base=1, attributes=0x30))
    marker[43:51] = struct.pack(">q", 99)
    later = bytearray(batch_of([record(0)], base=2))
    later[21:23], later[43:51] = struct.pack(">h", 0x10), struct.pack(">q", 99)
    data = b"".join(sealed(bytes(each)) for each in (aborted, marker, later))
    reading = PartitionRecords(PLACE, FetchedBatches(data), [(99, 0)], 0, None, None, True, fetcher.READ_COMMITTED)
    assert [one.offset for one in reading] == [2]


def test_a_wrong_checksum_or_a_batch_without_a_header_is_an_error():
    whole = bytearray(batch_of([record(0)]))
    whole[-1] ^= 1
    with pytest.raises(CorruptRecordException):
        list(consumed(bytes(whole), PLACE))
    for length in (-12, -(2**31), 0, HEADER.size - 12 - 1):
        whole[8:12] = struct.pack(">i", length)
        with pytest.raises(CorruptRecordException):
            list(consumed(bytes(whole), PLACE))


def test_a_batch_that_was_cut_off_by_the_fetch_is_left_for_the_next():
    data = batch_of([record(0)]) + batch_of([record(0)], base=1)
    for left in (1, 11, 40):
        assert problems(data[: len(data) // 2 + left]) == [(0, None)]
        assert not FetchedBatches(data[:left]).has_next()


def test_it_is_installed_where_settings_are():
    assert settings.consumer_options("b", client_id="c")["isolation_level"] == "read_committed"
    assert fetcher.MemoryRecords is FetchedBatches
    assert fetcher.PartitionRecords is PartitionRecords


def test_numbers_of_at_most_64_bits():
    beyond = [b"\0" + b"\xff" * 9 + b"\x7f", b"\0" + b"\x80" * 10 + b"\0"]
    for start in beyond:
        body = start + varint(0) * 5
        assert [problem for _, problem in problems(batch(framed(body), count=1))] == [
            "a record's offset is unreadable, or not between its neighbours'"
        ]
