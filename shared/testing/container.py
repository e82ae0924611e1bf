"""Apache Kafka in a container for tests, where a Docker engine answers and holds the image.

testcontainers' own KafkaContainer drives another distribution's image, so `apache/kafka` gets a plain container.
"""

import asyncio
import time
from collections.abc import Mapping

from testcontainers.core.container import DockerContainer

from infra.local.choose import IMAGE
from infra.local.kafka import START_LIMIT, answering_cluster, properties
from infra.local.ports import accepts_connections, free_port
from infra.local.process import LocalError

FOLDER = "/tmp/kraft-combined-logs"  # noqa: S108 - inside the container, where the image may write


class ContainerBroker:
    """One broker in one container; its records live as long as the container, over kill and restart."""

    def __init__(self, container: DockerContainer, port: int) -> None:
        self._container = container
        self._port = port
        self.bootstrap = f"127.0.0.1:{port}"

    @classmethod
    async def started(cls, settings: Mapping[str, str]) -> "ContainerBroker":
        """Starts a container on a free port and waits until the broker answers."""
        port, controller = free_port(), 9093
        wanted = properties(port, controller, FOLDER, settings)
        wanted["listeners"] = f"PLAINTEXT://0.0.0.0:{port},CONTROLLER://127.0.0.1:{controller}"
        container = DockerContainer(IMAGE).with_bind_ports(port, port)
        for name, value in wanted.items():
            container.with_env("KAFKA_" + name.upper().replace(".", "_"), value)
        await asyncio.to_thread(container.start)
        broker = cls(container, port)
        try:
            await broker._until_it_answers()
        except BaseException:
            await broker.stop()
            raise
        return broker

    async def kill(self) -> None:
        """Kill -9."""
        await asyncio.to_thread(self._container.get_wrapped_container().kill)

    async def restart(self) -> None:
        """Starts it again with its records, on the same port; a broker that runs is stopped first."""
        await asyncio.to_thread(self._container.get_wrapped_container().restart)
        await self._until_it_answers()

    async def stop(self) -> None:
        """Stops and removes the container."""
        await asyncio.to_thread(self._container.stop)

    async def _until_it_answers(self) -> None:
        limit = time.monotonic() + START_LIMIT
        engine = self._container.get_wrapped_container()
        while not (await accepts_connections(self._port) and await answering_cluster(self.bootstrap)):
            await asyncio.to_thread(engine.reload)
            if engine.status == "exited" or time.monotonic() > limit:
                log = (await asyncio.to_thread(engine.logs, tail=15)).decode(errors="replace")
                raise LocalError(f"Kafka's container does not answer ({engine.status}). The end of its log:\n{log}")
            await asyncio.sleep(0.2)
