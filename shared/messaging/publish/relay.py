"""Publishes a service's outbox: one relay a schema, whichever process holds the database's lock.

Invariants: rows are published in order (lane, then sequence) and deleted only after Kafka has them; a row that cannot
be published is parked. There is no cursor over the sequence, since its order is not the order of commits.
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
from shared.messaging.publish.publisher import Fenced, FencedPublisher, OutgoingRecord, Refused
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
"""A transaction publishes at most this, plus one value: prompt rows wait for at most one batch of bulk rows."""
POLL_SECONDS = 1.0
"""Finds rows whose notification was missed, delayed rows that are due, and the lock of a process that died."""
STALE_SECONDS = 20.0
STALE = "the relay has made no progress"
ACQUIRE_SECONDS = 10.0
STOP_SECONDS = 5.0
"""Together with closing the producer well below a supervisor's kill timeout."""
GAUGE_SECONDS = 5.0

COUNTED_ROWS = 50_000
"""Rows are counted up to this, so that counting stays cheap."""


class Relay:
    """Runs in every process of a service; one of them relays, the others stand by."""

    def __init__(
        self, pool: Pool, bootstrap: str, service: str, *, batch: int = BATCH_ROWS, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self._pool = pool
        self._service = service
        self._batch = batch
        self._poll = poll_seconds
        OUTBOX_FENCED.labels(service)  # exported from the start, at 0
        self._publisher = FencedPublisher(bootstrap, relay_id(service))
        self._loop = Loop("relay", self._round, finish_s=STOP_SECONDS, expected=(KafkaError, Fenced))
        self._gauges = Loop("outbox_gauges", self._measure, every_s=GAUGE_SECONDS)
        self.relaying = False
        """True in the process that holds the lock and publishes."""

    @property
    def healthy(self) -> bool:
        """Whether it relays or stands by, and has made progress lately."""
        return self.problem is None

    @property
    def problem(self) -> str | None:
        """Why it is not healthy."""
        if not self._loop.running:
            return "the relay is not running"
        if self._loop.silent_s > STALE_SECONDS:
            return f"{STALE} for {STALE_SECONDS:.0f} s"
        return self._loop.failure and f"the relay was interrupted: {self._loop.failure}"

    async def check(self) -> str | None:
        """For `/ready`."""
        return self.problem

    async def start(self) -> None:
        """Relay in the background until `stop`."""
        await self._loop.start()
        await self._gauges.start()

    async def stop(self) -> None:
        """Stop after the current batch, or during it if that takes too long; rows that are not in Kafka stay."""
        await self._gauges.stop()
        await self._loop.stop()

    async def _round(self) -> float:
        """Relay as long as this process holds the lock; if another one does, try again later."""
        try:
            return await self._relay_with_lock()
        except Fenced:
            OUTBOX_FENCED.labels(self._service).inc()
            log.error("relay_fenced", service_name=self._service)  # noqa: TRY400 - the traceback adds nothing
            raise

    async def _relay_with_lock(self) -> float:
        async with session_of(self._pool, ACQUIRE_SECONDS) as conn:
            if await conn.fetchval(SQL["relay_lock"]):
                async with self._session(conn):
                    while not self._loop.stopping:
                        await self._publish_due(conn)
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

    async def _publish_due(self, conn: Connection) -> None:
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
            log.error("outbox_row_parked", seq=rows[0]["seq"], topic=rows[0]["topic"], reason=str(error))  # noqa: TRY400 - the traceback adds nothing
            return
        published(records, [int(row["due_at"].timestamp() * 1e9) for row in rows] if trace.recording() else 0)
        await conn.execute(SQL["outbox_delete"], [row["seq"] for row in rows])
        for topic, count in Counter(record.topic for record in records).items():
            OUTBOX_PUBLISHED.labels(self._service, topic).inc(count)

    async def _restart(self, conn: Connection) -> None:
        """After a refused batch the producer's sequence is broken. While the connection lives, the lock is held."""
        await conn.fetchval("SELECT 1")
        await self._publisher.start()

    async def _measure(self) -> None:
        """Set the gauges of the outbox, in every process, also while no relay can run."""
        async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as conn:
            [state] = await conn.fetch(SQL["outbox_state"], COUNTED_ROWS + 1, [int(lane) for lane in Lane])
        OUTBOX_DEPTH.labels(self._service).set(state["depth"])
        OUTBOX_OLDEST.labels(self._service).set(state["oldest_seconds"])
        OUTBOX_PARKED.labels(self._service).set(state["parked"])

    def _wake(self, *_: Any) -> None:
        self._loop.wake()


def _outgoing(row: asyncpg.Record) -> OutgoingRecord:
    headers = list(zip(row["header_names"], row["header_values"], strict=True))
    return OutgoingRecord(row["topic"], row["key"], row["value"], headers, row["partition"])
