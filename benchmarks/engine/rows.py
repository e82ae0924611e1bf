"""Which questions are put over which graph: the rows of the table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.engine.questions import Question, Questions
from benchmarks.engine.timing import Effort
from benchmarks.graphs.generated import LARGE, SMALL, TENTH, Data, generated
from benchmarks.graphs.real import REAL, real

BURST = 1_000
"""Ties that come at once."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of question. `name` is what `--only` takes."""

    name: str
    what: str
    pick: Callable[[Questions], Sequence[Question]]


@dataclass(frozen=True, slots=True)
class Case:
    """A graph and what is asked over it. `burst`: ties are also brought in at once.

    `goals`: it is the graph that they name, and so many `records` are read from topics.
    `effort`: for a row of one peer. `seconds`: more than that no peer gets, loading included.
    """

    name: str
    graph: Callable[[], Data]
    rows: tuple[Row, ...]
    effort: Effort
    seconds: float
    burst: bool = False
    goals: bool = False
    records: int = 200_000


def introducers(count: int) -> Row:
    """Paths of one person into a company."""
    return Row("introducers", "who could introduce me at X, one person", lambda questions: questions.asks(count))


def opening(count: int, fitting: int) -> Row:
    """The suggestions one opening makes."""
    name, what = f"opening-{fitting}", f"one opening, some {fitting:,} fitting seekers"
    return Row(name, what, lambda questions: questions.calls(count, fitting))


def profile(count: int) -> Row:
    """The suggestions one seeker gets."""
    return Row("profile", "one changed profile against all openings", lambda questions: questions.turns(count))


def cases(*, small: bool) -> list[Case]:
    """All graphs, small ones first; without the large ones when time is short."""
    few = (introducers(200), opening(20, 100), profile(50))
    quick = Effort(2, 0.3) if small else Effort(3, 1.5)
    seconds = 15.0 if small else 45.0
    found = [] if small else [Case(name, partial(real, name), few, quick, seconds) for name in REAL]
    found.append(Case("small", partial(generated, SMALL), few, quick, seconds, burst=True, goals=small, records=10_000))
    if not small:
        more = (introducers(1_000), opening(50, 1_000), profile(100))
        found.append(Case("tenth", partial(generated, TENTH), more, Effort(3, 2.0), 75.0, burst=True))
        most = (introducers(1_000), opening(100, 1_000), opening(30, 10_000), profile(200))
        found.append(Case("large", partial(generated, LARGE), most, Effort(3, 4.0), 150.0, goals=True))
    return found
