"""What happens by the clock: summaries are sent when due, and what is no longer needed is deleted."""

from datetime import timedelta

from services.notifications import store
from shared.observability import trace
from shared.observability.metric_list import MESSAGES
from shared.service_kit.loop import Loop
from shared.storage.pool import Pool

KEEP_VERSIONS = timedelta(days=30)
"""As long as an old record could still arrive."""

KEEP_EVENTS = timedelta(days=7)
"""How far back a stream can be resumed."""

KEEP_LINKS = timedelta(days=365)
"""For how long the link in an e-mail turns its kind off."""

CLEAN_EVERY_S = 3600.0
LONGEST_TICK_S = 1.0


def loops(pool: Pool, quiet: timedelta, *, email: bool) -> dict[str, Loop]:
    """The loops by name. `quiet`: how long a summary waits for further items. Several processes may run them."""

    async def summaries() -> None:
        await send_summaries(pool, email=email)

    async def cleaning() -> None:
        await store.delete_old(pool, versions=KEEP_VERSIONS, events=KEEP_EVENTS, links=KEEP_LINKS)

    every_s = min(LONGEST_TICK_S, quiet.total_seconds() / 4)
    return {
        "summaries": Loop("summaries", summaries, every_s=every_s),
        "cleaning": Loop("cleaning", cleaning, every_s=CLEAN_EVERY_S),
    }


async def send_summaries(pool: Pool, *, email: bool) -> int:
    """Send every summary that is due, each in its own transaction. Returns how many."""
    sent = 0
    for member_id in await store.due_digests(pool):
        with trace.span("send summary", None):  # it has many causes, so it begins a trace, which its e-mail continues
            async with pool.acquire() as connection, connection.transaction():
                if await store.send_summary(connection, member_id, email=email):
                    MESSAGES.labels("summary").inc()
                    sent += 1
    return sent
