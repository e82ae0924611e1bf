"""Everything that a path depends on, as one argument of the kernels that search for paths, and what each factor is."""

from typing import NamedTuple

from services.matching.kernels.compiled import inner, shared
from services.matching.kernels.fit.check import blocks_family
from services.matching.kernels.fit.layout import SeekerColumns
from services.matching.kernels.graph.arcs import find
from services.matching.kernels.graph.layout import (
    BLOCKED,
    BLOCKS,
    DISCREET,
    INTRODUCES,
    MEMBER,
    NO_ONE,
    Arcs,
    Jobs,
    People,
)
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.graph.person_ids import PersonIds
from services.matching.kernels.graph.standing import works_in_family
from services.matching.kernels.graph.strength import own_strength
from services.matching.kernels.storage.arrays import U16
from services.matching.kernels.suggestions.rows import APP

ONE_BETWEEN = 0.5
NOT_KNOWN = 7500
"""`rules.paths.ONE_BETWEEN`, and `rules.bridge.NOT_KNOWN` in ten-thousandths; a test compares them."""

ASKED = MEMBER | INTRODUCES


class GraphView(NamedTuple):
    """The graph as searches read it.

    `bridges` is B in ten-thousandths by the number of mutual contacts; its last entry holds for all larger numbers.
    `said` is what a stated closeness of that number is worth, likewise. `today` is an ordinal.
    """

    people: People
    jobs: Jobs
    arcs: Arcs
    ids: PersonIds
    bridges: U16
    said: U16
    seekers: SeekerColumns
    today: int


@inner
def _hides_from(view: GraphView, person: int, family: int) -> bool:
    """Whether nobody in the family may be on the person's paths: they block it, or are discreet and work there."""
    row = view.seekers.row_of[person]
    if row and blocks_family(view.seekers.facts.items, view.seekers.facts.start[row], family):
        return True
    return view.people.flags[person] & DISCREET != 0 and works_in_family(view.jobs, view.people, person, family)


@inner
def may_be_on_path(view: GraphView, person: int, other: int) -> bool:
    """Whether `other` may be on a path of `person`: not themself, nor anybody in a family from which they hide."""
    if person == other:
        return False
    return view.people.flags[person] & (DISCREET | BLOCKS) == 0 or _works_where_allowed(view, person, other)


@shared
def _works_where_allowed(view: GraphView, person: int, other: int) -> bool:
    begin = view.people.job_start[other]
    for job in range(begin, begin + view.people.job_size[other]):
        if view.jobs.current[job] and _hides_from(view, person, view.jobs.family[job]):
            return False
    return True


@inner
def blocked(view: GraphView, person: int, other: int) -> bool:
    """Whether one of the two wants no path with both on it."""
    at = find(view.arcs, person, other)
    return at >= 0 and view.arcs.flags[at] & BLOCKED != 0


@inner
def mutual(view: GraphView, person: int, other: int, at: int, few: int) -> int:
    """M of the arc at `at` from person to other; -1 where it says little (section 2)."""
    if view.people.flags[person] & view.people.flags[other] & MEMBER == 0:
        return NO_ONE
    if view.arcs.friends[person] < few or view.arcs.friends[other] < few:
        return NO_ONE
    return int(view.arcs.mutual[at])


@inner
def bridge(view: GraphView, person: int, other: int, at: int, few: int) -> float:
    """B of the arc at `at` from person to other."""
    m = mutual(view, person, other, at, few)
    if m < 0:
        return NOT_KNOWN / SCALE
    return view.bridges[min(m, len(view.bridges) - 1)] / SCALE


@inner
def first_tie_score(view: GraphView, person: int, other: int, at: int, few: int) -> float:
    """0.5 · strength · B · H of the arc at `at`: the part of a path with one between that its first tie makes."""
    strength = own_strength(view.arcs, at, view.said) / SCALE
    return ONE_BETWEEN * strength * bridge(view, person, other, at, few) * (view.people.help[other] / SCALE)


@inner
def own_score(view: GraphView, person: int, other: int, at: int, few: int) -> float:
    """Strength · B · H of the arc at `at`."""
    strength = own_strength(view.arcs, at, view.said) / SCALE
    return strength * bridge(view, person, other, at, few) * (view.people.help[other] / SCALE)


@inner
def direct_score(view: GraphView, person: int, other: int, at: int, standing: int, few: int) -> float:
    """Strength · B · H · standing of the arc at `at`."""
    return own_score(view, person, other, at, few) * (standing / SCALE)


@inner
def how_to_ask(view: GraphView, introducer: int) -> int:
    """APP where somebody whom the seeker knows directly is asked in the app, else 0: the seeker writes to them."""
    return APP if view.people.flags[introducer] & ASKED == ASKED else 0
