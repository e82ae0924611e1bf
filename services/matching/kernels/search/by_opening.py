"""One opening, many seekers: each fitting seeker's ties are held against the index of the opening's insiders."""

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.layout import ASKABLE, NO_ONE, OWN, TIED
from services.matching.kernels.graph.layout import WARM as WARM_TIE
from services.matching.kernels.graph.person_ids import id_less
from services.matching.kernels.graph.prefetch_arcs import prefetch_arcs, prefetch_block
from services.matching.kernels.search.graph_view import (
    GraphView,
    blocked,
    direct_score,
    first_tie_score,
    how_to_ask,
    may_be_on_path,
)
from services.matching.kernels.search.insiders import InsiderIndex
from services.matching.kernels.search.reasons import note_reasons
from services.matching.kernels.storage.arrays import I32, U16
from services.matching.kernels.storage.bitmap import has_bit
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


@lean
def match_seekers(
    view: GraphView,
    index: InsiderIndex,
    found: SuggestionRows,
    row: int,
    seekers: I32,
    fits: U16,
    opening: int,
    first: int,
    arcs: int,
    few: int,
) -> tuple[int, int]:
    """Write a row for each seeker with a path, from number `first` on until about so many arcs were read.

    The first goes to `row`. Returns the next row, and the next number.
    """
    looked, number, last, fresh = 0, first, len(seekers) - 1, row
    while number <= last and looked < arcs:
        seeker = seekers[number]
        prefetch_block(view.arcs, seekers[min(number + FAR, last)])
        prefetch_arcs(view.arcs, seekers[min(number + NEAR, last)], view.arcs.front[seekers[min(number + NEAR, last)]])
        start_row(found, row, seeker, opening, fits[number])
        begin = view.arcs.start[seeker]
        front, size = view.arcs.front[seeker], view.arcs.size[seeker]
        for at in range(begin, begin + front):
            if has_bit(index.leads, view.arcs.other[at]):
                _offer_between(view, index, found, row, at, few)
        looked += front + 1
        if has_bit(index.knows, seeker):
            looked += size
            for at in range(begin, begin + size):
                if has_bit(index.insider, view.arcs.other[at]):
                    _offer_direct(view, index, found, row, at, few)
        number += 1
        row += found.paths[row] > 0
    note_reasons(view, found, fresh, row, few)
    return row, number


@inner
def _offer_direct(view: GraphView, index: InsiderIndex, found: SuggestionRows, row: int, at: int, few: int) -> None:
    """Offer the direct path along the arc at `at` to an insider, unless a rule forbids it."""
    seeker, insider, flags = found.seeker[row], view.arcs.other[at], view.arcs.flags[at]
    if flags & (TIED | OWN) != TIED | OWN or not may_be_on_path(view, seeker, insider):
        return
    score = direct_score(view, seeker, insider, at, index.standing[insider], few)
    kind = DIRECT | how_to_ask(view, insider) | (WARM if flags & WARM_TIE else 0)
    offer_path(found, row, insider, insider, score, kind, at, view.ids)


@inner
def _offer_between(view: GraphView, index: InsiderIndex, found: SuggestionRows, row: int, at: int, few: int) -> None:
    """Offer the best warm path through the far end of the arc at `at`, who has links in the index."""
    seeker, between, flags = found.seeker[row], view.arcs.other[at], view.arcs.flags[at]
    if flags & ASKABLE != ASKABLE or not may_be_on_path(view, seeker, between):
        return
    near, ids = first_tie_score(view, seeker, between, at, few), view.ids
    best, through = score_to_beat(found, row), NO_ONE
    link = index.head[between]
    while link >= 0:
        insider, score = index.link_insider[link], near * index.link_value[link]
        # One path of an introducer is enough. Whether a rule forbids it is looked up last: few get so far.
        better = score > best or (
            score == best and (through == NO_ONE or id_less(ids.text, ids.start, insider, through))
        )
        if better and may_be_on_path(view, seeker, insider) and not blocked(view, seeker, insider):
            best, through = score, insider
        link = index.link_next[link]
    if through != NO_ONE:
        offer_path(found, row, between, through, best, WARM | APP, at, ids)
