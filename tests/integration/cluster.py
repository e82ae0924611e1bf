"""Matchers and notifications as real processes on a broker of their own, fed with records as owners write them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg
import httpx2
from aiokafka import AIOKafkaProducer

from infra.local.service import ServiceProcess
from services.matching.events import INPUTS
from services.matching.events import Event as EngineEvent
from services.matching.rules.numbers import whole_percent
from services.matching.rules.plain.engine import Engine
from services.matching.rules.suggestions import all_suggestions
from shared.events.envelope import seal
from shared.messaging.topics import cluster
from shared.resolution import Vocabulary
from shared.testing.processes import OPERATOR_TOKEN, environment, service
from tests.integration.histories import Event

Inboxes = dict[tuple[str, str], tuple[int, list[tuple[str, str, str]]]]
"""(seeker, posting): fit in percent, and of each introducer the id, the label and how to ask, best first."""


@dataclass
class Cluster:
    """What the tests hold of the running processes."""

    bootstrap: str
    producer: AIOKafkaProducer
    database: asyncpg.Pool
    matchers: list[ServiceProcess]
    notifications: ServiceProcess

    async def publish(self, events: Iterable[Event]) -> None:
        """Write the events to their topics, in order, keyed as always."""
        sent = [await self._send(event) for event in events]
        await asyncio.gather(*sent)

    async def _send(self, event: Event) -> "asyncio.Future[Any]":
        body = None if event.value is None else json.dumps(event.value).encode()
        headers = seal(event.topic, event.key, event.version, "test")
        return await self.producer.send(event.topic, body, event.key.encode(), headers=headers)

    async def inboxes(self) -> Inboxes:
        """Every member's inbox, as the notification service holds it."""
        rows = await self.database.fetch(
            "SELECT member_id, posting_id, content FROM notifications.items WHERE live AND kind = 'suggestion'"
        )
        return {(row["member_id"], row["posting_id"]): _seen(json.loads(row["content"])) for row in rows}


def _seen(record: Mapping[str, Any]) -> tuple[int, list[tuple[str, str, str]]]:
    return record["fit"], [(path["introducer_id"], path["label"], path["ask"]) for path in record["paths"]]


def expected(events: Iterable[Event], today: date) -> Inboxes:
    """What the plain rules say of the final state, from scratch."""
    engine = Engine(Vocabulary.default(), today=today)
    for event in events:
        value = None if event.value is None else INPUTS[event.topic].model_validate(event.value)
        engine.ingest((EngineEvent(event.topic, event.key, value, event.version),))
    found = all_suggestions(engine.state, engine.network)
    return {
        key: (whole_percent(one.fit), [(path.introducer, path.label, path.ask) for path in one.paths])
        for key, one in found.items()
    }


@asynccontextmanager
async def running(bootstrap: str, database: Any, *, shards: int = 2) -> AsyncIterator[Cluster]:
    """Start the topics, `shards` matchers and the notification service; stop them at the end."""
    await cluster.ensure(bootstrap)
    async with AsyncExitStack() as stack:
        nobody = "http://127.0.0.1:9"  # names are looked up nowhere: nothing in these tests shows one
        env = environment(bootstrap, database.dsn("notifications"), WARMPATH_PROFILES_URL=nobody)
        matchers = [service("matching", env | {"MATCHER_SHARD": f"{n}/{shards}"}, wait=False) for n in range(shards)]
        processes = await asyncio.gather(
            *(stack.enter_async_context(each) for each in [*matchers, service("notifications", env)])
        )
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
        await producer.start()
        stack.push_async_callback(producer.stop)
        pool = await stack.enter_async_context(asyncpg.create_pool(database.admin_dsn, min_size=1, max_size=2))
        yield Cluster(bootstrap, producer, pool, list(processes[:-1]), processes[-1])


async def ready(process: ServiceProcess) -> bool:
    """Whether the process says that it is."""
    async with httpx2.AsyncClient() as client:
        try:
            return (await client.get(f"{process.url}/ready")).is_success
        except httpx2.TransportError:
            return False


def operator() -> dict[str, str]:
    """Headers that speak as an operator."""
    return {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
