"""Potential paths, where there is none (section 6): through contacts at the company, and members not warm yet."""

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.arcs import find
from services.matching.kernels.graph.layout import MEMBER, OWN, RECORD, TIED
from services.matching.kernels.graph.layout import WARM as WARM_TIE
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.graph.standing import works_at
from services.matching.kernels.search.graph_view import (
    ASKED,
    GraphView,
    blocked,
    bridge,
    first_tie_score,
    may_be_on_path,
)
from services.matching.kernels.search.hint_scan import next_hint, prefetch_hints, standing_at
from services.matching.kernels.search.insiders import may_be_introduced_to
from services.matching.kernels.search.introducers import IntroducerQuery, IntroducerRows
from services.matching.kernels.storage.prefetch import FAR, prefetch

HAS_RECORD, IF_IMPORTED, MEMBER_BETWEEN = 0, 1, 2
"""Kinds of a potential path: through a contact whom the person has a record about, through one who counts if the person
imported them, and through a member who could introduce."""


@lean
def find_potential_paths(view: GraphView, found: IntroducerRows, query: IntroducerQuery, said: float) -> int:
    """Write everybody who could become an introducer of the person into `found`; returns how many.

    `said` is the strength of a tie once the person has stated a closeness.
    """
    count, last = 0, len(query.workers) - 1
    for number in range(last + 1):
        prefetch(view.people.flags, query.workers[min(number + FAR, last)])
        count += _contact(view, found, count, query, query.workers[number], said)
    begin = view.arcs.start[query.person]
    end = begin + view.arcs.size[query.person]
    for at in range(begin, end):
        prefetch_hints(view.arcs, at, end)
        if view.arcs.flags[at] & (TIED | OWN | WARM_TIE) == TIED | OWN and view.arcs.strength[at]:
            count += _member(view, found, count, query, at)
    return count


@inner
def _contact(
    view: GraphView, found: IntroducerRows, path: int, query: IntroducerQuery, other: int, said: float
) -> bool:
    person = query.person
    if view.people.flags[other] & MEMBER or not works_at(view.jobs, view.people, other, query.company):
        return False
    there = standing_at(view, other, query.company, query.roles)
    if there == 0 or not may_be_on_path(view, person, other) or blocked(view, person, other):
        return False
    at = find(view.arcs, person, other)
    found.kind[path] = HAS_RECORD if at >= 0 and view.arcs.flags[at] & RECORD else IF_IMPORTED
    found.introducer[path] = other
    own = said * bridge(view, person, other, at, query.few) * (view.people.help[other] / SCALE)
    found.score[path] = own * (there / SCALE)
    return True


@inner
def _member(view: GraphView, found: IntroducerRows, path: int, query: IntroducerQuery, at: int) -> bool:
    arcs, person, between = view.arcs, query.person, view.arcs.other[at]
    if view.people.flags[between] & ASKED != ASKED or not may_be_on_path(view, person, between):
        return False
    best, link = -1.0, arcs.start[between]
    end = link + arcs.size[between]
    while True:
        link = next_hint(arcs.hint, query.words, link, end, query.hint)
        if link >= end:
            break
        # A standing is at most 1.
        if arcs.flags[link] & (TIED | OWN) == TIED | OWN and arcs.strength[link] / SCALE > best:
            best = max(best, _value(view, query, link))
        link += 1
    found.introducer[path], found.kind[path] = between, MEMBER_BETWEEN
    found.score[path] = first_tie_score(view, person, between, at, query.few) * best
    return best >= 0.0


@inner
def _value(view: GraphView, query: IntroducerQuery, link: int) -> float:
    """Strength · standing of an arc to an insider to whom one may be introduced; -1 where it leads to none."""
    insider = view.arcs.other[link]
    there = standing_at(view, insider, query.company, query.roles)
    if there == 0 or not may_be_introduced_to(view.people, insider):
        return -1.0
    if not may_be_on_path(view, query.person, insider) or blocked(view, query.person, insider):
        return -1.0
    return view.arcs.strength[link] / SCALE * (there / SCALE)
