"""What happens by the clock: the day is written, openings past their last day are closed, what is over is forgotten.

Several processes may run the loops: the row of the clock lets one of them write each day.
"""

from functools import partial

from services.postings import organisations, store
from services.postings.domain import Now, seconds_until_midnight, today
from shared.observability.logs import get_logger
from shared.service_kit.loop import Loop
from shared.storage.pool import Pool
from shared.web import audit, idempotency, rate_limits

LONGEST_PAUSE_S = 15 * 60.0
"""A day that began while the process or the machine was stopped is caught up within this time."""

STUCK_AFTER_S = LONGEST_PAUSE_S + 60
CLOSED_AT_ONCE = 200
"""Postings closed in one transaction."""

REPUBLISHED_AT_ONCE = 200
"""Postings published again in one transaction."""

log = get_logger(__name__)


def loops(pool: Pool, now: Now) -> dict[str, Loop]:
    """The loops by name."""
    return {
        "clock": Loop("clock", partial(tick, pool, now), stuck_after_s=STUCK_AFTER_S),
        "cleaning": Loop("cleaning", partial(clean, pool, now), every_s=LONGEST_PAUSE_S, stuck_after_s=STUCK_AFTER_S),
    }


async def clean(pool: Pool, now: Now) -> None:
    """Forget what is over: counts of openings, proofs, replaced keys, limits, answers that nobody asks for again."""
    await pool.execute(store.SQL["delete_days_of_openings"], today(now()))
    await pool.execute(organisations.SQL["delete_expired"])
    await rate_limits.clean_up(pool)
    await idempotency.clean_up(pool)


async def tick(pool: Pool, now: Now) -> float:
    """Write the day to clock.v1 if it is a new one (UTC), close what has expired, publish what lags behind.

    Returns the seconds until there may be more to do.
    """
    moment = now()
    day = today(moment)
    async with pool.acquire() as conn, conn.transaction():
        if await store.advance_clock(conn, day):
            log.info("day_began", day=day.isoformat())
    closed = CLOSED_AT_ONCE
    while closed == CLOSED_AT_ONCE:
        async with pool.acquire() as conn, conn.transaction():
            expired = await store.close_expired(conn, day, moment, CLOSED_AT_ONCE)
            await audit.note(conn, "posting.expired", *expired)
            closed = len(expired)
        if closed:
            log.info("postings_expired", count=closed)
    aligned = REPUBLISHED_AT_ONCE
    while aligned == REPUBLISHED_AT_ONCE:
        async with pool.acquire() as conn, conn.transaction():
            aligned = await store.republish_outdated(conn, moment, REPUBLISHED_AT_ONCE)
        if aligned:
            log.info("postings_republished", count=aligned)
    return min(seconds_until_midnight(now()), LONGEST_PAUSE_S)
