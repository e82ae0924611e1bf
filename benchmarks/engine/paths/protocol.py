"""What every subject of a comparison can be asked."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from importlib.metadata import version
from typing import ClassVar

from benchmarks.engine.questions import Answer, Ask, Call, Question, Turn
from benchmarks.graphs.generated import Data
from benchmarks.graphs.new_ties import Burst

Reply = Answer | Callable[[], Answer]
"""An answer, or what turns a subject's own form of it into one; that is not timed."""


class Peer(ABC):
    """A library or database that answers the same questions over the same columns.

    `tolerance`: how far scores may be off, relatively; 0 wherever it multiplies in the order of the rules.
    `most_arcs`: more than this it cannot hold in the memory or time there is, as measured; `limit` says which.
    `rebuilds`: it is worth timing how it takes ties in.
    """

    name: ClassVar[str]
    package: ClassVar[str]
    tolerance: ClassVar[float] = 0.0
    most_arcs: ClassVar[int | None] = None
    limit: ClassVar[str] = ""
    rebuilds: ClassVar[bool] = True

    @classmethod
    def version(cls) -> str:
        """Of the package that does the work."""
        return version(cls.package)

    @abstractmethod
    def load(self, data: Data) -> None:
        """Hold this graph, and forget any other."""

    def before(self, question: Question) -> None:  # noqa: B027 - most have nothing to prepare
        """What has to be so when a question is asked; not timed."""

    @abstractmethod
    def introducers(self, ask: Ask) -> Reply:
        """(introducer) with score, best first, equal ones by id."""

    @abstractmethod
    def opening(self, call: Call) -> Reply:
        """(seeker, introducer) with score, by seeker, then as `introducers`; three a seeker at most."""

    @abstractmethod
    def profile(self, turn: Turn) -> Reply:
        """(opening) with the best score, by opening."""

    def burst(self, burst: Burst) -> None:
        """Take new ties in: from scratch, where a peer has nothing better."""
        self.load(burst.after)

    def close(self) -> None:  # noqa: B027 - for most, dropping the object is enough
        """Give memory and files back."""
