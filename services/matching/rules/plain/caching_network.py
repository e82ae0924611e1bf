"""A network that caches its answers until they are invalidated.

It answers exactly as the plain one does. Whoever changes the state invalidates what changed before the next question.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from services.matching.domain import Opening, Pair, Person, State
from services.matching.rules import standing
from services.matching.rules.network import Network
from services.matching.rules.strength import Tie

_NOBODY: frozenset[str] = frozenset()


class CachingNetwork(Network):
    """Ties, member neighbourhoods, help and insiders, each computed once by the plain rule."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._ties: dict[Pair, Tie | None] = {}
        self._tied: dict[str, AbstractSet[str]] = {}
        self._help: dict[str, float] = {}
        self._insiders: dict[str, dict[str, float]] = {}
        self._families: dict[str, frozenset[str]] = {}
        self._worked_at: dict[str, set[str]] = {}

    def tie(self, a: str, b: str) -> Tie | None:
        """The tie of two people from the side of `a`, if there is one."""
        try:
            return self._ties[a, b]
        except KeyError:
            found = self._ties[a, b] = super().tie(a, b)
            return found

    def tied_members(self, person: str) -> AbstractSet[str]:
        """The members somebody is tied to."""
        found = self._tied.get(person)
        if found is None:
            found = self._tied[person] = super().tied_members(person)
        return found

    def help(self, introducer: str) -> float:
        """H of an introducer."""
        found = self._help.get(introducer)
        if found is None:
            found = self._help[introducer] = super().help(introducer)
        return found

    def families(self, person: str) -> frozenset[str]:
        """The families of the companies where somebody works today."""
        found = self._families.get(person)
        if found is None:
            found = self._families[person] = super().families(person)
        return found

    def insiders(self, opening: Opening) -> dict[str, float]:
        """Everybody with a standing towards the opening; checks those who ever worked there."""
        found = self._insiders.get(opening.id)
        if found is None:
            candidates = self._worked_at.get(opening.company, _NOBODY) | {opening.hiring_contact or ""}
            people = (self.state.people[one] for one in candidates if one in self.state.people)
            values = ((person.id, standing.standing_for(person, opening, self.today)) for person in people)
            found = self._insiders[opening.id] = {person: value for person, value in values if value > 0}
        return found

    def insiders_at(self, company: str) -> dict[str, float]:
        """Everybody with a standing at a company; checks those who ever worked there."""
        people = (self.state.people[one] for one in self._worked_at.get(company, _NOBODY))
        values = ((person.id, standing.standing_at(person, company, self.today)) for person in people)
        return {person: value for person, value in values if value > 0}

    def invalidate_tie(self, a: str, b: str) -> None:
        """The evidence between two people changed."""
        self._ties.pop((a, b), None)
        self._ties.pop((b, a), None)
        self._tied.pop(a, None)
        self._tied.pop(b, None)

    def invalidate_person(self, person: str) -> None:
        """Somebody came, went, or became or ceased to be a member: all their ties may have changed."""
        for other in self.state.near(person):
            self.invalidate_tie(person, other)
        self._tied.pop(person, None)

    def invalidate_help(self, introducer: str) -> None:
        """An introduction of this introducer changed."""
        self._help.pop(introducer, None)

    def invalidate_insiders(self, openings: Iterable[str]) -> None:
        """The openings, or people who work or worked at their companies, changed."""
        for opening in openings:
            self._insiders.pop(opening, None)

    def invalidate_day(self) -> None:
        """The day changed, and with it every age."""
        for memory in (self._ties, self._tied, self._help, self._insiders, self._families):
            memory.clear()

    def employments_changed(self, person: str, before: Person | None, after: Person | None) -> None:
        """Somebody's employments may have changed: update the index of who ever worked where."""
        self._families.pop(person, None)
        for job in before.jobs if before else ():
            self._worked_at.get(job.company, set()).discard(person)
        for job in after.jobs if after else ():
            self._worked_at.setdefault(job.company, set()).add(person)
