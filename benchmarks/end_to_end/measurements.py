"""What is measured on a running stack: rates, a burst, address books, the highest sustained rate and a soak test."""

import asyncio
import json
import os
import random
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx2

from benchmarks.end_to_end.figures import quantiles
from benchmarks.end_to_end.sampling import Sampler
from benchmarks.processor_time import busy_seconds
from cli.demo.load import Account, call, load
from cli.demo.network import Contact, Member, build, connections_csv
from cli.demo.services import Services
from infra.local.supervisor import Stack
from shared.testing.wait import until

Json = dict[str, Any]

STREAMS = 300
"""Clients of the live stream that listen during a round."""

SETTLED_S = 300.0
STILL_S = 3.0
"""Nothing is under way when nothing has changed for so long: longer than the matcher's metrics take to follow."""

BOOKS, ROWS, BOOKS_AT_ONCE = 20, 2000, 4
RATES, RATE_S = (50.0, 75.0, 100.0, 150.0, 200.0, 300.0), 15.0
"""Rates that are tried in turn, each for so many seconds."""

KEPT_OPEN = 1000
"""Openings that stay open during a soak test."""

_RECORD_ARRIVALS = """
CREATE SCHEMA bench;
CREATE TABLE bench.arrivals (posting_id text);
CREATE FUNCTION bench.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$BEGIN INSERT INTO bench.arrivals VALUES (NEW.posting_id); RETURN NULL; END$$;
CREATE TRIGGER bench AFTER INSERT ON notifications.items FOR EACH ROW EXECUTE FUNCTION bench.note();
"""
"""These rows are never updated and so keep the time of their commit; an item is updated when a summary includes it."""

_ARRIVALS = """
SELECT posting_id, EXTRACT(EPOCH FROM pg_xact_commit_timestamp(xmin))::float8 AS at
FROM bench.arrivals WHERE posting_id = ANY($1::text[])
"""


async def record_commit_times(stack: Stack, recording: str = _RECORD_ARRIVALS) -> None:
    """Have PostgreSQL record when each item was committed. It does so after a restart; the services reconnect.

    `recording`: the statements that note what is to be timed in a row of its own.
    """
    admin = await asyncpg.connect(stack.postgres.dsn(database="postgres"))
    await admin.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    await admin.close()
    port = stack.postgres.port
    await stack.postgres.stop()
    await stack.postgres.start(port)
    await asyncio.gather(*(service.until_ready() for service in stack.services))
    database = await asyncpg.connect(stack.postgres.dsn())
    await database.execute(recording)
    await database.close()


class Measurements:
    """Posts openings to a stack, and reads from its database, its live streams and its metrics what became of them."""

    def __init__(self, stack: Stack, to: Services, database: asyncpg.Connection) -> None:
        self._stack, self._to, self._database = stack, to, database
        self._rng = random.Random(11)
        self._templates: list[Json] = []
        self._accounts: list[Account] = []
        self._recruiter: dict[str, str] = {}
        self._posted = 0
        self._open: deque[str] = deque()
        self._keep_open: int | None = None
        base, no_limit = to.notifications.base_url, httpx2.Limits(max_connections=None)
        self._streams = httpx2.AsyncClient(base_url=base, limits=no_limit, timeout=SETTLED_S, trust_env=False)

    async def load_network(self, seekers: int) -> None:
        """Register the members and an organisation that posts openings."""
        network = build(seed=3, members=seekers, openings=500, today=datetime.now(UTC).date())
        self._templates = network.openings
        print(f"{seekers} members", flush=True)
        self._accounts = await load(self._to.profiles, network.members, lambda *_: None)
        made = await call(self._to.postings, "POST", "/internal/v1/organisations", json={"name": "Benchmark"})
        self._recruiter = {"Authorization": f"Bearer {made['api_key']}"}
        await self._until_quiet()

    async def round(self, rate: float, seconds: float) -> Json:
        """Post openings one by one at a rate; milliseconds from before each request to the inbox and a live stream."""
        sent: dict[str, float] = {}
        streamed: dict[str, float] = {}
        with suppress(httpx2.TransportError):
            await self._to.postings.get("/live")  # the server may close a connection that was idle just now
        listeners = await self._listen_all(streamed)
        began, busy_before = time.monotonic(), busy_seconds(self._processes())
        posting = []
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            posting.append(asyncio.create_task(self._post(sent)))
        await asyncio.gather(*posting)
        took = time.monotonic() - began
        busy = self._busy_cores(busy_before, took)
        await self._until_quiet()
        rows = await self._database.fetch(_ARRIVALS, list(sent))
        for listener in listeners:
            listener.cancel()
        await asyncio.gather(*listeners, return_exceptions=True)
        return {
            "rate": rate,
            "posted_a_second": round(len(sent) / took, 1),
            "suggestions": len(rows),
            "suggestions_a_second": round(len(rows) / took, 1),
            "busy_cores": busy,
            "inbox_ms": quantiles([row["at"] - sent[row["posting_id"]] for row in rows]),
            "stream_ms": quantiles([at - sent[posting] for posting, at in streamed.items() if posting in sent]),
        }

    async def burst(self, count: int) -> Json:
        """Post openings in one request; how long until every suggestion they cause is in an inbox."""
        openings = [self._opening() for _ in range(count)]
        read = await self._records_read("postings.v1") + count
        began = time.time()
        report = await call(self._to.postings, "POST", "/v1/postings/bulk", json=openings, headers=self._recruiter)
        await self._until_quiet(read)
        ids = [row["posting_id"] for row in report["results"] if row.get("posting_id")]
        rows = await self._database.fetch(_ARRIVALS, ids)
        took = max(row["at"] for row in rows) - began
        return {
            "openings": count,
            "suggestions": len(rows),
            "seconds": round(took, 2),
            "suggestions_a_second": round(len(rows) / took, 1),
        }

    async def contacts(self) -> Json:
        """Import address books over HTTP, a few at a time, until the matcher has read the last tie."""
        people = [_member_with_book(number) for number in range(BOOKS)]
        before, began = await self._records_read("ties.v1"), time.monotonic()
        at_once = asyncio.Semaphore(BOOKS_AT_ONCE)

        async def import_book(person: Member) -> None:
            async with at_once:
                account = await call(self._to.profiles, "POST", "/internal/v1/members", json=_registration(person))
                headers = {"Authorization": f"Bearer {account['token']}", "Content-Type": "text/csv; charset=utf-8"}
                path, book = "/v1/contacts/import?source=linkedin", connections_csv(person).encode()
                await call(self._to.profiles, "POST", path, content=book, headers=headers)

        busy_before = busy_seconds(self._processes())
        await asyncio.gather(*map(import_book, people))
        answered = time.monotonic() - began
        await until(lambda: self._has_read(before + BOOKS * ROWS), timeout=SETTLED_S, every=0.1)
        took = time.monotonic() - began
        return {
            "rows": BOOKS * ROWS,
            "answered_a_second": round(BOOKS * ROWS / answered),
            "in_the_graph_a_second": round(BOOKS * ROWS / took),
            "busy_cores": self._busy_cores(busy_before, took),
        }

    async def sustained(self) -> Json:
        """The highest rate at which all are posted on time, and 99 of 100 suggestions arrive within a second."""
        held, tried = 0.0, []
        for rate in RATES:
            found = await self.round(rate, RATE_S)
            tried.append(found)
            if found["posted_a_second"] < 0.95 * rate or found["inbox_ms"]["p99"] > 1000:  # noqa: PLR2004 - as it says
                break
            held = rate
        return {"rate": held, "tried": tried}

    async def soak(self, rate: float, seconds: float) -> Json:
        """A rate for a long time: memory of each service, backlogs, and whether everything arrived.

        Each new opening closes an older one, so that the amount of state stays the same.
        """
        self._keep_open = KEPT_OPEN
        async with Sampler.sampling(self._stack, self._to) as sampler:
            found = await self.round(rate, seconds)
        self._keep_open = None
        stats = await call(self._to.notifications, "GET", "/internal/v1/stats")
        live = await self._live_in_the_matcher()
        return found | {"samples": sampler.samples, "in_inboxes": stats["suggestions"], "in_the_matcher": live}

    def _busy_cores(self, before: Mapping[str, float], seconds: float) -> dict[str, float]:
        now = busy_seconds(self._processes())
        return {name: round((at - before[name]) / seconds, 2) for name, at in now.items()}

    def _processes(self) -> dict[str, int]:
        processes = self._stack.pids | {"this benchmark": os.getpid()}
        return {name: pid for name, pid in processes.items() if pid is not None}

    async def _post(self, sent: dict[str, float]) -> None:
        began = time.time()
        made = await call(self._to.postings, "POST", "/v1/postings", json=self._opening(), headers=self._recruiter)
        sent[made["posting_id"]] = began
        if self._keep_open is not None:
            self._open.append(made["posting_id"])
            if len(self._open) > self._keep_open:
                path = f"/v1/postings/{self._open.popleft()}"
                await call(self._to.postings, "DELETE", path, headers=self._recruiter)

    def _opening(self) -> Json:
        self._posted += 1
        template = self._rng.choice(self._templates)
        return template | {"external_id": f"bench-{self._posted}", "workplace": "onsite"}

    async def _listen_all(self, streamed: dict[str, float]) -> list[asyncio.Task[None]]:
        """Open the streams before the round: opening so many at once is work that no opening should wait for."""
        connected = [asyncio.Event() for _ in self._accounts[:STREAMS]]
        pairs = zip(self._accounts, connected, strict=False)
        listeners = [asyncio.create_task(self._listen(account, ready, streamed)) for account, ready in pairs]
        async with asyncio.timeout(SETTLED_S):
            await asyncio.gather(*(each.wait() for each in connected))
        return listeners

    async def _listen(self, account: Account, ready: asyncio.Event, streamed: dict[str, float]) -> None:
        async with self._streams.stream("GET", "/v1/inbox/stream", headers=account.auth) as answer:
            ready.set()
            async for line in answer.aiter_lines():
                if line.startswith("data:") and '"posting_id"' in line:
                    streamed.setdefault(_posting_id(json.loads(line[5:])), time.time())

    async def _until_quiet(self, postings_read: int = 0) -> None:
        """Wait until so many postings are read, outboxes are empty, and the number of items has stopped changing."""
        before, since = -1, time.monotonic()

        async def quiet() -> bool:
            nonlocal before, since
            waiting = sum(
                [
                    await self._database.fetchval("SELECT count(*) FROM postings.outbox WHERE not_before IS NULL"),
                    await self._database.fetchval("SELECT count(*) FROM profiles.outbox WHERE not_before IS NULL"),
                ]
            )
            items = await self._database.fetchval("SELECT count(*) FROM notifications.items WHERE live")
            read = await self._records_read("postings.v1")
            if items != before or waiting or read < postings_read:
                before, since = items, time.monotonic()
            return time.monotonic() > since + STILL_S and await self._live_in_the_matcher() == items

        await until(quiet, timeout=SETTLED_S, every=0.5)

    async def _live_in_the_matcher(self) -> int:
        return int(await self._metric("matching", 'warmpath_suggestions{state="open"}'))

    async def _records_read(self, topic: str) -> int:
        return int(await self._metric("matching", f'warmpath_matcher_records_total{{topic="{topic}"}}'))

    async def _has_read(self, count: int) -> bool:
        return await self._records_read("ties.v1") >= count

    async def _metric(self, service: str, name: str) -> float:
        answer = await getattr(self._to, service).get("/metrics")
        found = (line for line in answer.text.splitlines() if line.startswith(name))
        return sum(float(line.rsplit(" ", 1)[1]) for line in found)


def _member_with_book(number: int) -> Member:
    """A member with a long address book of people whom nobody else knows."""
    today = datetime.now(UTC).date()
    person = build(seed=1000 + number, members=7, openings=1, today=today).members[-1]
    url = "https://www.linkedin.com/in/bench-{}-{}"
    contact = person.book[0] if person.book else Contact("A", "B", "", "Initech", "Engineer", today)
    person.book[:] = [
        Contact(f"A{row}", f"B{number}", url.format(number, row), contact.company, "Engineer", contact.connected_on)
        for row in range(ROWS)
    ]
    return person


def _registration(member: Member) -> Json:
    return {"name": member.name, "email": f"bench-{id(member)}@people.example", "skills": member.skills}


def _posting_id(data: Json) -> str:
    found = (
        data.get("posting_id") or data.get("item", {}).get("posting_id") or data.get("posting", {}).get("posting_id")
    )
    return str(found)
