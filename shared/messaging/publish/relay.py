"""Publishes a service's outbox: one relay a schema, whichever process holds the database's lock.

Kept true: rows leave in order (lane, then sequence), are deleted only after Kafka has them, and one that cannot be
published steps aside. There is no cursor over the sequence: its order is not the order of commits.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka.errors import KafkaError

from shared.messaging.kafka.settings import relay_id
from shared.messaging.publish.outbox import Lane
from shared.messaging.publish.publisher import Fenced, FencedPublisher, Outgoing, Refused
from shared.messaging.traces import published
from shared.observability import trace
from shared.observability.logs import get_logger
from shared.observability.metric_list import OUTBOX_DEPTH, OUTBOX_FENCED, OUTBOX_OLDEST, OUTBOX_PARKED, OUTBOX_PUBLISHED
from shared.service_kit.loop import Loop
from shared.storage.pool import Connection, Pool, session_of
from shared.storage.queries import load

log = get_logger(__name__)
SQL = load(Path(__file__).with_name("queries.sql"))

BATCH_ROWS = 1024
BATCH_BYTES = 8 * 1024 * 1024
"""One transaction publishes so much at most, and one value more: what is urgent waits for one batch of what is not."""
POLL_SECONDS = 1.0
"""For what was missed while reconnecting, for rows that were due later, and for taking over from a dead process."""
STALE_SECONDS = 20.0
ACQUIRE_SECONDS = 10.0
STOP_SECONDS = 5.0
"""With closing the producer it stays well below a supervisor's patience."""
GAUGE_SECONDS = 5.0

COUNTED_ROWS = 50_000
"""Of more rows than these it is only said that they are more, so that counting stays cheap."""


class Relay:
    """Runs in every process of a service; one of them relays, the others stand by."""

    def __init__(
        self, pool: Pool, bootstrap: str, service: str, *, batch: int = BATCH_ROWS, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self._pool = pool
        self._service = service
        self._batch = batch
        self._poll = poll_seconds
        OUTBOX_FENCED.labels(service)  # there from the start, at 0
        self._publisher = FencedPublisher(bootstrap, relay_id(service))
        self._loop = Loop("relay", self._round, finish_s=STOP_SECONDS, expected=(KafkaError, Fenced))
        self._gauges = Loop("outbox_gauges", self._measure, every_s=GAUGE_SECONDS)
        self.relaying = False
        """True in the process that holds the lock and publishes."""

    @property
    def healthy(self) -> bool:
        """It relays or stands by, and has moved lately."""
        return self.problem is None

    @property
    def problem(self) -> str | None:
        """Why it is not healthy."""
        if not self._loop.running:
            return "the relay is not running"
        if self._loop.silent_s > STALE_SECONDS:
            return f"the relay has not moved for {STALE_SECONDS:.0f} s"
        return self._loop.failure and f"the relay was interrupted: {self._loop.failure}"

    async def check(self) -> str | None:
        """For `/ready`."""
        return self.problem

    async def start(self) -> None:
        """Relay in the background until `stop`."""
        await self._loop.start()
        await self._gauges.start()

    async def stop(self) -> None:
        """End after the batch in hand, or in its middle when that takes too long; what is not in Kafka stays."""
        await self._gauges.stop()
        await self._loop.stop()

    async def _round(self) -> float:
        """Relay while this process holds the lock; come back later when another one does."""
        try:
            return await self._relay_with_lock()
        except Fenced:
            OUTBOX_FENCED.labels(self._service).inc()
            log.error("relay_fenced", service_name=self._service)  # noqa: TRY400 - its trace says nothing more
            raise

    async def _relay_with_lock(self) -> float:
        async with session_of(self._pool, ACQUIRE_SECONDS) as conn:
            if await conn.fetchval(SQL["relay_lock"]):
                async with self._session(conn):
                    while not self._loop.stopping:
                        await self._turn(conn)
        return self._poll

    @asynccontextmanager
    async def _session(self, conn: Connection) -> AsyncIterator[None]:
        try:
            channel = await conn.fetchval(SQL["relay_channel"])
            await conn.execute(SQL["relay_by_index"])
            await conn.add_listener(channel, self._wake)
            await self._publisher.start()
            log.info("relay_started", relay_of=self._service)
            self.relaying = True
            yield
        finally:
            self.relaying = False
            await self._publisher.stop()

    async def _turn(self, conn: Connection) -> None:
        rows = await conn.fetch(SQL["outbox_due"], self._batch, BATCH_BYTES)
        if rows:
            await self._publish(conn, rows)
        self._loop.moved()
        if len(rows) < self._batch and sum(len(row["value"] or b"") for row in rows) < BATCH_BYTES:
            await self._loop.pause(self._poll)

    async def _publish(self, conn: Connection, rows: Sequence[asyncpg.Record]) -> None:
        records = [_outgoing(row) for row in rows]
        try:
            await self._publisher.publish(records)
        except Refused as error:
            await self._restart(conn)
            if len(rows) > 1:
                for row in rows:
                    await self._publish(conn, [row])
                return
            await conn.execute(SQL["outbox_park"], rows[0]["seq"], f"Kafka refused it: {error}")
            log.error("outbox_row_parked", seq=rows[0]["seq"], topic=rows[0]["topic"], reason=str(error))  # noqa: TRY400 - its trace tells nothing
            return
        published(records, [int(row["due_at"].timestamp() * 1e9) for row in rows] if trace.recording() else 0)
        await conn.execute(SQL["outbox_delete"], [row["seq"] for row in rows])
        for topic, count in Counter(record.topic for record in records).items():
            OUTBOX_PUBLISHED.labels(self._service, topic).inc(count)

    async def _restart(self, conn: Connection) -> None:
        """A refused batch spoils the producer's sequence. As long as the connection lives, so does our lock."""
        await conn.fetchval("SELECT 1")
        await self._publisher.start()

    async def _measure(self) -> None:
        """Look at the outbox now and then, whoever relays, and above all while nobody can."""
        async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as conn:
            [state] = await conn.fetch(SQL["outbox_state"], COUNTED_ROWS + 1, [int(lane) for lane in Lane])
        OUTBOX_DEPTH.labels(self._service).set(state["depth"])
        OUTBOX_OLDEST.labels(self._service).set(state["oldest_seconds"])
        OUTBOX_PARKED.labels(self._service).set(state["parked"])

    def _wake(self, *_: Any) -> None:
        self._loop.wake()


def _outgoing(row: asyncpg.Record) -> Outgoing:
    headers = list(zip(row["header_names"], row["header_values"], strict=True))
    return Outgoing(row["topic"], row["key"], row["value"], headers, row["partition"])
