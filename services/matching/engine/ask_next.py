"""Whom to ask about next (section 6), over any `Network`, without starting from scratch for each contact.

The results are those of `rules.ask_next`. One more statement about somebody changes only the paths that begin with
them: the two are tied already, so no bridge changes. So only insiders, and members who may know one, are looked at; and
of these only whoever could still be among the first: what it can add at most is known at little cost.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from heapq import nlargest

from services.matching.domain import Opening, Person
from services.matching.rules.ask_next import ASSUMED_CLOSENESS, HypotheticalState, RatingCandidate, gain, is_unrated
from services.matching.rules.network import Network
from services.matching.rules.paths import ONE_BETWEEN, InsiderIndex, each_path
from services.matching.rules.strength import SAID, Tie, tie_between
from services.matching.rules.suggestions import fit_of

Fitting = Iterable[tuple[Opening, float]]
"""Openings that fit a seeker, with the fit."""

Insiders = Callable[[Opening], Mapping[str, float]]

SUPPOSED = SAID[ASSUMED_CLOSENESS.value]
"""The strength of a tie about which a 4 is stated, unless the other end vetoes it."""


def ask_next(
    network: Network, person: str, n: int, *, fitting: Fitting | None = None, insiders: Insiders | None = None
) -> list[RatingCandidate]:
    """The n contacts most worth rating; see `rules.ask_next.ask_next`.

    Args:
        network: of an engine, up to date or not.
        person: who is to be asked.
        n: how many at most.
        fitting: every opening that fits them; found from scratch where it is not given.
        insiders: the standings of an opening's insiders, of all whom they, or members they are tied to, share a record
            with; those of all people where it is not given.
    """
    seeker = network.state.people.get(person)
    if seeker is None or not seeker.seeks or network.state.today is None:
        return []
    found = _fitting(network, seeker) if fitting is None else fitting
    gains = Gains(network, seeker, found, insiders or network.insiders)
    return _first(gains, n, lambda contact: is_unrated(network.state, person, contact)) if n else []


def _first(gains: "Gains", n: int, unrated: Callable[[str], bool]) -> list[RatingCandidate]:
    """Those with a gain above 0, largest gain first, then the smaller id, at most n."""
    found: list[tuple[float, str]] = []
    for most, contact in sorted((-gains.most(contact), contact) for contact in gains.contacts()):
        if most >= 0 or (len(found) >= n and (most, contact) > found[n - 1]):
            break
        if unrated(contact) and (gain := gains.gain(contact)) > 0:
            insort(found, (-gain, contact))
    return [RatingCandidate(contact, -less) for less, contact in found[:n]]


def _fitting(network: Network, seeker: Person) -> Fitting:
    for opening in network.state.openings.values():
        value = fit_of(seeker, opening, network)
        if value is not None:
            yield opening, value


class Gains:
    """The sum over a seeker's openings as it is, and what one more statement would add."""

    def __init__(self, network: Network, seeker: Person, fitting: Fitting, standings: Insiders) -> None:
        self._network, self._seeker = network, seeker
        self._fits: dict[str, float] = {}
        self._insiders: dict[str, InsiderIndex] = {}
        self._with: dict[str, set[str]] = {}
        self._best: dict[str, Mapping[str, float]] = {}
        self._two: dict[str, tuple[float, ...]] = {}
        for opening, value in fitting:
            insiders = InsiderIndex(network, standings(opening))
            self._fits[opening.id], self._insiders[opening.id] = value, insiders
            best = self._best[opening.id] = _best(network, seeker, insiders)
            self._two[opening.id] = tuple(nlargest(2, (*best.values(), 0.0, 0.0)))
            for insider in insiders.ids:
                self._with.setdefault(insider, set()).add(opening.id)

    def contacts(self) -> AbstractSet[str]:
        """Whom the seeker shares a record with, as far as knowing them better can add anything."""
        seeker = self._seeker.id
        return (self._network.state.near(seeker) & self._with.keys()) | self._network.tied_members(seeker)

    def gain(self, contact: str) -> float:
        """What stating 4 about this contact would add."""
        seeker, state = self._seeker.id, self._network.state
        tie = tie_between(HypotheticalState(state, seeker, contact), seeker, contact)
        if tie is None:
            return 0.0
        supposed = _Alone(self._network, seeker, contact, tie)

        def through(posting: str) -> float:
            return _best(supposed, self._seeker, self._insiders[posting]).get(contact, 0.0)

        return self._added(contact, through)

    def most(self, contact: str) -> float:
        """What it would add if no veto, block or employer kept the contact off a path: never less than `gain`.

        Each score is the product of the same factors in the same order, so that rounding makes none smaller.
        """
        network, seeker = self._network, self._seeker.id
        bridge, helps = network.bridge(seeker, contact), network.help(contact)
        direct, onward = SUPPOSED * bridge * helps, ONE_BETWEEN * SUPPOSED * bridge * helps

        def through(posting: str) -> float:
            insiders = self._insiders[posting]
            links = insiders.links(contact) if network.introduces(contact) else ()
            scores = [onward * link.value for link in links]
            return max(direct * insiders.standings.get(contact, 0.0), *scores, 0.0)

        return self._added(contact, through)

    def _added(self, contact: str, through: Callable[[str], float]) -> float:
        """The gain if this is the contact's best score towards each opening."""
        before: dict[str, float] = {}
        after: dict[str, float] = {}
        for posting in self._within_reach(contact):
            held, (first, second), fit = self._best[posting].get(contact, 0.0), self._two[posting], self._fits[posting]
            others = second if held == first else first
            before[posting] = fit * max(others, held)
            after[posting] = fit * max(others, through(posting))
        return gain(before, after)

    def _within_reach(self, contact: str) -> set[str]:
        """The openings where the contact is an insider or, if they introduce, somebody they share a record with."""
        if not self._network.introduces(contact):
            return self._with.get(contact, set())
        around = (contact, *self._network.state.near(contact))
        return set().union(*(self._with.get(one, ()) for one in around))


def _best(network: Network, seeker: Person, insiders: InsiderIndex) -> Mapping[str, float]:
    """Each introducer's best score that a suggestion may build on."""
    found: dict[str, float] = {}
    for path in each_path(network, seeker, insiders):
        if path.direct or path.label == "warm":
            found[path.introducer] = max(path.score, found.get(path.introducer, 0.0))
    return found


class _Alone(Network):
    """A network in which the seeker knows nobody but the contact, by a supposed tie: it has only paths through them."""

    def __init__(self, network: Network, seeker: str, contact: str, tie: Tie) -> None:
        super().__init__(_KnowsOne(network.state, seeker, contact))
        self._network, self._seeker, self._contact, self._tie = network, seeker, contact, tie

    def tie(self, a: str, b: str) -> Tie | None:
        """The supposed tie from the seeker's side, or a real one."""
        return self._tie if (a, b) == (self._seeker, self._contact) else self._network.tie(a, b)

    def blocked(self, a: str, b: str) -> bool:
        """The real one."""
        return self._network.blocked(a, b)

    def tied_members(self, person: str) -> AbstractSet[str]:
        """The contact, if they are a member; for others the real ones."""
        if person != self._seeker:
            return self._network.tied_members(person)
        return frozenset((self._contact,) if self.state.people[self._contact].member else ())

    def bridge(self, a: str, b: str) -> float:
        """The real one."""
        return self._network.bridge(a, b)

    def help(self, introducer: str) -> float:
        """The real one."""
        return self._network.help(introducer)

    def introduces(self, person: str) -> bool:
        """As it is."""
        return self._network.introduces(person)

    def families(self, person: str) -> frozenset[str]:
        """The real ones."""
        return self._network.families(person)


class _KnowsOne(HypotheticalState):
    """A state in which the person shares a record with the contact only."""

    def near(self, person: str) -> AbstractSet[str]:
        """The contact, for the person."""
        return frozenset((self._contact,)) if person == self._person else self._state.near(person)
