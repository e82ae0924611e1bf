"""Where a group begins to read: at the database's offsets, after a restore too, and in topics made anew or late."""

from itertools import count

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from shared.messaging.consume import processed
from shared.messaging.topics import cluster
from shared.testing.wait import until
from tests.component.messaging.test_consumer import all_applied, good


@pytest.mark.parametrize("silent", [0, 1], ids=["at once", "once the database answers"])
async def test_a_second_start_goes_on_where_the_database_stands(stage, monkeypatch, silent):
    await stage.send(*good(stage, 12))
    async with stage.consuming() as consumer:
        await until(lambda: _committed(consumer, 12))
    real, asked = processed.positions, count()

    async def positions(conn, group):
        if next(asked) < silent:
            raise TimeoutError
        return await real(conn, group)

    monkeypatch.setattr(processed, "positions", positions)
    # Restored from a backup: Kafka's committed offsets are ahead of the database now.
    await stage.pool.execute("TRUNCATE effects; UPDATE processed SET next = 0")
    async with stage.consuming():
        await until(lambda: all_applied(stage, 12))
    async with stage.consuming() as consumer:
        await stage.send(*good(stage, 1, start=50))
        await until(lambda: all_applied(stage, 13))
        await until(lambda: consumer.lag and not any(consumer.lag.values()))
    assert len(await stage.effects()) == 13


async def _committed(consumer, count):
    ours = consumer.broker.subscribers[0].consumer
    return sum([await ours.committed(each) or 0 for each in ours.assignment()]) == count


async def test_a_topic_that_is_made_anew_begins_again(stage):
    await stage.send(*good(stage, 9))
    async with stage.consuming():
        await until(lambda: all_applied(stage, 9))
    admin = AIOKafkaAdminClient(bootstrap_servers=stage.bootstrap)
    await admin.start()
    before = await cluster.ids(admin, [stage.people.name])
    await admin.delete_topics([stage.people.name])
    await until(lambda: _gone(admin, stage.people.name))
    await cluster.ensure(stage.bootstrap, [stage.people])
    assert await cluster.ids(admin, [stage.people.name]) != before
    await admin.close()
    await stage.send(*good(stage, 3, start=100))
    async with stage.consuming():
        await until(lambda: all_applied(stage, 12))
    assert set(await stage.effects()) >= {"p100", "p101", "p102"}


async def test_a_consumer_that_starts_before_its_topics_are_made_reads_them_once_they_are(stage):
    early = type(stage)(stage.bootstrap, stage.pool, stage.dsn)
    consumer = early.consumer()
    await consumer.start(wait=0.5)
    try:
        await cluster.ensure(stage.bootstrap, early.all)
        await early.send(*good(early, 3))
        await until(lambda: all_applied(early, 3))
        assert consumer.healthy
    finally:
        await consumer.stop()


async def _gone(admin, topic):
    try:
        await cluster.ids(admin, [topic])
    except cluster.TopicError:
        return True
    return False
