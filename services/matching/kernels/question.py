"""Who could introduce one person into one company (section 6): every introducer with their best path."""

from services.matching.kernels.best import APP, DIRECT, WARM, Found, Texts
from services.matching.kernels.by_opening import ask_of
from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.layout import F64, HARDLY, I32, NO_ONE, OWN, THEIRS, TIED, People
from services.matching.kernels.layout import WARM as WARM_TIE
from services.matching.kernels.lists import Lists
from services.matching.kernels.names import less
from services.matching.kernels.prefetch import FAR, NEAR, arcs_soon, prefetch, soon
from services.matching.kernels.scene import ASKED, Scene, blocked, direct_score, near_end, welcome
from services.matching.kernels.sieve import Sieve, forget_asked, mark_noted, note_asked
from services.matching.kernels.standing import standing
from services.matching.kernels.target import INSIDERS, SCALE, Target, add_insider, clear, has, may_be_led_to

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


@lean
def ask(
    scene: Scene,
    target: Target,
    sieve: Sieve,
    found: Found,
    workers: Lists,
    person: int,
    company: int,
    roles: F64,
    few: int,
) -> int:
    """Everybody who could introduce a person into a company, each a path of row 0 of `found`; how many."""
    clear(target)
    begin = workers.start[company]
    there = workers.items[begin : begin + workers.size[company]]
    aim(scene, target, there, company, NO_ONE, NO_ONE, roles)
    marked = from_insiders(scene, target, person)
    if marked:
        note_asked(sieve, scene.arcs, person, scene.arcs.size[person], ALL_TIED)
        mark_noted(target, sieve, scene.people, scene.arcs, 0, ALL, False)
        forget_asked(sieve, scene.arcs, person)
    return introducers(scene, target, found, person, marked, few)


@inner
def from_insiders(scene: Scene, target: Target, person: int) -> bool:
    """Whether the insiders have fewer ties than those whom the person could ask."""
    theirs, ours = 0, 0
    for number in range(target.counts[INSIDERS]):
        prefetch(scene.arcs.size, target.insiders[number + FAR])
        theirs += scene.arcs.size[target.insiders[number]]
    begin = scene.arcs.start[person]
    for at in range(begin, begin + scene.arcs.size[person]):
        soon(scene.arcs, scene.arcs.other[at + FAR])
        if scene.arcs.flags[at] & ALL_TIED == ALL_TIED:
            ours += scene.arcs.size[scene.arcs.other[at]]
            if ours > theirs:
                return True
    return False


@inner
def introducers(scene: Scene, target: Target, found: Found, person: int, marked: bool, few: int) -> int:
    """Every introducer of a person, each a path of row 0 of `found`; how many.

    `marked`: the target's marks say whom the introducers know; else their ties are looked through for insiders.
    """
    count = 0
    begin = scene.arcs.start[person]
    for at in range(begin, begin + scene.arcs.size[person]):
        if scene.arcs.flags[at] & (TIED | OWN) != TIED | OWN:
            continue
        other = scene.arcs.other[at]
        if not marked and at + NEAR < begin + scene.arcs.size[person]:
            ahead = scene.arcs.other[at + NEAR]
            arcs_soon(scene.arcs, ahead, scene.arcs.size[ahead])
        if not welcome(scene, person, other):
            continue
        found.introducer[count], found.insider[count], found.score[count] = other, NO_ONE, 0.0
        if has(target.insider, other):
            _direct(scene, target, found, count, person, at, few)
        if _may_ask(scene, at):
            if not marked:
                _through_ties(scene, target, found, count, person, at, few)
            elif has(target.leads, other):
                _through_links(scene, target, found, count, person, at, few)
        count += found.score[count] > 0.0
    return count


@inner
def _may_ask(scene: Scene, at: int) -> bool:
    if scene.arcs.flags[at] & (ALL_TIED | HARDLY) != ALL_TIED:
        return False
    return bool(scene.people.flags[scene.arcs.other[at]] & ASKED == ASKED)


@inner
def _direct(scene: Scene, target: Target, found: Found, path: int, person: int, at: int, few: int) -> None:
    insider = scene.arcs.other[at]
    found.score[path] = direct_score(scene, person, insider, at, target.standing[insider], few)
    found.insider[path] = insider
    found.kind[path] = DIRECT | ask_of(scene, insider) | (WARM if scene.arcs.flags[at] & WARM_TIE else 0)


@inner
def _better(found: Found, path: int, insider: int, score: float, texts: Texts) -> bool:
    """Whether a path with one between is preferred to the one held for the same introducer."""
    if score != found.score[path]:
        return score > found.score[path]
    if score == 0.0 or found.kind[path] & DIRECT:
        return False
    return less(texts.text, texts.start, insider, found.insider[path])


@inner
def _offer(scene: Scene, found: Found, path: int, person: int, insider: int, score: float, warm: bool) -> None:
    if not _better(found, path, insider, score, scene.texts):
        return
    if welcome(scene, person, insider) and not blocked(scene, person, insider):
        found.insider[path], found.score[path] = insider, score
        found.kind[path] = APP | (WARM if warm else 0)


@inner
def _through_ties(scene: Scene, target: Target, found: Found, path: int, person: int, at: int, few: int) -> None:
    between = scene.arcs.other[at]
    near, warm = near_end(scene, person, between, at, few), scene.arcs.flags[at] & WARM_TIE != 0
    begin = scene.arcs.start[between]
    for link in range(begin, begin + scene.arcs.size[between]):
        insider = scene.arcs.other[link]
        if not has(target.insider, insider) or scene.arcs.flags[link] & (TIED | OWN) != TIED | OWN:
            continue
        if may_be_led_to(scene.people, insider):
            value = scene.arcs.strength[link] / SCALE * (target.standing[insider] / SCALE)
            both = warm and scene.arcs.flags[link] & WARM_TIE != 0
            _offer(scene, found, path, person, insider, near * value, both)


@inner
def _through_links(scene: Scene, target: Target, found: Found, path: int, person: int, at: int, few: int) -> None:
    between = scene.arcs.other[at]
    near, warm = near_end(scene, person, between, at, few), scene.arcs.flags[at] & WARM_TIE != 0
    link = target.head[between]
    while link >= 0:
        insider, both = target.link_insider[link], warm and target.link_warm[link] != 0
        _offer(scene, found, path, person, insider, near * target.link_value[link], both)
        link = target.link_next[link]
