"""What the reasons of finished suggestions are made of: noted last, when a row holds its best introducers."""

from services.matching.kernels.compiled import inner, lean, shared
from services.matching.kernels.graph.arcs import find
from services.matching.kernels.graph.layout import MEMBER, RECORD_BACK
from services.matching.kernels.graph.prefetch_arcs import prefetch_block, prefetch_search
from services.matching.kernels.search.graph_view import GraphView, mutual
from services.matching.kernels.storage.prefetch import FAR, NEAR
from services.matching.kernels.suggestions.rows import BEST, SuggestionRows, start_row


@inner
def note_reasons(view: GraphView, found: SuggestionRows, first: int, end: int, few: int) -> None:
    """Replace `mine` of the rows from `first` to `end`, where an arc stood, by evidence; set `theirs` and `mutual`."""
    for row in range(first, end):
        far, near = min(row + FAR, end - 1), min(row + NEAR, end - 1)
        for at in range(BEST * far, BEST * far + found.paths[far]):
            prefetch_block(view.arcs, found.introducer[at])
        for at in range(BEST * near, BEST * near + found.paths[near]):
            prefetch_search(view.arcs, found.introducer[at])
        _note_reasons_of(view, found, row, few)


@shared
def _note_reasons_of(view: GraphView, found: SuggestionRows, row: int, few: int) -> None:
    seeker = found.seeker[row]
    for at in range(BEST * row, BEST * row + found.paths[row]):
        introducer, arc = found.introducer[at], found.mine[at]
        found.mine[at] = view.arcs.code[arc]
        found.mutual[at] = mutual(view, seeker, introducer, arc, few)
        found.theirs[at] = 0
        if view.people.flags[introducer] & MEMBER and view.arcs.flags[arc] & RECORD_BACK:
            found.theirs[at] = view.arcs.code[find(view.arcs, introducer, seeker)]


@lean
def finish_rows(view: GraphView, found: SuggestionRows, rows: int, few: int) -> int:
    """Drop the rows without a path and note the reasons of the others; returns how many are left."""
    kept = 0
    for row in range(rows):
        if found.paths[row] == 0:
            continue
        if kept != row:
            _move_row(found, kept, row)
        kept += 1
    note_reasons(view, found, 0, kept, few)
    return kept


@inner
def _move_row(found: SuggestionRows, to: int, row: int) -> None:
    """Copy a row whose reasons are still to be noted."""
    start_row(found, to, found.seeker[row], found.opening[row], found.fit[row])
    found.paths[to] = found.paths[row]
    for path in range(found.paths[row]):
        into, out = BEST * to + path, BEST * row + path
        found.introducer[into], found.insider[into] = found.introducer[out], found.insider[out]
        found.score[into], found.kind[into] = found.score[out], found.kind[out]
        found.mine[into] = found.mine[out]
