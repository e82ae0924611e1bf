"""The whole system under load while its parts are killed: its processes, the load, and what must be true afterwards."""

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from cli.demo.load import Account, load
from cli.demo.network import Network, build
from infra.local.ports import free_port
from infra.local.postgres import Postgres
from infra.local.process import spawn, wait_exit
from infra.local.service import ServiceProcess
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import STATE_TOPICS
from shared.services import ServiceName
from shared.testing.broker import Broker, start_broker
from shared.testing.database import Database, create, start_postgres
from shared.testing.processes import environments
from shared.testing.reading import latest
from shared.testing.wait import until
from tests.fault.points import VARIABLE
from tests.integration.cluster import Inboxes, _seen, expected, operator, ready
from tests.integration.histories import Event
from tests.tiers import is_long

SERVICES = ("postings", "profiles", "matching", "introductions", "notifications")
MEMBERS, OPENINGS, WORKERS = 70 if is_long() else 40, 400, 6
PACE_S = 0.1 if is_long() else 0.25
"""Between two requests of a worker."""

WILLING = 0.8
ENOUGH, AT_LEAST = 10, 80
"""Suggestions, and openings, without which nothing would be shown."""

SETTLED_S = 120.0


class Mortal(ServiceProcess):
    """A service that can be started so that it dies at a named place."""

    def another(self) -> "Mortal":
        """A second process of it, at an address of its own and otherwise the same."""
        log = self.log.with_stem(f"{self.log.stem}-beside")
        return Mortal(self.name, free_port(), self._env, log=log, label=f"the second {self.name}")

    def launch_doomed(self, fault: str) -> None:
        """Start it; where it dies or stops is in `fault`, see `points`. That may be before it is ready."""
        env = {**self._env, VARIABLE: fault}
        self._process = spawn([sys.executable, "-m", "tests.fault.dying", self.name], log=self.log, env=env)

    async def until_dead(self) -> None:
        """Wait until it has died where it was meant to."""
        assert self._process is not None
        await wait_exit(self._process, 60)
        assert self.exit_code == -9, f"{self.label} ended by itself: {self.exit_report()}"


@dataclass
class Storm:
    """The running system, and what it answered 2xx to."""

    broker: Broker
    postgres: Postgres
    database: Database
    services: dict[str, Mortal]
    clients: dict[str, httpx2.AsyncClient]
    rng: random.Random
    network: Network
    accounts: list[Account] = field(default_factory=list)
    recruiter: dict[str, str] = field(default_factory=dict)
    organisation: str = ""
    """Whose openings they are: the recruiter's."""
    openings: dict[str, int] = field(default_factory=dict)
    """Version of each opening that was accepted last, by id."""
    introduces: dict[str, bool] = field(default_factory=dict)
    ratings: dict[tuple[str, str], int] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    slow: list[float] = field(default_factory=list)
    """Seconds that each accepted request took, retries included."""

    async def settle_in(self) -> None:
        """Members, address books and ratings, before anything is killed. Whoever lists each other finds each other."""
        for member in self.network.members:
            member.discreet = False
        self.accounts = await load(self.clients["profiles"], self.network.members, lambda *_: None)
        made = await self.clients["postings"].post("/internal/v1/organisations", json={"name": "Storm"})
        self.recruiter = {"Authorization": f"Bearer {made.json()['api_key']}"}
        self.organisation = made.json()["organisation_id"]
        by_url = {account.member.url: account.id for account in self.accounts}
        for account in self.accounts:
            self.introduces[account.id] = account.member.introduces
            rated = account.member.closeness.items()
            self.ratings |= {(account.id, by_url[url]): value for url, value in rated if url in by_url}

    @asynccontextmanager
    async def load(self) -> AsyncIterator[None]:
        """People and recruiters go on meanwhile; at the end every request has its answer.

        It begins once suggestions arrive: until then no place is passed that they pass, and a matcher that has its
        kernels to compile first says nothing for a minute.
        """
        ended = asyncio.Event()

        async def work(worker: int) -> None:
            number = 0
            while not ended.is_set():
                number += 1
                await self._act(f"{worker}-{number}")
                await asyncio.sleep(PACE_S)

        working = [asyncio.create_task(work(worker)) for worker in range(WORKERS)]
        try:
            await until(self._suggestions_arrive, timeout=SETTLED_S, what="the first suggestions arrive")
            yield
            await until(lambda: len(self.openings) >= AT_LEAST, timeout=60)
        finally:
            ended.set()
            await asyncio.gather(*working)

    async def _suggestions_arrive(self) -> bool:
        connection = await asyncpg.connect(self.database.admin_dsn)
        try:
            return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM notifications.items)"))
        finally:
            await connection.close()

    async def _act(self, name: str) -> None:
        act = self.rng.choices((self._post, self._change, self._close, self._consent, self._rate), (4, 2, 1, 2, 2))[0]
        began = asyncio.get_running_loop().time()
        await act(name)
        self.slow.append(asyncio.get_running_loop().time() - began)

    async def _post(self, name: str) -> None:
        if len(self.openings) >= OPENINGS:
            return
        opening = self._drawn() | {"external_id": name}
        headers = self.recruiter | {"Idempotency-Key": name}
        made = await self.persist("postings", "POST", "/v1/postings", json=opening, headers=headers)
        self.openings[made["posting_id"]] = made["version"]

    async def _change(self, name: str) -> None:
        async with self._one_of(self.openings) as posting:
            if posting is not None:
                headers, path = self.recruiter, f"/v1/postings/{posting}"
                opening = self._drawn() | {"external_id": name}
                made = await self.persist("postings", "PUT", path, json=opening, headers=headers)
                self.openings[posting] = made["version"]

    async def _close(self, _name: str) -> None:
        async with self._one_of(self.openings) as posting:
            if posting is not None:
                path = f"/v1/postings/{posting}/close"
                made = await self.persist("postings", "POST", path, headers=self.recruiter)
                self.openings[posting] = made["version"]

    async def _consent(self, _name: str) -> None:
        async with self._one_of(self.introduces) as member:
            if member is not None:
                wanted = self.rng.random() < WILLING
                account = next(each for each in self.accounts if each.id == member)
                await self.persist("profiles", "PATCH", "/v1/me", json={"introduces": wanted}, headers=account.auth)
                self.introduces[member] = wanted

    async def _rate(self, _name: str) -> None:
        async with self._one_of({f"{a}:{b}": (a, b) for a, b in self.ratings}) as tie:
            if tie is not None:
                a, b = tie.split(":")
                value = self.rng.randint(1, 5)
                account = next(each for each in self.accounts if each.id == a)
                path, body = f"/v1/contacts/{b}/closeness", {"value": value}
                await self.persist("profiles", "PUT", path, json=body, headers=account.auth)
                self.ratings[a, b] = value

    def _drawn(self) -> dict[str, Any]:
        """An opening that many fit: what is lost on the way shows only where something was to be told."""
        found = dict(self.rng.choice(self.network.openings))
        del found["seniority"]
        return found | {"workplace": "remote", "skills": []}

    @asynccontextmanager
    async def _one_of(self, held: dict[str, Any]) -> AsyncIterator[str | None]:
        """One that nobody else is about to change, so that the last answer is the last word."""
        free = sorted(held.keys() - self.busy)
        chosen = self.rng.choice(free) if free else None
        self.busy |= {chosen} if chosen else set()
        try:
            yield chosen
        finally:
            self.busy -= {chosen} if chosen else set()

    async def persist(self, service: str, method: str, path: str, **options: Any) -> Any:
        """Send until there is an answer other than "later", as clients do; anything but success is a failure."""

        async def answered() -> httpx2.Response | None:
            try:
                answer = await self.clients[service].request(method, path, **options)
            except httpx2.TransportError:
                return None
            return None if answer.status_code == httpx2.codes.SERVICE_UNAVAILABLE else answer

        answer = await until(answered, timeout=90, every=0.1, what=f"{method} {path}")
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def strike(self, service: str, fault: str) -> None:
        """Let a service die at a place, and start it again."""
        process = self.services[service]
        await process.kill()
        process.launch_doomed(fault)
        await process.until_dead()
        await process.start()

    async def strike_beside(self, service: str, fault: str) -> None:
        """The same, with a second process in its group, which comes before, leaves meanwhile, and leaves afterwards.

        So each partition changes its owner several times, one who lives or one who dies.
        """
        process = self.services[service]
        second = process.another()
        try:
            await second.start()
            await process.kill()
            process.launch_doomed(fault)
            await until(lambda: _up_or_dead(process), timeout=60)
            await second.restart()
            await process.until_dead()
            await process.start()
        finally:
            await second.stop()

    async def strike_postgres(self) -> None:
        """Kill -9 of the database server; the services are left to find their way back."""
        await self.postgres.kill()
        await self.postgres.start(self.postgres.port)
        await self.until_ready()

    async def strike_broker(self) -> None:
        """Kill -9 of the broker."""
        await self.broker.kill()
        await self.broker.restart()
        await self.until_ready()

    async def until_ready(self) -> None:
        """All services say so."""
        await asyncio.gather(*(each.until_ready(limit=90) for each in self.services.values()))

    async def verify(self) -> None:
        """Nothing accepted is lost, the inboxes are what the plain rules say of the topics, nobody was told twice."""
        admin = await asyncpg.create_pool(self.database.admin_dsn, min_size=1, max_size=2)
        try:
            await until(lambda: _published(admin), timeout=SETTLED_S, every=0.3)
            held = {topic.name: await latest(self.broker.bootstrap, topic.name, topic.partitions) for topic in INPUTS}
            self._nothing_is_lost(held)
            wanted = _wanted(held)
            assert len(wanted) > ENOUGH, f"a world of {len(wanted)} suggestions shows nothing"
            await until(lambda: _same(admin, wanted), timeout=SETTLED_S, every=0.3)
            assert await admin.fetch(TOLD_TWICE) == []
        finally:
            await admin.close()

    def _nothing_is_lost(self, held: dict[str, dict[str, tuple[int, Any]]]) -> None:
        versions = {key: version for key, (version, _) in held["postings.v1"].items()}
        assert versions == self.openings
        people = {key: value["introduces"] for key, (_, value) in held["people.v1"].items() if key in self.introduces}
        assert people == self.introduces
        said = {key: _closeness(value) for key, (_, value) in held["ties.v1"].items() if value is not None}
        assert {f"{a}:{b}": value for (a, b), value in self.ratings.items()}.items() <= said.items()


async def _up_or_dead(process: Mortal) -> bool:
    return not process.running or await ready(process)


TOLD_TWICE = "SELECT suggestion_id FROM notifications.events WHERE kind = 'suggestion' GROUP BY 1 HAVING count(*) > 1"
INPUTS = [topic for topic in STATE_TOPICS if topic.owner in ("postings", "profiles")]


def _closeness(tie: dict[str, Any]) -> int | None:
    return next((each["value"] for each in tie["evidence"] if each["kind"] == "closeness"), None)


def _wanted(held: dict[str, dict[str, tuple[int, Any]]]) -> Inboxes:
    events = [
        Event(topic, key, version, value)
        for topic, records in held.items()
        for key, (version, value) in records.items()
        if value is not None
    ]
    return expected(events, date.fromisoformat(held["clock.v1"]["day"][1]["day"]))


async def _published(admin: asyncpg.Pool) -> bool:
    """All that the owners wrote is on the topics."""
    for service in ("postings", "profiles"):
        waiting = f"SELECT count(*) FROM {service}.outbox WHERE not_before IS NULL"  # noqa: S608 - our own names
        assert await admin.fetchval(waiting) == 0
    return True


async def _same(admin: asyncpg.Pool, wanted: Inboxes) -> bool:
    rows = await admin.fetch(
        "SELECT member_id, posting_id, content::text FROM notifications.items WHERE live AND kind = 'suggestion'"
    )
    found = {(row["member_id"], row["posting_id"]): _seen(json.loads(row["content"])) for row in rows}
    differing = [key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key)]
    assert not differing, f"{len(differing)} of {len(wanted)} differ, such as {differing[:3]}"
    return True


@asynccontextmanager
async def storm(seed: int, folder: Path, given: Broker | None = None, replication: int = 1) -> AsyncIterator[Storm]:
    """A broker (or the given one), a database server and the four services, all of this test alone."""
    async with AsyncExitStack() as stack:
        broker = given or await start_broker(own=True)
        stack.push_async_callback(broker.stop)
        postgres = await start_postgres()
        stack.push_async_callback(postgres.stop)
        database = await create(postgres)
        await cluster.ensure(broker.bootstrap, replication=replication)
        services = {name: _service(name, env, folder) for name, env in _environments(broker, database, folder).items()}
        for process in services.values():
            stack.push_async_callback(process.kill)
        await asyncio.gather(*(process.start() for process in services.values()))
        clients = {
            name: await stack.enter_async_context(
                httpx2.AsyncClient(base_url=process.url, headers=operator(), timeout=20)
            )
            for name, process in services.items()
        }
        network = build(seed=seed, members=MEMBERS, openings=60, today=datetime.now(UTC).date())
        made = Storm(broker, postgres, database, services, clients, random.Random(seed), network)
        await made.settle_in()
        yield made


def _environments(broker: Broker, database: Database, folder: Path) -> dict[ServiceName, dict[str, str]]:
    found = environments(broker.bootstrap, database)
    found["matching"] |= {"WARMPATH_SNAPSHOT": str(folder / "snapshots"), "WARMPATH_SNAPSHOT_SECONDS": "1"}
    return found


def _service(name: str, env: dict[str, str], folder: Path) -> Mortal:
    return Mortal(name, int(env["WARMPATH_PORT"]), env, log=folder / f"{name}.log")
