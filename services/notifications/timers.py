"""What happens by the clock: summaries that are due, and forgetting what nobody needs any longer."""

from datetime import timedelta

from services.notifications import store
from shared.observability import trace
from shared.observability.metric_list import MESSAGES
from shared.service_kit.loop import Loop
from shared.storage.pool import Pool

KEEP_VERSIONS = timedelta(days=30)
"""As long as a stale record could still arrive."""

KEEP_EVENTS = timedelta(days=7)
"""How far back a stream can be resumed."""

CLEAN_EVERY_S = 3600.0
LONGEST_TICK_S = 1.0


def loops(pool: Pool, quiet: timedelta, *, email: bool) -> dict[str, Loop]:
    """The loops by name. `quiet`: how long a summary waits for more. Several processes may run them."""

    async def summaries() -> None:
        await tell_summaries(pool, email=email)

    async def cleaning() -> None:
        await store.forget(pool, versions=KEEP_VERSIONS, events=KEEP_EVENTS)

    every_s = min(LONGEST_TICK_S, quiet.total_seconds() / 4)
    return {
        "summaries": Loop("summaries", summaries, every_s=every_s),
        "cleaning": Loop("cleaning", cleaning, every_s=CLEAN_EVERY_S),
    }


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
