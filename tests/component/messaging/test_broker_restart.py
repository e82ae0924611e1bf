"""A broker that is killed and comes back: what was accepted is published, and applied once."""

import asyncio

from shared.events.people import PersonV1
from shared.messaging.publish.outbox import enqueue
from shared.messaging.publish.relay import Relay
from shared.testing.wait import until

BACK_SECONDS = 60
STOP_LIMIT = 30


async def test_nothing_is_lost_over_a_kill_of_the_broker(stage_of_its_own):
    stage, broker = stage_of_its_own
    relay = Relay(stage.pool, stage.bootstrap, stage.group)
    await relay.start()
    try:
        async with stage.consuming() as consumer:
            await write(stage, "before")
            await until(lambda: applied(stage, 10))
            await broker.kill()
            await write(stage, "meanwhile")
            await broker.restart()
            await write(stage, "after")
            await until(lambda: applied(stage, 30), timeout=BACK_SECONDS)
            await until(lambda: relay.healthy and consumer.healthy)
    finally:
        await relay.stop()
    found = await stage.effects()
    assert len(found) == len(set(found)) == 30


async def test_a_process_that_starts_before_the_broker_joins_when_it_comes(stage_of_its_own):
    stage, broker = stage_of_its_own
    async with Relaying(stage):
        await write(stage, "early")
        await broker.kill()
        consumer = stage.consumer()
        await consumer.start(wait=0.2)
        try:
            assert consumer.problem == "the consumer is not running"
            await broker.restart()
            await write(stage, "late")
            await until(lambda: applied(stage, 20), timeout=BACK_SECONDS)
            assert consumer.healthy
        finally:
            await consumer.stop()


async def test_without_a_broker_everything_stops_soon(stage_of_its_own):
    stage, broker = stage_of_its_own
    clock = asyncio.get_running_loop().time
    async with stage.consuming():
        async with Relaying(stage) as relay:
            await until(lambda: relay.relaying)
            await broker.kill()
            await write(stage, "meanwhile")
            await until(relay._loop._woken.is_set)  # it hangs in its first row when the others wake it
            stopping = clock()
        assert clock() - stopping < STOP_LIMIT
        assert await stage.pool.fetchval("SELECT count(*) FROM outbox") == 10
    assert clock() - stopping < 3 * STOP_LIMIT
    left = [task for task in asyncio.all_tasks() if "aiokafka" in repr(task.get_coro())]
    assert left == [], "nothing goes on that could keep the process from ending"


class Relaying:
    def __init__(self, stage):
        self.relay = Relay(stage.pool, stage.bootstrap, stage.group)

    async def __aenter__(self):
        await self.relay.start()
        return self.relay

    async def __aexit__(self, *_):
        await self.relay.stop()


async def write(stage, when):
    for number in range(10):
        async with stage.pool.acquire() as conn, conn.transaction():
            value = PersonV1(person_id=f"{when}{number}", version=1, member=True)
            await enqueue(conn, stage.people, value.person_id, value, 1, source="profiles")


async def applied(stage, count):
    return len(await stage.effects()) >= count
