"""One header name that is not UTF-8 must not stop a partition."""

import pytest
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.record.memory_records import MemoryRecords

from shared.messaging.kafka import settings
from shared.messaging.kafka.tolerant import LenientRecords


class NotUtf8(str):
    __slots__ = ()

    def encode(self, *_):
        return b"\xff\xfe"


def batch(compression, names):
    builder = _DefaultRecordBatchBuilderPy(2, compression, 0, -1, -1, -1, 1_000_000)
    for offset, name in enumerate(names):
        headers = [(name, b"\xff"), ("empty", None), ("last", b"v")]
        builder.append(offset, 1_700_000_000_000 + offset, f"k{offset}".encode(), b"value", headers)
    return bytes(builder.build())


def read(kind, data):
    records, found = kind(data), []
    while records.has_next():
        each = records.next_batch()
        assert each.validate_crc()
        found += [(r.offset, r.timestamp, r.key, r.value, list(r.headers)) for r in each]
    return found


@pytest.mark.parametrize("compression", [0, 1, 3])
def test_a_header_name_that_is_not_utf8_is_escaped(compression):
    data = batch(compression, ["fine", NotUtf8("x"), "fine"]) + batch(compression, ["next"])
    with pytest.raises(UnicodeDecodeError):
        read(MemoryRecords, data)
    found = read(LenientRecords, data)
    assert [each[0] for each in found] == [0, 1, 2, 0]
    assert found[1] == (
        1,
        1_700_000_000_001,
        b"k1",
        b"value",
        [("\\xff\\xfe", b"\xff"), ("empty", None), ("last", b"v")],
    )


@pytest.mark.parametrize("compression", [0, 1, 3])
def test_everything_else_is_read_as_aiokafka_reads_it(compression):
    data = batch(compression, ["a", "ä", "b"]) + batch(compression, ["c"])
    assert read(LenientRecords, data) == read(MemoryRecords, data)


def test_it_is_installed_where_settings_are():
    assert settings.consumer_options("b", client_id="c")["isolation_level"] == "read_committed"
    assert fetcher.MemoryRecords is LenientRecords
