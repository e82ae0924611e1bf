"""Who could introduce one person into one company (section 6): every introducer with their best path.

Found through the hints of the contacts' arcs: work in proportion to the person's ties and those of their contacts,
however many people the company has. Where the company has few people and the contacts very many ties, who knows these
few people is indexed instead, as for an opening.
"""

from typing import NamedTuple

from services.matching.kernels.compiled import inner, lean, shared
from services.matching.kernels.graph.layout import NO_ONE, OWN, THEIRS, TIED
from services.matching.kernels.graph.layout import WARM as WARM_TIE
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.graph.person_ids import PersonIds, id_less
from services.matching.kernels.graph.strength import onward_strength
from services.matching.kernels.search.candidate_filter import (
    CandidateFilter,
    add_asked,
    clear_asked,
    index_acquaintances,
)
from services.matching.kernels.search.graph_view import (
    ASKED,
    GraphView,
    blocked,
    direct_score,
    first_tie_score,
    how_to_ask,
    may_be_on_path,
)
from services.matching.kernels.search.hint_scan import (
    ROOM,
    Hits,
    next_hint,
    prefetch_hints,
    prefetch_hit,
    prefetch_link,
    standing_at,
)
from services.matching.kernels.search.insiders import InsiderIndex, add_staff, clear_insiders, may_be_introduced_to
from services.matching.kernels.storage.arrays import F64, I32, I64, U8
from services.matching.kernels.storage.bitmap import has_bit
from services.matching.kernels.storage.prefetch import FAR, prefetch
from services.matching.kernels.suggestions.rows import APP, DIRECT, WARM

UNLIMITED = 1 << 62
BOTH_KNOW = TIED | OWN | THEIRS


class IntroducerQuery(NamedTuple):
    """Who could introduce `person` at `company`? `workers`: everybody with any job there, past ones included.

    `hint` has the company's bits (`columns.company_hints`), `words` the hints of all arcs, eight at a time. `roles` as
    for `standing`; with fewer ties to members than `few`, mutual contacts say little.
    """

    person: int
    company: int
    hint: int
    workers: I32
    words: I64
    roles: F64
    few: int


class IntroducerRows(NamedTuple):
    """Paths, one an introducer: the columns of `SuggestionRows` that an answer needs.

    Handing over all of them takes longer than many an answer.
    """

    introducer: I32
    insider: I32
    score: F64
    kind: U8


@lean
def find_introducers(view: GraphView, found: IntroducerRows, hits: Hits, query: IntroducerQuery, enough: int) -> int:
    """Write the best path of everybody who could introduce the person, in the order of their arcs; returns how many.

    -1, with nothing done, where those whom the person could ask have more than `enough` ties.
    """
    if _count_ties(view, query.person, enough) > enough:
        return -1
    slots = held = 0
    begin = view.arcs.start[query.person]
    end = begin + view.arcs.size[query.person]
    for at in range(begin, end):
        prefetch_hints(view.arcs, at, end)
        if not _start_introducer(view, found, slots, query, at):
            continue
        if _may_ask(view, at):
            held = _note_hits(view, found, hits, held, slots, query, at)
        slots += 1
    _follow_hits(view, found, hits, held, query)
    return _drop_empty(found, slots)


@lean
def find_introducers_to_few(
    view: GraphView, index: InsiderIndex, candidates: CandidateFilter, found: IntroducerRows, query: IntroducerQuery
) -> int:
    """The same answer, from an index of who knows the company's people."""
    clear_insiders(index)
    add_staff(view, index, query.workers, query.company, NO_ONE, NO_ONE, query.roles)
    person, slots = query.person, 0
    begin, size = view.arcs.start[person], view.arcs.size[person]
    add_asked(candidates, view.arcs, person, size, BOTH_KNOW)
    index_acquaintances(index, candidates, view.people, view.arcs, 0, UNLIMITED, False)
    clear_asked(candidates, view.arcs, person)
    for at in range(begin, begin + size):
        if not _start_introducer(view, found, slots, query, at):
            continue
        if has_bit(index.leads, view.arcs.other[at]) and _may_ask(view, at):
            _offer_links(view, index, found, slots, person, at, query.few)
        slots += 1
    return _drop_empty(found, slots)


@inner
def _count_ties(view: GraphView, person: int, enough: int) -> int:
    """How many ties those have whom the person could ask; counting ends once there are more than `enough`."""
    arcs, count = view.arcs, 0
    begin = arcs.start[person]
    end = begin + arcs.size[person]
    for at in range(begin, end):
        prefetch(arcs.size, arcs.other[min(at + FAR, end - 1)])
        if arcs.flags[at] & BOTH_KNOW == BOTH_KNOW:
            count += arcs.size[arcs.other[at]]
            if count > enough:
                break
    return count


@inner
def _start_introducer(view: GraphView, found: IntroducerRows, path: int, query: IntroducerQuery, at: int) -> bool:
    """Start the row of the far end of the person's arc at `at`, with the direct path; False where they cannot help."""
    other = view.arcs.other[at]
    if view.arcs.flags[at] & (TIED | OWN) != TIED | OWN or not may_be_on_path(view, query.person, other):
        return False
    found.introducer[path], found.insider[path], found.score[path] = other, NO_ONE, 0.0
    if view.arcs.hint[at] & query.hint == query.hint:
        _offer_direct(view, found, path, query, at)
    return True


@inner
def _drop_empty(found: IntroducerRows, slots: int) -> int:
    """Drop the rows without a path; returns how many are left."""
    count = 0
    for path in range(slots):
        if found.score[path] > 0.0:
            found.introducer[count], found.insider[count] = found.introducer[path], found.insider[path]
            found.score[count], found.kind[count] = found.score[path], found.kind[path]
            count += 1
    return count


@inner
def _may_ask(view: GraphView, at: int) -> bool:
    if view.arcs.flags[at] & BOTH_KNOW != BOTH_KNOW:
        return False
    return bool(view.people.flags[view.arcs.other[at]] & ASKED == ASKED)


@inner
def _offer_direct(view: GraphView, found: IntroducerRows, path: int, query: IntroducerQuery, at: int) -> None:
    insider = view.arcs.other[at]
    there = standing_at(view, insider, query.company, query.roles)
    if there:
        found.score[path] = direct_score(view, query.person, insider, at, there, query.few)
        found.insider[path] = insider
        found.kind[path] = DIRECT | how_to_ask(view, insider) | (WARM if view.arcs.flags[at] & WARM_TIE else 0)


@inner
def _is_better(found: IntroducerRows, path: int, insider: int, score: float, ids: PersonIds) -> bool:
    """Whether a path with one between is preferred to the one held for the same introducer."""
    if score != found.score[path]:
        return score > found.score[path]
    if score == 0.0 or found.kind[path] & DIRECT:
        return False
    return id_less(ids.text, ids.start, insider, found.insider[path])


@inner
def _offer(
    view: GraphView, found: IntroducerRows, path: int, person: int, insider: int, score: float, warm: bool
) -> None:
    if not _is_better(found, path, insider, score, view.ids):
        return
    if may_be_on_path(view, person, insider) and not blocked(view, person, insider):
        found.insider[path], found.score[path] = insider, score
        found.kind[path] = APP | (WARM if warm else 0)


@inner
def _note_hits(
    view: GraphView, found: IntroducerRows, hits: Hits, held: int, path: int, query: IntroducerQuery, at: int
) -> int:
    """Note the arcs of the far end of the person's arc at `at` whose hints match; returns how many hits are held."""
    arcs, between, near = view.arcs, view.arcs.other[at], -1.0
    link = arcs.start[between]
    end = link + arcs.size[between]
    while True:
        link = next_hint(arcs.hint, query.words, link, end, query.hint)
        if link >= end:
            return held
        if near < 0.0:
            near = first_tie_score(view, query.person, between, at, query.few)
        hits.link[held], hits.path[held], hits.near[held] = link, path, near
        hits.warm[held] = arcs.flags[at] & WARM_TIE
        prefetch_link(arcs, link)
        held += 1
        if held == ROOM:
            _follow_hits(view, found, hits, held, query)
            held = 0
        link += 1


@shared
def _follow_hits(view: GraphView, found: IntroducerRows, hits: Hits, held: int, query: IntroducerQuery) -> None:
    """Offer the paths along the noted arcs that do lead to an insider."""
    arcs = view.arcs
    for number in range(held):
        prefetch_hit(view, hits, number, held)
        link, path, near = hits.link[number], hits.path[number], hits.near[number]
        # No standing is above 1 and rounding keeps order, so a weaker tie leads to no better path.
        onward = onward_strength(arcs, link) / SCALE
        if arcs.flags[link] & (TIED | OWN) != TIED | OWN or near * onward < found.score[path]:
            continue
        insider = arcs.other[link]
        there = standing_at(view, insider, query.company, query.roles)
        if there and may_be_introduced_to(view.people, insider):
            value = onward * (there / SCALE)
            warm = hits.warm[number] & arcs.flags[link] & WARM_TIE != 0
            _offer(view, found, path, query.person, insider, near * value, warm)


@inner
def _offer_links(
    view: GraphView, index: InsiderIndex, found: IntroducerRows, path: int, person: int, at: int, few: int
) -> None:
    """Offer the paths along the indexed links of the far end of the person's arc at `at`."""
    between = view.arcs.other[at]
    near, warm = first_tie_score(view, person, between, at, few), view.arcs.flags[at] & WARM_TIE != 0
    link = index.head[between]
    while link >= 0:
        insider, both = index.link_insider[link], warm and index.link_warm[link] != 0
        _offer(view, found, path, person, insider, near * index.link_value[link], both)
        link = index.link_next[link]
