"""Three brokers on this machine, each a controller too: what is written to one is on two at least."""

import asyncio
import signal
from pathlib import Path

from infra.local.kafka import Kafka, new_id
from infra.local.ports import free_port
from shared.testing.broker import SETTINGS

COUNT = 3
REPLICATED = {
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
}


class ThreeBrokers:
    """As one `Broker`. `kill` and `restart` are of one after another."""

    def __init__(self, folder: Path) -> None:
        self._ports = [(free_port(), free_port()) for _ in range(COUNT)]
        voters = ",".join(f"{node}@127.0.0.1:{quorum}" for node, (_, quorum) in enumerate(self._ports, start=1))
        cluster_id = new_id()
        self._brokers = [
            Kafka(
                folder / f"broker-{node}",
                log=folder / f"broker-{node}.log",
                heap="384m",
                settings={**SETTINGS, **REPLICATED, "node.id": str(node), "controller.quorum.voters": voters},
                orphan=signal.SIGKILL,
                cluster_id=cluster_id,
            )
            for node in range(1, COUNT + 1)
        ]
        self._next = 0

    @property
    def bootstrap(self) -> str:
        """All of them."""
        return ",".join(f"127.0.0.1:{port}" for port, _ in self._ports)

    async def start(self) -> None:
        """Start them side by side: a quorum needs two."""
        starts = (broker.start(*ports) for broker, ports in zip(self._brokers, self._ports, strict=True))
        await asyncio.gather(*starts)

    async def kill(self) -> None:
        """Kill -9 of the next one."""
        await self._brokers[self._next].kill()

    async def restart(self) -> None:
        """Start the one that was killed; it is the turn of the one after it."""
        await self._brokers[self._next].restart()
        self._next = (self._next + 1) % COUNT

    async def stop(self) -> None:
        """All of them, at once: their folders go with them."""
        await asyncio.gather(*(broker.kill() for broker in self._brokers))
