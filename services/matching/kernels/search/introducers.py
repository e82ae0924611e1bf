"""Who could introduce one person into one company (section 6): every introducer with their best path."""

from typing import NamedTuple

from services.matching.kernels.compiled import inner, lean, shared
from services.matching.kernels.graph.layout import HARDLY, NO_ONE, OWN, THEIRS, TIED, People
from services.matching.kernels.graph.layout import WARM as WARM_TIE
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.graph.person_ids import Texts, less
from services.matching.kernels.graph.standing import standing
from services.matching.kernels.search.by_opening import ask_of
from services.matching.kernels.search.company_hints import (
    ROOM,
    Hits,
    hints_soon,
    hit_soon,
    link_soon,
    next_hint,
    standing_at,
)
from services.matching.kernels.search.graph_view import ASKED, Scene, blocked, direct_score, near_end, welcome
from services.matching.kernels.search.insiders import Target, add_insider, clear, has, may_be_led_to
from services.matching.kernels.search.sieve import Sieve, forget_asked, mark_noted, note_asked
from services.matching.kernels.storage.arrays import F64, I32, I64, U8
from services.matching.kernels.storage.prefetch import FAR, NEAR, prefetch
from services.matching.kernels.suggestions.rows import APP, DIRECT, WARM

ALL = 1 << 62
ALL_TIED = TIED | OWN | THEIRS


@lean
def aim(scene: Scene, target: Target, workers: I32, company: int, occupation: int, group: int, roles: F64) -> None:
    """Add everybody with a standing at a company; `roles` as for `standing`."""
    last = len(workers) - 1
    for number in range(last + 1):
        person, ahead = workers[number], workers[min(number + NEAR, last)]
        _job_soon(scene.people, workers[min(number + FAR, last)])
        prefetch(scene.jobs.company, scene.people.job_start[ahead])
        prefetch(scene.jobs.presence, scene.people.job_start[ahead])
        prefetch(target.standing, ahead)
        add_insider(target, person, standing(scene.jobs, scene.people, person, company, occupation, group, roles))


@inner
def _job_soon(people: People, person: int) -> None:
    prefetch(people.job_start, person)
    prefetch(people.job_size, person)


class Question(NamedTuple):
    """Who could introduce `person` at `company`, whose sign is `sign`? `workers`: everybody with any job there.

    `words` are the hints of all arcs, eight at a time. `roles` as for `standing`; with fewer ties with members than
    `few`, mutual contacts say little.
    """

    person: int
    company: int
    sign: int
    workers: I32
    words: I64
    roles: F64
    few: int


class Introducers(NamedTuple):
    """The columns of paths of `Found` that an answer has: handing over the others takes longer than many an answer."""

    introducer: I32
    insider: I32
    score: F64
    kind: U8


@lean
def ask(scene: Scene, found: Introducers, hits: Hits, asked: Question, enough: int) -> int:
    """Everybody who could introduce somebody into a company, each a path; how many.

    -1, and nothing done, where those whom the person could ask have more than `enough` ties.
    """
    if _reached(scene, asked.person, enough) > enough:
        return -1
    slots = held = 0
    begin = scene.arcs.start[asked.person]
    end = begin + scene.arcs.size[asked.person]
    for at in range(begin, end):
        hints_soon(scene.arcs, at, end)
        if not _open(scene, found, slots, asked, at):
            continue
        if _may_ask(scene, at):
            held = _note(scene, found, hits, held, slots, asked, at)
        slots += 1
    _follow(scene, found, hits, held, asked)
    return _pack(found, slots)


@lean
def ask_few(scene: Scene, target: Target, sieve: Sieve, found: Introducers, asked: Question) -> int:
    """The same, by marking whom those there are known by: for few people there."""
    clear(target)
    aim(scene, target, asked.workers, asked.company, NO_ONE, NO_ONE, asked.roles)
    person, slots = asked.person, 0
    begin, size = scene.arcs.start[person], scene.arcs.size[person]
    note_asked(sieve, scene.arcs, person, size, ALL_TIED)
    mark_noted(target, sieve, scene.people, scene.arcs, 0, ALL, False)
    forget_asked(sieve, scene.arcs, person)
    for at in range(begin, begin + size):
        if not _open(scene, found, slots, asked, at):
            continue
        if has(target.leads, scene.arcs.other[at]) and _may_ask(scene, at):
            _through_links(scene, target, found, slots, person, at, asked.few)
        slots += 1
    return _pack(found, slots)


@inner
def _reached(scene: Scene, person: int, enough: int) -> int:
    """How many ties they have whom the person could ask; counted until there are more than `enough`."""
    arcs, count = scene.arcs, 0
    begin = arcs.start[person]
    end = begin + arcs.size[person]
    for at in range(begin, end):
        prefetch(arcs.size, arcs.other[min(at + FAR, end - 1)])
        if arcs.flags[at] & ALL_TIED == ALL_TIED:
            count += arcs.size[arcs.other[at]]
            if count > enough:
                break
    return count


@inner
def _open(scene: Scene, found: Introducers, path: int, asked: Question, at: int) -> bool:
    """Whether the other end of the person's arc at `at` may introduce; if so, begin with the direct path."""
    other = scene.arcs.other[at]
    if scene.arcs.flags[at] & (TIED | OWN) != TIED | OWN or not welcome(scene, asked.person, other):
        return False
    found.introducer[path], found.insider[path], found.score[path] = other, NO_ONE, 0.0
    if scene.arcs.hint[at] & asked.sign == asked.sign:
        _direct(scene, found, path, asked, at)
    return True


@inner
def _pack(found: Introducers, slots: int) -> int:
    """Leave out those without a path; how many are left."""
    count = 0
    for path in range(slots):
        if found.score[path] > 0.0:
            found.introducer[count], found.insider[count] = found.introducer[path], found.insider[path]
            found.score[count], found.kind[count] = found.score[path], found.kind[path]
            count += 1
    return count


@inner
def _may_ask(scene: Scene, at: int) -> bool:
    if scene.arcs.flags[at] & (ALL_TIED | HARDLY) != ALL_TIED:
        return False
    return bool(scene.people.flags[scene.arcs.other[at]] & ASKED == ASKED)


@inner
def _direct(scene: Scene, found: Introducers, path: int, asked: Question, at: int) -> None:
    insider = scene.arcs.other[at]
    there = standing_at(scene, insider, asked.company, asked.roles)
    if there:
        found.score[path] = direct_score(scene, asked.person, insider, at, there, asked.few)
        found.insider[path] = insider
        found.kind[path] = DIRECT | ask_of(scene, insider) | (WARM if scene.arcs.flags[at] & WARM_TIE else 0)


@inner
def _better(found: Introducers, path: int, insider: int, score: float, texts: Texts) -> bool:
    """Whether a path with one between is preferred to the one held for the same introducer."""
    if score != found.score[path]:
        return score > found.score[path]
    if score == 0.0 or found.kind[path] & DIRECT:
        return False
    return less(texts.text, texts.start, insider, found.insider[path])


@inner
def _offer(scene: Scene, found: Introducers, path: int, person: int, insider: int, score: float, warm: bool) -> None:
    if not _better(found, path, insider, score, scene.texts):
        return
    if welcome(scene, person, insider) and not blocked(scene, person, insider):
        found.insider[path], found.score[path] = insider, score
        found.kind[path] = APP | (WARM if warm else 0)


@inner
def _note(scene: Scene, found: Introducers, hits: Hits, held: int, path: int, asked: Question, at: int) -> int:
    """Note which ties of somebody between, at the person's arc `at`, may lead there; how many hits are held then."""
    arcs, between, near = scene.arcs, scene.arcs.other[at], -1.0
    link = arcs.start[between]
    end = link + arcs.size[between]
    while True:
        link = next_hint(arcs.hint, asked.words, link, end, asked.sign)
        if link >= end:
            return held
        if near < 0.0:
            near = near_end(scene, asked.person, between, at, asked.few)
        hits.link[held], hits.path[held], hits.near[held] = link, path, near
        hits.warm[held] = arcs.flags[at] & WARM_TIE
        link_soon(arcs, link)
        held += 1
        if held == ROOM:
            _follow(scene, found, hits, held, asked)
            held = 0
        link += 1


@shared
def _follow(scene: Scene, found: Introducers, hits: Hits, held: int, asked: Question) -> None:
    """Look at the hits: who are insiders, and what the paths to them are worth."""
    arcs = scene.arcs
    for number in range(held):
        hit_soon(scene, hits, number, held)
        link, path, near = hits.link[number], hits.path[number], hits.near[number]
        # No standing is above 1 and rounding keeps order, so a weaker tie leads to no better path.
        if arcs.flags[link] & (TIED | OWN) != TIED | OWN or near * (arcs.strength[link] / SCALE) < found.score[path]:
            continue
        insider = arcs.other[link]
        there = standing_at(scene, insider, asked.company, asked.roles)
        if there and may_be_led_to(scene.people, insider):
            value = arcs.strength[link] / SCALE * (there / SCALE)
            warm = hits.warm[number] & arcs.flags[link] & WARM_TIE != 0
            _offer(scene, found, path, asked.person, insider, near * value, warm)


@inner
def _through_links(scene: Scene, target: Target, found: Introducers, path: int, person: int, at: int, few: int) -> None:
    between = scene.arcs.other[at]
    near, warm = near_end(scene, person, between, at, few), scene.arcs.flags[at] & WARM_TIE != 0
    link = target.head[between]
    while link >= 0:
        insider, both = target.link_insider[link], warm and target.link_warm[link] != 0
        _offer(scene, found, path, person, insider, near * target.link_value[link], both)
        link = target.link_next[link]
