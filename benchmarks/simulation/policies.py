"""How people find somebody to ask, and who is asked first where there is not room for all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.simulation.town import Opening, Town
from services.introductions.limits import LEAST_FIRMNESS, Waiting, in_turn

WARM: Final = LEAST_FIRMNESS["warm"]


@dataclass(frozen=True, slots=True)
class Way:
    """Whom to ask, and whom they would ask; the same person on a direct way. `score`: of the path, in [0, 1]."""

    introducer: int
    target: int
    score: float

    @property
    def direct(self) -> bool:
        """Whether the asked person works there."""
        return self.introducer == self.target


@dataclass(frozen=True, slots=True)
class Policy:
    """`ways`: whom a seeker may ask. `limited`: whether people are asked as often as they allow at most."""

    name: str
    ways: Callable[[Town, int, Opening], list[Way]]
    first: Callable[[Sequence[Waiting]], Waiting]
    asks_a_day: int
    limited: bool


def through_network(town: Town, seeker: int, opening: Opening) -> list[Way]:
    """Warm paths of at most two hops, best first, one an introducer."""
    staff = set(town.staff[opening.company]) - {seeker}
    ways = []
    for introducer, firmness in town.ties[seeker].items():
        if firmness < WARM:
            continue
        if introducer in staff:
            ways.append(Way(introducer, introducer, firmness))
            continue
        known = [(town.ties[introducer][target], target) for target in staff & town.ties[introducer].keys()]
        warm = [(second, target) for second, target in known if second >= WARM]
        if warm:
            second, target = max(warm)
            ways.append(Way(introducer, target, firmness * second))
    return sorted(ways, key=lambda way: (-way.score, way.introducer))


def anybody_there(town: Town, seeker: int, opening: Opening) -> list[Way]:
    """Everybody who works there, as on a job site: whom one knows first, then strangers."""
    ways = [
        Way(person, person, town.ties[seeker].get(person, 0.0))
        for person in town.staff[opening.company]
        if person != seeker
    ]
    return sorted(ways, key=lambda way: (-way.score, way.introducer))


def whose_turn(waiting: Sequence[Waiting]) -> Waiting:
    """The service's own rule."""
    return in_turn(waiting)[0]


def first_come(waiting: Sequence[Waiting]) -> Waiting:
    """The oldest request."""
    return min(waiting, key=lambda one: (one.begun_at, one.id))


POLICIES: Final = (
    Policy("Warmpath: whose turn", through_network, whose_turn, 1, limited=True),
    Policy("Warmpath: first come", through_network, first_come, 1, limited=True),
    Policy("ask anyone, as on a job site", anybody_there, first_come, 3, limited=False),
)
