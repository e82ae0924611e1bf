"""How a member knows people: looked up in many short questions, between which the engine goes on with its work.

Only the member's own side counts. Somebody about whom a record changes meanwhile is told as they were before or after.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from time import perf_counter
from typing import Final

from services.matching.engine import reach
from services.matching.engine.engines import Engine
from services.matching.rules.strength import blocked, shows, stated
from shared.events.ties import Messages, WorkedTogether

A_YEAR_OF_WORK: Final = 12
"""Months of work together from which on it may be worth waking a tie."""

CLOSE: Final = 3
"""Closeness from which on it may be."""

ASLEEP_AFTER: Final = timedelta(days=3 * 365)
MOST_ASLEEP: Final = 20


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What the member's own side shows of knowing somebody; nothing of what the other says.

    `last_sign`: the last message, or the last day of working together; None where neither is known.
    """

    person_id: str
    last_sign: date | None
    months_together: int
    closeness: int | None


@dataclass(slots=True)
class Acquaintances:
    """A search under way: who was found, by id, of those who are no longer waiting. `today`: the engine's."""

    member: str
    today: date
    waiting: list[str]
    found: dict[str, Acquaintance] = field(default_factory=dict)

    def go_on(self, engine: Engine) -> None:
        """Look at as many people as fit into one question; at least one."""
        end = perf_counter() + reach.QUESTION_S
        while self.waiting:
            one = _acquaintance(engine, self.member, self.waiting.pop(), self.today)
            if one is not None:
                self.found[one.person_id] = one
            if perf_counter() >= end:
                return


def begin(engine: Engine, member: str) -> Acquaintances | None:
    """Begin to look; None for somebody who is not known, and before the day is."""
    today = engine.state.today
    if today is None or member not in engine.state.people:
        return None
    return Acquaintances(member, today, list(engine.state.near(member)))


async def find_acquaintances(ask: reach.Ask, member: str) -> Acquaintances | None:
    """Everybody whom a member knows; None as `begin` says."""
    search = await ask(lambda engine: begin(engine, member))
    while search is not None and search.waiting:
        await ask(search.go_on)
    return search


def asleep(search: Acquaintances) -> list[Acquaintance]:
    """Whom it may be worth waking, the closest first: known well, and no sign of life for three years."""
    before = search.today - ASLEEP_AFTER
    found = [one for one in search.found.values() if _knows_well(one) and (one.last_sign or date.min) < before]
    return sorted(found, key=lambda one: (-(one.closeness or 0), -one.months_together, one.person_id))[:MOST_ASLEEP]


def _knows_well(one: Acquaintance) -> bool:
    return one.months_together >= A_YEAR_OF_WORK or (one.closeness or 0) >= CLOSE


def _acquaintance(engine: Engine, member: str, other: str, today: date) -> Acquaintance | None:
    evidence = engine.state.side(member, other)
    if not shows(evidence) or blocked(engine.state, member, other):
        return None
    work = [one for one in evidence if isinstance(one, WorkedTogether)]
    signs = [one.last for one in evidence if isinstance(one, Messages)] + [one.ended or today for one in work]
    return Acquaintance(
        person_id=other,
        last_sign=max(signs, default=None),
        months_together=sum(one.months for one in work),
        closeness=stated(evidence),
    )
