"""One seeker, many openings: a walk over everybody at most two ties away, to the openings that these lead to."""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean, shared
from services.matching.kernels.graph.layout import ASKABLE, MEMBER, NO_ONE, OWN, SEVERAL, TIED
from services.matching.kernels.graph.layout import WARM as WARM_TIE
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.graph.prefetch_arcs import prefetch_arcs, prefetch_block
from services.matching.kernels.graph.standing import standing
from services.matching.kernels.graph.strength import onward_strength
from services.matching.kernels.search.graph_view import (
    ASKED,
    GraphView,
    blocked,
    first_tie_score,
    how_to_ask,
    may_be_on_path,
    own_score,
)
from services.matching.kernels.search.insiders import may_be_introduced_to
from services.matching.kernels.storage.arrays import F64, I32, U8, U16
from services.matching.kernels.storage.bitmap import has_bit, set_bit
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.storage.prefetch import FAR, NEAR
from services.matching.kernels.suggestions.rows import (
    APP,
    DIRECT,
    WARM,
    SuggestionRows,
    offer_path,
    score_to_beat,
    start_row,
)

HIRING = 10_000
"""The standing of the opening's hiring contact, a member, in ten-thousandths."""


class SoughtOpenings(NamedTuple):
    """The openings that fit one seeker, numbered in their order, and lists of them by company and by hiring contact.

    `at_company` and `at_hiring` hold the first number + 1 of the openings of a company, and of those whose hiring
    contact somebody is; `next_…` hold the one after it. `hires` is a bitmap of these contacts. Between two seekers they
    are all 0. `row` is the row of a suggestion, -1 while there is none.
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


def new_sought_openings(openings: int, companies: int, people: int) -> SoughtOpenings:
    """Address space for so many openings, companies and people."""
    return SoughtOpenings(
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
def set_sought(
    sought: SoughtOpenings, openings: I32, fits: U16, company: I32, occupation: I32, group: I32, hiring: I32
) -> None:
    """List these openings, each with its fit. The columns are by opening; `sought` is empty."""
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
            set_bit(sought.hires, contact)


@lean
def clear_sought(sought: SoughtOpenings, count: int) -> None:
    """Empty `sought`, which lists `count` openings."""
    for number in range(count):
        sought.at_company[sought.company[number]] = 0
        if sought.hiring[number] != NO_ONE:
            sought.at_hiring[sought.hiring[number]] = 0
            sought.hires[sought.hiring[number] >> 3] = 0


class FirstTie(NamedTuple):
    """The first tie of paths: the seeker's arc at `at` to an introducer.

    `near` is its part of their scores: `first_tie_score`, or `own_score` where the introducer is the insider.
    """

    seeker: int
    introducer: int
    at: int
    near: float


@inner
def _row_of(sought: SoughtOpenings, found: SuggestionRows, number: int, seeker: int, rows: I32) -> int:
    """The row of an opening by its number, started where there is none; `rows[0]` counts rows."""
    if sought.row[number] == NO_ONE:
        sought.row[number] = rows[0]
        start_row(found, rows[0], seeker, sought.opening[number], sought.fit[number])
        rows[0] += 1
    return int(sought.row[number])


@inner
def _standing(view: GraphView, sought: SoughtOpenings, number: int, insider: int, roles: F64) -> int:
    if sought.hiring[number] == insider and view.people.flags[insider] & MEMBER:
        return HIRING
    company, occupation, group = sought.company[number], sought.occupation[number], sought.group[number]
    return standing(view.jobs, view.people, insider, company, occupation, group, roles)


@inner
def _too_low(sought: SoughtOpenings, found: SuggestionRows, number: int, most: float) -> bool:
    """Whether a path that scores at most so much is none of the best three."""
    return sought.row[number] != NO_ONE and most < score_to_beat(found, sought.row[number])


@inner
def _offer_to_one(
    view: GraphView,
    sought: SoughtOpenings,
    found: SuggestionRows,
    rows: I32,
    number: int,
    tie: FirstTie,
    insider: int,
    last: float,
    kind: int,
    roles: F64,
) -> None:
    """Offer the path along the first tie to an insider of one opening; see `_offer_to_all`."""
    if _too_low(sought, found, number, tie.near * last):
        return
    value = _standing(view, sought, number, insider, roles)
    if value == 0:
        return
    row = _row_of(sought, found, number, tie.seeker, rows)
    offer_path(found, row, tie.introducer, insider, tie.near * (last * (value / SCALE)), kind, tie.at, view.ids)


@inner
def _leads_anywhere(view: GraphView, sought: SoughtOpenings, insider: int) -> bool:
    """Whether somebody may be an insider of any of the openings."""
    if has_bit(sought.hires, insider):
        return True
    employer = view.people.employer[insider]
    if employer != SEVERAL:
        return employer > 0 and sought.at_company[employer - 1] != 0
    begin = view.people.job_start[insider]
    for job in range(begin, begin + view.people.job_size[insider]):  # noqa: SIM110 - compiled
        if sought.at_company[view.jobs.company[job]]:
            return True
    return False


@inner
def _offer_to_all(
    view: GraphView,
    sought: SoughtOpenings,
    found: SuggestionRows,
    rows: I32,
    tie: FirstTie,
    insider: int,
    last: float,
    kind: int,
    roles: F64,
) -> int:
    """Offer the paths along the first tie to the openings of one insider; returns how many openings were read.

    `last` is the onward strength behind the first tie; 1 on a direct path, which leaves its score as it is.
    """
    looked, begin = 0, view.people.job_start[insider]
    for job in range(begin, begin + view.people.job_size[insider]):
        number = sought.at_company[view.jobs.company[job]]
        while number:
            _offer_to_one(view, sought, found, rows, number - 1, tie, insider, last, kind, roles)
            number = sought.next_at_company[number - 1]
            looked += 1
    number = sought.at_hiring[insider]
    while number:
        _offer_to_one(view, sought, found, rows, number - 1, tie, insider, last, kind, roles)
        number = sought.next_at_hiring[number - 1]
        looked += 1
    return looked


@inner
def _offer_direct(
    view: GraphView,
    sought: SoughtOpenings,
    found: SuggestionRows,
    rows: I32,
    seeker: int,
    at: int,
    roles: F64,
    few: int,
) -> int:
    """Offer the direct paths along the arc at `at`; returns how many openings were read."""
    insider = view.arcs.other[at]
    if not _leads_anywhere(view, sought, insider) or not may_be_on_path(view, seeker, insider):
        return 0
    tie = FirstTie(seeker, insider, at, own_score(view, seeker, insider, at, few))
    kind = DIRECT | how_to_ask(view, insider) | (WARM if view.arcs.flags[at] & WARM_TIE else 0)
    return _offer_to_all(view, sought, found, rows, tie, insider, 1.0, kind, roles)


@inner
def _offer_between(
    view: GraphView, sought: SoughtOpenings, found: SuggestionRows, rows: I32, tie: FirstTie, link: int, roles: F64
) -> int:
    """Offer the paths along an introducer's arc at `link`; returns how many openings were read."""
    insider = view.arcs.other[link]
    if not _leads_anywhere(view, sought, insider) or not may_be_introduced_to(view.people, insider):
        return 0
    if not may_be_on_path(view, tie.seeker, insider) or blocked(view, tie.seeker, insider):
        return 0
    onward = onward_strength(view.arcs, link) / SCALE
    return _offer_to_all(view, sought, found, rows, tie, insider, onward, WARM | APP, roles)


@inner
def may_ask_through(view: GraphView, seeker: int, at: int) -> bool:
    """Whether the far end of the arc at `at` may be asked to introduce the seeker on a warm path."""
    if view.arcs.flags[at] & ASKABLE != ASKABLE:
        return False
    between = view.arcs.other[at]
    return view.people.flags[between] & ASKED == ASKED and may_be_on_path(view, seeker, between)


@lean
def match_openings(
    view: GraphView,
    sought: SoughtOpenings,
    found: SuggestionRows,
    rows: I32,
    seeker: int,
    first: int,
    arcs: int,
    roles: F64,
    few: int,
) -> int:
    """Find the paths that begin with the seeker's arcs from number `first` on.

    Stops when about `arcs` arcs, and openings behind them, were read. `sought` is set; `rows[0]` counts the rows of
    `found`. Returns the next number.
    """
    begin, size, front = view.arcs.start[seeker], view.arcs.size[seeker], view.arcs.front[seeker]
    number, looked = first, 0
    while number < size and looked < arcs:
        at = begin + number
        if number + NEAR < front:
            ahead = view.arcs.other[at + NEAR]
            prefetch_arcs(view.arcs, ahead, view.arcs.front[ahead])
        if number + FAR < front:
            prefetch_block(view.arcs, view.arcs.other[at + FAR])
        looked += 1 + offer_paths_along(view, sought, found, rows, seeker, at, roles, few)
        number += 1
    return int(number)


@shared
def offer_paths_along(
    view: GraphView,
    sought: SoughtOpenings,
    found: SuggestionRows,
    rows: I32,
    seeker: int,
    at: int,
    roles: F64,
    few: int,
) -> int:
    """Offer all paths that begin with the seeker's arc at `at`; returns how many arcs and openings were read."""
    looked = 0
    if view.arcs.flags[at] & (TIED | OWN) == TIED | OWN:
        looked += _offer_direct(view, sought, found, rows, seeker, at, roles, few)
    if may_ask_through(view, seeker, at):
        between = view.arcs.other[at]
        tie = FirstTie(seeker, between, at, first_tie_score(view, seeker, between, at, few))
        out = view.arcs.start[between]
        for link in range(out, out + view.arcs.front[between]):
            if view.arcs.flags[link] & (WARM_TIE | OWN) == WARM_TIE | OWN:
                looked += _offer_between(view, sought, found, rows, tie, link, roles)
        looked += view.arcs.front[between]
    return looked
