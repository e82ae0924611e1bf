"""The engines that a matcher can run on: the fast one, and the plain one, which has the same rules and no kernels."""

from services.matching.domain import Person
from services.matching.engine import ask_next
from services.matching.engine import engine as fast
from services.matching.rules import questions
from services.matching.rules.ask_next import RatingCandidate
from services.matching.rules.helping import is_within_reach
from services.matching.rules.paths import InsiderIndex, Path
from services.matching.rules.plain import engine as plain
from services.matching.rules.questions import Explanation, LeftThere
from services.matching.rules.reach import may_be_kept_away
from services.matching.rules.suggestions import fit_of, suggestion


class PlainEngine(plain.Engine):
    """The plain engine with the questions that callers ask. It compiles nothing and has no snapshot."""

    def paths(self, person: str, company: str) -> tuple[list[Path], list[LeftThere]]:
        """Who could introduce somebody into a company, best first; without any, who left it.

        Raises:
            KeyError: nothing is known of them.
        """
        known = self.state.people[person]
        return ([], []) if self.state.today is None else questions.paths(self.network, known, company)

    def seekers(self, posting: str) -> list[str] | None:
        """Who has a suggestion for an opening, whoever answers for it; None for an unknown one."""
        opening = self.state.openings.get(posting)
        if opening is None:
            return None
        insiders = InsiderIndex(self.network, self.network.insiders(opening))
        people = self.state.people.values()
        return [person.id for person in people if suggestion(self.network, person, opening, insiders) is not None]

    def seekers_with_secrets(self, posting: str) -> list[str]:
        """All seekers whom least pay or blocked companies may keep from an opening."""
        opening = self.state.openings.get(posting)
        if opening is None:
            return []
        return [person.id for person in self.state.people.values() if may_be_kept_away(person, opening)]

    def seekers_known_to(self, person: str) -> list[str]:
        """Seekers who share a record with somebody, by id."""
        people = self.state.people
        return sorted(one for one in self.state.near(person) if one in people and people[one].seeks)

    def openings_within_reach(self, seeker: Person, helper: str) -> list[tuple[str, float]]:
        """Openings that fit a seeker as given here and that a helper may have a path to, with the fit.

        At companies where they, or somebody they share a record with, ever worked, or one of them is hiring contact.
        """
        people = {helper, *self.state.near(helper)}
        found = ((one, fit_of(seeker, one, self.network)) for one in self.state.openings.values())
        return [(one.id, fit) for one, fit in found if fit is not None and is_within_reach(self.network, people, one)]

    def explain(self, seeker: str, posting: str) -> Explanation:
        """The suggestion with the numbers that were used, or the first rule that ruled it out."""
        return questions.explain(self.network, seeker, posting)

    def ask_next(self, person: str, n: int) -> list[RatingCandidate]:
        """The contacts whose closeness, stated as 4, would most raise the sum over the person's openings."""
        return ask_next.ask_next(self.network, person, n)


Engine = fast.Engine | PlainEngine
