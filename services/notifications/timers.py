"""What happens by the clock: summaries are sent when due, and what is no longer needed is deleted."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.notifications import store, telling
from services.notifications.kinds import KEPT_NEWS
from services.notifications.notices import Notice, notice_id
from services.notifications.store import SQL
from shared.observability import trace
from shared.observability.metric_list import MESSAGES
from shared.service_kit.loop import Loop
from shared.storage.pool import Pool

KEEP_VERSIONS = timedelta(days=30)
"""As long as an old record could still arrive."""

MONDAY_SOMEWHERE = {7, 1, 2}
"""Days of the week in UTC, 1 to 7, on which it may be Monday in some time zone."""

KEEP_EVENTS = timedelta(days=7)
"""How far back a stream can be resumed."""

KEEP_LINKS = timedelta(days=365)
"""For how long the link in an e-mail turns its kind off."""

KEEP_NEWS = timedelta(days=90)
"""For how long news of introductions stands in the inbox."""

KEEP_IN_TOUCH: Final = "keep_in_touch"
KEEP_IN_TOUCH_FROM = 8
"""Whom to keep in touch with is told on Mondays, from this hour of the member's day on."""

A_WEEK = timedelta(days=7)
CLEAN_EVERY_S = 3600.0
KEEP_IN_TOUCH_EVERY_S = 600.0
LONGEST_TICK_S = 1.0


def loops(pool: Pool, quiet: timedelta, *, email: bool) -> dict[str, Loop]:
    """The loops by name. `quiet`: how long a summary waits for further items. Several processes may run them."""

    async def summaries() -> None:
        await send_summaries(pool, email=email)

    async def cleaning() -> None:
        await store.delete_old(pool, versions=KEEP_VERSIONS, events=KEEP_EVENTS, links=KEEP_LINKS)
        await pool.execute(SQL["withdraw_old_news"], KEPT_NEWS, KEEP_NEWS)
        await pool.execute(SQL["withdraw_old_news"], [KEEP_IN_TOUCH], A_WEEK)

    async def keeping_in_touch() -> None:
        await plan_keeping_in_touch(pool, datetime.now(UTC))

    every_s = min(LONGEST_TICK_S, quiet.total_seconds() / 4)
    return {
        "summaries": Loop("summaries", summaries, every_s=every_s),
        "cleaning": Loop("cleaning", cleaning, every_s=CLEAN_EVERY_S),
        "keeping_in_touch": Loop("keeping_in_touch", keeping_in_touch, every_s=KEEP_IN_TOUCH_EVERY_S),
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


async def plan_keeping_in_touch(pool: Pool, now: datetime) -> int:
    """On Monday morning: plan what says whom to keep in touch with, for all with a suggestion. Returns how many."""
    if now.astimezone(UTC).isoweekday() not in MONDAY_SOMEWHERE:
        return 0
    rows = await pool.fetch(SQL["find_seekers"], KEEP_IN_TOUCH, A_WEEK / 2)
    planned = [
        _keep_in_touch(row["member_id"], local, now) for row in rows if (local := _monday_at(row["timezone"], now))
    ]
    if planned:
        async with pool.acquire() as connection, connection.transaction():
            await telling.add(connection, planned)
    return len(planned)


def _monday_at(timezone: str, now: datetime) -> datetime | None:
    """The time there, if it is Monday and no longer too early."""
    local = now.astimezone(ZoneInfo(timezone))
    return local if local.isoweekday() == 1 and local.hour >= KEEP_IN_TOUCH_FROM else None


def _keep_in_touch(member_id: str, local: datetime, now: datetime) -> Notice:
    year, week, _ = local.isocalendar()
    return Notice(
        item_id=notice_id(KEEP_IN_TOUCH, KEEP_IN_TOUCH, f"{year}, week {week}", member_id),
        kind=KEEP_IN_TOUCH,
        member_id=member_id,
        introduction_id=KEEP_IN_TOUCH,
        version=0,
        due_at=now,
    )
