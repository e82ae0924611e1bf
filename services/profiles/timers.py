"""What happens by the clock.

The versions of erased records are deleted after 30 days, sessions and proofs of addresses when they have ended. Who
finds whom is decided again where that was postponed, and where a job began or ended, which changes who is hidden from
whom. Keys of companies follow the vocabulary, and so does who is hidden.
"""

from collections.abc import Callable
from datetime import date, timedelta

from services.profiles import network, store
from services.profiles.store import ERASED_KEPT, SIGN_IN, SQL
from shared.resolution import Vocabulary
from shared.service_kit.loop import Loop
from shared.storage.pool import Pool
from shared.web import rate_limits

EVERY_S = 15 * 60.0
LINKS_EVERY_S = 30.0
LINKS_AT_ONCE = 100
KEYS_AT_ONCE = 500
KEYS_EVERY_S = 3600.0


def loops(pool: Pool, today: Callable[[], date]) -> dict[str, Loop]:
    """The loops by name."""

    async def cleaning() -> None:
        await delete_old_erased(pool)
        await delete_expired(pool)
        day = today()
        await pool.execute(SQL["mark_members_who_changed_jobs"], [day, day - timedelta(days=1)])

    async def finding() -> float | None:
        return 0.0 if await update_postponed_links(pool, today()) == LINKS_AT_ONCE else None

    async def company_keys() -> None:
        await refresh_company_keys(pool, Vocabulary.default())

    return {
        "company_keys": Loop("company_keys", company_keys, every_s=KEYS_EVERY_S),
        "cleaning": Loop("cleaning", cleaning, every_s=EVERY_S, stuck_after_s=2 * EVERY_S),
        "finding": Loop("finding", finding, every_s=LINKS_EVERY_S, stuck_after_s=600.0),
    }


async def delete_expired(pool: Pool) -> None:
    """Delete proofs of addresses, sessions and uses of limits that have ended."""
    await pool.execute(SIGN_IN["delete_expired"])
    await rate_limits.clean_up(pool)


async def update_postponed_links(pool: Pool, today: date) -> int:
    """Update the links of members for whom that was postponed, each in its own transaction. Returns how many."""
    rows = await pool.fetch(SQL["to_refind"], LINKS_AT_ONCE)
    for row in rows:
        async with pool.acquire() as conn, conn.transaction():
            await network.update_links(conn, row["member_id"], today)
    return len(rows)


async def refresh_company_keys(pool: Pool, words: Vocabulary) -> None:
    """Resolve the company keys again that were resolved by another vocabulary, a page in each transaction.

    If there are any, who works with whom may have changed, and with it who is hidden from whom.
    """
    last, outdated = await _refresh_a_page(pool, words, ""), False
    while last is not None:
        last, outdated = await _refresh_a_page(pool, words, last), True
    if outdated:
        await pool.execute(SQL["refind_everybody"])


async def _refresh_a_page(pool: Pool, words: Vocabulary, after: str) -> str | None:
    async with pool.acquire() as conn, conn.transaction():
        return await store.refresh_company_keys(conn, words, after, KEYS_AT_ONCE)


async def delete_old_erased(pool: Pool) -> None:
    """Delete the versions of erased records that are too old to matter."""
    await pool.execute(SQL["delete_old_erased"], ERASED_KEPT)
