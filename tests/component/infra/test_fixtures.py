import asyncio

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.testing.reading import committed


async def _make_topic(bootstrap, name):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 1, 1)])
    finally:
        await admin.close()


async def _values(bootstrap, name):
    return [record.value for record in await committed(bootstrap, name, 1)]


async def test_kill_9_and_restart_keep_every_acknowledged_record(fresh_kafka):
    await _make_topic(fresh_kafka.bootstrap, "kept")
    producer = AIOKafkaProducer(bootstrap_servers=fresh_kafka.bootstrap, transactional_id="kept-writer", acks="all")
    await producer.start()
    sent = [str(number).encode() for number in range(2000)]
    async with producer.transaction():
        for value in sent:
            await producer.send("kept", value, partition=0)
    await producer.stop()

    where = fresh_kafka.bootstrap
    # A commit is acknowledged before it is marked in the log. A broker that dies in between should mark it when it
    # starts again; Kafka 4.3 sometimes notes that it has done so and has not (docs/operations.md, ConsumerStuck).
    assert await _values(where, "kept") == sent
    await fresh_kafka.kill()
    await fresh_kafka.restart()

    assert fresh_kafka.bootstrap == where
    assert await _values(where, "kept") == sent


async def test_reading_waits_for_an_open_transaction(clean_kafka):
    await _make_topic(clean_kafka.bootstrap, "open")
    producer = AIOKafkaProducer(bootstrap_servers=clean_kafka.bootstrap, transactional_id="open-writer", acks="all")
    await producer.start()
    async with producer.transaction():
        await producer.send_and_wait("open", b"soon", partition=0)
        reading = asyncio.create_task(_values(clean_kafka.bootstrap, "open"))
        done, _ = await asyncio.wait({reading}, timeout=2)
        assert not done
    await producer.stop()
    assert await reading == [b"soon"]


async def test_a_database_has_every_role_and_schema_and_no_table(database):
    for service in ("postings", "profiles", "notifications"):
        connection = await asyncpg.connect(database.dsn(service))
        try:
            assert await connection.fetchval("SELECT current_schema()") == service
            assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = $1", service) == 0
            await connection.execute("CREATE TABLE mine (id int)")
        finally:
            await connection.close()
