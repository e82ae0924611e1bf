"""The timer: writes the day to clock.v1 when it begins (UTC), closes what is over, publishes what is out of date again.

It wakes at midnight and at least every quarter of an hour, so that a day that began while the process or the machine
was stopped is caught up. Several processes may run it: the clock's row lets one of them write.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from services.postings import store
from services.postings.domain import Now, seconds_until_midnight, today
from shared.observability.logs import get_logger
from shared.storage.pool import Pool
from shared.web import audit, idempotency

LONGEST_SLEEP_S = 15 * 60.0
PAUSE_AFTER_FAILURE_S = 5.0
CLOSED_AT_ONCE = 200
"""Postings closed in one transaction."""

ALIGNED_AT_ONCE = 200
"""Postings published again in one transaction."""

Sleep = Callable[[float], Coroutine[Any, Any, None]]
log = get_logger(__name__)


async def tick(pool: Pool, now: Now) -> None:
    """Write the day if it is a new one, close what has expired, and publish what is behind its organisation."""
    moment = now()
    day = today(moment)
    async with pool.acquire() as conn, conn.transaction():
        if await store.move_clock(conn, day):
            log.info("day_began", day=day.isoformat())
    closed = CLOSED_AT_ONCE
    while closed == CLOSED_AT_ONCE:
        async with pool.acquire() as conn, conn.transaction():
            expired = await store.close_expired(conn, day, moment, CLOSED_AT_ONCE)
            await audit.note(conn, "posting.expired", *expired)
            closed = len(expired)
        if closed:
            log.info("postings_expired", count=closed)
    aligned = ALIGNED_AT_ONCE
    while aligned == ALIGNED_AT_ONCE:
        async with pool.acquire() as conn, conn.transaction():
            aligned = await store.align(conn, moment, ALIGNED_AT_ONCE)
        if aligned:
            log.info("postings_aligned", count=aligned)
    await pool.execute(store.SQL["forget_days_of_openings"], day)
    await idempotency.clean_up(pool)


async def run(pool: Pool, now: Now, beat: Callable[[], None], sleep: Sleep = asyncio.sleep) -> None:
    """Tick for ever. A failure is logged and tried again: the next day must not be lost to a database that was away."""
    while True:
        beat()
        try:
            await tick(pool, now)
            pause = min(seconds_until_midnight(now()), LONGEST_SLEEP_S)
        except Exception as error:  # whatever it was, the day still has to be written
            log.exception("tick_failed", error=error)
            pause = PAUSE_AFTER_FAILURE_S
        await sleep(pause)
