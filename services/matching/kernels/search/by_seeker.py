"""One seeker, many openings: from the seeker out to everybody at most two ties away, and the openings these lead to."""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean, shared
from services.matching.kernels.graph.layout import ASKABLE, HARDLY, NO_ONE, OWN, SEVERAL, TIED, Arcs
from services.matching.kernels.graph.layout import WARM as WARM_TIE
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.graph.prefetch_arcs import arcs_soon, soon
from services.matching.kernels.graph.standing import standing
from services.matching.kernels.search.by_opening import ask_of
from services.matching.kernels.search.graph_view import ASKED, Scene, blocked, near_end, own_score, welcome
from services.matching.kernels.search.insiders import has, may_be_led_to, put
from services.matching.kernels.storage.arrays import F64, I32, U8, U16
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.storage.prefetch import FAR, NEAR
from services.matching.kernels.suggestions.rows import APP, DIRECT, WARM, Found, least, offer, open_row

ALL = 1 << 62

HIRING = 10_000
"""The standing of the opening's hiring contact, in ten-thousandths."""


class Sought(NamedTuple):
    """The openings that fit one seeker, by number, and where they are found.

    `at_company` and `at_hiring` hold the first number + 1 of a company's openings, and of those somebody is the hiring
    contact of; `next_` the one after. `hires` has a bit set for each of these. Between two seekers they are all 0.
    """

    opening: I32
    fit: U16
    company: I32
    occupation: I32
    group: I32
    hiring: I32
    row: I32
    at_company: I32
    next_at_company: I32
    at_hiring: I32
    next_at_hiring: I32
    hires: U8


def new_sought(openings: int, companies: int, people: int) -> Sought:
    """Address space for so many openings, companies and people."""
    return Sought(
        opening=reserve(openings, np.int32),
        fit=reserve(openings, np.uint16),
        company=reserve(openings, np.int32),
        occupation=reserve(openings, np.int32),
        group=reserve(openings, np.int32),
        hiring=reserve(openings, np.int32),
        row=reserve(openings, np.int32),
        at_company=reserve(companies, np.int32),
        next_at_company=reserve(openings, np.int32),
        at_hiring=reserve(people, np.int32),
        next_at_hiring=reserve(openings, np.int32),
        hires=reserve(people // 8 + 1, np.uint8),
    )


@lean
def seek(sought: Sought, openings: I32, fits: U16, company: I32, occupation: I32, group: I32, hiring: I32) -> None:
    """Take these openings, each with its fit, as those that are sought; the columns are the openings' own."""
    for number in range(len(openings)):
        opening = openings[number]
        sought.opening[number], sought.fit[number], sought.row[number] = opening, fits[number], NO_ONE
        place, contact = company[opening], hiring[opening]
        sought.company[number], sought.hiring[number] = place, contact
        sought.occupation[number], sought.group[number] = occupation[opening], group[opening]
        sought.next_at_company[number] = sought.at_company[place]
        sought.at_company[place] = number + 1
        if contact != NO_ONE:
            sought.next_at_hiring[number] = sought.at_hiring[contact]
            sought.at_hiring[contact] = number + 1
            put(sought.hires, contact)


@lean
def forget(sought: Sought, count: int) -> None:
    """Seek the first `count` no longer."""
    for number in range(count):
        sought.at_company[sought.company[number]] = 0
        if sought.hiring[number] != NO_ONE:
            sought.at_hiring[sought.hiring[number]] = 0
            sought.hires[sought.hiring[number] >> 3] = 0


class Step(NamedTuple):
    """One introducer of the seeker: along the arc at `at`; `near` is what a path with one between begins with."""

    seeker: int
    introducer: int
    at: int
    near: float


@inner
def _row_of(sought: Sought, found: Found, number: int, seeker: int, rows: I32) -> int:
    """The row of the opening of this number, made where there is none; `rows[0]` counts them."""
    if sought.row[number] == NO_ONE:
        sought.row[number] = rows[0]
        open_row(found, rows[0], seeker, sought.opening[number], sought.fit[number])
        rows[0] += 1
    return int(sought.row[number])


@inner
def _standing(scene: Scene, sought: Sought, number: int, insider: int, roles: F64) -> int:
    if sought.hiring[number] == insider:
        return HIRING
    company, occupation, group = sought.company[number], sought.occupation[number], sought.group[number]
    return standing(scene.jobs, scene.people, insider, company, occupation, group, roles)


@inner
def _too_low(sought: Sought, found: Found, number: int, most: float) -> bool:
    """Whether a path that scores so much at most, by a standing of 1, is none of the best three anyway."""
    return sought.row[number] != NO_ONE and most < least(found, sought.row[number])


@inner
def _direct(
    scene: Scene, sought: Sought, found: Found, rows: I32, number: int, step: Step, own: float, roles: F64
) -> None:
    """The direct path along the step's arc to one opening; `own` is what its standing is multiplied with."""
    if _too_low(sought, found, number, own):
        return
    insider = step.introducer
    value = _standing(scene, sought, number, insider, roles)
    if value == 0:
        return
    kind = DIRECT | ask_of(scene, insider) | (WARM if scene.arcs.flags[step.at] & WARM_TIE else 0)
    row = _row_of(sought, found, number, step.seeker, rows)
    offer(found, row, insider, insider, own * (value / SCALE), kind, step.at, scene.texts)


@inner
def _between(
    scene: Scene, sought: Sought, found: Found, rows: I32, number: int, step: Step, link: int, roles: F64
) -> None:
    """The path through an introducer and along their arc at `link` to one opening."""
    if _too_low(sought, found, number, step.near * (scene.arcs.strength[link] / SCALE)):
        return
    insider = scene.arcs.other[link]
    value = _standing(scene, sought, number, insider, roles)
    if value == 0:
        return
    score = step.near * (scene.arcs.strength[link] / SCALE * (value / SCALE))
    row = _row_of(sought, found, number, step.seeker, rows)
    offer(found, row, step.introducer, insider, score, WARM | APP, step.at, scene.texts)


@inner
def _leads_anywhere(scene: Scene, sought: Sought, insider: int) -> bool:
    """Whether the insider is one of any opening that is sought."""
    if has(sought.hires, insider):
        return True
    employer = scene.people.employer[insider]
    if employer != SEVERAL:
        return employer > 0 and sought.at_company[employer - 1] != 0
    begin = scene.people.job_start[insider]
    for job in range(begin, begin + scene.people.job_size[insider]):
        if sought.at_company[scene.jobs.company[job]]:
            return True
    return False


@inner
def _offer_direct(
    scene: Scene, sought: Sought, found: Found, rows: I32, seeker: int, at: int, roles: F64, few: int
) -> int:
    """All openings to which the far end of the arc at `at` is an insider; how many were looked at."""
    insider, looked = scene.arcs.other[at], 0
    if not _leads_anywhere(scene, sought, insider) or not welcome(scene, seeker, insider):
        return looked
    own, step = own_score(scene, seeker, insider, at, few), Step(seeker, insider, at, 0.0)
    begin = scene.people.job_start[insider]
    for job in range(begin, begin + scene.people.job_size[insider]):
        number = sought.at_company[scene.jobs.company[job]]
        while number:
            _direct(scene, sought, found, rows, number - 1, step, own, roles)
            number = sought.next_at_company[number - 1]
            looked += 1
    number = sought.at_hiring[insider]
    while number:
        _direct(scene, sought, found, rows, number - 1, step, own, roles)
        number = sought.next_at_hiring[number - 1]
        looked += 1
    return looked


@inner
def _offer_between(scene: Scene, sought: Sought, found: Found, rows: I32, step: Step, link: int, roles: F64) -> int:
    """All openings to which the far end of an introducer's arc at `link` is an insider; how many were looked at."""
    insider, looked = scene.arcs.other[link], 0
    if not _leads_anywhere(scene, sought, insider) or not may_be_led_to(scene.people, insider):
        return looked
    if not welcome(scene, step.seeker, insider) or blocked(scene, step.seeker, insider):
        return looked
    begin = scene.people.job_start[insider]
    for job in range(begin, begin + scene.people.job_size[insider]):
        number = sought.at_company[scene.jobs.company[job]]
        while number:
            _between(scene, sought, found, rows, number - 1, step, link, roles)
            number = sought.next_at_company[number - 1]
            looked += 1
    number = sought.at_hiring[insider]
    while number:
        _between(scene, sought, found, rows, number - 1, step, link, roles)
        number = sought.next_at_hiring[number - 1]
        looked += 1
    return looked


@inner
def asks_through(scene: Scene, seeker: int, at: int) -> bool:
    """Whether the far end of the arc at `at` may be asked to introduce the seeker on a warm path."""
    if scene.arcs.flags[at] & (ASKABLE | HARDLY) != ASKABLE:
        return False
    between = scene.arcs.other[at]
    return scene.people.flags[between] & ASKED == ASKED and welcome(scene, seeker, between)


@lean
def links_of(arcs: Arcs, seekers: I32, enough: int) -> int:
    """How many arcs `expand` would look at for these seekers; counting ends once there are more than `enough`."""
    found, number = 0, 0
    while number < len(seekers) and found <= enough:
        begin, warm = arcs.start[seekers[number]], arcs.warm[seekers[number]]
        for at in range(begin, begin + warm):
            found += arcs.warm[arcs.other[at]]
        found += arcs.size[seekers[number]]
        number += 1
    return found


@lean
def expand_each(
    scene: Scene,
    sought: Sought,
    found: Found,
    rows: I32,
    seekers: I32,
    fits: U16,
    first: int,
    arcs: int,
    roles: F64,
    few: int,
) -> tuple[int, int]:
    """Rows of the only opening that is sought, for seekers from number `first` on; the next number, and looked."""
    number, looked = first, 0
    while number < len(seekers) and looked < arcs:
        sought.fit[0], sought.row[0] = fits[number], NO_ONE
        _, more = _expand(scene, sought, found, rows, seekers[number], 0, ALL, roles, few)
        looked += more + 1
        number += 1
    return number, looked


@lean
def expand(
    scene: Scene, sought: Sought, found: Found, rows: I32, seeker: int, first: int, arcs: int, roles: F64, few: int
) -> tuple[int, int]:
    """Rows from the seeker's arc number `first` on, until about so many arcs, and openings behind them, were looked at.

    The next number, and how many it were.
    """
    return _expand(scene, sought, found, rows, seeker, first, arcs, roles, few)


@shared
def _expand(
    scene: Scene, sought: Sought, found: Found, rows: I32, seeker: int, first: int, arcs: int, roles: F64, few: int
) -> tuple[int, int]:
    begin, size, warm = scene.arcs.start[seeker], scene.arcs.size[seeker], scene.arcs.warm[seeker]
    number, looked = first, 0
    while number < size and looked < arcs:
        at = begin + number
        if number + NEAR < warm:
            ahead = scene.arcs.other[at + NEAR]
            arcs_soon(scene.arcs, ahead, scene.arcs.warm[ahead])
        if number + FAR < warm:
            soon(scene.arcs, scene.arcs.other[at + FAR])
        looked += 1 + take_step(scene, sought, found, rows, seeker, at, roles, few)
        number += 1
    return number, looked


@shared
def take_step(scene: Scene, sought: Sought, found: Found, rows: I32, seeker: int, at: int, roles: F64, few: int) -> int:
    """All paths that begin with the seeker's arc at `at`; how many arcs and openings behind it were looked at."""
    looked = 0
    if scene.arcs.flags[at] & (TIED | OWN) == TIED | OWN:
        looked += _offer_direct(scene, sought, found, rows, seeker, at, roles, few)
    if asks_through(scene, seeker, at):
        between = scene.arcs.other[at]
        step = Step(seeker, between, at, near_end(scene, seeker, between, at, few))
        out = scene.arcs.start[between]
        for link in range(out, out + scene.arcs.warm[between]):
            if scene.arcs.flags[link] & OWN:
                looked += _offer_between(scene, sought, found, rows, step, link, roles)
        looked += scene.arcs.warm[between]
    return looked
