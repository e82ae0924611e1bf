"""The timer: forgets the versions of what was erased once 30 days are over."""

import asyncio
from collections.abc import Callable

from services.profiles.store import ERASED_KEPT, SQL
from shared.observability.logs import get_logger
from shared.storage.pool import Pool

EVERY_S = 15 * 60.0
log = get_logger(__name__)


async def clean(pool: Pool) -> None:
    """Forget what is over."""
    await pool.execute(SQL["forget_erased"], ERASED_KEPT)


async def run(pool: Pool, beat: Callable[[], None]) -> None:
    """Clean for ever; what failed is tried again next time."""
    while True:
        beat()
        try:
            await clean(pool)
        except Exception as error:  # a database that is away is no reason to stop
            log.exception("cleaning_failed", error=error)
        await asyncio.sleep(EVERY_S)
