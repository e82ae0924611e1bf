"""From asking for an introduction (before the HTTP request) to the introducer's inbox, at a low and at a high rate.

Everything runs as `warmpath up` runs it, on one machine with this process. The inbox is timed by PostgreSQL's own
commit times of the rows that show an item. Members of the example network ask about suggestions of theirs; introducers
allow as many asks a month as can be allowed, since what is measured is the way and not the limits.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.end_to_end.figures import quantiles
from benchmarks.end_to_end.measurements import record_commit_times
from benchmarks.graphs.generated import CACHE
from benchmarks.machine import facts
from benchmarks.processor_time import busy_seconds
from cli.demo.load import Account, call, load
from cli.demo.network import build
from cli.demo.services import Services, connected
from infra.local.process import LocalError
from infra.local.supervisor import Stack
from services.introductions.limits import MOST_ASKS, MOST_LIVE
from shared.testing.wait import until

Json = dict[str, Any]
RESULTS = Path("benchmarks/results")
MEMBERS, OPENINGS = 1000, 600
SLOW, FAST = 5.0, 200.0
"""Asks a second."""

SECONDS = 20.0
ARRIVES_S = 600.0

_RECORD_ARRIVALS = """
CREATE SCHEMA bench;
CREATE TABLE bench.arrivals (introduction_id text PRIMARY KEY);
CREATE FUNCTION bench.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$BEGIN INSERT INTO bench.arrivals VALUES (NEW.posting_id) ON CONFLICT DO NOTHING; RETURN NULL; END$$;
CREATE TRIGGER bench AFTER INSERT OR UPDATE ON notifications.items FOR EACH ROW
    WHEN (NEW.live AND NEW.kind = 'introduction_asked') EXECUTE FUNCTION bench.note();
"""
_ARRIVALS = """
SELECT introduction_id, EXTRACT(EPOCH FROM pg_xact_commit_timestamp(xmin))::float8 AS at FROM bench.arrivals
WHERE introduction_id = ANY($1::text[])
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks whom about which suggestion."""

    seeker: Account
    suggestion_id: str
    introducer_id: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, and write `introductions.json`."""
    parser = argparse.ArgumentParser(prog="make bench-introductions", description=__doc__)
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--openings", type=int, default=OPENINGS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long the low rate is kept up")
    chosen = parser.parse_args(arguments)
    try:
        made = asyncio.run(_run(chosen.members, chosen.openings, chosen.seconds))
    except LocalError as problem:
        print(problem, file=sys.stderr)
        return 1
    folder = RESULTS if vars(chosen) == vars(parser.parse_args([])) else CACHE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "introductions.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(made, indent=1))
    return 0


async def _run(members: int, openings: int, seconds: float) -> Json:
    async with Stack.start(CACHE / "introductions", fresh=True) as stack, connected(stack) as to:
        await record_commit_times(stack, _RECORD_ARRIVALS)
        database = await asyncpg.connect(stack.postgres.dsn())
        asks = _within_limits(await _suggested(to, members, openings))
        print(f"{len(asks)} asks are possible", flush=True)
        slow = int(SLOW * seconds)
        run = _Run(stack, to, database)
        await run.ask(asks[:20], SLOW)  # warms up; not counted
        made: Json = {"made": datetime.now(UTC).date().isoformat(), "machine": facts(), "members": members}
        made["slow"] = await run.ask(asks[20 : 20 + slow], SLOW)
        made["fast"] = await run.ask(asks[20 + slow :], FAST)
        await database.close()
    return made


async def _suggested(to: Services, members: int, openings: int) -> list[Ask]:
    """Load the example network with openings, and read everybody's suggestions: each way by an introducer is an ask."""
    network = build(seed=3, members=members, openings=openings, today=datetime.now(UTC).date())
    accounts = await load(to.profiles, network.members, lambda *_: None)
    organisation = await call(to.postings, "POST", "/internal/v1/organisations", json={"name": "Benchmark"})
    recruiter = {"Authorization": f"Bearer {organisation['api_key']}"}
    vouched = f"/internal/v1/organisations/{organisation['organisation_id']}/vouched"
    await call(to.postings, "PUT", vouched, json={"vouched": True})
    posted = [
        each | {"external_id": f"bench-{number}", "workplace": "onsite"} for number, each in enumerate(network.openings)
    ]
    await call(to.postings, "POST", "/v1/postings/bulk", json=posted, headers=recruiter)
    await _until_still(to)
    most = {"asks_a_month": MOST_ASKS, "asked_from": "any"}
    for account in accounts:
        await call(to.introductions, "PUT", "/v1/limits", json=most, headers=account.auth)
    return [ask for account in accounts for ask in await _of(to, account)]


async def _of(to: Services, account: Account) -> list[Ask]:
    query = {"kind": "suggestion", "limit": "100"}
    page = await call(to.notifications, "GET", "/v1/inbox", params=query, headers=account.auth)
    return [
        Ask(account, item["id"], path["introducer_id"])
        for item in page["items"]
        for path in item["paths"]
        if path["ask"] == "app"
    ]


async def _until_still(to: Services) -> None:
    """Wait until the number of suggestions in inboxes has not changed for five seconds."""
    before, since = -1, time.monotonic()

    async def still() -> bool:
        nonlocal before, since
        stats = await call(to.notifications, "GET", "/internal/v1/stats")
        if stats["suggestions"] != before:
            before, since = stats["suggestions"], time.monotonic()
        return before > 0 and time.monotonic() > since + 5

    await until(still, timeout=ARRIVES_S, every=0.5, what="suggestions stop coming")


def _within_limits(asks: list[Ask]) -> list[Ask]:
    """In random order those that the rules let through at once."""
    return list(_taken(random.Random(5).sample(asks, len(asks))))


def _taken(asks: list[Ask]) -> Iterator[Ask]:
    of_seeker: Counter[str] = Counter()
    of_introducer: Counter[str] = Counter()
    pairs, about = set(), set()
    for ask in asks:
        pair, subject = (ask.seeker.id, ask.introducer_id), (ask.seeker.id, ask.suggestion_id)
        if pair in pairs or subject in about:
            continue
        if of_seeker[ask.seeker.id] < MOST_LIVE and of_introducer[ask.introducer_id] < MOST_ASKS:
            of_seeker[ask.seeker.id] += 1
            of_introducer[ask.introducer_id] += 1
            pairs.add(pair)
            about.add(subject)
            yield ask


class _Run:
    """Asks at a rate, and reads when each arrived."""

    def __init__(self, stack: Stack, to: Services, database: asyncpg.Connection) -> None:
        self._stack, self._to, self._database = stack, to, database

    async def ask(self, asks: list[Ask], rate: float) -> Json:
        """Milliseconds from before each request until it was answered, and until the introducer had it."""
        sent: dict[str, float] = {}
        answered: list[float] = []
        refused: Counter[int] = Counter()
        processes = {name: pid for name, pid in self._stack.pids.items() if pid is not None}
        busy_before, began = busy_seconds(processes), time.monotonic()

        async def one(ask: Ask) -> None:
            form = {"suggestion_id": ask.suggestion_id, "introducer_ids": [ask.introducer_id], "known_as_looking": True}
            before = time.time()
            answer = await self._to.introductions.post("/v1/introductions", json=form, headers=ask.seeker.auth)
            if answer.is_success:
                answered.append(time.time() - before)
                sent[answer.json()["id"]] = before
            else:
                refused[answer.status_code] += 1

        tasks = []
        for number, ask in enumerate(asks):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            tasks.append(asyncio.create_task(one(ask)))
        await asyncio.gather(*tasks)
        took = time.monotonic() - began
        arrived = await self._arrivals(sent)
        last = max(arrived.values(), default=0.0) - min(sent.values(), default=0.0)
        busy = busy_seconds(processes)
        return {
            "rate": rate,
            "asked": len(asks),
            "refused": dict(refused),
            "accepted_a_second": round(len(sent) / took, 1),
            "in_inboxes": len(arrived),
            "in_inboxes_a_second": round(len(arrived) / last, 1) if last else 0,
            "answered_ms": quantiles(answered),
            "inbox_ms": quantiles([at - sent[each] for each, at in arrived.items()]),
            "processor_ms_an_ask": {
                name: round(1e3 * (busy[name] - busy_before[name]) / max(1, len(sent)), 1) for name in busy
            },
        }

    async def _arrivals(self, sent: dict[str, float]) -> dict[str, float]:
        """When each was shown, once nothing more has come for ten seconds: what waits for room or a morning is not."""
        count, since = -1, time.monotonic()

        async def still() -> bool:
            nonlocal count, since
            found = await self._database.fetchval("SELECT count(*) FROM bench.arrivals")
            if found != count:
                count, since = found, time.monotonic()
            return time.monotonic() > since + 10

        await until(still, timeout=ARRIVES_S, every=0.5, what="asks stop arriving")
        return {row["introduction_id"]: row["at"] for row in await self._database.fetch(_ARRIVALS, list(sent))}


if __name__ == "__main__":
    sys.exit(main())
