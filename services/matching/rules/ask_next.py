"""Whom to ask about next (section 6): the contacts whose closeness, said to be 4, would raise a seeker's sum the most.

The oracle: each raise is worked out from scratch, on the state as it would be with that one word more.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from services.matching.domain import State
from services.matching.rules.network import Network
from services.matching.rules.paths import InsiderIndex
from services.matching.rules.strength import stated
from services.matching.rules.suggestions import fit_of, introducers
from shared.events.introductions import IntroductionV1
from shared.events.ties import Closeness, Evidence

ASSUMED_CLOSENESS = Closeness(value=4)


@dataclass(frozen=True, slots=True)
class RatingCandidate:
    """A contact worth rating. `gain`: what 4 for them would add to the Σ of fit x best score; exact, above 0."""

    contact: str
    gain: float


class HypotheticalState(State):
    """A state as it would be had `person` said 4 of `contact`; everything else is the other state's, unchanged."""

    def __init__(self, state: State, person: str, contact: str) -> None:
        super().__init__(state.today, state.people, state.openings, state.introductions)
        self._state, self._person, self._contact = state, person, contact

    def side(self, person: str, other: str) -> tuple[Evidence, ...]:
        """The evidence there is, and the one word more."""
        found = self._state.side(person, other)
        return (*found, ASSUMED_CLOSENESS) if (person, other) == (self._person, self._contact) else found

    def has_side(self, person: str, other: str) -> bool:
        """Whether there is, or would be, a record `person:other`."""
        return (person, other) == (self._person, self._contact) or self._state.has_side(person, other)

    def near(self, person: str) -> AbstractSet[str]:
        """Everybody with whom the person shares, or would share, a record."""
        found = self._state.near(person)
        if person == self._person:
            return found | {self._contact}
        return found | {self._person} if person == self._contact else found

    def asks_of(self, introducer: str) -> Iterator[IntroductionV1]:
        """As they are."""
        return self._state.asks_of(introducer)


def ask_next(state: State, person: str, n: int) -> list[RatingCandidate]:
    """The n contacts most worth a word, the largest gain first, then the smaller id; fewer where fewer gain anything.

    Each gain is that contact's own, all else staying as it is. Nobody for somebody unknown, for one who seeks nothing,
    and before the day is known.
    """
    before = values(state, person)
    found = [
        RatingCandidate(each, gain(before, values(HypotheticalState(state, person, each), person)))
        for each in unrated(state, person)
    ]
    return ranked(found, n)


def unrated(state: State, person: str) -> Iterator[str]:
    """The people of somebody's address book of whom they stated no closeness, in no order."""
    for other in state.people.values():
        theirs = state.has_side(person, other.id) or (not other.member and other.imported_by == person)
        if theirs and other.id != person and stated(state.side(person, other.id)) is None:
            yield other.id


def values(state: State, person: str) -> dict[str, float]:
    """Fit x best score of each opening that fits and has a way in, by posting."""
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
    """Σ of (after - before), opening by opening in the order of their ids, from 0.0: an opening unmoved adds nothing.

    Exact numbers ask for one order; in this one whoever leaves out what stays the same gets the same sum.
    """
    total = 0.0
    for posting in sorted(before.keys() | after.keys()):
        total += after.get(posting, 0.0) - before.get(posting, 0.0)
    return total


def ranked(taps: list[RatingCandidate], n: int) -> list[RatingCandidate]:
    """Those who gain anything, in order, n at most."""
    return sorted((tap for tap in taps if tap.gain > 0), key=lambda tap: (-tap.gain, tap.contact))[:n]
