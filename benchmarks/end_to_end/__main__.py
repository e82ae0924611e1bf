"""Posted (HTTP 2xx) → in the inbox and on the live stream, how much fits through, and whether it lasts.

Everything runs as `warmpath up` runs it, on one machine with this process: PostgreSQL, Apache Kafka, the four services.
The inbox is timed by PostgreSQL's own commit times, the stream by when a client of it has the event, both from just
before the request that posts the opening; the echo is two bare FastStream hops in the same run.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from benchmarks.end_to_end.echo import echo
from benchmarks.end_to_end.figures import lines, quantiles, soak_plot
from benchmarks.end_to_end.sampling import Watch
from benchmarks.end_to_end.spans import where, where_plot
from benchmarks.graphs.generated import CACHE
from benchmarks.machine import facts
from benchmarks.processor_time import busy_seconds
from cli.demo.load import Account, call, load
from cli.demo.network import Contact, Member, build, connections_csv
from cli.demo.services import Services, connected
from infra.local.process import LocalError
from infra.local.supervisor import Stack
from shared.testing.collector import collecting
from shared.testing.wait import until

Json = dict[str, Any]
RESULTS = Path("benchmarks/results")
SEEKERS = 1000
RATE, SECONDS = 50.0, 20.0
LIGHT = 10.0
"""A rate at which nothing waits for its turn."""

STREAMS = 300
SETTLED_S = 300.0
STILL_S = 3.0
BOOKS, ROWS, BOOKS_AT_ONCE = 20, 2000, 4
BURST = 1000
MOST_RATES, MOST_S = (50.0, 75.0, 100.0, 150.0, 200.0, 300.0), 15.0
KEPT_OPEN = 1000
_NOTE = """
CREATE SCHEMA bench;
CREATE TABLE bench.arrivals (posting_id text);
CREATE FUNCTION bench.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$BEGIN INSERT INTO bench.arrivals VALUES (NEW.posting_id); RETURN NULL; END$$;
CREATE TRIGGER bench AFTER INSERT ON notifications.items FOR EACH ROW EXECUTE FUNCTION bench.note();
"""
"""A row that nobody changes later keeps the time of its commit; an item is changed when a summary tells it."""

_ROWS = """
SELECT posting_id, EXTRACT(EPOCH FROM pg_xact_commit_timestamp(xmin))::float8 AS at
FROM bench.arrivals WHERE posting_id = ANY($1::text[])
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print as it goes, and write `end_to_end.json` and `end_to_end.md`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.end_to_end", description=__doc__)
    parser.add_argument("--seekers", type=int, default=SEEKERS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long the rate of 50/s is kept up")
    parser.add_argument("--soak", type=float, default=600.0, help="seconds of the endurance run; 0 leaves it out")
    chosen = parser.parse_args(arguments)
    try:
        made = asyncio.run(_run(chosen.seekers, chosen.seconds, chosen.soak))
    except LocalError as problem:
        print(problem, file=sys.stderr)
        return 1
    folder = RESULTS if vars(chosen) == vars(parser.parse_args([])) else CACHE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "end_to_end.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    (folder / "end_to_end.md").write_text("\n".join(lines(made)) + "\n", encoding="utf-8")
    if "soak" in made:
        soak_plot(made["soak"], folder / "soak.png")
    where_plot(made["where_ms"], folder / "time_by_part.png")
    print("\n".join(lines(made)))
    return 0


async def _run(seekers: int, seconds: float, soak: float) -> Json:
    async with Stack.start(CACHE / "end_to_end", fresh=True) as stack, connected(stack) as to:
        await _note_commits(stack)
        database = await asyncpg.connect(stack.postgres.dsn())
        bench = Bench(stack, to, database)
        await bench.settle_in(seekers)
        made: Json = {"made": datetime.now(UTC).date().isoformat(), "machine": facts(), "seekers": seekers}
        await bench.round(RATE, 3.0)  # not counted
        made["told"] = _tell(f"{RATE:g} openings/s", await bench.round(RATE, seconds))
        made["light"] = _tell(f"{LIGHT:g} openings/s", await bench.round(LIGHT, seconds))
        took = await echo(stack.bootstrap, RATE, seconds)
        made["echo_ms"] = _tell("echo", quantiles(took))
        made["burst"] = _tell("burst", await bench.burst(BURST))
        made["contacts"] = _tell("contacts", await bench.contacts())
        if soak:
            made["most"] = _tell("most that is kept up", await bench.most())
            print(f"{soak:g} seconds at {made['most']['rate'] / 2:g} openings/s", flush=True)
            made["soak"] = await bench.soak(made["most"]["rate"] / 2, soak)
        await database.close()
    print("both rates once more, traced", flush=True)
    made["where_ms"] = await _where(seekers, seconds)
    return made


def _tell(what: str, found: Json) -> Json:
    """Say it now: the table comes only at the end."""
    print(f"{what}: {json.dumps(found)}", flush=True)
    return found


async def _where(seekers: int, seconds: float) -> dict[str, Json]:
    """Both rates once more, traced: what the traces cost is not in the other figures."""
    with collecting() as collector:
        traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        async with Stack.start(CACHE / "end_to_end", fresh=True, settings=traced) as stack, connected(stack) as to:
            await _note_commits(stack)
            database = await asyncpg.connect(stack.postgres.dsn())
            bench = Bench(stack, to, database)
            await bench.settle_in(seekers)
            await bench.round(RATE, 3.0)  # not counted
            begun = [time.time_ns()]
            for rate in (LIGHT, RATE):
                await bench.round(rate, seconds)
                begun.append(time.time_ns())
            await database.close()
        light, full = (where(collector.spans, *pair) for pair in pairwise(begun))
        return {f"{LIGHT:g} openings/s": light, f"{RATE:g} openings/s": full}


async def _note_commits(stack: Stack) -> None:
    """That commits are to be noted holds from the database's next start; the services find it again."""
    admin = await asyncpg.connect(stack.postgres.dsn(database="postgres"))
    await admin.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    await admin.close()
    port = stack.postgres.port
    await stack.postgres.stop()
    await stack.postgres.start(port)
    await asyncio.gather(*(service.until_ready() for service in stack.services))
    database = await asyncpg.connect(stack.postgres.dsn())
    await database.execute(_NOTE)
    await database.close()


class Bench:
    """The benchmark's hands on a running stack."""

    def __init__(self, stack: Stack, to: Services, database: asyncpg.Connection) -> None:
        self._stack, self._to, self._database = stack, to, database
        self._rng = random.Random(11)
        self._drawn: list[Json] = []
        self._accounts: list[Account] = []
        self._recruiter: dict[str, str] = {}
        self._posted = 0
        self._open: deque[str] = deque()
        self._keep_open: int | None = None
        base, no_limit = to.notifications.base_url, httpx2.Limits(max_connections=None)
        self._streams = httpx2.AsyncClient(base_url=base, limits=no_limit, timeout=SETTLED_S, trust_env=False)

    async def settle_in(self, seekers: int) -> None:
        """The people, and a recruiter."""
        network = build(seed=3, members=seekers, openings=500, today=datetime.now(UTC).date())
        self._drawn = network.openings
        print(f"{seekers} members", flush=True)
        self._accounts = await load(self._to.profiles, network.members, lambda *_: None)
        made = await call(self._to.postings, "POST", "/internal/v1/organisations", json={"name": "Benchmark"})
        self._recruiter = {"Authorization": f"Bearer {made['api_key']}"}
        await self._quiet()

    async def round(self, rate: float, seconds: float) -> Json:
        """Openings one by one at a rate; milliseconds from before each request to the inbox, and to a live stream."""
        sent: dict[str, float] = {}
        heard: dict[str, float] = {}
        with suppress(httpx2.TransportError):
            await self._to.postings.get("/live")  # a connection that was idle may be closing at this very moment
        ears = await self._listeners(heard)
        began, worked = time.monotonic(), busy_seconds(self._parts())
        waiting = []
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            waiting.append(asyncio.create_task(self._post(sent)))
        await asyncio.gather(*waiting)
        took = time.monotonic() - began
        busy = self._busy(worked, took)
        await self._quiet()
        rows = await self._database.fetch(_ROWS, list(sent))
        for ear in ears:
            ear.cancel()
        await asyncio.gather(*ears, return_exceptions=True)
        return {
            "rate": rate,
            "posted_a_second": round(len(sent) / took, 1),
            "suggestions": len(rows),
            "suggestions_a_second": round(len(rows) / took, 1),
            "busy_cores": busy,
            "inbox_ms": quantiles([row["at"] - sent[row["posting_id"]] for row in rows]),
            "stream_ms": quantiles([at - sent[posting] for posting, at in heard.items() if posting in sent]),
        }

    async def burst(self, count: int) -> Json:
        """Openings in one request, and how long until all that they bring stands in the inboxes."""
        openings = [self._opening() for _ in range(count)]
        read = await self._records_read("postings.v1") + count
        began = time.time()
        report = await call(self._to.postings, "POST", "/v1/postings/bulk", json=openings, headers=self._recruiter)
        await self._quiet(read)
        ids = [row["posting_id"] for row in report["results"] if row.get("posting_id")]
        rows = await self._database.fetch(_ROWS, ids)
        took = max(row["at"] for row in rows) - began
        return {
            "openings": count,
            "suggestions": len(rows),
            "seconds": round(took, 2),
            "suggestions_a_second": round(len(rows) / took, 1),
        }

    async def contacts(self) -> Json:
        """Address books by HTTP, a few at a time, until the matcher has the last tie."""
        people = [self._stranger(number) for number in range(BOOKS)]
        before, began = await self._records_read("ties.v1"), time.monotonic()
        at_once = asyncio.Semaphore(BOOKS_AT_ONCE)

        async def bring(person: Member) -> None:
            async with at_once:
                account = await call(self._to.profiles, "POST", "/internal/v1/members", json=_plain(person))
                headers = {"Authorization": f"Bearer {account['token']}", "Content-Type": "text/csv; charset=utf-8"}
                path, book = "/v1/contacts/import?source=linkedin", connections_csv(person).encode()
                await call(self._to.profiles, "POST", path, content=book, headers=headers)

        worked = busy_seconds(self._parts())
        await asyncio.gather(*map(bring, people))
        answered = time.monotonic() - began
        await until(lambda: self._has_read(before + BOOKS * ROWS), timeout=SETTLED_S, every=0.1)
        took = time.monotonic() - began
        return {
            "rows": BOOKS * ROWS,
            "answered_a_second": round(BOOKS * ROWS / answered),
            "in_the_graph_a_second": round(BOOKS * ROWS / took),
            "busy_cores": self._busy(worked, took),
        }

    async def most(self) -> Json:
        """The highest of some rates that is kept up: all are posted in time, and 99 of 100 told within a second."""
        held, tried = 0.0, []
        for rate in MOST_RATES:
            found = await self.round(rate, MOST_S)
            tried.append(found)
            if found["posted_a_second"] < 0.95 * rate or found["inbox_ms"]["p99"] > 1000:  # noqa: PLR2004 - as it says
                break
            held = rate
        return {"rate": held, "tried": tried}

    async def soak(self, rate: float, seconds: float) -> Json:
        """A rate for a long time: memory of each service, what waits, and whether all arrived.

        Each new opening closes an older one, so that what there is to hold stays the same.
        """
        self._keep_open = KEPT_OPEN
        async with Watch.over(self._stack, self._to) as watch:
            found = await self.round(rate, seconds)
        self._keep_open = None
        told = await call(self._to.notifications, "GET", "/internal/v1/stats")
        wanted = await self._live_in_the_matcher()
        return found | {"samples": watch.samples, "in_inboxes": told["suggestions"], "in_the_matcher": wanted}

    def _busy(self, before: Mapping[str, float], seconds: float) -> dict[str, float]:
        now = busy_seconds(self._parts())
        return {name: round((at - before[name]) / seconds, 2) for name, at in now.items()}

    def _parts(self) -> dict[str, int]:
        parts = self._stack.pids | {"this benchmark": os.getpid()}
        return {name: pid for name, pid in parts.items() if pid is not None}

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
        drawn = self._rng.choice(self._drawn)
        return drawn | {"external_id": f"bench-{self._posted}", "workplace": "onsite"}

    async def _listeners(self, heard: dict[str, float]) -> list[asyncio.Task[None]]:
        """Streams that are open already: to open so many at once is work for which no opening should wait."""
        listening = [asyncio.Event() for _ in self._accounts[:STREAMS]]
        pairs = zip(self._accounts, listening, strict=False)
        ears = [asyncio.create_task(self._listen(account, open_, heard)) for account, open_ in pairs]
        async with asyncio.timeout(SETTLED_S):
            await asyncio.gather(*(each.wait() for each in listening))
        return ears

    async def _listen(self, account: Account, listening: asyncio.Event, heard: dict[str, float]) -> None:
        async with self._streams.stream("GET", "/v1/inbox/stream", headers=account.auth) as answer:
            listening.set()
            async for line in answer.aiter_lines():
                if line.startswith("data:") and '"posting_id"' in line:
                    data = json.loads(line[5:])
                    heard.setdefault(_posting_in(data), time.time())

    async def _quiet(self, postings_read: int = 0) -> None:
        """Until nothing is under way: so many postings read, outboxes empty, for a while the same number of items.

        The while is longer than the matcher's metrics take to follow.
        """
        before, since = -1, time.monotonic()

        async def still() -> bool:
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

        await until(still, timeout=SETTLED_S, every=0.5)

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

    def _stranger(self, number: int) -> Member:
        """Somebody with a long address book of people whom nobody else knows."""
        person = build(seed=1000 + number, members=7, openings=1, today=datetime.now(UTC).date()).members[-1]
        url = "https://www.linkedin.com/in/bench-{}-{}"
        contact = (
            person.book[0] if person.book else Contact("A", "B", "", "Initech", "Engineer", datetime.now(UTC).date())
        )
        person.book[:] = [
            Contact(f"A{row}", f"B{number}", url.format(number, row), contact.company, "Engineer", contact.connected_on)
            for row in range(ROWS)
        ]
        return person


def _plain(member: Member) -> Json:
    return {"name": member.name, "email": f"bench-{id(member)}@people.example", "skills": member.skills}


def _posting_in(data: Json) -> str:
    found = (
        data.get("posting_id") or data.get("item", {}).get("posting_id") or data.get("posting", {}).get("posting_id")
    )
    return str(found)


if __name__ == "__main__":
    sys.exit(main())
