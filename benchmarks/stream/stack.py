"""The processes that the stream runs through: PostgreSQL, Apache Kafka, one matcher and the notification service.

The stores are those of `warmpath up`, durable as there. PostgreSQL also notes when each transaction was committed. The
postings and profiles services are left out: openings come straight into their topic, and nobody's name is shown.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx2

from benchmarks.processor_time import busy_seconds
from benchmarks.stream.preparation import SNAPSHOTS, VOCABULARY
from infra.local.choose import choose
from infra.local.folder import DataFolder, Secrets
from infra.local.kafka import Kafka
from infra.local.ports import free_port
from infra.local.postgres import Postgres
from infra.local.process import LocalError
from infra.local.service import ServiceProcess
from infra.local.supervisor import NO_KAFKA
from shared.messaging.topics import cluster

READY_S = 300.0
NEVER_S = "86400"
"""Snapshots and checks come every five minutes and would fall into one round and not into another: they are put off."""

NOBODY = "http://127.0.0.1:9"
"""In place of services that are not asked."""


@dataclass(frozen=True, slots=True)
class Stores:
    """PostgreSQL and Kafka while they run, and where all of it lies."""

    folder: Path
    secrets: Secrets
    postgres: Postgres
    kafka: Kafka


@dataclass(frozen=True, slots=True)
class Running:
    """The services on top of them."""

    stores: Stores
    matcher: ServiceProcess
    notifications: ServiceProcess

    def processor_seconds(self) -> dict[str, float]:
        """Processor time of each process so far, this one's included."""
        processes = {
            "matcher": self.matcher.pid or 0,
            "notifications": self.notifications.pid or 0,
            "postgres": self.stores.postgres.pid or 0,
            "kafka": self.stores.kafka.pid or 0,
            "benchmark": os.getpid(),
        }
        return busy_seconds(processes)

    async def metrics(self, service: ServiceProcess) -> str:
        """What a service counts, as it says it."""
        speaks = {"Authorization": f"Bearer {self.stores.secrets.operator_token}"}
        async with httpx2.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{service.url}/metrics", headers=speaks)
        return answer.raise_for_status().text


@asynccontextmanager
async def stores(folder: Path) -> AsyncIterator[Stores]:
    """Start both, with topics and roles, in a folder that is emptied first. What was written is dropped at the end.

    Raises:
        LocalError: one of them is missing or does not start.
    """
    data = DataFolder(folder)
    if choose(print, own=True).kind != "jvm":
        raise LocalError(NO_KAFKA)
    async with AsyncExitStack() as stack:
        secrets = stack.enter_context(data.locked(fresh=True))
        logs = data.path / "logs"
        logs.mkdir(mode=0o700)
        stack.callback(shutil.rmtree, data.path / SNAPSHOTS, ignore_errors=True)
        postgres = Postgres(data.path / "postgres", secrets.passwords, log=logs / "postgres.log", progress=print)
        kafka = Kafka(data.path / "kafka", log=logs / "kafka.log", progress=print)
        for store in (postgres, kafka):
            stack.callback(shutil.rmtree, store.folder, ignore_errors=True)
            stack.push_async_callback(store.stop)
        await asyncio.gather(_start(postgres), kafka.start())
        await cluster.ensure(kafka.bootstrap)
        yield Stores(data.path, secrets, postgres, kafka)


async def _start(postgres: Postgres) -> None:
    """Twice: that commits are to be noted can only be said to a server that runs, and holds from its next start."""
    await postgres.start()
    admin = await asyncpg.connect(postgres.dsn(database="postgres"))
    await admin.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    await admin.close()
    await postgres.stop()
    await postgres.start()
    await postgres.create_roles()


async def prepare(held: Stores, graph: str, staff: int, counts: Mapping[int, int]) -> None:
    """Make snapshot, vocabulary and openings, in a process whose memory is given back."""
    command = [sys.executable, "-m", "benchmarks.stream.preparation", held.kafka.bootstrap, str(held.folder), graph]
    command += [str(staff), *(f"{most}:{count}" for most, count in counts.items())]
    process = await asyncio.create_subprocess_exec(*command)
    try:
        if await process.wait():
            raise subprocess.CalledProcessError(process.returncode or 1, command)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def services(held: Stores) -> AsyncIterator[Running]:
    """Start the matcher from the snapshot, and notifications; wait until both are ready.

    Raises:
        LocalError: one does not get there, or the matcher did not take the snapshot.
    """
    common = {
        "KAFKA_BOOTSTRAP_SERVERS": held.kafka.bootstrap,
        "WARMPATH_SERVICE_TOKEN": held.secrets.service_token,
        "WARMPATH_OPERATOR_TOKEN": held.secrets.operator_token,
        "WARMPATH_LOG_FORMAT": "json",
        "WARMPATH_POSTINGS_URL": NOBODY,
        "WARMPATH_PROFILES_URL": NOBODY,
    }
    matching = {
        "WARMPATH_VOCABULARY": str(held.folder / VOCABULARY),
        "WARMPATH_SNAPSHOT": str(held.folder / SNAPSHOTS),
        "WARMPATH_SNAPSHOT_SECONDS": NEVER_S,
        "WARMPATH_CHECK_SECONDS": NEVER_S,
    }
    # A summary would touch rows again after a minute, and with them the note of when they were committed.
    inbox = {"WARMPATH_DATABASE_URL": held.postgres.dsn("notifications"), "WARMPATH_DIGEST_QUIET_SECONDS": NEVER_S}
    inbox["WARMPATH_DIGEST_LONGEST_SECONDS"] = NEVER_S
    running = Running(
        held, _service(held, "matching", common | matching), _service(held, "notifications", common | inbox)
    )
    async with AsyncExitStack() as stack:
        for service in (running.matcher, running.notifications):
            stack.push_async_callback(service.stop)
            service.launch()
        for service in (running.matcher, running.notifications):
            await service.until_ready(READY_S)
        if 'matcher_starts_total{source="snapshot"} 1.0' not in await running.metrics(running.matcher):
            raise LocalError(f"the matcher did not start from the snapshot; see {running.matcher.log}")
        yield running


def _service(held: Stores, name: str, env: dict[str, str]) -> ServiceProcess:
    return ServiceProcess(name, free_port(), env, log=held.folder / "logs" / f"{name}.log")
