"""What is nearest to making a path where there is none (section 6): contacts there, and members not warm yet."""

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.arcs import find
from services.matching.kernels.graph.layout import HARDLY, MEMBER, OWN, RECORD, TIED
from services.matching.kernels.graph.layout import WARM as WARM_TIE
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.graph.standing import works_at
from services.matching.kernels.search.company_hints import hints_soon, next_hint, standing_at
from services.matching.kernels.search.graph_view import ASKED, Scene, blocked, bridge, near_end, welcome
from services.matching.kernels.search.insiders import may_be_led_to
from services.matching.kernels.search.introducers import Introducers, Question
from services.matching.kernels.storage.prefetch import FAR, prefetch

NAMED, IF_NAMED, THROUGH = 0, 1, 2
"""Kinds of a way: a contact whom the person has a record about, one who counts if the person brought them in, and a
member who could introduce."""


@lean
def ways(scene: Scene, found: Introducers, asked: Question, said: float) -> int:
    """Everybody who could make a path of a person's, in the columns of paths of `found`; how many.

    `said` is the strength of a tie once it is spoken for.
    """
    count, last = 0, len(asked.workers) - 1
    for number in range(last + 1):
        prefetch(scene.people.flags, asked.workers[min(number + FAR, last)])
        count += _contact(scene, found, count, asked, asked.workers[number], said)
    begin = scene.arcs.start[asked.person]
    end = begin + scene.arcs.size[asked.person]
    for at in range(begin, end):
        hints_soon(scene.arcs, at, end)
        if scene.arcs.flags[at] & (TIED | OWN | WARM_TIE | HARDLY) == TIED | OWN:
            count += _member(scene, found, count, asked, at)
    return count


@inner
def _contact(scene: Scene, found: Introducers, path: int, asked: Question, other: int, said: float) -> bool:
    person = asked.person
    if scene.people.flags[other] & MEMBER or not works_at(scene.jobs, scene.people, other, asked.company):
        return False
    there = standing_at(scene, other, asked.company, asked.roles)
    if there == 0 or not welcome(scene, person, other) or blocked(scene, person, other):
        return False
    at = find(scene.arcs, person, other)
    found.kind[path] = NAMED if at >= 0 and scene.arcs.flags[at] & RECORD else IF_NAMED
    found.introducer[path] = other
    own = said * bridge(scene, person, other, at, asked.few) * (scene.people.help[other] / SCALE)
    found.score[path] = own * (there / SCALE)
    return True


@inner
def _member(scene: Scene, found: Introducers, path: int, asked: Question, at: int) -> bool:
    arcs, person, between = scene.arcs, asked.person, scene.arcs.other[at]
    if scene.people.flags[between] & ASKED != ASKED or not welcome(scene, person, between):
        return False
    best, link = -1.0, arcs.start[between]
    end = link + arcs.size[between]
    while True:
        link = next_hint(arcs.hint, asked.words, link, end, asked.sign)
        if link >= end:
            break
        # A standing is at most 1.
        if arcs.flags[link] & (TIED | OWN) == TIED | OWN and arcs.strength[link] / SCALE > best:
            best = max(best, _value(scene, asked, link))
        link += 1
    found.introducer[path], found.kind[path] = between, THROUGH
    found.score[path] = near_end(scene, person, between, at, asked.few) * best
    return best >= 0.0


@inner
def _value(scene: Scene, asked: Question, link: int) -> float:
    """Strength · standing of an arc to somebody who may be led to; -1 where it leads to nobody such."""
    insider = scene.arcs.other[link]
    there = standing_at(scene, insider, asked.company, asked.roles)
    if there == 0 or not may_be_led_to(scene.people, insider):
        return -1.0
    if not welcome(scene, asked.person, insider) or blocked(scene, asked.person, insider):
        return -1.0
    return scene.arcs.strength[link] / SCALE * (there / SCALE)
