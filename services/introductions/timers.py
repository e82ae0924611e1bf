"""What happens by the clock: what is due is carried out, free places are filled, old notes are deleted.

Several processes may run the loops: each seeker is taken by one of them at a time, and decided about under locks.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Final

from services.introductions import acquaintance, links, mirror, store, working
from services.introductions.dependencies import Dependencies
from services.introductions.transitions import State
from shared.observability.logs import get_logger
from shared.observability.metric_list import (
    INTRODUCTION_STEPS_FAILED,
    INTRODUCTIONS,
    INTRODUCTIONS_OVERDUE,
    INTRODUCTIONS_WAITING,
)
from shared.service_kit.loop import Loop
from shared.web import idempotency
from shared.web.problems import Problem

EVERY_S: Final = 1.0
STUCK_AFTER_S: Final = 600.0
CLEAN_EVERY_S: Final = 3600.0
COUNT_EVERY_S: Final = 15.0
LOOK_AGAIN_EVERY_S: Final = 30.0
KEEP_NOTES: Final = timedelta(days=90)
"""How long after the end of an introduction its note and its links are kept."""

OUTAGE_FROM: Final = timedelta(minutes=30)
"""Silence of the heartbeat, in real time, from which on people may have been unable to answer."""

SPARED_AFTER: Final = timedelta(days=3)
"""After an outage nothing ends by itself within this time."""

log = get_logger(__name__)


class Timers:
    """The loops. An outage is looked for before anything is carried out, and before the API answers."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._loop = Loop("due", partial(tick, deps), every_s=EVERY_S, stuck_after_s=STUCK_AFTER_S)
        self.check, self.check_moving = self._loop.check, self._loop.check_moving

    async def start(self) -> None:
        """Begin."""
        await beat(self._deps)
        await self._loop.start()

    async def stop(self) -> None:
        """End."""
        await self._loop.stop()


def loops(deps: Dependencies) -> dict[str, Loop]:
    """The other loops by name."""
    return {
        "cleaning": Loop("cleaning", partial(clean, deps), every_s=CLEAN_EVERY_S),
        "counting": Loop("counting", partial(count, deps), every_s=COUNT_EVERY_S),
        "acquaintance": Loop("acquaintance", partial(look_again, deps), every_s=LOOK_AGAIN_EVERY_S),
    }


async def tick(deps: Dependencies) -> None:
    """Note that the service is there, and carry out what is due."""
    await beat(deps)
    await carry_out(deps)


async def beat(deps: Dependencies) -> bool:
    """Note that the service is there; after an outage, put off what would end by itself. Returns whether there was one.

    An outage is silence in real time: that the service's clock jumps is none.
    """
    async with deps.pool.acquire() as conn, conn.transaction():
        if not await store.beat(conn, OUTAGE_FROM):
            return False
        until = deps.now() + SPARED_AFTER
        seekers = await store.due_before(conn, until)
        for seeker_id in seekers:
            await store.postpone(conn, seeker_id, until)
    log.warning("outage_noticed", seekers=len(seekers))
    return True


async def carry_out(deps: Dependencies) -> int:
    """Carry out what is due and let go on what has its turn, until nothing is left. Returns how much was changed."""
    changed, failed = 0, set[str]()
    while True:
        due = await store.due(deps.pool, deps.now(), failed)
        turns = [one for one in await store.next_in_turn(deps.pool, deps.now()) if one not in failed]
        done = await _carry_out(deps, dict.fromkeys([*due, *turns]), failed)
        if not done:
            return changed
        changed += done


async def _carry_out(deps: Dependencies, seekers: Iterable[str], failed: set[str]) -> int:
    changed = 0
    for seeker_id in seekers:
        try:
            paths = await working.paths_of(deps, seeker_id)
            async with deps.pool.acquire() as conn, conn.transaction():
                if await store.try_lock_seeker(conn, seeker_id):  # else another process is at work on it
                    changed += await working.carry_out_due(conn, deps, seeker_id, paths)
        except Problem as problem:  # the matcher does not answer: tried again in the next round
            failed.add(seeker_id)
            log.warning("not_carried_out", reason=problem.detail)
        except Exception:  # one seeker's trouble must not keep the others waiting
            failed.add(seeker_id)
            INTRODUCTION_STEPS_FAILED.inc()
            log.exception("due_step_failed")
    return changed


async def look_again(deps: Dependencies) -> None:
    """Let requests go on whose receiver knows the sender well enough by now."""
    if await acquaintance.look_again(deps):
        await carry_out(deps)


async def clean(deps: Dependencies) -> None:
    """Delete old notes, links and versions, and answers that nobody repeats a request for."""
    await store.delete_old_notes(deps.pool, deps.now() - KEEP_NOTES)
    await links.delete_old(deps.pool, deps.now() - KEEP_NOTES)
    await mirror.delete_old(deps.pool)
    await deps.pool.execute(store.SQL["delete_weeks"], (deps.now() - KEEP_NOTES).date())
    await idempotency.clean_up(deps.pool)


async def count(deps: Dependencies) -> None:
    """Count introductions by state. A quiet answer is in none of these numbers."""
    found = await store.states(deps.pool, deps.now())
    for state, there in (dict.fromkeys(State, 0) | {State(each[0]): each[1] for each in found}).items():
        INTRODUCTIONS.labels(state.value).set(there)
    INTRODUCTIONS_OVERDUE.set(sum(late for _, _, late, _ in found))
    INTRODUCTIONS_WAITING.set(sum(waits for _, _, _, waits in found))
