"""Paths from a seeker to the insiders of a company or an opening (section 3)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Literal, NamedTuple

from services.matching.domain import Person
from services.matching.rules.network import Network
from services.matching.rules.strength import Tie

Ask = Literal["app", "hand"]
Label = Literal["warm", "possible"]

ONE_BETWEEN = 0.5


class Path(NamedTuple):
    """A path. `score` is exact; on a direct path `introducer` and `insider` are the same person."""

    introducer: str
    insider: str
    score: float
    label: Label
    ask: Ask

    @property
    def direct(self) -> bool:
        """Whether the seeker knows the insider."""
        return self.introducer == self.insider


@dataclass(frozen=True, slots=True)
class Link:
    """A member in between knows an insider: `value` is onward strength · standing, from their side as is warmth."""

    insider: str
    value: float
    warm: bool


class InsiderIndex:
    """The insiders that paths lead to, with their standing. Valid only while the state does not change."""

    def __init__(self, network: Network, standings: Mapping[str, float]) -> None:
        self.network = network
        self.standings = standings
        self.ids = frozenset(standings)
        self._links: dict[str, tuple[Link, ...]] = {}

    def links(self, between: str) -> tuple[Link, ...]:
        """The insiders about whom `between` has own evidence and who are contacts or introduce."""
        if between not in self._links:
            self._links[between] = tuple(self._find_links(between))
        return self._links[between]

    def _find_links(self, between: str) -> Iterator[Link]:
        people = self.network.state.people
        for insider in self.network.state.near(between) & self.ids:
            tie = self.network.tie(between, insider)
            if tie is not None and tie.own_of(between) and _may_be_insider(people[insider]):
                yield Link(insider, tie.onward * self.standings[insider], tie.warm)


def _may_be_insider(insider: Person) -> bool:
    return not insider.member or insider.introduces


def excluded_families(seeker: Person, network: Network) -> frozenset[str]:
    """The families whose people are on none of this person's paths: those they block and, while discreet, their own.

    Whoever seeks nothing is discreet.
    """
    if seeker.search is None:
        return network.families(seeker.id)
    return seeker.search.blocked | (network.families(seeker.id) if seeker.search.discreet else frozenset())


def path_filter(network: Network, seeker: Person) -> Callable[[str], bool]:
    """Who may be on this seeker's paths: anybody else who does not work in an excluded family."""
    families = excluded_families(seeker, network)

    def check(person: str) -> bool:
        return person != seeker.id and not (families and network.works_in(person, families))

    return check


def each_path(network: Network, seeker: Person, insiders: InsiderIndex) -> Iterator[Path]:
    """Every path of a score above 0, warm or possible, in no order, as it is found."""
    allowed = path_filter(network, seeker)
    found = chain(_direct(network, seeker, insiders, allowed), _one_between(network, seeker, insiders, allowed))
    return (path for path in found if path.score > 0)


def all_paths(network: Network, seeker: Person, insiders: InsiderIndex) -> list[Path]:
    """All of them."""
    return list(each_path(network, seeker, insiders))


def _direct(network: Network, seeker: Person, insiders: InsiderIndex, allowed: Callable[[str], bool]) -> Iterator[Path]:
    """Score = strength(s, i) · B(s, i) · H(i) · standing(i); s has own evidence about i."""
    for insider in network.state.near(seeker.id) & insiders.ids:
        tie = network.tie(seeker.id, insider)
        if tie is None or not tie.own_of(seeker.id) or not allowed(insider):
            continue
        bridge = network.bridge(seeker.id, insider)
        score = tie.strength * bridge * network.help(insider) * insiders.standings[insider]
        ask: Ask = "app" if network.introduces(insider) else "hand"
        yield Path(insider, insider, score, "warm" if tie.warm else "possible", ask)


def _one_between(
    network: Network, seeker: Person, insiders: InsiderIndex, allowed: Callable[[str], bool]
) -> Iterator[Path]:
    """Score = 0.5 · strength(s, j) · B(s, j) · H(j) · (onward(j, i) · standing(i)), for each j and each i."""
    for between in network.tied_members(seeker.id):
        tie = network.tie(seeker.id, between)
        if tie is None or not _asks_through(network, tie, between) or not allowed(between):
            continue
        links = insiders.links(between)
        if not links:
            continue
        near_end = ONE_BETWEEN * tie.strength * network.bridge(seeker.id, between) * network.help(between)
        for link in links:
            if allowed(link.insider) and not network.blocked(seeker.id, link.insider):
                label: Label = "warm" if tie.warm and link.warm else "possible"
                yield Path(between, link.insider, near_end * link.value, label, "app")


def _asks_through(network: Network, tie: Tie, between: str) -> bool:
    """Whether the member introduces, and both have own evidence about each other."""
    return network.state.people[between].introduces and all(tie.own)


def best_by_introducer(paths: Iterable[Path]) -> list[Path]:
    """Each introducer once, with their best path, best first.

    Equal final scores: the direct path comes first, then the smaller insider; between introducers the smaller id.
    """
    best: dict[str, Path] = {}
    for path in paths:
        held = best.get(path.introducer)
        if held is None or _preference(path) < _preference(held):
            best[path.introducer] = path
    return sorted(best.values(), key=lambda path: (-path.score, path.introducer))


def _preference(path: Path) -> tuple[float, bool, str]:
    return (-path.score, not path.direct, path.insider)
