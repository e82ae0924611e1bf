"""What happens by the clock: summaries that are due, and forgetting what nobody needs any longer."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

from services.notifications import store
from shared.observability import trace
from shared.observability.logs import get_logger
from shared.observability.metric_list import MESSAGES
from shared.storage.pool import Pool

log = get_logger(__name__)

KEEP_VERSIONS = timedelta(days=30)
"""As long as a stale record could still arrive."""

KEEP_EVENTS = timedelta(days=7)
"""How far back a stream can be resumed."""

TIDY_EVERY_S = 3600.0


async def tell_summaries(pool: Pool, *, email: bool) -> int:
    """Send out every summary that is due, each in a transaction of its own; gives how many."""
    told = 0
    for member_id in await store.due_digests(pool):
        with trace.span("tell summary", None):  # of many causes, so a trace of its own, which its e-mail goes on in
            async with pool.acquire() as connection, connection.transaction():
                if await store.tell_summary(connection, member_id, email=email):
                    MESSAGES.labels("summary").inc()
                    told += 1
    return told


class Timers:
    """One loop. Several processes may run it: a summary is taken by one of them."""

    def __init__(self, pool: Pool, every: timedelta, *, email: bool) -> None:
        self._pool, self._every_s, self._email = pool, every.total_seconds(), email
        self._tidied = 0.0
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="timers")

    async def stop(self) -> None:
        """End at once; a transaction under way is rolled back and done again later."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def check(self) -> str | None:
        """For `/ready`."""
        return "the timers do not run" if self._task is None or self._task.done() else None

    async def _run(self) -> None:
        while not self._stopping:  # giving a broken connection back can replace a cancellation by an error
            try:
                await tell_summaries(self._pool, email=self._email)
                if not self._tidied or time.monotonic() - self._tidied > TIDY_EVERY_S:
                    await store.forget(self._pool, versions=KEEP_VERSIONS, events=KEEP_EVENTS)
                    self._tidied = time.monotonic()
            except Exception as error:  # noqa: BLE001 - the loop outlives whatever befell one round
                log.warning("timers_round_failed", error=error)
            await asyncio.sleep(self._every_s)
