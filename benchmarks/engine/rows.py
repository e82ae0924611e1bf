"""The rows of the report: what is asked over which graph, what is in the time, and what is compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial

import numpy as np

from benchmarks.engine.questions import Questions
from benchmarks.engine.timing import Effort, Step
from benchmarks.engine.whole_job.requests import (
    IntroducingEnds,
    OpeningArrives,
    OpeningCloses,
    SearchBegins,
    SearchEnds,
    TiesArrive,
)
from benchmarks.graphs.generated import LARGE, SMALL, TENTH, Data, generated
from benchmarks.graphs.new_ties import Ties, draw_ties
from benchmarks.graphs.real import REAL, real

BURST = 1_000
"""Ties that arrive at once."""

STORED = "Suggestions in words, with reasons, in the caller's hands, and stored: until the next record can come."
LINES = (
    "Every answer: which suggestions are new, differ or are withdrawn; their introducers in order, with insider, "
    "label, how to ask and reasons; fit and scores to the last digit."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of request. `name` is what `--only` takes; `group`, of whom it is asked.

    `repeats`: a step leaves everything as it was. `live`: all suggestions must be there when it begins.
    """

    group: str
    name: str
    asked: str
    timed: str
    checked: str
    steps: Callable[[Questions, Data], Sequence[Step]]
    repeats: bool = True
    live: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A graph and what is asked over it.

    `effort`: for a row of one peer. `seconds`: more than that no peer gets, loading included. `goals`: it is the graph
    that they name, and so many `records` are read from topics.
    """

    name: str
    graph: Callable[[], Data]
    rows: tuple[Row, ...]
    effort: Effort
    seconds: float
    goals: bool = False
    records: int = 200_000

    @property
    def live(self) -> bool:
        """Whether peers are to hold all suggestions."""
        return any(row.live for row in self.rows)


def introducers(count: int) -> Row:
    """The whole job: a member's question."""
    return Row(
        "whole job",
        "introducers",
        "A member asks who could introduce them at a company: everybody, best first.",
        "From the question to the ranked list: introducer, insider, score, label, how to ask. (It has no reasons.)",
        "Every answer, row by row, scores to the last digit.",
        lambda drawn, _: [Step(ask) for ask in drawn.asks(count)],
    )


def opening(count: int, fitting: int) -> Row:
    """The whole job: an opening arrives."""
    return Row(
        "whole job",
        f"opening-{fitting}",
        f"An opening's record arrives: whom it fits (some {fitting:,}), and the best three introducers of each.",
        STORED,
        LINES,
        lambda drawn, _: [
            Step(OpeningArrives(call.opening), (OpeningCloses(call.opening),)) for call in drawn.calls(count, fitting)
        ],
    )


def closing(count: int, fitting: int) -> Row:
    """The whole job: an opening closes."""
    return Row(
        "whole job",
        f"closing-{fitting}",
        f"An opening closes that some {fitting:,} seekers fit: all its suggestions are withdrawn.",
        "From the record to the list of what is withdrawn, and all of it gone from what is stored.",
        "Every answer: which suggestions are withdrawn.",
        lambda drawn, _: [
            Step(
                OpeningCloses(call.opening),
                (OpeningCloses(call.opening), OpeningArrives(call.opening)),
                (OpeningArrives(call.opening),),
            )
            for call in drawn.calls(count, fitting)
        ],
    )


def profile(count: int) -> Row:
    """The whole job: a person begins to seek."""
    return Row(
        "whole job",
        "profile",
        "A person's record arrives, who begins to seek: which of all openings fit, and the best three introducers into "
        "each.",
        STORED,
        LINES,
        lambda drawn, _: [Step(SearchBegins(turn.person), (SearchEnds(turn.person),)) for turn in drawn.turns(count)],
    )


def consent(count: int) -> Row:
    """The whole job: somebody introduces no more."""
    return Row(
        "whole job",
        "consent",
        "A person's record arrives, who introduces nobody any more: each suggestion through them changes or is "
        "withdrawn.",
        STORED,
        LINES,
        lambda drawn, _: [Step(IntroducingEnds(person)) for person in drawn.introducing(count + 1)],
        repeats=False,
        live=True,
    )


def ties(count: int) -> Row:
    """The whole job: many ties at once."""
    return Row(
        "whole job",
        "ties",
        f"{BURST:,} new ties arrive at once, among the well connected: mutual counts, bridges and all suggestions are "
        "right again.",
        STORED,
        LINES,
        lambda _, data: [Step(TiesArrive(each)) for each in _split(draw_ties(data, (count + 1) * BURST), count + 1)],
        repeats=False,
        live=True,
    )


def _split(drawn: Ties, parts: int) -> list[Ties]:
    columns = [np.array_split(getattr(drawn, field.name), parts) for field in fields(Ties)]
    return [Ties(*part) for part in zip(*columns, strict=True)]


PATHS_TIMED = "From the question to the sorted answer in arrays or rows. No words, and nothing is stored."
PATHS_CHECKED = "Every answer, row by row, scores to the last digit."


def paths_introducers(count: int) -> Row:
    """Paths alone: into a company."""
    return Row(
        "paths alone",
        "introducers",
        "Who could introduce a person at a company: everybody with their best score, best first.",
        PATHS_TIMED,
        PATHS_CHECKED,
        lambda drawn, _: [Step(ask) for ask in drawn.asks(count)],
    )


def paths_opening(count: int, fitting: int) -> Row:
    """Paths alone: into an opening."""
    return Row(
        "paths alone",
        f"opening-{fitting}",
        f"The best three introducers into an opening of each of some {fitting:,} seekers, who are given.",
        PATHS_TIMED,
        PATHS_CHECKED,
        lambda drawn, _: [Step(call) for call in drawn.calls(count, fitting)],
    )


def paths_profile(count: int) -> Row:
    """Paths alone: from a seeker."""
    return Row(
        "paths alone",
        "profile",
        "A seeker's best score into each of the openings that fit, which are given.",
        PATHS_TIMED,
        PATHS_CHECKED,
        lambda drawn, _: [Step(turn) for turn in drawn.turns(count)],
    )


def cases(*, small: bool) -> list[Case]:
    """All graphs, small ones first; without the large ones when time is short."""
    paths: tuple[Row, ...] = (paths_introducers(200), paths_opening(20, 100), paths_profile(50))
    job: tuple[Row, ...] = (introducers(50), opening(10, 100), closing(5, 100), profile(20))
    moved = (consent(10), ties(3))
    quick = Effort(2, 1.0) if small else Effort(3, 2.0)
    seconds = 60.0 if small else 120.0
    found = [] if small else [Case(name, partial(real, name), (*job, *paths), quick, seconds) for name in REAL]
    rows = (*job, *moved, *paths)
    found.append(Case("small", partial(generated, SMALL), rows, quick, seconds, goals=small, records=10_000))
    if not small:
        paths = (paths_introducers(1_000), paths_opening(50, 1_000), paths_profile(100))
        job = (introducers(100), opening(20, 1_000), closing(10, 1_000), profile(30))
        rows = (*job, *moved, *paths)
        found.append(Case("tenth", partial(generated, TENTH), rows, Effort(3, 6.0), 600.0))
        paths = (paths_introducers(1_000), paths_opening(100, 1_000), paths_opening(30, 10_000), paths_profile(200))
        job = (introducers(100), opening(30, 1_000), opening(10, 10_000), closing(10, 1_000), profile(50))
        found.append(Case("large", partial(generated, LARGE), (*job, *paths), Effort(3, 10.0), 1_200.0, goals=True))
    return found
