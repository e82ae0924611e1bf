"""The whole stack without containers: PostgreSQL, Kafka, a mail catcher, and every service as a process of its own.

However the block ends, everything is stopped in reverse order; if this process is killed, its children end with it.
A service that dies is reported with the end of its log and started again, a few times; then everything is stopped.
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
from infra.local.ports import held_port, listen
from infra.local.postgres import ROLES, Postgres
from infra.local.process import LocalError, Progress, tail
from infra.local.service import ServiceProcess
from shared.messaging.topics import cluster
from shared.services import SERVICES

RESTARTS = 3
RESTARTS_WITHIN_S = 600.0
"""So often within this time a service is started again; what dies more often needs somebody to look at it."""

FIRST_PAUSE_S = 1.0
"""Before a service is started again; twice as long each further time."""

PORTS: dict[str, int | None] = {name: service.port for name, service in SERVICES.items()}
"""The preferred port of each service; another one is used where it is taken."""

NO_KAFKA = (
    "This stack runs Kafka on the JVM, but Java or Maven is missing: apt-get install openjdk-17-jre-headless maven\n"
    "Docker is available, so `make up` can run everything in containers instead."
)


class Stack:
    """A stack on one data folder: `async with Stack.start(folder) as stack`. Attributes are valid inside it only.

    Attributes: folder, bootstrap (Kafka), urls (by service name), operator_token, service_token, mail, logs, postgres.
    """

    def __init__(
        self, data: Path, *, fresh: bool, progress: Progress, matchers: int, settings: Mapping[str, str] | None
    ) -> None:
        self._data = DataFolder(data)
        self.folder = self._data.path
        self.bootstrap = ""
        self.operator_token = ""
        self.service_token = ""
        self.services: list[ServiceProcess] = []
        self._fresh = fresh
        self._progress = progress
        self._matchers = matchers
        self._settings = dict(settings or {})
        self._kafka: Kafka | None = None
        self._smtp = 0
        self._deaths: dict[str, list[float]] = {}
        self._stopping = AsyncExitStack()

    @classmethod
    def start(
        cls,
        data: Path,
        *,
        fresh: bool = False,
        progress: Progress = print,
        matchers: int = 1,
        settings: Mapping[str, str] | None = None,
    ) -> Self:
        """A stack on a data folder, kept from the last run unless `fresh`; it runs while the `async with` block does.

        `settings` are further environment variables for all services. SIGTERM and SIGHUP end the block like Ctrl-C.
        Entering raises LocalError if something is missing, ends early or takes too long.
        """
        return cls(data, fresh=fresh, progress=progress, matchers=matchers, settings=settings)

    async def __aenter__(self) -> Self:
        """Starts everything; if something fails, stops what was started."""
        async with AsyncExitStack() as stopping:
            secrets = stopping.enter_context(self._data.locked(fresh=self._fresh))
            stopping.enter_context(_ended_by_signals())
            choice = choose(self._progress)
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
        """Stops everything in reverse order."""
        self._progress("Stopping")
        await self._stopping.__aexit__(kind, error, trace)

    @property
    def urls(self) -> dict[str, str]:
        """The address of each service; of several matchers, the first one's."""
        found: dict[str, str] = {}
        for service in self.services:
            found.setdefault(service.name, service.url)
        return found

    @property
    def mail(self) -> Path:
        """The Maildir with every e-mail that the stack has sent."""
        return self.folder / "mail"

    @property
    def logs(self) -> dict[str, Path]:
        """The log file of each part."""
        ours = {service.label: service.log for service in self.services}
        return ours | {"postgres": self.postgres.log} | ({"kafka": self._kafka.log} if self._kafka else {})

    def failure(self) -> str | None:
        """An error message if a part has ended by itself; None while all are running."""
        for service in self.services:
            if not service.running:
                return service.exit_report()
        return self._failure_of_a_store()

    def _failure_of_a_store(self) -> str | None:
        if self.postgres.pid is None:
            return f"PostgreSQL ended. The end of {self.postgres.log}:\n{tail(self.postgres.log)}"
        if self._kafka is not None and self._kafka.pid is None:
            return f"Apache Kafka ended. The end of {self._kafka.log}:\n{tail(self._kafka.log)}"
        return None

    async def watch(self) -> None:
        """Never returns: starts services that end by themselves again.

        Raises LocalError when one ends too often, cannot be started again, or PostgreSQL or Kafka ends.
        """
        while True:
            if (failure := self._failure_of_a_store()) is not None:
                raise LocalError(failure)
            for service in self.services:
                if not service.running:
                    await self._start_again(service)
            await asyncio.sleep(0.5)

    async def _start_again(self, service: ServiceProcess) -> None:
        """Report a service that ended, and start it again after a pause."""
        now = time.monotonic()
        deaths = [each for each in self._deaths.get(service.label, ()) if now - each < RESTARTS_WITHIN_S] + [now]
        self._deaths[service.label] = deaths
        if len(deaths) > RESTARTS:
            minutes = RESTARTS_WITHIN_S / 60
            raise LocalError(
                f"{service.label} ended {len(deaths)} times within {minutes:.0f} minutes, so everything is stopped. "
                f"{service.exit_report()}"
            )
        pause_s = FIRST_PAUSE_S * 2 ** (len(deaths) - 1)
        self._progress(service.exit_report())
        self._progress(f"Starting {service.label} again in {pause_s:.0f} s (time {len(deaths)} of {RESTARTS})")
        await asyncio.sleep(pause_s)
        service.launch()
        try:
            await service.until_ready()
        except LocalError:
            if service.running:
                raise
            return  # it ended again, which the next look finds
        self._data.write_stack(self._description())
        self._progress(f"{service.label} is ready again")

    async def _start_parts(self, secrets: Secrets, choice: Choice, stopping: AsyncExitStack) -> None:
        """Kafka and PostgreSQL concurrently; the services once there is a database: for Kafka they wait themselves."""
        self.postgres = Postgres(
            self.folder / "postgres", secrets.passwords, log=self._logs() / "postgres.log", progress=self._progress
        )
        if choice.bootstrap is None:
            self._kafka = Kafka(self.folder / "kafka", log=self._logs() / "kafka.log", progress=self._progress)
        self.bootstrap = choice.bootstrap or f"127.0.0.1:{stopping.enter_context(held_port())}"
        stopping.push_async_callback(self._stop_stores)
        stopping.push_async_callback(self._stop_services)
        kafka = asyncio.create_task(self._start_kafka())
        try:
            with _timed(self._progress, "PostgreSQL is ready"):
                await self.postgres.start()
                await self.postgres.create_roles()
            self._create_services()
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
            with _timed(self._progress, "Apache Kafka is ready"):
                await self._kafka.start(int(self.bootstrap.rpartition(":")[2]))
        await cluster.ensure(self.bootstrap)

    async def _until_ready(self, service: ServiceProcess, began: float) -> None:
        await service.until_ready()
        self._progress(f"{service.label} is ready ({time.monotonic() - began:.1f} s)")

    async def _stop_stores(self) -> None:
        await asyncio.gather(*(store.stop() for store in (self.postgres, self._kafka) if store is not None))

    def _logs(self) -> Path:
        logs = self.folder / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        return logs

    def _create_services(self) -> None:
        # All ports are bound before the first service starts: each gets the addresses of the others.
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
        """The process id of each part; Kafka's only if it is our own."""
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
    """A socket that listens on the preferred port, or on another if that is taken."""
    try:
        return listen(preferred)
    except LocalError:
        return listen()


@contextmanager
def _timed(progress: Progress, what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    progress(f"{what} ({time.monotonic() - began:.1f} s)")


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP cancel this task, as Ctrl-C does, so that everything is stopped.

    A signal that was ignored stays ignored: a stack started with `nohup` outlives its terminal.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - we are in a coroutine
    handled = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is not signal.SIG_IGN]
    for one in handled:
        loop.add_signal_handler(one, task.cancel)
    try:
        yield
    finally:
        for one in handled:
            loop.remove_signal_handler(one)
