"""Tells what introductions call for: planned when a record is read, told when it is due if it still is to be said.

Kept true: a notice is told in one transaction with its event and its e-mail's place in the queue, so that no kill tells
it twice or not at all; and introductions was asked before, so that nothing is told that is no longer so.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.notifications import store
from services.notifications.introductions_client import Introductions, IntroductionsUnavailable
from services.notifications.kinds import kind_of
from services.notifications.notices import Notice
from services.notifications.planning import NewEvent, Plan, Withdrawal
from services.notifications.store import SQL
from shared.observability import trace
from shared.observability.metric_list import DELIVERED_SECONDS, MESSAGES
from shared.service_kit.loop import Loop
from shared.storage.pool import Connection, Pool

AT_ONCE = 20
TOGETHER = 5
IDLE_S = 5.0
ASK_AGAIN_AFTER = timedelta(seconds=15)
OLD_NEWS = timedelta(days=30)
"""What was due longer before its record was written was told then: no row may be left that says so."""
_LEAST_PAUSE_S = 0.05


async def plan(
    connection: Connection,
    introduction_id: str,
    version: int,
    wanted: Sequence[Notice],
    written: datetime,
    trace_id: str | None,
) -> None:
    """Plan what is to be told, and take back what is not any more. An older version of the record changes nothing.

    `written`: when the record was; what was due before a restore from a backup may have been told already, and is shown
    without a message.
    """
    held = await connection.fetch(SQL["find_notices"], introduction_id)
    members = {row["member_id"] for row in held if row["member_id"]} | {notice.member_id for notice in wanted}
    if not members:
        return
    await store.lock_members(connection, members)
    held = await connection.fetch(SQL["find_notices"], introduction_id)
    if any(row["version"] >= version for row in held):
        return
    known, still = {row["item_id"] for row in held}, {notice.item_id for notice in wanted}
    gone = [row for row in held if row["item_id"] not in still and (row["live"] or row["due_at"])]
    await store.write(connection, _withdrawals(gone, version, trace_id))
    restored = held[0]["restored"] if held else await connection.fetchval("SELECT max(until) FROM restores")
    told = restored is not None and written <= restored
    fresh = [each for each in wanted if each.item_id not in known and each.due_at > written - OLD_NEWS]
    await add(connection, fresh, trace_id, told=told)
    await connection.execute(SQL["note_version"], introduction_id, version)


async def add(
    connection: Connection, planned: Sequence[Notice], trace_id: str | None = None, *, told: bool = False
) -> None:
    """Plan notices, each once for all time. `told`: they are shown, without a message."""
    if planned:
        await connection.execute(SQL["add_notices"], [_row(notice, trace_id, told=told) for notice in planned])


def _withdrawals(gone: Sequence[Any], version: int, trace_id: str | None) -> Plan:
    """What no longer holds leaves inboxes; what was not told yet is never told."""
    made = Plan(timedelta(0), timedelta(0), email=False)
    made.withdrawals += [Withdrawal(row["kind"], row["item_id"], version, trace_id) for row in gone]
    made.events += [NewEvent(row["member_id"], "withdrawn", row["item_id"]) for row in gone if row["live"]]
    return made


def _row(notice: Notice, trace_id: str | None, *, told: bool) -> dict[str, Any]:
    order = kind_of(notice).order(notice)
    due_at = notice.due_at.isoformat()
    return {
        "suggestion_id": notice.item_id,
        "kind": notice.kind,
        "member_id": notice.member_id,
        "posting_id": notice.introduction_id,
        "version": notice.version,
        "content": notice.model_dump(mode="json"),
        "rank": str(order.rank),
        "posted_at": due_at,
        "suggested_at": due_at,
        "due_at": None if told else due_at,
        "told_at": due_at if told else None,
        "trace_id": trace_id,
    }


@dataclass(frozen=True, slots=True)
class _Due:
    """A notice that is due."""

    item_id: str
    member_id: str
    kind: str
    introduction_id: str


class Teller:
    """A loop over the notices that are due; several processes may each run one."""

    def __init__(self, pool: Pool, introductions: Introductions, *, email: bool) -> None:
        self._pool, self._introductions, self._email = pool, introductions, email
        self.loop = Loop("notices", self.tell_due, every_s=IDLE_S)

    async def tell_due(self) -> float | None:
        """Tell all that is due. Returns the seconds until the next notice is, if that is soon."""
        while not self.loop.stopping:
            rows = await self._pool.fetch(SQL["due_notices"], AT_ONCE)
            due = [_Due(*row) for row in rows]
            for start in range(0, len(due), TOGETHER):
                await asyncio.gather(*map(self._tell, due[start : start + TOGETHER]))
            if len(due) < AT_ONCE:
                break
        seconds: float | None = await self._pool.fetchval(SQL["next_notice_in"])
        return None if seconds is None else min(IDLE_S, max(_LEAST_PAUSE_S, seconds))

    async def _tell(self, due: _Due) -> None:
        with trace.span("tell of introduction", None, facts={"warmpath.message.kind": due.kind}):
            try:
                message = await self._introductions.message(due.introduction_id, due.member_id, due.kind)
            except IntroductionsUnavailable:
                await self._pool.execute(SQL["postpone_notice"], due.item_id, ASK_AGAIN_AFTER)
                return
            if message is None:
                await self._pool.execute(SQL["drop_notice"], due.item_id)
                return
            async with self._pool.acquire() as connection, connection.transaction():
                since = await self._put_in_the_inbox(connection, due)
            if since is not None:
                MESSAGES.labels(due.kind).inc()
                DELIVERED_SECONDS.labels("due").observe(max(0.0, time.time() - since.timestamp()))

    async def _put_in_the_inbox(self, connection: Connection, due: _Due) -> datetime | None:
        """Show it, tell open screens, and queue its e-mail. Returns when it became due; None: it is no longer."""
        await store.lock_member(connection, due.member_id)
        since: datetime | None = await connection.fetchval(SQL["show_notice"], due.item_id)
        if since is not None:
            event = NewEvent(due.member_id, due.kind, due.item_id, trace.current_traceparent(), self._email)
            [seq] = await store.add_events(connection, [event])
            await connection.execute(SQL["mark_notice_told"], due.item_id, seq)
        return since
