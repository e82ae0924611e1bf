"""Tells when aiokafka's internals have moved, and keeps everybody but `shared/messaging/kafka` away from them.

Where one of these is red after an update: read the module's "Read in" again in the new sources, mend it, set READ_IN.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.consumer import fetcher
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import CorruptRecordException
from aiokafka.producer.message_accumulator import MessageBatch
from aiokafka.record.control_record import ABORT_MARKER, ControlRecord
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.util import calc_crc32c
from faststream.kafka import KafkaBroker

from shared.messaging.kafka import PUBLIC, READ_IN, assignments, metadata, partitioning, record_batch
from shared.messaging.kafka.fetcher import Batch, FetchedBatches, PartitionRecords
from shared.testing.record_batches import Record, batch, batch_of, framed

ROOT = Path(__file__).parents[3]
BOUNDARY = Path("shared/messaging/kafka")
TESTS_OF_IT = ("test_kafka_boundary.py", "test_record_batches.py", "test_damaged_batches.py")
OTHERS = {
    "tests/component/messaging/test_consumer.py": "empties what the sticky assignor keeps on its class between tests",
}
OURS = ("benchmarks", "cli", "infra", "services", "shared", "tests")


def test_this_is_the_version_whose_internals_were_read():
    assert version("aiokafka") == READ_IN


def imports(source: str) -> Iterator[str]:
    """Modules of aiokafka below its own names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("aiokafka."):
            yield node.module.removeprefix("aiokafka.")
        elif isinstance(node, ast.ImportFrom) and node.module == "aiokafka":
            yield from (alias.name for alias in node.names if alias.name.islower())
        elif isinstance(node, ast.Import):
            yield from (a.name.removeprefix("aiokafka.") for a in node.names if a.name.startswith("aiokafka."))


def test_nobody_else_uses_what_aiokafka_keeps_to_itself():
    found = {}
    for path in (path for folder in OURS for path in (ROOT / folder).rglob("*.py")):
        name = path.relative_to(ROOT)
        if BOUNDARY in name.parents or name.name in TESTS_OF_IT:
            continue
        source = path.read_text(encoding="utf-8")
        if "aiokafka" in source:
            found[str(name)] = [each for each in imports(source) if each not in PUBLIC]
            # Private attributes are the linter's matter (SLF001); here, that none is let through.
            found[str(name)] += re.findall(r"noqa:.*SLF001", source)
    assert {name for name, each in found.items() if each} == set(OTHERS)


def test_the_linter_looks_at_private_attributes():
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'select = ["ALL"]' in settings
    assert not re.search(r'^\s*"SLF', settings, re.MULTILINE)


def test_records():
    good = batch_of([Record(0, b"k", b"v", ((b"name", None),), 7)])
    (one,) = DefaultRecordBatch(good)
    assert (one.offset, one.key, one.value, one.headers) == (0, b"k", b"v", [("name", None)])
    assert (one.timestamp, one.timestamp_type, one.checksum) == (1_700_000_000_007, 0, None)
    assert calc_crc32c(memoryview(b"123456789")) == 0xE3069283
    assert record_batch.checksum(good) == record_batch.Header.of(good).crc


@pytest.mark.parametrize("cut", range(1, 7))
def test_a_number_without_an_end_ends_with_the_bytes(cut: int):
    parts = b"\0\0\0\1\1\x02"[: cut - 1] + b"\x80"
    with pytest.raises(CorruptRecordException):
        list(DefaultRecordBatch(batch(framed(parts), count=1)))


def test_the_fetcher():
    theirs = PartitionRecords.__mro__[1]
    parameters = list(inspect.signature(theirs.__init__).parameters)
    assert parameters == [
        "self", "tp", "records", "aborted_transactions", "fetch_offset", "key_deserializer", "value_deserializer",
        "check_crcs", "isolation_level",
    ]  # fmt: skip
    unpacking = inspect.getsource(theirs._unpack_records)
    asked = set(re.findall(r"next_batch\.(\w+)", unpacking)) - {"__iter__"}
    assert asked == {
        "validate_crc", "producer_id", "base_offset", "is_control_batch", "is_transactional", "next_offset",
    }  # fmt: skip
    assert all(hasattr(Batch, name) for name in asked)
    processing = inspect.getsource(fetcher.Fetcher._proc_fetch_request)
    assert "records = MemoryRecords(part_data[-1])" in processing
    assert re.search(r"\bPartitionRecords\(\s*tp,\s*records,\s*aborted_transactions,\s*fetch_offset,", processing)
    asked = set(re.findall(r"\brecords\.(\w+)", unpacking + processing))
    assert asked == {"has_next", "next_batch", "size_in_bytes"}
    assert all(hasattr(FetchedBatches, name) for name in asked)
    assert "self._consumer_record(tp, record)" in unpacking
    assert "record.offset < self.next_fetch_offset" in unpacking


def test_a_marker_that_is_none():
    from shared.messaging.kafka.fetcher import _NO_MARKER  # noqa: PLC0415 - one test looks at it

    assert ControlRecord.parse(_NO_MARKER) != ABORT_MARKER
    assert ControlRecord.parse(b"\0\0\0\0") == ABORT_MARKER


async def test_producers():
    producer = AIOKafkaProducer(transactional_id="t", enable_idempotence=True)
    try:
        assert producer._txn_manager.wait_for_transaction_end() is None
        assert dict(producer._message_accumulator._batches) == {}
        assert inspect.iscoroutinefunction(producer._sender._sender_routine)
        assert inspect.iscoroutinefunction(producer.client.close)
        assert "self._drain_waiter = " in inspect.getsource(MessageBatch.__init__)
    finally:
        await producer.stop()


async def test_metadata():
    admin = AIOKafkaAdminClient()
    try:
        assert inspect.iscoroutinefunction(admin._client.send)
        assert callable(admin._client.get_random_node)
    finally:
        await admin.close()
    request = metadata.MetadataRequest(["t"]).build(metadata.MetadataRequestV10)
    assert request.encode() == b"\x02" + bytes(16) + b"\x02t\x00\x00\x00\x00\x00"
    topic = (0, "t", UUID(int=7), False, [], 0, {})
    answer = metadata.MetadataResponseV10(0, [(1, "host", 9092, None, {})], "cluster", 1, [topic], 0, {})
    decoded = metadata.MetadataResponseV10.decode(answer.encode()).to_object()
    assert decoded["cluster_id"] == "cluster"
    assert decoded["topics"][0]["topic_id"] == UUID(int=7)


def test_assignments():
    held = [TopicPartition("a", 0), TopicPartition("a", 3), TopicPartition("b", 1)]
    encoded = ConsumerProtocolMemberAssignment(0, [("a", [0, 3]), ("b", [1])], b"").encode()
    assert list(assignments.partitions_of(encoded)) == held
    assert list(assignments.partitions_of(b"")) == []


@pytest.mark.parametrize(
    ("key", "hashed"), [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)]
)
def test_partitions(key: bytes, hashed: int):
    """Hashes as Kafka's own tests have them."""
    assert partitioning.partition_of(key, 12) == (hashed & 0x7FFFFFFF) % 12


def test_faststreams_subscriber():
    """`consume.consumer` puts its own poll in, and looks at the tasks and the consumer."""
    subscriber = KafkaBroker().subscriber("t", group_id="g", batch=True)
    assert inspect.iscoroutinefunction(subscriber.get_msg)
    assert list(inspect.signature(subscriber.get_msg).parameters) == ["consumer"]
    assert (subscriber.consumer, list(subscriber.tasks)) == (None, [])
