"""What is asked of a matcher: a record that arrives and changes suggestions, or a person's question. Plain numbers."""

from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.engine.questions import Ask
from benchmarks.graphs.new_ties import Ties


@dataclass(frozen=True, slots=True)
class OpeningArrives:
    """An opening of the graph is published."""

    opening: int


@dataclass(frozen=True, slots=True)
class OpeningCloses:
    """It is closed again: all its suggestions are withdrawn."""

    opening: int


@dataclass(frozen=True, slots=True)
class SearchBegins:
    """A person of the graph who seeks begins to."""

    person: int


@dataclass(frozen=True, slots=True)
class SearchEnds:
    """A person seeks no longer: all their suggestions are withdrawn."""

    person: int


@dataclass(frozen=True, slots=True)
class IntroducingEnds:
    """A person introduces nobody any more: each suggestion with them in it changes or is withdrawn."""

    person: int


@dataclass(frozen=True, slots=True)
class TiesArrive:
    """New ties at once: each moves mutual counts around it, and opens paths."""

    ties: Ties


Request = Ask | OpeningArrives | OpeningCloses | SearchBegins | SearchEnds | IntroducingEnds | TiesArrive


class Line(NamedTuple):
    """One introducer of a suggestion that is new or differs; with `rank` None the suggestion is withdrawn.

    `reasons` in words, joined by SEPARATOR.
    """

    seeker: int
    opening: int
    rank: int | None
    fit: float | None = None
    introducer: int | None = None
    insider: int | None = None
    score: float | None = None
    warm: bool | None = None
    app: bool | None = None
    reasons: str | None = None


class Introducer(NamedTuple):
    """One row of the answer to a person's question; best first."""

    introducer: int
    insider: int
    score: float
    warm: bool
    app: bool


Answer = list[Line] | list[Introducer]
"""Lines by seeker, opening and rank."""

SEPARATOR = " · "
