"""One round: openings into their topic at a rate, and when what they bring stands in the topic and in the inbox.

Kept true: a round begins and ends with nothing under way, so what the services count between is the round's alone.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from benchmarks.stream.figures import Json, Row, matching, share, summary, waits
from benchmarks.stream.preparation import Posted
from benchmarks.stream.stack import Running
from shared.events.envelope import seal
from shared.messaging.kafka.settings import consumer_options, producer_options
from shared.messaging.topics.catalogue import POSTINGS, SUGGESTIONS

CLIENT = "stream-benchmark"
PATIENCE_S = 600.0
"""So long after the last opening its suggestions may take."""

LOOK_S = 0.2
COMMITS = 30

_ROWS = """
SELECT suggestion_id, posting_id, EXTRACT(EPOCH FROM created_at)::float8 AS written,
    EXTRACT(EPOCH FROM pg_xact_commit_timestamp(xmin))::float8 AS committed
FROM notifications.items WHERE posting_id BETWEEN $1 AND $2
"""


@dataclass(slots=True)
class Sent:
    """When each opening was handed to the producer, and how late that was at worst."""

    at: dict[str, float] = field(default_factory=dict)
    late_s: float = 0.0
    took_s: float = 0.0


class Flow:
    """The benchmark's ends of the stream: a producer, a reader of the suggestions, and a look into the database."""

    def __init__(self, running: Running, producer: Any, database: asyncpg.Connection) -> None:
        self._running, self._producer, self._database = running, producer, database
        self.seen: dict[str, float] = {}
        self._expected = 0

    async def read(self, consumer: Any) -> None:
        """Note when each suggestion's record came; without end."""
        while True:
            batches = await consumer.getmany(timeout_ms=1000)
            now = time.time()
            for batch in batches.values():
                for record in batch:
                    self.seen.setdefault(record.key.decode(), now)

    async def warm(self, openings: Sequence[Posted], rate: float) -> None:
        """A round that is not counted."""
        await self._post(openings, rate)
        await self._drain(openings)

    async def round(self, openings: Sequence[Posted], rate: float) -> Json:
        """Post these at a rate, wait until all they bring is there, and say how it went."""
        running = self._running
        before, used, began = await running.metrics(running.matcher), running.processor_seconds(), time.monotonic()
        sent = await self._post(openings, rate)
        behind = await self._behind(openings)
        drained = await self._drain(openings)
        elapsed, after = time.monotonic() - began, await running.metrics(running.matcher)
        spent = {name: now - used[name] for name, now in running.processor_seconds().items()}
        rows = await self._rows(openings)
        made = _round(openings, rate, sent, self.seen, rows)
        made["kept"] |= behind | drained
        spoken = sent.took_s + drained["topic_drained_s"]
        made["matching"] = matching(before, after, len(openings), spoken)
        for name in ("topic", "inbox"):
            made["matching"][f"share_of_{name}"] = share(made["matching"]["ms_an_opening"], made[f"to_{name}"])
            alone = made["engine_alone"]["mean_ms"]
            made["matching"][f"alone_share_of_{name}"] = share(alone, made[f"to_{name}"])
        made["processors_busy"] = {name: round(each / elapsed, 2) for name, each in spent.items()}
        made["processor_ms_an_opening"] = {name: round(each * 1e3 / len(openings), 2) for name, each in spent.items()}
        return made

    async def commit_ms(self) -> float:
        """How long after the time that PostgreSQL notes for a commit its client knows of it: the flush to disk."""
        await self._database.execute("CREATE TABLE IF NOT EXISTS public.flushed (n int)")
        found = []
        for number in range(COMMITS):
            which = await self._database.fetchval(
                "INSERT INTO public.flushed VALUES ($1) RETURNING pg_current_xact_id()::xid", number
            )
            known = time.time()
            ask = "SELECT EXTRACT(EPOCH FROM pg_xact_commit_timestamp($1))::float8"
            found.append(known - float(await self._database.fetchval(ask, which)))
        return round(median(found) * 1e3, 2)

    async def _post(self, openings: Sequence[Posted], rate: float) -> Sent:
        """Each at its time, whatever became of those before; late ones follow at once."""
        sent, futures, began = Sent(), [], time.monotonic()
        for number, each in enumerate(openings):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            sent.late_s = max(sent.late_s, time.monotonic() - due)
            headers = seal(POSTINGS.name, each.key, 1, CLIENT)
            sent.at[each.key] = time.time()
            value, key = each.value.encode(), each.key.encode()
            futures.append(await self._producer.send(POSTINGS.name, value, key, headers=headers))
        sent.took_s = time.monotonic() - began
        await asyncio.gather(*futures)
        return sent

    async def _behind(self, openings: Sequence[Posted]) -> Json:
        """What has not come yet of what these bring."""
        expected = self._expected + sum(each.suggestions for each in openings)
        return {"behind_topic": expected - len(self.seen), "behind_inbox": expected - await self._held()}

    async def _drain(self, openings: Sequence[Posted]) -> dict[str, float]:
        """Wait until all is in topic and inbox; the seconds that either took.

        Raises:
            TimeoutError: something never came; what the next round brings could not be told from it.
        """
        self._expected += sum(each.suggestions for each in openings)
        began, drained = time.monotonic(), dict[str, float]()
        while time.monotonic() - began < PATIENCE_S:
            there = {"topic_drained_s": len(self.seen), "inbox_drained_s": await self._held()}
            for name, count in there.items():
                if count >= self._expected:
                    drained.setdefault(name, round(time.monotonic() - began, 1))
            if drained.keys() == there.keys():
                return drained
            await asyncio.sleep(LOOK_S)
        raise TimeoutError(f"of {self._expected} suggestions {len(self.seen)} came out of the topic, {there}")

    async def _held(self) -> int:
        return int(await self._database.fetchval("SELECT count(*) FROM notifications.items WHERE live"))

    async def _rows(self, openings: Sequence[Posted]) -> list[Row]:
        first, last = openings[0].key, openings[-1].key
        return [Row(*row) for row in await self._database.fetch(_ROWS, first, last)]


def _round(openings: Sequence[Posted], rate: float, sent: Sent, seen: Mapping[str, float], rows: Sequence[Row]) -> Json:
    """What was posted, and how long it took."""
    found, brought = waits(sent.at, seen, rows), dict.fromkeys(sent.at, 0)
    for row in rows:
        brought[row.posting] += 1
    return {
        "rate": rate,
        "openings": len(openings),
        "engine_alone": summary(each.alone_s for each in openings),
        "fitting_mean": round(fmean(each.fitting for each in openings), 2),
        "suggestions_mean": round(len(rows) / len(openings), 3),
        "suggestions": len(rows),
        "as_the_engine_alone": all(brought[each.key] == each.suggestions for each in openings),
        "kept": {"achieved": round(len(openings) / sent.took_s, 1), "latest_ms": round(sent.late_s * 1e3, 1)},
        "to_topic": summary(found.to_topic),
        "to_row": summary(found.to_row),
        "to_inbox": summary(found.to_inbox),
        "openings_to_inbox": summary(found.openings.values()),
    }


@asynccontextmanager
async def flow(running: Running) -> AsyncIterator[Flow]:
    """Connect all ends, reading the suggestions from where they end now."""
    bootstrap, postgres = running.stores.kafka.bootstrap, running.stores.postgres
    async with AsyncExitStack() as stack:
        producer = AIOKafkaProducer(**producer_options(bootstrap, client_id=CLIENT))
        consumer = AIOKafkaConsumer(**consumer_options(bootstrap, client_id=CLIENT))
        for client in (producer, consumer):
            await client.start()
            stack.push_async_callback(client.stop)
        database = await asyncpg.connect(postgres.dsn())
        stack.push_async_callback(database.close)
        made = Flow(running, producer, database)
        consumer.assign([TopicPartition(SUGGESTIONS.name, number) for number in range(SUGGESTIONS.partitions)])
        reading = asyncio.create_task(made.read(consumer))
        stack.push_async_callback(_end, reading)
        yield made


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
