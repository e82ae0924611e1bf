"""All that a path depends on, as one argument of the kernels that look for paths."""

from typing import NamedTuple

from services.matching.kernels.compiled import inner, shared
from services.matching.kernels.fit.check import barred
from services.matching.kernels.fit.layout import SeekerColumns
from services.matching.kernels.graph.arcs import find
from services.matching.kernels.graph.layout import BLOCKED, DISCREET, INTRODUCES, MEMBER, NO_ONE, Arcs, Jobs, People
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.graph.person_ids import Texts
from services.matching.kernels.graph.standing import works_at
from services.matching.kernels.storage.arrays import U16

ONE_BETWEEN = 0.5
NOT_KNOWN = 7500
"""`plain.paths.ONE_BETWEEN`, and `plain.bridge.NOT_KNOWN` in ten-thousandths; a test holds them together."""

ASKED = MEMBER | INTRODUCES


class Scene(NamedTuple):
    """People, their jobs and ties, the order of their ids, B by the number of mutual contacts, searches, and the day.

    The last entry of `bridges` holds for all larger numbers; `today` is an ordinal.
    """

    people: People
    jobs: Jobs
    arcs: Arcs
    texts: Texts
    bridges: U16
    seekers: SeekerColumns
    today: int


@inner
def _unwelcome(scene: Scene, person: int, company: int) -> bool:
    """Whether the company is a present employer of a discreet person, or one that they block."""
    row = scene.seekers.row_of[person]
    if row:
        return barred(scene.seekers.facts.items, scene.seekers.facts.start[row], company, scene.today)
    return works_at(scene.jobs, scene.people, person, company)


@inner
def welcome(scene: Scene, person: int, other: int) -> bool:
    """Whether `other` may be on a path of `person`: not themself, nor, while discreet, one of an unwelcome company."""
    if person == other:
        return False
    return scene.people.flags[person] & DISCREET == 0 or _works_where_welcome(scene, person, other)


@shared
def _works_where_welcome(scene: Scene, person: int, other: int) -> bool:
    begin = scene.people.job_start[other]
    for job in range(begin, begin + scene.people.job_size[other]):
        if scene.jobs.current[job] and _unwelcome(scene, person, scene.jobs.company[job]):
            return False
    return True


@inner
def blocked(scene: Scene, person: int, other: int) -> bool:
    """Whether one of the two wants no path on which both stand."""
    at = find(scene.arcs, person, other)
    return at >= 0 and scene.arcs.flags[at] & BLOCKED != 0


@inner
def mutual(scene: Scene, person: int, other: int, at: int, few: int) -> int:
    """M of the arc at `at` from person to other; -1 where it says little (section 2)."""
    if scene.people.flags[person] & scene.people.flags[other] & MEMBER == 0:
        return NO_ONE
    if scene.arcs.friends[person] < few or scene.arcs.friends[other] < few:
        return NO_ONE
    return int(scene.arcs.mutual[at])


@inner
def bridge(scene: Scene, person: int, other: int, at: int, few: int) -> float:
    """B of the arc at `at` from person to other."""
    m = mutual(scene, person, other, at, few)
    if m < 0:
        return NOT_KNOWN / SCALE
    return scene.bridges[min(m, len(scene.bridges) - 1)] / SCALE


@inner
def near_end(scene: Scene, person: int, other: int, at: int, few: int) -> float:
    """0.5 · strength · B · H of the arc at `at`: the part of a path with one between that its first tie makes."""
    strength = scene.arcs.strength[at] / SCALE
    return ONE_BETWEEN * strength * bridge(scene, person, other, at, few) * (scene.people.help[other] / SCALE)


@inner
def own_score(scene: Scene, person: int, other: int, at: int, few: int) -> float:
    """Strength · B · H of the arc at `at`."""
    strength = scene.arcs.strength[at] / SCALE
    return strength * bridge(scene, person, other, at, few) * (scene.people.help[other] / SCALE)


@inner
def direct_score(scene: Scene, person: int, other: int, at: int, standing: int, few: int) -> float:
    """Strength · B · H · standing of the arc at `at`."""
    return own_score(scene, person, other, at, few) * (standing / SCALE)
