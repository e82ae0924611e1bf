"""What fresh paths through some introducers make of a seeker's live suggestions.

A live suggestion holds its best three introducers; all others rank behind the third. So when only the paths through
some introducers may differ, the fresh paths through these, merged with the held ones through the others, make the new
suggestion. The exception: where the new third ranks behind the old one, somebody who was not among the three may come
in between, and the suggestion has to be matched as a whole.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.person_ids import PersonIds, id_less
from services.matching.kernels.storage.arrays import I32, I64, U8
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.suggestions.live import Changes, LiveSuggestions, replace_rows
from services.matching.kernels.suggestions.rows import BEST, SuggestionRows, start_row

FRESH, UNDECIDED, EMPTY = range(3)
"""Entries of `counts`: rows merged, openings to be matched as a whole, and openings without a path left."""


class Merge(NamedTuple):
    """The outcome for one seeker. `replaced` is 1 for each introducer whose paths are fresh, else 0.

    `fresh` has the merged rows; `undecided` and `empty` are openings.
    """

    replaced: U8
    fresh: SuggestionRows
    undecided: I32
    empty: I32
    counts: I64


def new_merge(people: int, openings: int, fresh: SuggestionRows) -> Merge:
    """Address space for so many people and openings."""
    return Merge(
        replaced=reserve(people, np.uint8),
        fresh=fresh,
        undecided=reserve(openings, np.int32),
        empty=reserve(openings, np.int32),
        counts=np.zeros(3, np.int64),
    )


@lean
def merge_paths(
    live: LiveSuggestions,
    changes: Changes,
    found: SuggestionRows,
    rows: int,
    merge: Merge,
    judged: U8,
    seeker: int,
    introducers: I32,
    ids: PersonIds,
    most: int,
) -> int:
    """Update a seeker's live suggestions from the first `rows` of `found`: all paths there are through introducers.

    Returns how many openings of `merge.undecided` are to be matched as a whole. `judged` must be 0 for all openings.
    Where more than `most` rows differ, the live rows stay as they are, and `judged` is left set for `merge.empty`: the
    caller replaces them by `merge.fresh` in slices.
    """
    for number in range(len(introducers)):
        merge.replaced[introducers[number]] = 1
    _merge_rows(live, found, rows, merge, seeker, ids)
    for number in range(len(introducers)):
        merge.replaced[introducers[number]] = 0
    for number in range(merge.counts[EMPTY]):
        judged[merge.empty[number]] = 1
    if merge.counts[FRESH] + merge.counts[EMPTY] <= most:
        replace_rows(live, changes, False, seeker, merge.fresh, merge.counts[FRESH], judged, True)
        for number in range(merge.counts[EMPTY]):
            judged[merge.empty[number]] = 0
    return int(merge.counts[UNDECIDED])


@inner
def _merge_rows(
    live: LiveSuggestions, found: SuggestionRows, rows: int, merge: Merge, seeker: int, ids: PersonIds
) -> None:
    merge.counts[:] = 0
    begin = live.by_seeker.start[seeker]
    for row in range(rows):
        live.of_opening[found.opening[row]] = row + 1
    for at in range(begin, begin + live.by_seeker.size[seeker]):
        held = live.by_seeker.items[at]
        opening = live.rows.opening[held]
        row = live.of_opening[opening] - 1
        live.of_opening[opening] = 0
        if row >= 0 or _goes_through(live.rows, held, merge.replaced):
            _merge_row(live.rows, held, found, row, merge, ids)
    for row in range(rows):
        if live.of_opening[found.opening[row]]:
            live.of_opening[found.opening[row]] = 0
            to = _add_row(merge, seeker, found.opening[row], found.fit[row])
            for path in range(found.paths[row]):
                _append_path(merge.fresh, to, found, BEST * row + path)


@inner
def _goes_through(rows: SuggestionRows, row: int, introducers: U8) -> bool:
    """Whether any path of the row goes through a marked introducer."""
    for path in range(BEST * row, BEST * row + rows.paths[row]):  # noqa: SIM110 - compiled
        if introducers[rows.introducer[path]]:
            return True
    return False


@inner
def _add_row(merge: Merge, seeker: int, opening: int, fit: int) -> int:
    to = merge.counts[FRESH]
    start_row(merge.fresh, to, seeker, opening, fit)
    merge.counts[FRESH] = to + 1
    return int(to)


@inner
def _append_path(into: SuggestionRows, row: int, out: SuggestionRows, at: int) -> None:
    to = BEST * row + into.paths[row]
    into.introducer[to], into.insider[to], into.score[to], into.kind[to] = (
        out.introducer[at],
        out.insider[at],
        out.score[at],
        out.kind[at],
    )
    into.mine[to], into.theirs[to], into.mutual[to] = out.mine[at], out.theirs[at], out.mutual[at]
    into.paths[row] += 1


@inner
def _merge_row(rows: SuggestionRows, held: int, found: SuggestionRows, row: int, merge: Merge, ids: PersonIds) -> None:
    """Merge the held paths that are not replaced with the fresh ones of `row`; row -1 has none."""
    to = _add_row(merge, rows.seeker[held], rows.opening[held], rows.fit[held])
    old, old_end = BEST * held, BEST * held + rows.paths[held]
    new, new_end = (BEST * row, BEST * row + found.paths[row]) if row >= 0 else (0, 0)
    while merge.fresh.paths[to] < BEST and (old < old_end or new < new_end):
        if old < old_end and merge.replaced[rows.introducer[old]]:
            old += 1
        elif new == new_end or (old < old_end and _ranks_before(rows, old, found, new, ids)):
            _append_path(merge.fresh, to, rows, old)
            old += 1
        else:
            _append_path(merge.fresh, to, found, new)
            new += 1
    if rows.paths[held] == BEST and _may_be_overtaken(merge.fresh, to, rows, BEST * held + BEST - 1, ids):
        merge.undecided[merge.counts[UNDECIDED]] = rows.opening[held]
        merge.counts[UNDECIDED] += 1
        merge.counts[FRESH] -= 1
    elif merge.fresh.paths[to] == 0:
        merge.empty[merge.counts[EMPTY]] = rows.opening[held]
        merge.counts[EMPTY] += 1
        merge.counts[FRESH] -= 1


@inner
def _may_be_overtaken(fresh: SuggestionRows, row: int, rows: SuggestionRows, third: int, ids: PersonIds) -> bool:
    """Whether the merged row has no third path, or one that ranks behind the old third at `third`."""
    return fresh.paths[row] < BEST or _ranks_before(rows, third, fresh, BEST * row + BEST - 1, ids)


@inner
def _ranks_before(one: SuggestionRows, a: int, other: SuggestionRows, b: int, ids: PersonIds) -> bool:
    """By score, then by the smaller introducer id."""
    if one.score[a] != other.score[b]:
        return one.score[a] > other.score[b]
    return id_less(ids.text, ids.start, one.introducer[a], other.introducer[b])
