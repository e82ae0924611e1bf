"""People who left: they were erased, or a contact turned out to be a member, and is known by the member's id.

A tombstone does not say which of the two it is, so profiles is asked. Whoever was erased is replaced in each
introduction by a fresh id of its own, and one in which nobody is left goes, too.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg

from services.introductions import commands, rows, store
from services.introductions.dependencies import Dependencies
from services.introductions.introduction import ERASED, Introduction
from services.introductions.links import SQL as LINKS
from services.introductions.transitions import LIVE, Outcome, State, Who
from shared.messaging.publish import outbox
from shared.messaging.topics.catalogue import INTRODUCTIONS
from shared.observability.logs import get_logger
from shared.observability.metric_list import INTRODUCTION_STEPS_FAILED
from shared.service_kit.loop import Loop
from shared.storage.pool import Connection
from shared.storage.queries import load
from shared.web import idempotency
from shared.web.identity import Caller

SQL = load(Path(__file__).with_name("departures.sql"))
EVERY_S: Final = 1.0
LOOK_AGAIN_S: Final = 3600.0
AT_ONCE: Final = 100

Change = Callable[[Introduction, datetime], Introduction]

log = get_logger(__name__)


async def note(conn: Connection, erased: list[str], gone: list[str]) -> None:
    """Note members who were erased, and tombstones of others who stand in introductions."""
    if erased:
        await conn.execute(SQL["note_erased"], erased)
    if gone:
        await conn.execute(SQL["note_named"], gone)


def loops(deps: Dependencies) -> dict[str, Loop]:
    """The loops by name: what was noted is carried out at once, and what was missed is found within the hour."""
    return {
        "departures": Loop("departures", partial(carry_out, deps), every_s=EVERY_S),
        "missed_departures": Loop("missed_departures", partial(look_again, deps), every_s=LOOK_AGAIN_S),
    }


async def look_again(deps: Dependencies) -> None:
    """Note everybody in an open introduction of whom nothing is known here: they may have left while it began."""
    await deps.pool.execute(SQL["note_unknown"])


async def carry_out(deps: Dependencies) -> None:
    """Carry out what was noted.

    Raises:
        Problem: profiles does not answer; nothing is lost.
    """
    while people := [row["person_id"] for row in await deps.pool.fetch(SQL["find_departures"], AT_ONCE)]:
        now_called = await deps.profiles.entries_now(people)
        done = [each for each in people if await _carried_out(deps, each, now_called.get(each))]
        await deps.pool.execute(SQL["delete_departures"], done)
        if len(done) < AT_ONCE:
            return


async def _carried_out(deps: Dependencies, person_id: str, now_id: str | None) -> bool:
    """Whether it was done: one person's trouble must not keep the others waiting. It is tried again later."""
    try:
        if now_id is None:
            await erase(deps, person_id)
        elif now_id != person_id:
            await _change_all(deps, person_id, partial(move, person_id=person_id, now_id=now_id))
            async with deps.pool.acquire() as conn, conn.transaction():
                await conn.execute(SQL["move_touches"], person_id, now_id)
                await conn.execute(SQL["forget_person"], person_id)
    except Exception:  # whatever it is
        INTRODUCTION_STEPS_FAILED.inc()
        log.exception("departure_failed")
        return False
    return True


async def erase(deps: Dependencies, person_id: str) -> None:
    """Erase somebody from every introduction, and whatever else is kept of them."""
    changed = await _change_all(deps, person_id, partial(without, person_id=person_id))
    async with deps.pool.acquire() as conn, conn.transaction():
        await conn.execute(SQL["forget_person"], person_id)
        await idempotency.forget(conn, Caller("member", person_id))
    log.info("person_erased", introductions=changed)


async def _change_all(deps: Dependencies, person_id: str, change: Change) -> int:
    """Change each introduction that names somebody, one seeker a transaction. Returns how many there were."""
    changed = 0
    for row in await deps.pool.fetch(SQL["seekers_with"], person_id):
        async with deps.pool.acquire() as conn, conn.transaction():
            changed += await _change_of_seeker(conn, deps, row["seeker_id"], person_id, change)
    return changed


async def _change_of_seeker(
    conn: Connection, deps: Dependencies, seeker_id: str, person_id: str, change: Change
) -> int:
    """Change a seeker's introductions that name somebody, in the caller's transaction."""
    await store.lock_seeker(conn, seeker_id)
    found = [rows.introduction(row) for row in await conn.fetch(SQL["introductions_with"], seeker_id, person_id)]
    republish_after = deps.settings.republish_after
    for one in found:
        changed = change(one, deps.now())
        for who in (Who.INTRODUCER, Who.TARGET):
            if changed.person(who) != one.person(who) and changed.was_erased(who):
                await conn.execute(LINKS["delete_links_of_role"], one.id, who.value)
        if nobody_is_left(changed):
            await conn.execute(SQL["delete_introduction"], one.id)
            await outbox.enqueue(
                conn, INTRODUCTIONS, one.id, None, outbox.next_version(one.version), source=store.SOURCE,
                republish_after=republish_after,
            )  # fmt: skip
        else:
            await _save(conn, changed, deps.now(), republish_after)
    return len(found)


async def _save(conn: Connection, one: Introduction, now: datetime, republish_after: timedelta) -> None:
    """Store an introduction. One of two live ones with the same introducer, who were two people so far, ends."""
    try:
        async with conn.transaction():
            await store.save(conn, one, republish_after=republish_after)
    except asyncpg.UniqueViolationError:
        ended = one.moved(State.CLOSED, now, Outcome.NO_LONGER_POSSIBLE, then=())
        await store.save(conn, ended, republish_after=republish_after)


def without(one: Introduction, now: datetime, person_id: str) -> Introduction:
    """The introduction without somebody who was erased."""
    if one.roles_of(person_id):
        return commands.erase(one, person_id, f"{ERASED}{uuid4()}", now)
    return replace(one, then=tuple(each for each in one.then if each != person_id))


def move(one: Introduction, now: datetime, person_id: str, now_id: str) -> Introduction:
    """The introduction with the member that a contact turned out to be.

    Where that is its seeker, or makes introducer and target one person, there is nothing to introduce any more.
    """

    def called(each: str) -> str:
        return now_id if each == person_id else each

    then = tuple(called(each) for each in one.then if called(each) != one.seeker_id)
    path = replace(one.path, introducer_id=called(one.path.introducer_id), insider_id=called(one.path.insider_id))
    senseless = one.seeker_id in (path.introducer_id, path.insider_id) or path.direct != one.path.direct
    if senseless and one.state in LIVE:
        one = one.moved(State.CLOSED, now, Outcome.NO_LONGER_POSSIBLE)
    return replace(one, path=one.path if senseless else path, then=then)


def nobody_is_left(one: Introduction) -> bool:
    """Whether everybody who had a part in it was erased."""
    three = (one.seeker_id, one.path.introducer_id, one.path.insider_id)
    return all(person.startswith(ERASED) for person in three)
