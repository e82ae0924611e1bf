"""What happens by the clock: the versions of erased records are forgotten once 30 days are over."""

from services.profiles.store import ERASED_KEPT, SQL
from shared.service_kit.loop import Loop
from shared.storage.pool import Pool

EVERY_S = 15 * 60.0


def loops(pool: Pool) -> dict[str, Loop]:
    """The loops by name."""

    async def cleaning() -> None:
        await forget_erased(pool)

    return {"cleaning": Loop("cleaning", cleaning, every_s=EVERY_S, stuck_after_s=2 * EVERY_S)}


async def forget_erased(pool: Pool) -> None:
    """Forget the versions that no stale record can meet any more."""
    await pool.execute(SQL["forget_erased"], ERASED_KEPT)
