"""Introductions and notifications as processes that may die, on a broker and a database, by a clock that tests move.

Profiles, the matcher and the mail server are stand-ins in the test's own process.
"""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from aiokafka import AIOKafkaProducer

from infra.local.ports import free_port
from shared.events.base import Contract
from shared.events.envelope import seal
from shared.messaging.topics import cluster
from shared.testing.broker import Broker
from shared.testing.database import Database
from shared.testing.processes import environment
from shared.testing.wait import until
from tests.component.introductions.conftest import SERVICE, Entries, Matcher, token
from tests.component.notifications.conftest import OPERATOR, Profiles, served
from tests.fault.clocked import CLOCK, Clocked, move
from tests.fault.mail import MailServer
from tests.fault.storm import Mortal

PATIENCE_S = 60.0
LATER = 503
GONE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a query meets while its server dies and comes back."""


@dataclass
class Running:
    """The processes and all that stands around them. Whatever has died is started again with the next request."""

    broker: Broker
    database: Database
    clock: Path
    introductions: Clocked
    notifications: Mortal
    http: httpx2.AsyncClient
    profiles: Profiles
    matcher: Matcher
    entries: Entries
    mail: MailServer
    connection: asyncpg.Connection | None = None
    deaths: int = 0
    _versions: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def move(self, moment: datetime) -> None:
        """Set the clock of introductions."""
        move(self.clock, moment)

    def revive(self) -> None:
        """Start again what has died."""
        for process in (self.introductions, self.notifications):
            if not process.running:
                assert process.exit_code == -signal.SIGKILL, process.exit_report()
                self.deaths += 1
                process.launch()

    async def doom(self, process: Mortal, fault: str) -> None:
        """Kill a process and start it so that it dies at a place."""
        await process.kill()
        process.launch_doomed(fault)

    async def strike_postgres(self) -> None:
        """Kill -9 of the database server, which then comes back."""
        server = self.database.server
        await server.kill()
        await server.start(server.port)

    async def strike_broker(self) -> None:
        """Kill -9 of the broker, which then comes back."""
        await self.broker.kill()
        await self.broker.restart()

    async def send(self, method: str, path: str, member: str, **options: Any) -> httpx2.Response:
        """Send until there is an answer other than "later", as clients do; it may have been carried out before."""
        headers = {"Authorization": f"Bearer {token(member)}"} | options.pop("headers", {})

        async def answered() -> httpx2.Response | None:
            self.revive()
            try:
                answer = await self.http.request(method, path, headers=headers, **options)
            except httpx2.TransportError:
                return None
            return None if answer.status_code == LATER else answer

        answer: httpx2.Response = await until(answered, timeout=PATIENCE_S, every=0.05, what=f"{method} {path}")
        return answer

    async def publish(self, moment: datetime, *records: tuple[str, str, Contract | None]) -> None:
        """Put (topic, key, value or tombstone) on their topics, as written at that moment."""
        producer = AIOKafkaProducer(bootstrap_servers=self.broker.bootstrap, acks="all", enable_idempotence=True)
        await producer.start()
        try:
            for topic, key, value in records:
                version = next(self._versions)
                body = value and value.model_copy(update={"version": version}).to_json()
                headers = seal(topic, key, version, "test", now=moment)
                await producer.send_and_wait(topic, body, key.encode(), headers=headers)
        finally:
            await producer.stop()

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        """Rows, as soon as the database is there."""

        rows: list[asyncpg.Record] = []

        async def found() -> bool:
            self.revive()
            try:
                if self.connection is None:
                    self.connection = await asyncpg.connect(self.database.admin_dsn)
                rows.extend(await self.connection.fetch(query, *args))
            except GONE:
                await self.let_go()
                return False
            return True

        await until(found, timeout=PATIENCE_S, every=0.1, what="the database")
        return rows

    async def let_go(self) -> None:
        """End the connection to the database."""
        if self.connection is not None:
            self.connection.terminate()
            self.connection = None

    async def is_true(self, condition: str, *args: Any, limit: float = PATIENCE_S) -> None:
        """Wait until a condition in SQL holds."""

        async def holds() -> bool:
            return bool((await self.fetch(f"SELECT ({condition})", *args))[0][0])

        await until(holds, timeout=limit, every=0.05, what=condition)


@asynccontextmanager
async def introducing(
    folder: Path, broker: Broker, database: Database, people: set[str], start: datetime
) -> AsyncIterator[Running]:
    """Start all of it: these people are members with a name and an address."""
    await cluster.ensure(broker.bootstrap)
    clock = folder / "clock"
    move(clock, start)
    profiles, matcher, entries = Profiles(), Matcher(), Entries({each: each for each in people})
    profiles.names = {each: f"Name of {each}" for each in people}
    profiles.emails = {each: f"{each}@mail.example" for each in people}
    async with AsyncExitStack() as stack:
        mail = MailServer()
        server = await asyncio.get_running_loop().create_server(mail.visitor, "127.0.0.1", 0)
        stack.callback(server.close)
        mail.port = server.sockets[0].getsockname()[1]
        where = {
            "WARMPATH_PROFILES_URL": await stack.enter_async_context(served(entries.add_to(profiles.app()))),
            "WARMPATH_MATCHING_URL": await stack.enter_async_context(served(matcher.app())),
        }
        introductions, notifications = _processes(folder, broker, database, where, clock, mail.port)
        for process in (introductions, notifications):
            stack.push_async_callback(process.kill)
        await asyncio.gather(introductions.start(), notifications.start())
        http = httpx2.AsyncClient(base_url=introductions.url, timeout=20, trust_env=False)
        await stack.enter_async_context(http)
        running = Running(broker, database, clock, introductions, notifications, http, profiles, matcher, entries, mail)
        stack.push_async_callback(running.let_go)
        yield running


def _processes(
    folder: Path, broker: Broker, database: Database, where: dict[str, str], clock: Path, mail: int
) -> tuple[Clocked, Mortal]:
    ports = {"introductions": free_port(), "notifications": free_port()}
    where |= {f"WARMPATH_{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()}
    shared = where | {"WARMPATH_SERVICE_TOKEN": SERVICE, "WARMPATH_OPERATOR_TOKEN": OPERATOR}
    made = {
        name: environment(broker.bootstrap, database.dsn(name), **shared) for name in ("introductions", "notifications")
    }
    made["introductions"][CLOCK] = str(clock)
    made["notifications"] |= {
        "WARMPATH_SMTP_HOST": "127.0.0.1",
        "WARMPATH_SMTP_PORT": str(mail),
        "WARMPATH_CONSOLE_URL": "https://console.example",
    }
    return (
        Clocked("introductions", ports["introductions"], made["introductions"], log=folder / "introductions.log"),
        Mortal("notifications", ports["notifications"], made["notifications"], log=folder / "notifications.log"),
    )
