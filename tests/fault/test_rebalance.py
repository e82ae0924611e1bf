"""Partitions that change their owner in the middle of a batch: what the old owner did counts once, and nothing is lost.

A rebalance does not wait for a handler, so that two processes can have one batch in hand; the database's row decides.
A kill between effects and an offset that is committed after them shows nothing, since a version that is held already
changes nothing: an offset outside the effects' transaction shows here, where nobody then waits for the row.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx2
import pytest
from aiokafka import AIOKafkaProducer

from infra.local.ports import free_port
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import SUGGESTIONS
from shared.testing.database import Database
from shared.testing.processes import environment
from shared.testing.wait import until
from tests.fault.mail import suggested
from tests.fault.storm import TOLD_TWICE, Mortal
from tests.fault.test_zombies import _stopped
from tests.integration.cluster import operator

WARM, BACKLOG, SEEKERS = SUGGESTIONS.partitions, 300, 600
"""Suggestions that are read before, those there are when the first process starts, and those there are in the end."""

AT_LEAST = 10
"""Records of the first process's first batch, in which it is stopped: all are written, and nothing is committed."""


@dataclass
class Two:
    """Two processes of one group, neither yet started, and the topic that they share."""

    first: Mortal
    second: Mortal
    producer: AIOKafkaProducer
    database: asyncpg.Pool

    async def publish(self, numbers: range) -> None:
        """Suggestions that are told at once, spread over the partitions."""
        for number in numbers:
            key, value, headers = suggested(number)
            partition = number % SUGGESTIONS.partitions
            await self.producer.send(SUGGESTIONS.name, value, key, partition=partition, headers=headers)
        await self.producer.flush()

    async def begin(self) -> None:
        """Let somebody read from every partition: a position that is first made is guarded by its being unique too."""
        await self.publish(range(WARM))
        await self.second.start()
        read = "SELECT count(*) FROM notifications.processed WHERE topic = $1 AND next > 0"
        await until(lambda: self._is(WARM, read, SUGGESTIONS.name), timeout=40)
        await self.second.stop()

    async def _is(self, wanted: int, query: str, *args: object) -> bool:
        return bool(await self.database.fetchval(query, *args) == wanted)

    async def is_blocked(self) -> bool:
        """Whether one of them waits for what the other has locked."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'notifications'"
        return bool(await self.database.fetchval(query))

    async def all_are_told(self) -> bool:
        """Whether every seeker has the suggestion, and the message."""
        told = "SELECT count(*) FROM notifications.items WHERE kind = 'suggestion' AND live AND told_at IS NOT NULL"
        count = await self.database.fetchval(told)
        assert count == SEEKERS, count
        return True


@asynccontextmanager
async def two(bootstrap: str, database: Database, folder: Path) -> AsyncIterator[Two]:
    """On an empty broker."""
    await cluster.ensure(bootstrap)
    async with AsyncExitStack() as stack:
        first = Mortal(
            "notifications",
            free_port(),
            environment(bootstrap, database.dsn("notifications")),
            log=folder / "notifications.log",
        )
        second = first.another()
        stack.push_async_callback(first.kill)
        stack.push_async_callback(second.kill)
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
        await producer.start()
        stack.push_async_callback(producer.stop)
        pool = await stack.enter_async_context(asyncpg.create_pool(database.admin_dsn, min_size=1, max_size=2))
        yield Two(first, second, producer, pool)


async def counted(process: Mortal, metric: str, *labels: str) -> float:
    """The sum over a metric's series that bear these labels."""
    async with httpx2.AsyncClient(base_url=process.url, headers=operator(), trust_env=False) as client:
        lines = (await client.get("/metrics")).text.splitlines()
    wanted = [
        line for line in lines if line.startswith(f"warmpath_{metric}{{") and all(each in line for each in labels)
    ]
    return sum(float(line.rsplit(" ", 1)[1]) for line in wanted)


@pytest.mark.parametrize("end", ["dies", "goes on"])
async def test_an_owner_that_loses_its_partitions_within_a_batch_costs_nothing(clean_kafka, database, tmp_path, end):
    async with two(clean_kafka.bootstrap, database, tmp_path) as group:
        await group.begin()
        await group.publish(range(WARM, BACKLOG))
        group.first.launch_doomed("effects written, not the offset:1:stop")
        await until(lambda: _stopped(group.first), timeout=60)
        _, _ = await asyncio.gather(group.second.start(), group.publish(range(BACKLOG, SEEKERS)))
        await until(group.is_blocked, timeout=40, what="the new owner comes to the batch that the old one holds")
        if end == "dies":
            await group.first.kill()
            await group.first.start()
        else:
            os.killpg(group.first.pid or 0, signal.SIGCONT)
        await until(group.all_are_told, timeout=60)
        assert await group.database.fetch(TOLD_TWICE) == []
        assert await group.database.fetchval("SELECT sum(last_seq) FROM notifications.members") == SEEKERS
        for process in (group.first, group.second):
            assert await counted(process, "inbox_changes_total", "stale") == 0, "what was done is skipped unread"
        if end == "goes on":
            skipped = await counted(group.second, "consumer_records_total", "skipped")
            assert skipped >= AT_LEAST, "it had the same batch in hand"
