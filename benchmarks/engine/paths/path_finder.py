"""What is asked of those who only find paths: they are handed who fits and who works where."""

from abc import abstractmethod
from collections.abc import Callable

from benchmarks.engine.questions import Answer, Ask, Call, Question, Turn
from benchmarks.engine.subject import Subject

Reply = Answer | Callable[[], Answer]
"""An answer, or what turns a subject's own form of it into one; that is not timed."""


class PathFinder(Subject):
    """A library that answers the three questions over the same columns."""

    def prepare(self, request: Question) -> Question:
        """Most have nothing to prepare."""
        return request

    def answer(self, prepared: Question) -> Reply:
        """By the kind of question."""
        match prepared:
            case Ask():
                return self.introducers(prepared)
            case Call():
                return self.opening(prepared)
            case Turn():
                return self.profile(prepared)

    @abstractmethod
    def introducers(self, ask: Ask) -> Reply:
        """(introducer) with score, best first, equal ones by id."""

    @abstractmethod
    def opening(self, call: Call) -> Reply:
        """(seeker, introducer) with score, by seeker, then as `introducers`; three a seeker at most."""

    @abstractmethod
    def profile(self, turn: Turn) -> Reply:
        """(opening) with the best score, by opening."""
