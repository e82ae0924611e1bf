"""Help given and taken: the ledger of two people, a seeker's record, and the order of what comes in. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final

from services.introductions.introduction import Introduction
from services.introductions.transitions import ENDED, Origin, Outcome, State, Who

LAST: Final = 10
"""How many of a seeker's asks their record looks at."""

KNOWN_FROM: Final = 3
"""Below this many, a seeker is new here."""

CLOSES_WELL: Final = Fraction(7, 10)
_LEFT_OUT: Final = frozenset({Outcome.OPENING_CLOSED, Outcome.ERASED, Outcome.NO_LONGER_POSSIBLE, Outcome.NO_ROOM})
"""Ends that say nothing of the seeker."""


@dataclass(frozen=True, slots=True)
class Record:
    """A seeker's last asks: how many of them led to an introduction, and of how many closed ones they told the outcome.

    `asks` and `closed` are what the other two are counted of.
    """

    asks: int = 0
    introduced: int = 0
    closed: int = 0
    told: int = 0

    @property
    def is_new(self) -> bool:
        """Whether too little is known to say anything."""
        return self.asks < KNOWN_FROM

    @property
    def closes_well(self) -> bool:
        """Whether they tell how it went in at least 7 of 10, 3 or more known."""
        return self.closed >= KNOWN_FROM and Fraction(self.told, self.closed) >= CLOSES_WELL


@dataclass(frozen=True, slots=True)
class Incoming:
    """What orders an ask that came in: fit times score, and what speaks for the seeker."""

    id: str
    value: int
    gave: bool
    closes_well: bool
    could_introduce: bool
    due_at: datetime


def given(all_of_them: Iterable[Introduction], a: str, b: str) -> int:
    """The introductions that a made for b."""
    return sum(one.was_introduced and one.person(Who.INTRODUCER) == a and one.seeker_id == b for one in all_of_them)


def record(asks: Iterable[Introduction]) -> Record:
    """A seeker's record from their introductions."""
    ended = [one for one in asks if _says_something(one)]
    last = sorted(ended, key=lambda one: (one.ended_at, one.id), reverse=True)[:LAST]
    introduced = [one for one in last if one.was_introduced]
    told = sum(one.outcome != Outcome.UNKNOWN for one in introduced)
    return Record(len(last), len(introduced), len(introduced), told)


def _says_something(one: Introduction) -> bool:
    asked = one.origin == Origin.ASK and one.at(State.ASKED) is not None
    return asked and one.state in ENDED and one.outcome not in _LEFT_OUT and not one.uncounted


def in_order(incoming: Sequence[Incoming]) -> list[Incoming]:
    """Asks for one introducer, those with most for both sides first; of equal ones the nearest deadline."""
    largest = max((one.value for one in incoming), default=0) or 1

    def gain(one: Incoming) -> Fraction:
        theirs = Fraction(1 + one.gave + one.closes_well + one.could_introduce, 4)
        return Fraction(one.value, largest) * theirs

    return sorted(incoming, key=lambda one: (-gain(one), one.due_at, one.id))
