"""What is nearest to making a path where there is none (section 6): contacts there, and members not warm yet."""

from services.matching.kernels.arcs import find
from services.matching.kernels.best import Found
from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.layout import HARDLY, MEMBER, OWN, RECORD, TIED
from services.matching.kernels.layout import WARM as WARM_TIE
from services.matching.kernels.scene import ASKED, Scene, blocked, bridge, near_end, welcome
from services.matching.kernels.standing import works_at
from services.matching.kernels.target import INSIDERS, SCALE, Target, has, may_be_led_to

NAMED, IF_NAMED, THROUGH = 0, 1, 2
"""Kinds of a way: a contact whom the person has a record about, one who counts if the person brought them in, and a
member who could introduce."""


@lean
def ways(scene: Scene, target: Target, found: Found, person: int, company: int, said: float, few: int) -> int:
    """Everybody who could make a path of a person's, in the columns of paths of `found`; how many.

    The last question was about them and the company. `said` is the strength of a tie once it is spoken for.
    """
    count = 0
    for number in range(target.counts[INSIDERS]):
        count += _contact(scene, target, found, count, person, target.insiders[number], company, said, few)
    begin = scene.arcs.start[person]
    for at in range(begin, begin + scene.arcs.size[person]):
        if scene.arcs.flags[at] & (TIED | OWN | WARM_TIE | HARDLY) == TIED | OWN:
            count += _member(scene, target, found, count, person, at, few)
    return count


@inner
def _contact(
    scene: Scene,
    target: Target,
    found: Found,
    path: int,
    person: int,
    other: int,
    company: int,
    said: float,
    few: int,
) -> bool:
    if scene.people.flags[other] & MEMBER or not works_at(scene.jobs, scene.people, other, company):
        return False
    if not welcome(scene, person, other) or blocked(scene, person, other):
        return False
    at = find(scene.arcs, person, other)
    found.kind[path] = NAMED if at >= 0 and scene.arcs.flags[at] & RECORD else IF_NAMED
    found.introducer[path] = other
    own = said * bridge(scene, person, other, at, few) * (scene.people.help[other] / SCALE)
    found.score[path] = own * (target.standing[other] / SCALE)
    return True


@inner
def _member(scene: Scene, target: Target, found: Found, path: int, person: int, at: int, few: int) -> bool:
    between = scene.arcs.other[at]
    if scene.people.flags[between] & ASKED != ASKED or not welcome(scene, person, between):
        return False
    best, begin = -1.0, scene.arcs.start[between]
    for link in range(begin, begin + scene.arcs.size[between]):
        insider = scene.arcs.other[link]
        if not has(target.insider, insider) or scene.arcs.flags[link] & (TIED | OWN) != TIED | OWN:
            continue
        if may_be_led_to(scene.people, insider) and welcome(scene, person, insider):
            value = scene.arcs.strength[link] / SCALE * (target.standing[insider] / SCALE)
            if value > best and not blocked(scene, person, insider):
                best = value
    found.introducer[path], found.kind[path] = between, THROUGH
    found.score[path] = near_end(scene, person, between, at, few) * best
    return best >= 0.0
