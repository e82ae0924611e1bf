"""A real Kafka for tests, behind one interface whatever runs it: given brokers, the JVM, or a container."""

import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from aiokafka.admin import AIOKafkaAdminClient

from infra.local.choose import choose
from infra.local.kafka import Kafka
from infra.local.process import Progress
from shared.testing.wait import until

SETTINGS = {
    # Compaction within seconds, so that tests can see a tombstone at work.
    "log.cleaner.backoff.ms": "500",
    "log.initial.task.delay.ms": "500",
    "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
    "log.retention.check.interval.ms": "1000",
    "group.min.session.timeout.ms": "1000",
    # No record of nothing twice a second: several brokers wait most of the time.
    "metadata.max.idle.interval.ms": "0",
}
"""What tests change on our own broker, on top of infra/kafka/server.properties."""


class Broker(Protocol):
    """What a test may do with its broker. `kill` and `restart` skip the test where the broker is not ours."""

    @property
    def bootstrap(self) -> str:
        """Host and port for clients; the same after a restart."""

    async def kill(self) -> None:
        """Kill -9."""

    async def restart(self) -> None:
        """Starts it again with its records, on the same port; a broker that runs is stopped first."""

    async def stop(self) -> None:
        """Stops it in order."""


class GivenBroker:
    """Somebody else's broker, from KAFKA_BOOTSTRAP_SERVERS: used, never stopped."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    async def kill(self) -> None:
        """Not ours to kill."""
        _not_ours()

    async def restart(self) -> None:
        """Not ours to restart."""
        _not_ours()

    async def stop(self) -> None:
        """Stays up."""


def _not_ours() -> None:
    import pytest  # noqa: PLC0415 - only here does a test have to be skipped

    pytest.skip("KAFKA_BOOTSTRAP_SERVERS: a broker that was given is not killed")


async def empty(broker: Broker) -> None:
    """Deletes every topic of a broker of our own: a fraction of the time that a new broker takes."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()

    async def left() -> list[str]:
        return [name for name in await admin.list_topics() if not name.startswith("__")]

    async def none_is_left() -> bool:
        return not await left()

    try:
        if names := await left():
            await admin.delete_topics(names)
            await until(none_is_left, timeout=30, what="topics to be gone")
    finally:
        await admin.close()


async def start_broker(progress: Progress = print, *, own: bool = False) -> Broker:
    """A running broker on a throwaway folder (or the given one, unless the test needs its `own`)."""
    choice = choose(progress, own=own)
    if choice.bootstrap is not None:
        return GivenBroker(choice.bootstrap)
    if choice.kind == "container":
        from shared.testing.container import ContainerBroker  # noqa: PLC0415 - needs Docker's client only where used

        return await ContainerBroker.started(SETTINGS)
    folder = Path(tempfile.mkdtemp(prefix="warmpath-kafka-"))
    broker = Kafka(folder, log=folder / "kafka.log", settings=SETTINGS, orphan=signal.SIGKILL, progress=progress)
    await broker.start()
    return broker


@asynccontextmanager
async def running_broker(*, own: bool = False) -> AsyncIterator[Broker]:
    """A broker as of `start_broker`, gone at the end with all it keeps."""
    broker = await start_broker(own=own)
    try:
        yield broker
    finally:
        if isinstance(broker, Kafka):
            await broker.kill()  # its folder goes with it: an orderly stop would only take longer
            shutil.rmtree(broker.folder, ignore_errors=True)
        else:
            await broker.stop()
