"""Strength and firmness of a tie (section 2).

A tie is undirected, its strength is not: what one end's paths use depends on what that end stated, and of the other's
word on nothing but a veto. What others' paths through that end use depends on its word hardly more: on a veto of either
end, and on whether it says at all that it knows the other.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.matching.domain import State
from services.matching.rules.numbers import factor, years_since
from shared.events.ties import Address, Blocked, Closeness, Connected, Evidence, Introduced, Messages, WorkedTogether

SAID = {1: 0.10, 2: 0.30, 3: 0.50, 4: 0.75, 5: 0.95}
"""What a stated closeness is worth."""

VETO = 2
"""Whoever states this or less about somebody is no introducer of theirs: from their side the strength is 0."""

WARM_FROM = 0.30
"""A tie is warm from this firmness up; and so much is what an introducer said worth to others, whatever they said."""

KINDS = (Connected, Address, WorkedTogether, Messages, Introduced)
"""The kinds that make E, in table order."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Two people who know each other, from the side of the first of the `ends`: whose paths use these numbers.

    `onward` is the strength that other people's paths through the first end use. `own`: whether either end has own
    evidence about the other, in the order of `ends`.
    """

    ends: tuple[str, str]
    strength: float
    onward: float
    firmness: float
    own: tuple[bool, bool]

    @property
    def warm(self) -> bool:
        """Whether it is firm enough, from this side, for paths with one between."""
        return self.firmness >= WARM_FROM

    def own_of(self, person: str) -> bool:
        """Whether this end has own evidence about the other (section 3)."""
        return self.own[self.ends.index(person)]


def weight(evidence: Evidence, today: date | None) -> float:
    """The column e of the table, before ageing if there is no day. A closeness and a block have none."""
    match evidence:
        case Connected(of=of):
            return 0.20 if of is None else 0.20 * min(1.0, math.sqrt(500 / of))
        case Address():
            return 0.10
        case WorkedTogether(months=months, ended=ended):
            share = 0.50 * min(1.0, months / 24) * _overlap(evidence)
            return share * left_of_work(_age(ended, today))
        case Messages(sent=sent, received=received, last=last):
            volume = 0.70 * (1.0 - math.exp(-min(sent, received) / 10))
            return volume * left_of_mail(_age(last, today))
        case Introduced(times=times):
            return 1.0 - math.pow(0.7, min(times, 3))
        case Closeness() | Blocked():
            return 0.0


def left_of_work(years: float) -> float:
    """The factor by which having worked together has aged, so many years after it ended."""
    return max(0.4, math.pow(2.0, -years / 10))


def left_of_mail(years: float) -> float:
    """The factor by which messages have aged, so many years after the last."""
    return math.pow(2.0, -years / 2)


def _overlap(evidence: WorkedTogether) -> float:
    """g: how likely two people at one company met at all; certain if they state so."""
    if evidence.stated:
        return 1.0
    return 0.2 if evidence.company_size is None else min(1.0, math.sqrt(50 / evidence.company_size))


def _age(day: date | None, today: date | None) -> float:
    return 0.0 if day is None or today is None else years_since(day, today)


def firm(evidence: Evidence) -> bool:
    """The column firm: whether it shows that they dealt with each other, not only that they are listed."""
    match evidence:
        case WorkedTogether(stated=stated):
            return stated
        case Messages() | Introduced() | Closeness():
            return True
        case _:
            return False


def side(state: State, person: str, other: str) -> tuple[Evidence, ...]:
    """A person's evidence about another. There is none from contacts and from people who are not known."""
    found = state.people.get(person)
    return state.side(person, other) if found is not None and found.member else ()


def blocked(state: State, a: str, b: str) -> bool:
    """Whether either of them wants no path on which both stand."""
    return _blocks((*side(state, a, b), *side(state, b, a)))


def _blocks(everything: Iterable[Evidence]) -> bool:
    return any(isinstance(evidence, Blocked) for evidence in everything)


def shows(evidence: Iterable[Evidence]) -> bool:
    """Own evidence: a stated closeness, or something with e > 0 before ageing (sections 2 and 3)."""
    return any(isinstance(one, Closeness) or weight(one, None) > 0 for one in evidence)


def stated(evidence: Iterable[Evidence]) -> int | None:
    """The closeness that one side states, the larger one if stated twice."""
    return max((one.value for one in evidence if isinstance(one, Closeness)), default=None)


def combined(evidence: Iterable[Evidence], today: date) -> float:
    """E = 1 - Π(1 - e) in table order, each kind once with its larger e."""
    largest: dict[type[Evidence], float] = {}
    for one in evidence:
        kind = type(one)
        largest[kind] = max(largest.get(kind, 0.0), weight(one, today))
    rest = 1.0
    for kind in KINDS:
        rest *= 1.0 - largest.get(kind, 0.0)
    return 1.0 - rest


def tie_between(state: State, a: str, b: str) -> Tie | None:
    """The tie of two people from the side of `a`, or None (section 2). Before the day is known there are no ties."""
    first, second = state.people.get(a), state.people.get(b)
    if a == b or first is None or second is None or state.today is None:
        return None
    mine, theirs, today = side(state, a, b), side(state, b, a), state.today
    everything = (*mine, *theirs)
    if _blocks(everything) or not (shows(mine) or shows(theirs)):
        return None
    words, evidence = (stated(mine), stated(theirs)), combined(everything, today)
    return Tie(
        ends=(a, b),
        strength=_strength(*words, evidence),
        onward=_onward(*words, evidence),
        firmness=_strength(*words, combined(filter(firm, everything), today)),
        own=(shows(mine), shows(theirs)),
    )


def _strength(mine: int | None, theirs: int | None, evidence: float) -> float:
    """Strength from the closeness that either side stated, and from E, which counts if I stated none."""
    if theirs is not None and theirs <= VETO:
        return 0.0
    return factor(evidence if mine is None else SAID[mine])


def _onward(mine: int | None, theirs: int | None, evidence: float) -> float:
    """Onward strength: a 3, 4 or 5 of mine is worth what makes a tie just warm, so it shows only where little else is.

    Nobody may read off other people's paths how well I say that I know somebody.
    """
    if any(word is not None and word <= VETO for word in (mine, theirs)):
        return 0.0
    return factor(evidence if mine is None else max(evidence, WARM_FROM))
