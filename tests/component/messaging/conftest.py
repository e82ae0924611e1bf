"""A stage of one test's own on the shared broker: a group, its topics and its database."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from shared.events.envelope import seal
from shared.events.people import PersonV1
from shared.messaging.consume.consumer import Consumer
from shared.messaging.consume.decoding import Record
from shared.messaging.consume.handlers import Handler
from shared.messaging.kafka.settings import consumer_options
from shared.messaging.topics import catalogue, cluster
from shared.messaging.topics.catalogue import Topic
from shared.storage.migrations import migrate
from shared.storage.pool import Connection, Pool, open_pool

READ_SECONDS = 20.0
EFFECTS = "CREATE TABLE effects (seq bigserial PRIMARY KEY, topic text, key text, version bigint, tombstone boolean)"


async def note(conn: Connection, record: Record) -> None:
    """The plainest handler: a row for each record it was handed."""
    await conn.execute(
        "INSERT INTO effects (topic, key, version, tombstone) VALUES ($1, $2, $3, $4)",
        record.topic,
        record.key,
        record.version,
        record.value is None,
    )


@dataclass
class Stage:
    """Topics `people` (3 partitions) and `clock` (1, no tombstones), under names nobody else uses."""

    bootstrap: str
    pool: Pool
    dsn: str
    group: str = field(default_factory=lambda: f"g{uuid.uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        self.people = replace(catalogue.PEOPLE, name=f"{self.group}.people.v1", partitions=3)
        self.clock = replace(catalogue.CLOCK, name=f"{self.group}.clock.v1")
        self.retry = catalogue.retries(self.group)  # type: ignore[arg-type]
        self.dlq = catalogue.dead_letters(self.group)  # type: ignore[arg-type]

    @property
    def all(self) -> list[Topic]:
        return [self.people, self.clock, self.retry, self.dlq]

    def neighbour(self) -> "Stage":
        """Another group that reads the same topics."""
        other = Stage(self.bootstrap, self.pool, self.dsn)
        other.people, other.clock = self.people, self.clock
        return other

    async def effects(self) -> list[str]:
        return [row["key"] for row in await self.pool.fetch("SELECT key FROM effects ORDER BY seq")]

    def consumer(self, handler: Handler = note, *, pool: Pool | None = None, **more: Any) -> Consumer:
        handlers = {self.people.name: handler, self.clock.name: handler}
        return Consumer(
            service=self.group,  # type: ignore[arg-type]
            pool=pool or self.pool,
            bootstrap=more.pop("bootstrap", self.bootstrap),
            handlers=handlers,
            catalogue=self.all,
            **more,
        )

    @asynccontextmanager
    async def consuming(self, handler: Handler = note, **more: Any) -> AsyncIterator[Consumer]:
        consumer = self.consumer(handler, **more)
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()

    def person(self, key: str, version: int = 1, topic: Topic | None = None) -> dict[str, Any]:
        """A good record, as keywords for `send`."""
        value = PersonV1(person_id=key, version=version, member=True).to_json()
        name = (topic or self.people).name
        return {"topic": name, "key": key.encode(), "value": value, "headers": seal(name, key, version, "profiles")}

    async def send(self, *records: dict[str, Any]) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap, linger_ms=1) as producer:
            for record in records:
                await producer.send(**record)
            await producer.flush()

    async def read(self, topic: Topic | str, count: int) -> list[ConsumerRecord[bytes, bytes]]:
        """The first `count` committed records of a topic, by time of arrival at this reader."""
        name = topic if isinstance(topic, str) else topic.name
        found: list[ConsumerRecord[bytes, bytes]] = []
        async with AIOKafkaConsumer(name, **consumer_options(self.bootstrap, client_id="test")) as consumer:
            async with asyncio.timeout(READ_SECONDS):
                while len(found) < count:
                    for records in (await consumer.getmany(timeout_ms=200)).values():
                        found += records
        return found

    async def count(self, topic: Topic) -> int:
        """Committed records that stand on a topic now."""
        options = consumer_options(self.bootstrap, client_id="test")
        async with AIOKafkaConsumer(topic.name, **options) as consumer:
            ends = await consumer.end_offsets(sorted(consumer.assignment()))
            total = 0
            for each, end in ends.items():
                while await consumer.position(each) < end:
                    batches: dict[Any, Sequence[Any]] = await consumer.getmany(each, timeout_ms=200)
                    total += sum(map(len, batches.values()))
            return total


@pytest_asyncio.fixture(loop_scope="session")
async def stage(kafka, database) -> AsyncIterator[Stage]:
    async with staged(kafka.bootstrap, database.dsn("profiles")) as made:
        yield made


@asynccontextmanager
async def staged(bootstrap: str, dsn: str) -> AsyncIterator[Stage]:
    pool = await open_pool(dsn, schema="profiles")
    await migrate(pool)
    await pool.execute(EFFECTS)
    made = Stage(bootstrap, pool, dsn)
    await cluster.ensure(bootstrap, made.all)
    yield made
    await pool.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stage_of_its_own(fresh_kafka, database) -> AsyncIterator[tuple[Stage, Any]]:
    """The stage, and a broker that may be killed."""
    async with staged(fresh_kafka.bootstrap, database.dsn("profiles")) as made:
        yield made, fresh_kafka
