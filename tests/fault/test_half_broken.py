"""Parts that are slow, full, or refuse: what is accepted waits, `/ready` tells the truth, and nobody has to help."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import asyncpg
import httpx2
import pytest

from infra.local.kafka import Kafka
from shared.messaging.publish.relay import STALE
from shared.testing.broker import SETTINGS
from shared.testing.wait import until
from tests.fault.storm import Storm, storm
from tests.fault.three_brokers import ThreeBrokers

pytestmark = [pytest.mark.long, pytest.mark.kafka, pytest.mark.postgres]

GROWN_MB = 150
"""A service that keeps what it cannot send grows by more than this under such a load, one that waits does not."""


def resident_mb(pid: int | None) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024


async def says(running: Storm, service: str, words: str) -> bool:
    """Whether the service says that it is not ready, and these words."""
    answer = await running.clients[service].get("/ready")
    return answer.status_code == httpx2.codes.SERVICE_UNAVAILABLE and words in answer.text


@pytest.mark.timeout(400)
async def test_a_stalled_broker_costs_nothing_but_time(tmp_path):
    async with storm(31, tmp_path) as running:
        assert isinstance(running.broker, Kafka), "a broker of our own"
        before = {name: resident_mb(process.pid) for name, process in running.services.items()}
        async with running.load():
            pid = running.broker.pid
            os.kill(pid, signal.SIGSTOP)
            try:
                accepted = len(running.openings)
                await until(lambda: says(running, "postings", STALE), timeout=60, every=0.5)
                assert len(running.openings) > accepted + 20, "what is asked of the database goes on"
            finally:
                os.kill(pid, signal.SIGCONT)
            await running.until_ready()
        grown = {name: resident_mb(process.pid) - before[name] for name, process in running.services.items()}
        assert all(value < GROWN_MB for value in grown.values()), grown
        await running.verify()


@pytest.mark.timeout(400)
async def test_a_database_that_refuses_connections_is_said_and_got_over(tmp_path):
    async with storm(32, tmp_path) as running:
        name = running.database.name
        server = await asyncpg.connect(running.postgres.dsn("postgres", "postgres"))
        async with running.load():
            await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            await server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
            for service in ("postings", "profiles", "notifications"):
                await until(lambda: says(running, service, "database"), timeout=30, every=0.2)  # noqa: B023 - awaited
            answer = await running.clients["postings"].get("/v1/postings", headers=running.recruiter)
            assert answer.status_code == httpx2.codes.SERVICE_UNAVAILABLE
            assert answer.headers["content-type"] == "application/problem+json"
            await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            await running.until_ready()
        await server.close()
        await running.verify()


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["/bin/mount", "-t", "tmpfs", "-o", "size=96m", "none", folder]
    if subprocess.run(command, check=False, capture_output=True).returncode:  # noqa: S603 - nothing of it comes from outside
        pytest.skip("a small file system cannot be mounted here")
    yield folder
    subprocess.run(["/bin/umount", "--lazy", folder], check=True)  # noqa: S603 - nor of this


@pytest.mark.timeout(400)
async def test_a_full_disk_under_the_broker_loses_nothing(small_disk, tmp_path):
    broker = Kafka(small_disk, log=tmp_path / "kafka.log", settings=SETTINGS, orphan=signal.SIGKILL)
    try:
        await broker.start()
        async with storm(33, tmp_path, given=broker) as running:
            async with running.load():
                filler = small_disk / "filler"
                _fill(filler)
                await until(lambda: broker.pid is None, timeout=60, every=0.2, what="the broker gives up")
                accepted = len(running.openings)
                await until(lambda: len(running.openings) > accepted + 10, timeout=30)
                filler.unlink()
                await broker.restart()
                await running.until_ready()
            await running.verify()
    finally:
        await broker.kill()


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 65536)
        except OSError:
            return


@pytest.mark.timeout(500)
async def test_of_three_brokers_any_one_may_die(tmp_path):
    brokers = ThreeBrokers(tmp_path / "brokers")
    await brokers.start()
    async with storm(34, tmp_path, given=brokers, replication=3) as running:
        async with running.load():
            for _ in range(3):
                accepted = len(running.openings)
                await brokers.kill()
                await until(lambda: len(running.openings) > accepted + 5, timeout=60)  # noqa: B023 - awaited
                await brokers.restart()
                await running.until_ready()
        await running.verify()


@pytest.mark.timeout(400)
async def test_services_are_restarted_one_after_another_and_no_client_has_to_know(tmp_path, record_property):
    async with storm(35, tmp_path) as running:
        async with running.load():
            for process in running.services.values():
                await process.restart()
                await asyncio.sleep(0)
        await running.verify()
        took = sorted(running.slow)
        record_property("p99 of a request, retries included, in seconds", took[int(len(took) * 0.99)])
