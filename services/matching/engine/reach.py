"""Counts the reach of an opening in many short questions, between which the engine goes on with its work.

Seekers with a suggestion are counted without another look. The plain rules decide about those whom least pay or blocked
companies may keep from one, which are few. Somebody who changes meanwhile is counted as they were before or after.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from time import perf_counter
from typing import Protocol, TypeVar

from services.matching.domain import Opening
from services.matching.engine.engines import Engine
from services.matching.rules.paths import InsiderIndex
from services.matching.rules.reach import (
    fits_without_secrets,
    has_path_without_secrets,
    has_sought_since,
    may_be_kept_away,
)

QUESTION_S = 0.002
"""What one question takes at most, but for the insiders of a large company and the paths of one seeker."""

T = TypeVar("T")


class Ask(Protocol):
    """Puts a question to the engine, on its own thread."""

    def __call__(self, question: Callable[[Engine], T]) -> Awaitable[T]:
        """Its answer."""


@dataclass(slots=True)
class Count:
    """A count under way. `waiting`: seekers who are still to be looked at, some of whom have a suggestion."""

    posting: str
    latest: date
    suggested: frozenset[str]
    waiting: list[str]
    reached: int = 0

    def go_on(self, engine: Engine) -> None:
        """Look at as many seekers as fit into one question."""
        opening, end = engine.state.openings.get(self.posting), perf_counter() + QUESTION_S
        if opening is None:
            self.waiting.clear()
            return
        insiders: InsiderIndex | None = None
        while self.waiting and perf_counter() < end:
            seeker = engine.state.people.get(self.waiting.pop())
            if seeker is None or not seeker.seeks or not has_sought_since(seeker, self.latest):
                continue
            if seeker.id in self.suggested:
                self.reached += 1
            elif may_be_kept_away(seeker, opening) and fits_without_secrets(engine.network, seeker, opening):
                insiders = insiders or _insiders(engine, opening)
                self.reached += has_path_without_secrets(engine.network, seeker, insiders)


def _insiders(engine: Engine, opening: Opening) -> InsiderIndex:
    return InsiderIndex(engine.network, engine.network.insiders(opening))


def begin(engine: Engine, posting: str, seeking_days: int) -> Count | None:
    """Begin to count those who have been seeking for so many days; None for an unknown opening."""
    suggested, today = engine.seekers(posting), engine.state.today
    if suggested is None or today is None:
        return None
    everybody = frozenset(suggested)
    waiting = everybody.union(engine.seekers_with_secrets(posting))
    return Count(posting, today - timedelta(days=seeking_days), everybody, list(waiting))


async def count_reach(ask: Ask, posting: str, seeking_days: int) -> int | None:
    """How many seekers the opening reaches, of those who have been seeking for so many days; None: it is unknown."""
    count = await ask(lambda engine: begin(engine, posting, seeking_days))
    while count is not None and count.waiting:
        await ask(count.go_on)
    return None if count is None else count.reached
