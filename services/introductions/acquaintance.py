"""Looks again at how well people know who asks them, for requests that wait for nothing but that.

A request keeps what was known when it began. Where the one asked knows the asker better by now (they rated them, say),
that is kept instead, and the timers let it go on as they do when limits are saved.
"""

from collections.abc import Collection
from dataclasses import replace

from services.introductions import rows
from services.introductions.dependencies import Dependencies
from services.introductions.introduction import Introduction, Path
from services.introductions.limits import LEAST_FIRMNESS, Limits, lets_through
from services.introductions.store import SQL
from services.introductions.transitions import Origin
from shared.observability.logs import get_logger
from shared.storage.pool import Pool
from shared.web.problems import Problem

AT_ONCE = 500
"""Waiting requests that one round looks at, any of them: each has its turn before long."""

log = get_logger(__name__)


async def look_again(deps: Dependencies) -> int:
    """Ask the matcher about those that wait for it. Returns of how many something better is known."""
    better = 0
    for one in await _not_known_well(deps.pool):
        try:
            path = await _path_now(deps, one)
        except Problem as problem:  # the matcher does not answer: tried again in the next round
            log.warning("not_looked_at_again", reason=problem.detail)
            break
        if path is not None and (path.firmness, path.target_firmness) != (one.path.firmness, one.path.target_firmness):
            await deps.pool.execute(SQL["set_firmness"], one.id, path.firmness, path.target_firmness)
            better += 1
    return better


async def _not_known_well(pool: Pool) -> list[Introduction]:
    waiting = [rows.introduction(row) for row in await pool.fetch(SQL["find_all_waiting"], AT_ONCE)]
    ids = [one.waits_for_room_of for one in waiting]
    allowed = {row["person_id"]: rows.limits(row) for row in await pool.fetch(SQL["find_limits"], ids)}
    return [one for one in waiting if _waits_for_that_alone(one, allowed.get(one.waits_for_room_of or "", Limits()))]


def _waits_for_that_alone(one: Introduction, limits: Limits) -> bool:
    known_well = replace(one.approach(), firmness=max(LEAST_FIRMNESS.values()))
    return not lets_through(limits, one.approach()) and lets_through(limits, known_well)


async def _path_now(deps: Dependencies, one: Introduction) -> Path | None:
    """The same path as the matcher knows it now. None where there is none any more, which delivering it will find."""
    found: Collection[Path]
    if one.origin == Origin.OFFER:  # it may be left out of what the seeker sees
        offers = await deps.matcher.could_introduce(one.path.introducer_id, one.seeker_id, one.opening.posting_id)
        found = [each.path for each in offers]
    else:
        found = await deps.matcher.paths(one.seeker_id, one.opening)
    people = (one.path.introducer_id, one.path.insider_id)
    return next((path for path in found if (path.introducer_id, path.insider_id) == people), None)
