"""What the path rules need to know of people and ties, in one place; nothing is cached between calls.

The engine brings its own `Network` that remembers answers; the rules on top do not know the difference, and the tests
compare the two.
"""

from collections.abc import Set as AbstractSet
from datetime import date

from services.matching.domain import Opening, State
from services.matching.rules import bridge, standing, strength
from services.matching.rules.strength import Tie


class Network:
    """Ties, bridges, help and insiders of one state (sections 2 and 3)."""

    def __init__(self, state: State) -> None:
        self.state = state

    @property
    def today(self) -> date:
        """The day. It must be known."""
        assert self.state.today is not None  # noqa: S101 - callers check before they ask for paths
        return self.state.today

    def tie(self, a: str, b: str) -> Tie | None:
        """The tie of two people from the side of `a`, if there is one."""
        return strength.tie_between(self.state, a, b)

    def blocked(self, a: str, b: str) -> bool:
        """Whether no path may have both on it."""
        return strength.blocked(self.state, a, b)

    def tied_members(self, person: str) -> AbstractSet[str]:
        """The members somebody is tied to."""
        people = self.state.people
        near = (other for other in self.state.near(person) if other in people and people[other].member)
        return {other for other in near if self.tie(person, other) is not None}

    def mutual(self, a: str, b: str) -> int | None:
        """m, the members tied to both; None where it says little."""
        people = self.state.people
        if not (people[a].member and people[b].member):
            return None
        return bridge.mutual(self.tied_members(a), self.tied_members(b))

    def bridge(self, a: str, b: str) -> float:
        """B of two people."""
        return bridge.bridge(self.mutual(a, b))

    def help(self, introducer: str) -> float:
        """H of an introducer."""
        return bridge.helpfulness(self.state, introducer)

    def introduces(self, person: str) -> bool:
        """Whether this is a member who introduces others."""
        found = self.state.people[person]
        return found.member and found.introduces

    def families(self, person: str) -> frozenset[str]:
        """The families of the companies where somebody works today."""
        return self.state.people[person].families(self.today)

    def works_in(self, person: str, families: AbstractSet[str]) -> bool:
        """Whether somebody works in one of these families today."""
        return not self.families(person).isdisjoint(families)

    def insiders(self, opening: Opening) -> dict[str, float]:
        """Everybody with a standing towards the opening."""
        found = {p.id: standing.standing_for(p, opening, self.today) for p in self.state.people.values()}
        return {person: value for person, value in found.items() if value > 0}

    def insiders_at(self, company: str) -> dict[str, float]:
        """Everybody with a standing at a company, regardless of any opening (section 6)."""
        found = {p.id: standing.standing_at(p, company, self.today) for p in self.state.people.values()}
        return {person: value for person, value in found.items() if value > 0}
