"""The whole stack without containers: PostgreSQL, Kafka, a mail catcher and every service as a process of its own.

What was started is stopped, in reverse, however the block ends; if this process is killed, its children go with it.
A service that dies is reported with the end of its log, not started again: here somebody is looking.
"""

import asyncio
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from infra.local.choose import Choice, choose
from infra.local.folder import DataFolder, Secrets
from infra.local.kafka import Kafka
from infra.local.mail import mail_server
from infra.local.postgres import ROLES, Postgres
from infra.local.process import LocalError, Say, held_port, listen
from infra.local.service import ServiceProcess
from shared.messaging.topics import cluster
from shared.services import SERVICES

PORTS: dict[str, int | None] = {name: service.port for name, service in SERVICES.items()}
"""Where the services are when these ports are free; otherwise on others."""

NO_KAFKA = (
    "This stack runs Kafka on the JVM, and Java or Maven is missing: apt-get install openjdk-17-jre-headless maven\n"
    "Docker answers here: `make up` runs everything in containers instead."
)


class Stack:
    """A stack on one data folder: `async with Stack.start(folder) as stack`. Everything else is true only inside.

    Attributes: folder, bootstrap (Kafka), urls (by service name), operator_token, service_token, mail, logs, postgres.
    """

    def __init__(
        self, data: Path, *, fresh: bool, progress: Say, matchers: int, settings: Mapping[str, str] | None
    ) -> None:
        self._data = DataFolder(data)
        self.folder = self._data.path
        self.bootstrap = ""
        self.operator_token = ""
        self.service_token = ""
        self.services: list[ServiceProcess] = []
        self._fresh = fresh
        self._say = progress
        self._matchers = matchers
        self._settings = dict(settings or {})
        self._kafka: Kafka | None = None
        self._smtp = 0
        self._stopping = AsyncExitStack()

    @classmethod
    def start(
        cls,
        data: Path,
        *,
        fresh: bool = False,
        progress: Say = print,
        matchers: int = 1,
        settings: Mapping[str, str] | None = None,
    ) -> Self:
        """A stack on a data folder, used again unless `fresh`: it starts and stops with the `async with` block.

        `settings` are further environment variables for all services. SIGTERM and SIGHUP end the block like Ctrl-C.
        Entering raises LocalError, its text for a person, when something is missing, ends early or takes too long.
        """
        return cls(data, fresh=fresh, progress=progress, matchers=matchers, settings=settings)

    async def __aenter__(self) -> Self:
        """Starts everything; what was started is stopped again when something fails."""
        async with AsyncExitStack() as stopping:
            secrets = stopping.enter_context(self._data.locked(fresh=self._fresh))
            stopping.enter_context(_ended_by_signals())
            choice = choose(self._say)
            if choice.kind == "container":
                raise LocalError(NO_KAFKA)
            self.operator_token, self.service_token = secrets.operator_token, secrets.service_token
            self._smtp = await stopping.enter_async_context(mail_server(self.mail))
            await self._start_parts(secrets, choice, stopping)
            self._data.write_stack(self._description())
            self._stopping = stopping.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops everything in reverse."""
        self._say("Stopping")
        await self._stopping.__aexit__(kind, error, trace)

    @property
    def urls(self) -> dict[str, str]:
        """Where each service is; of several matchers, the first."""
        found: dict[str, str] = {}
        for service in self.services:
            found.setdefault(service.name, service.url)
        return found

    @property
    def mail(self) -> Path:
        """The Maildir with every e-mail the stack has sent."""
        return self.folder / "mail"

    @property
    def logs(self) -> dict[str, Path]:
        """Where each part writes its log."""
        ours = {service.label: service.log for service in self.services}
        return ours | {"postgres": self.postgres.log} | ({"kafka": self._kafka.log} if self._kafka else {})

    def dead(self) -> str | None:
        """What to tell a person if a part ended by itself; None while all are there."""
        for service in self.services:
            if not service.running:
                return service.death()
        if self.postgres.pid is None:
            return f"PostgreSQL ended; see {self.postgres.log}"
        if self._kafka is not None and self._kafka.pid is None:
            return f"Apache Kafka ended; see {self._kafka.log}"
        return None

    async def watch(self) -> None:
        """Returns never; raises LocalError when a part ends by itself."""
        while True:
            if (what := self.dead()) is not None:
                raise LocalError(what)
            await asyncio.sleep(0.5)

    async def _start_parts(self, secrets: Secrets, choice: Choice, stopping: AsyncExitStack) -> None:
        """Kafka and PostgreSQL side by side; the services once there is a database: for Kafka they wait themselves."""
        self.postgres = Postgres(
            self.folder / "postgres", secrets.passwords, log=self._logs() / "postgres.log", say=self._say
        )
        if choice.bootstrap is None:
            self._kafka = Kafka(self.folder / "kafka", log=self._logs() / "kafka.log", say=self._say)
        self.bootstrap = choice.bootstrap or f"127.0.0.1:{stopping.enter_context(held_port())}"
        stopping.push_async_callback(self._stop_stores)
        stopping.push_async_callback(self._stop_services)
        kafka = asyncio.create_task(self._start_kafka())
        try:
            with _timed(self._say, "PostgreSQL is ready"):
                await self.postgres.start()
                await self.postgres.make_roles()
            self._plan()
            began = time.monotonic()
            for service in self.services:
                service.launch()
            await kafka
            await asyncio.gather(*(self._until_ready(service, began) for service in self.services))
        finally:
            kafka.cancel()
            await asyncio.gather(kafka, return_exceptions=True)

    async def _start_kafka(self) -> None:
        if self._kafka is not None:
            with _timed(self._say, "Apache Kafka is ready"):
                await self._kafka.start(int(self.bootstrap.rpartition(":")[2]))
        await cluster.ensure(self.bootstrap)

    async def _until_ready(self, service: ServiceProcess, began: float) -> None:
        await service.until_ready()
        self._say(f"{service.label} is ready ({time.monotonic() - began:.1f} s)")

    async def _stop_stores(self) -> None:
        await asyncio.gather(*(store.stop() for store in (self.postgres, self._kafka) if store is not None))

    def _logs(self) -> Path:
        logs = self.folder / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        return logs

    def _plan(self) -> None:
        # All of them listen before the first starts: each is told where the others are.
        listeners = {name: _listen_near(preferred) for name, preferred in PORTS.items()}
        ports = {name: listener.getsockname()[1] for name, listener in listeners.items()}
        common = {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "WARMPATH_SERVICE_TOKEN": self.service_token,
            "WARMPATH_OPERATOR_TOKEN": self.operator_token,
            "WARMPATH_LOG_FORMAT": "json",
            "WARMPATH_SMTP_HOST": "127.0.0.1",
            "WARMPATH_SMTP_PORT": str(self._smtp),
            "WARMPATH_SMTP_TLS": "none",
            **{f"WARMPATH_{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()},
            **self._settings,
        }
        for name, listener in listeners.items():
            dsn = self.postgres.dsn(name) if name in ROLES else ""
            env = {**common, "WARMPATH_DATABASE_URL": dsn}
            count = self._matchers if name == "matching" else 1
            for number in range(count):
                label = name if count == 1 else f"{name}-{number}"
                where = listener if number == 0 else listen()
                shard = {"MATCHER_SHARD": f"{number}/{count}"} if name == "matching" else {}
                log = self._logs() / f"{label}.log"
                self.services.append(ServiceProcess(name, where, env | shard, log=log, label=label))

    async def _stop_services(self) -> None:
        await asyncio.gather(*(service.stop() for service in reversed(self.services)))

    @property
    def pids(self) -> dict[str, int | None]:
        """The processes by part; Kafka's only where it is ours."""
        ours = {service.label: service.pid for service in self.services} | {"postgres": self.postgres.pid}
        return ours | ({"kafka": self._kafka.pid} if self._kafka else {})

    def _description(self) -> dict[str, Any]:
        return {
            "urls": self.urls,
            "kafka": self.bootstrap,
            "operator_token": self.operator_token,
            "service_token": self.service_token,
            "dsn": self.postgres.dsn(),
            "mail": str(self.mail),
            "smtp": f"127.0.0.1:{self._smtp}",
            "pids": self.pids,
            "logs": {name: str(path) for name, path in self.logs.items()},
        }


def _listen_near(preferred: int | None) -> socket.socket:
    """On the preferred port where it is free, otherwise on another."""
    try:
        return listen(preferred)
    except LocalError:
        return listen()


@contextmanager
def _timed(progress: Say, what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    progress(f"{what} ({time.monotonic() - began:.1f} s)")


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP cancel this task, as Ctrl-C does, so that everything is stopped on the way out.

    A signal that is ignored stays ignored: `nohup` has a stack outlive its terminal.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - we are in a coroutine
    ends = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is not signal.SIG_IGN]
    for sent in ends:
        loop.add_signal_handler(sent, task.cancel)
    try:
        yield
    finally:
        for sent in ends:
            loop.remove_signal_handler(sent)
