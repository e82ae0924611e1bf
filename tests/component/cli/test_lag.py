"""How far readers are, on topics that a fenced publisher has written."""

import asyncio
from dataclasses import replace
from functools import partial
from io import StringIO
from uuid import uuid4

import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition
from rich.console import Console
from rich.live import Live

from cli import lag as command
from shared.events.ties import TieV1
from shared.messaging.inspection.groups import GroupInspector, PartitionLag, ReadingGroup
from shared.messaging.kafka.settings import consumer_options
from shared.messaging.publish.outbox import outgoing_record
from shared.messaging.publish.publisher import FencedPublisher
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import TIES
from shared.testing.wait import until


@pytest_asyncio.fixture(loop_scope="session")
async def topic(kafka):
    own = replace(TIES, name=f"lag-{uuid4().hex[:8]}", partitions=2)
    await cluster.ensure(kafka.bootstrap, [own])
    return own


async def publish(bootstrap, topic, *contacts, abort=False):
    publisher = FencedPublisher(bootstrap, f"test.{uuid4()}")
    await publisher.start()
    records = [
        outgoing_record(topic, f"p:{c}", TieV1(person_id="p", contact_id=c, version=1), 1, source="profiles")
        for c in contacts
    ]
    records = [replace(record, partition=0) for record in records]
    if abort:
        await publisher._producer.begin_transaction()
        for record in records:
            await publisher._producer.send_and_wait(record.topic, record.value, b"k", 0)
        await publisher._producer.abort_transaction()
    else:
        await publisher.publish(records)
    await publisher.stop()


async def commit(bootstrap, group, topic, offset):
    consumer = AIOKafkaConsumer(**consumer_options(bootstrap, client_id="t", group=group))
    await consumer.start()
    place = TopicPartition(topic.name, 0)
    consumer.assign([place])
    await consumer.commit({place: offset})
    await consumer.stop()


async def test_markers_and_aborted_records_are_not_lag_and_the_oldest_unread_record_is_found(kafka, topic):
    group = f"g-{uuid4().hex[:8]}"
    places = tuple(TopicPartition(topic.name, number) for number in range(2))
    reader = ReadingGroup(group, places, joins=False)
    await publish(kafka.bootstrap, topic, "a", "b")  # offsets 0 and 1, the marker 2
    async with GroupInspector(kafka.bootstrap) as inspector:
        never, empty = await inspector.partition_lags(reader)
        assert (never.committed, never.lag, never.member) == (None, 3, None)
        assert (empty.lag, empty.oldest_ms) == (0, None)

        await commit(kafka.bootstrap, group, topic, 2)
        await publish(kafka.bootstrap, topic, "x", abort=True)  # 3, its marker 4
        (read, _) = await inspector.partition_lags(reader)
        assert (read.committed, read.end, read.lag, read.oldest_ms) == (2, 5, 0, None)

        await publish(kafka.bootstrap, topic, "c")  # 5, the marker 6
        (behind, _) = await inspector.partition_lags(reader)
        assert (behind.end, behind.lag) == (7, 2)
        assert behind.oldest_ms is not None


async def test_partitions_without_a_live_member_are_marked(kafka, topic):
    group = f"g-{uuid4().hex[:8]}"
    reader = ReadingGroup(group, tuple(TopicPartition(topic.name, number) for number in range(2)))
    async with GroupInspector(kafka.bootstrap) as inspector:
        assert [each.member for each in await inspector.partition_lags(reader)] == [False, False]
        consumer = AIOKafkaConsumer(topic.name, **consumer_options(kafka.bootstrap, client_id="t", group=group))
        await consumer.start()
        try:

            async def held():
                return all(each.member for each in await inspector.partition_lags(reader))

            await until(held)
        finally:
            await consumer.stop()


async def test_the_command_shows_every_reader(warmpath, lines):
    found = lines(await warmpath("lag", "--json"))
    assert {"postings", "notifications", "matching"} <= {each["group"] for each in found}
    said = await warmpath("lag", "--once")
    assert "nobody reads it: is postings running?" in " ".join(said.stdout.replace("│", " ").split())
    assert "committed" in (await warmpath("lag", "--once", "--partitions")).stdout


def _lag(group, partition, *, member):
    return PartitionLag(group, "people.v1", partition, 0, 1, 1, None, member=member)


def test_a_group_that_nobody_is_in_is_told_from_one_with_a_partition_left_over():
    lags = [_lag("postings", number, member=False) for number in range(2)]
    lags += [_lag("notifications", number, member=number == 0) for number in range(2)]
    lags += [_lag("matching", number, member=None) for number in range(2)]
    for table in (command.by_topic(lags, 0.0), command.by_partition(lags, 0.0)):
        screen = StringIO()
        Console(file=screen, width=200).print(table)
        marked = {line.split("│")[1].strip(): line for line in screen.getvalue().splitlines() if "people.v1" in line}
        assert "nobody reads it: is postings running?" in marked["postings"]
        assert "no member" in marked["notifications"]
        assert "nobody" not in marked["notifications"]
        assert "member" not in marked["matching"]


async def test_the_table_is_live(topics, monkeypatch):
    monkeypatch.setenv("WARMPATH_OPERATOR_TOKEN", "operator-token-of-a-test")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", topics.bootstrap)
    screen = StringIO()
    shown = partial(Live, console=Console(file=screen, force_terminal=True, width=200, height=200))
    monkeypatch.setattr(command, "Live", shown)
    watching = asyncio.create_task(command._lag(once=False, partitions=False, as_json=False, every=0.2))
    try:
        await until(lambda: watching.done() or screen.getvalue().count("oldest unread") >= 3)
        assert not watching.done(), "until it is left"
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert "notifications" in screen.getvalue()
