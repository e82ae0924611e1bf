"""Samples of a running stack at intervals: memory of each service, and backlogs."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self

import asyncpg

from cli.demo.services import Services
from infra.local.supervisor import Stack

EVERY_S = 5.0
_OUTBOX = "SELECT count(*) FROM postings.outbox WHERE not_before IS NULL"


class Sampler:
    """`samples`: seconds since the start, outbox rows, lag of notifications in records, resident MB by service."""

    def __init__(self, stack: Stack, to: Services, database: asyncpg.Connection) -> None:
        self._stack, self._to, self._database = stack, to, database
        self._began = time.monotonic()
        self.samples: list[dict[str, Any]] = []

    @classmethod
    @asynccontextmanager
    async def sampling(cls, stack: Stack, to: Services) -> AsyncIterator[Self]:
        """Take samples while the block runs. An error in sampling is raised at its end."""
        database = await asyncpg.connect(stack.postgres.dsn())
        sampler = cls(stack, to, database)
        task = asyncio.create_task(sampler._run())
        try:
            yield sampler
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await database.close()

    async def _run(self) -> None:
        while True:
            self.samples.append(
                {
                    "s": round(time.monotonic() - self._began),
                    "outbox": await self._database.fetchval(_OUTBOX),
                    "lag": await self._lag(),
                    "mb": {each.label: _resident_mb(each.pid) for each in self._stack.services},
                }
            )
            await asyncio.sleep(EVERY_S)

    async def _lag(self) -> int:
        answer = await self._to.notifications.get("/metrics")
        found = (line for line in answer.text.splitlines() if line.startswith("warmpath_consumer_lag{"))
        return int(sum(float(line.rsplit(" ", 1)[1]) for line in found))


def _resident_mb(pid: int | None) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return round(int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1024, 1)
