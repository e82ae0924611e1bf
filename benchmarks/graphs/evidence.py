"""The few kinds of evidence a side of a generated tie can have, and what any two of them come to by the plain rules.

A tie is two small numbers, one a side. Strength, warmth and the rest are looked up in tables that the plain rules fill,
so nothing here knows a formula of its own.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from services.matching.domain import Person, State
from services.matching.rules.strength import tie_between
from shared.events.ties import (
    Address,
    Closeness,
    Connected,
    Evidence,
    Introduced,
    Messages,
    TieV1,
    WorkedTogether,
    tie_key,
)

TODAY = date(2026, 6, 1)
"""The day of every generated graph."""


def _ago(days: int) -> date:
    return TODAY - timedelta(days=days)


_LISTED = Connected(source="list", of=500)

WEAK: tuple[tuple[Evidence, ...], ...] = (
    (_LISTED,),
    (Connected(source="list", of=2_000),),
    (_LISTED, Address(source="list")),
    (_LISTED, WorkedTogether(company="c", months=18, company_size=100)),
    (WorkedTogether(company="c", months=40, ended=_ago(1_500), company_size=400),),
    (Address(source="list"), Messages(sent=6, received=4, last=_ago(400))),
)
"""Not firm enough for a warm tie, alone or with another of these on the other side."""

FIRM: tuple[tuple[Evidence, ...], ...] = (
    (_LISTED, WorkedTogether(company="c", months=30, stated=True)),
    (WorkedTogether(company="c", months=26, ended=_ago(900), stated=True),),
    (_LISTED, Messages(sent=30, received=25, last=_ago(20))),
    (Messages(sent=40, received=18, last=_ago(200)),),
    (_LISTED, Closeness(value=2)),
    (_LISTED, Closeness(value=3)),
    (_LISTED, Closeness(value=4)),
    (Closeness(value=5), Messages(sent=25, received=30, last=_ago(35))),
    (_LISTED, Introduced(times=1)),
)
"""Each of them makes a tie that is warm from this side unless the other vetoes it; without a closeness, from both."""

KINDS: tuple[tuple[Evidence, ...], ...] = ((), *WEAK, *FIRM)
"""By kind; 0 is a side that shows nothing."""

FIRST_FIRM = 1 + len(WEAK)


@dataclass(frozen=True, slots=True)
class Tables:
    """By the kind of one side, then of the other, from the side of the first: strengths in ten-thousandths, warmth."""

    strength: NDArray[np.uint16]
    onward: NDArray[np.uint16]
    warm: NDArray[np.bool_]


@cache
def tables() -> Tables:
    """What every pair of kinds comes to between two members, by the plain rules."""
    size = len(KINDS)
    strength, onward = np.zeros((size, size), np.uint16), np.zeros((size, size), np.uint16)
    warm = np.zeros((size, size), np.bool_)
    for one in range(size):
        for other in range(size):
            tie = tie_between(_pair(one, other), "a", "b")
            if tie is not None:
                strength[one, other] = round(tie.strength * 10_000)
                onward[one, other] = round(tie.onward * 10_000)
                warm[one, other] = tie.warm
    return Tables(strength, onward, warm)


def _pair(one: int, other: int) -> State:
    state = State(today=TODAY)
    for name in ("a", "b"):
        state.people[name] = Person(name, True, True, (), frozenset(), None)
    for person, contact, kind in (("a", "b", one), ("b", "a", other)):
        record = TieV1(person_id=person, contact_id=contact, version=1, evidence=KINDS[kind])
        state.replace_tie(tie_key(person, contact), record)
    return state


def draw_kinds(rng: np.random.Generator, ties: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Kinds for both sides of so many ties: a third firm on some side, some three in ten shown by one side only."""
    firm = rng.random(ties, np.float32) < 1 / 3
    weak_one, weak_two = (rng.integers(1, FIRST_FIRM, ties, np.uint8) for _ in range(2))
    firm_one, firm_two = (rng.integers(FIRST_FIRM, len(KINDS), ties, np.uint8) for _ in range(2))
    chance = rng.random(ties, np.float32)
    one = np.where(firm, firm_one, weak_one)
    other = np.where(firm & (chance > 0.6), firm_two, weak_two)  # noqa: PLR2004 - a share to draw by
    other[chance < 0.3] = 0  # noqa: PLR2004 - a share to draw by
    swapped = rng.random(ties, np.float32) < 0.5  # noqa: PLR2004 - either side
    return np.where(swapped, other, one), np.where(swapped, one, other)
