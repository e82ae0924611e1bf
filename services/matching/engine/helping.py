"""Finds openings to which somebody could introduce people who look openly, in many short questions.

The engine proposes openings by fit, and the rules decide. How many are looked at depends on nothing that only a seeker
may know, nor does what is done for each.
"""

from dataclasses import dataclass, field
from time import perf_counter
from typing import Final, NamedTuple

from services.matching.engine import reach
from services.matching.engine.engines import Engine
from services.matching.rules.helping import looks_openly, path_through
from services.matching.rules.paths import Path
from services.matching.rules.reach import without_secrets

MOST_FOUND: Final = 20
MOST_LOOKED_AT: Final = 200
"""Openings that are looked at, of all seekers together; of each the same number."""

MOST_SEEKERS: Final = 50


class Help(NamedTuple):
    """An opening that fits a seeker, and the path through the helper."""

    seeker: str
    posting: str
    fit: float
    path: Path


@dataclass(slots=True)
class HelpSearch:
    """A search under way: first openings are proposed for each seeker, then looked at, the best fit first."""

    helper: str
    posting: str | None
    seekers: list[str]
    share: int
    proposed: list[tuple[float, str, str]] = field(default_factory=list)
    found: list[Help] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return not self.seekers and (not self.proposed or len(self.found) >= MOST_FOUND)

    def go_on(self, engine: Engine) -> None:
        """Do as much as fits into one question; at least one step."""
        end = perf_counter() + reach.QUESTION_S
        while not self.is_over:
            if self.seekers:
                self._propose(engine, self.seekers.pop())
            else:
                self._look(engine, *self.proposed.pop()[1:])
            if perf_counter() >= end:
                return

    def _propose(self, engine: Engine, seeker: str) -> None:
        person = engine.state.people.get(seeker)
        if person is not None and looks_openly(person):
            fitting = engine.openings_within_reach(without_secrets(person), self.helper)
            wanted = [(-fit, posting, seeker) for posting, fit in fitting if self.posting in {None, posting}]
            self.proposed += sorted(wanted)[: self.share]
        if not self.seekers:
            self.proposed.sort(reverse=True)

    def _look(self, engine: Engine, posting: str, seeker: str) -> None:
        person, opening = engine.state.people.get(seeker), engine.state.openings.get(posting)
        if person is None or opening is None or not looks_openly(person):
            return
        through = path_through(engine.network, self.helper, person, opening)
        if through is not None:
            self.found.append(Help(seeker, posting, *through))


def begin(engine: Engine, helper: str, seeker: str | None, posting: str | None) -> HelpSearch:
    """Begin to search, for one seeker and one opening where they are named."""
    seekers = []
    if engine.state.today is not None and helper in engine.state.people:
        known = [one for one in engine.seekers_known_to(helper) if seeker in {None, one}]
        seekers = [one for one in known if looks_openly(engine.state.people.get(one))][:MOST_SEEKERS]
    return HelpSearch(helper, posting, seekers, MOST_LOOKED_AT // max(1, len(seekers)))


async def could_introduce(ask: reach.Ask, helper: str, seeker: str | None, posting: str | None) -> list[Help]:
    """At most `MOST_FOUND` openings, the best fit first."""
    search = await ask(lambda engine: begin(engine, helper, seeker, posting))
    while not search.is_over:
        await ask(search.go_on)
    return search.found
