"""Whom to ask about next (section 6): people whose closeness, if stated as 4, would raise a seeker's sum the most.

The oracle: each gain is computed from scratch, on the state as it would be with that one statement more.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from services.matching.domain import State
from services.matching.rules.network import Network
from services.matching.rules.paths import InsiderIndex
from services.matching.rules.strength import shows, side, stated
from services.matching.rules.suggestions import fit_of, introducers
from shared.events.introductions import IntroductionV1
from shared.events.ties import Closeness, Evidence

ASSUMED_CLOSENESS = Closeness(value=4)


@dataclass(frozen=True, slots=True)
class RatingCandidate:
    """A contact worth rating. `gain`: what a 4 would add to Σ of fit x best score; exact, above 0."""

    contact: str
    gain: float


class HypotheticalState(State):
    """A state as it would be had `person` stated a closeness of 4 about `contact`; otherwise the given state."""

    def __init__(self, state: State, person: str, contact: str) -> None:
        super().__init__(state.today, state.people, state.openings, state.introductions)
        self._state, self._person, self._contact = state, person, contact

    def side(self, person: str, other: str) -> tuple[Evidence, ...]:
        """The evidence there is, with the assumed closeness."""
        found = self._state.side(person, other)
        return (*found, ASSUMED_CLOSENESS) if (person, other) == (self._person, self._contact) else found

    def near(self, person: str) -> AbstractSet[str]:
        """As in the given state: they share a record with the contact already."""
        return self._state.near(person)

    def asks_of(self, introducer: str) -> Iterator[IntroductionV1]:
        """As in the given state."""
        return self._state.asks_of(introducer)


def ask_next(state: State, person: str, n: int) -> list[RatingCandidate]:
    """At most n contacts worth rating, largest gain first, then the smaller id.

    Each gain is that of one contact alone, all else unchanged. None for an unknown person, for one who seeks nothing,
    and before the day is known.
    """
    before = values(state, person)
    found = [
        RatingCandidate(each, gain(before, values(HypotheticalState(state, person, each), person)))
        for each in unrated(state, person)
    ]
    return ranked(found, n)


def unrated(state: State, person: str) -> Iterator[str]:
    """The people about whom somebody has own evidence and stated no closeness, in no order."""
    return (other for other in state.near(person) if is_unrated(state, person, other))


def is_unrated(state: State, person: str, other: str) -> bool:
    """Whether somebody has own evidence about a known person and stated no closeness."""
    evidence = side(state, person, other)
    return other in state.people and shows(evidence) and stated(evidence) is None


def values(state: State, person: str) -> dict[str, float]:
    """Fit x best score of each opening that fits and has a path, by posting."""
    seeker = state.people.get(person)
    if seeker is None or not seeker.seeks or state.today is None:
        return {}
    network, found = Network(state), {}
    for opening in state.openings.values():
        value = fit_of(seeker, opening, network)
        if value is not None:
            best = introducers(network, seeker, InsiderIndex(network, network.insiders(opening)))
            if best:
                found[opening.id] = value * best[0].score
    return found


def gain(before: dict[str, float], after: dict[str, float]) -> float:
    """Σ of (after - before), from 0.0, opening by opening in the order of their ids: unchanged ones add nothing.

    Floating-point sums depend on the order; in this one, leaving out what did not change gives the same sum.
    """
    total = 0.0
    for posting in sorted(before.keys() | after.keys()):
        total += after.get(posting, 0.0) - before.get(posting, 0.0)
    return total


def ranked(taps: list[RatingCandidate], n: int) -> list[RatingCandidate]:
    """Those with a gain above 0, in order, at most n."""
    return sorted((tap for tap in taps if tap.gain > 0), key=lambda tap: (-tap.gain, tap.contact))[:n]
