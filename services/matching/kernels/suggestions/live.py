"""The live suggestions: rows with indexes by opening and by seeker, and what fresh rows change in them."""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean, shared
from services.matching.kernels.storage.arrays import I32, I64, U8
from services.matching.kernels.storage.lists import Lists, append, new_lists, remove_at
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.storage.prefetch import FAR, NEAR, prefetch
from services.matching.kernels.suggestions.rows import BEST, SuggestionRows, new_suggestion_rows, start_row

NEW, CHANGED, REASONS_MAY_DIFFER, WITHDRAWN = 0, 1, 2, 3
"""What became of a suggestion. REASONS_MAY_DIFFER: only the material of its reasons changed; they may read the same."""

TOP, FREE = 0, 1


class LiveSuggestions(NamedTuple):
    """Rows in use, by opening and by person; `slots` has the top and the first free row + 1.

    A free row's `seeker` holds the next free one + 1. `place_by_…`: where a row is in its list. `of_seeker` and
    `of_opening` hold the row + 1 while rows are replaced, else 0.
    """

    rows: SuggestionRows
    by_opening: Lists
    by_seeker: Lists
    place_by_opening: I32
    place_by_seeker: I32
    of_seeker: I32
    of_opening: I32
    slots: I64


class Changes(NamedTuple):
    """What changed, in order; `before` has the old row of each whose REASONS_MAY_DIFFER."""

    seeker: I32
    opening: I32
    what: U8
    before: SuggestionRows
    counts: I64


def new_live(rows: int, openings: int, people: int) -> LiveSuggestions:
    """Address space for so many suggestions, openings and people."""
    return LiveSuggestions(
        rows=new_suggestion_rows(rows),
        by_opening=new_lists(openings, 2 * rows),
        by_seeker=new_lists(people, 2 * rows),
        place_by_opening=reserve(rows, np.int32),
        place_by_seeker=reserve(rows, np.int32),
        of_seeker=reserve(people, np.int32),
        of_opening=reserve(openings, np.int32),
        slots=np.zeros(2, np.int64),
    )


def new_changes(rows: int) -> Changes:
    """Address space for so many changes."""
    return Changes(
        reserve(rows, np.int32),
        reserve(rows, np.int32),
        reserve(rows, np.uint8),
        new_suggestion_rows(rows),
        np.zeros(1, np.int64),
    )


@shared
def copy_row(into: SuggestionRows, to: int, out: SuggestionRows, row: int) -> None:
    """Copy a row from one table to another."""
    start_row(into, to, out.seeker[row], out.opening[row], out.fit[row])
    into.paths[to] = out.paths[row]
    for path in range(out.paths[row]):
        a, b = BEST * to + path, BEST * row + path
        into.introducer[a], into.insider[a] = out.introducer[b], out.insider[b]
        into.score[a], into.kind[a] = out.score[b], out.kind[b]
        into.mine[a], into.theirs[a], into.mutual[a] = out.mine[b], out.theirs[b], out.mutual[b]


@inner
def _difference(held: SuggestionRows, row: int, fresh: SuggestionRows, other: int) -> int:
    """CHANGED where two rows differ, REASONS_MAY_DIFFER where only the material of reasons does, else -1."""
    if held.fit[row] != fresh.fit[other] or held.paths[row] != fresh.paths[other]:
        return CHANGED
    perhaps = False
    for path in range(held.paths[row]):
        a, b = BEST * row + path, BEST * other + path
        if held.introducer[a] != fresh.introducer[b] or held.insider[a] != fresh.insider[b]:
            return CHANGED
        if held.score[a] != fresh.score[b] or held.kind[a] != fresh.kind[b]:
            return CHANGED
        if held.mine[a] != fresh.mine[b] or held.theirs[a] != fresh.theirs[b] or held.mutual[a] != fresh.mutual[b]:
            perhaps = True
    return REASONS_MAY_DIFFER if perhaps else -1


@inner
def _note_change(changes: Changes, store: SuggestionRows, row: int, what: int) -> None:
    at = changes.counts[0]
    changes.seeker[at], changes.opening[at], changes.what[at] = store.seeker[row], store.opening[row], what
    if what == REASONS_MAY_DIFFER:
        copy_row(changes.before, at, store, row)
    changes.counts[0] = at + 1


@shared
def _insert(live: LiveSuggestions, changes: Changes, fresh: SuggestionRows, row: int) -> None:
    """Insert a new suggestion."""
    at = live.slots[FREE] - 1
    if at >= 0:
        live.slots[FREE] = live.rows.seeker[at]
    else:
        at = live.slots[TOP]
        live.slots[TOP] = at + 1
    copy_row(live.rows, at, fresh, row)
    live.place_by_opening[at] = live.by_opening.size[fresh.opening[row]]
    live.place_by_seeker[at] = live.by_seeker.size[fresh.seeker[row]]
    append(live.by_opening, fresh.opening[row], at)
    append(live.by_seeker, fresh.seeker[row], at)
    _note_change(changes, fresh, row, NEW)


@inner
def _withdraw(live: LiveSuggestions, changes: Changes, row: int) -> None:
    """Withdraw a suggestion."""
    _note_change(changes, live.rows, row, WITHDRAWN)
    moved = remove_at(live.by_opening, live.rows.opening[row], live.place_by_opening[row])
    if moved >= 0:
        live.place_by_opening[moved] = live.place_by_opening[row]
    moved = remove_at(live.by_seeker, live.rows.seeker[row], live.place_by_seeker[row])
    if moved >= 0:
        live.place_by_seeker[moved] = live.place_by_seeker[row]
    live.rows.paths[row] = 0
    live.rows.seeker[row] = live.slots[FREE]
    live.slots[FREE] = row + 1


@inner
def _update(live: LiveSuggestions, changes: Changes, row: int, fresh: SuggestionRows, other: int) -> None:
    """Update a suggestion that was matched again."""
    what = _difference(live.rows, row, fresh, other)
    if what >= 0:
        _note_change(changes, live.rows, row, what)
        copy_row(live.rows, row, fresh, other)


@inner
def _prefetch_list(lists: Lists, far: int, near: int) -> None:
    """Prefetch for appending to these lists."""
    prefetch(lists.start, far)
    prefetch(lists.size, far)
    prefetch(lists.room, far)
    prefetch(lists.items, lists.start[near] + lists.size[near])


@lean
def replace_rows(
    live: LiveSuggestions,
    changes: Changes,
    whole: bool,
    number: int,
    fresh: SuggestionRows,
    count: int,
    judged: U8,
    seeker: bool,
) -> None:
    """Replace the live rows of one opening, or one seeker, by the first `count` rows of `fresh`.

    Unless the `whole` was matched, `judged` marks for which seekers, or openings, it was. It runs the next three.
    """
    held = begin_replace(live, number, seeker)
    upsert_rows(live, changes, fresh, 0, count, seeker)
    withdraw_missing(live, changes, whole, number, 0, held, judged, seeker)


@lean
def begin_replace(live: LiveSuggestions, number: int, seeker: bool) -> int:
    """Begin to replace: index the live rows of one opening, or one seeker; returns how many they are."""
    lists, stamps = (live.by_seeker, live.of_opening) if seeker else (live.by_opening, live.of_seeker)
    held = live.rows.opening if seeker else live.rows.seeker
    begin, size = lists.start[number], lists.size[number]
    for at in range(begin, begin + size):
        stamps[held[lists.items[at]]] = lists.items[at] + 1
    return int(size)


@lean
def upsert_rows(
    live: LiveSuggestions, changes: Changes, fresh: SuggestionRows, first: int, end: int, seeker: bool
) -> None:
    """Update the indexed rows from rows `first` to `end` of `fresh`, and insert those that are new."""
    stamps, made = (live.of_opening, fresh.opening) if seeker else (live.of_seeker, fresh.seeker)
    across = live.by_opening if seeker else live.by_seeker
    for other in range(first, end):
        _prefetch_list(across, made[min(other + FAR, end - 1)], made[min(other + NEAR, end - 1)])
        row = stamps[made[other]] - 1
        if row < 0:
            _insert(live, changes, fresh, other)
        else:
            stamps[made[other]] = 0
            _update(live, changes, row, fresh, other)


@lean
def withdraw_missing(
    live: LiveSuggestions, changes: Changes, whole: bool, number: int, first: int, end: int, judged: U8, seeker: bool
) -> None:
    """Withdraw the indexed rows, from `end` down to `first`, that have no fresh one.

    Unless the `whole` was matched, only those that are `judged`.
    """
    lists, stamps = (live.by_seeker, live.of_opening) if seeker else (live.by_opening, live.of_seeker)
    held, begin = (live.rows.opening if seeker else live.rows.seeker), lists.start[number]
    for at in range(begin + end - 1, begin + first - 1, -1):
        row = lists.items[at]
        other = held[row]
        if stamps[other]:
            stamps[other] = 0
            if whole or judged[other]:
                _withdraw(live, changes, row)


@lean
def find_row(live: LiveSuggestions, seeker: int, opening: int) -> int:
    """The row of a live suggestion; -1 without one."""
    lists, number = live.by_seeker, seeker
    if live.by_opening.size[opening] < live.by_seeker.size[seeker]:
        lists, number = live.by_opening, opening
    begin = lists.start[number]
    for at in range(begin, begin + lists.size[number]):
        row = lists.items[at]
        if live.rows.opening[row] == opening and live.rows.seeker[row] == seeker:
            return int(row)
    return -1


@lean
def find_rows(live: LiveSuggestions, seekers: I32, openings: I32, rows: I32) -> None:
    """The rows of live suggestions, by seeker and opening, into `rows`; -1 where there is none, or a number is -1."""
    for at in range(len(seekers)):
        known = seekers[at] >= 0 and openings[at] >= 0
        rows[at] = find_row(live, seekers[at], openings[at]) if known else -1


@lean
def rows_to_reword(live: LiveSuggestions, stale: U8, out: I32, count: int, first: int, end: int) -> int:
    """Find the rows from `first` to `end` whose reasons may read differently only because the day changed.

    They are added to the first `count` of `out`; returns how many it has then.

    These have evidence with a stale code: which of two pieces of one kind is named depends on their ages.
    """
    for row in range(first, end):
        for path in range(BEST * row, BEST * row + live.rows.paths[row]):
            mine, theirs = live.rows.mine[path], live.rows.theirs[path]
            if stale[mine] or stale[theirs]:
                out[count] = row
                count += 1
                break
    return count


@lean
def restore_rows(live: LiveSuggestions, changes: Changes, rows: SuggestionRows, answers: U8) -> None:
    """Insert rows of a snapshot, of the openings that are answered for. They count as no change."""
    for row in range(len(rows.paths)):
        if rows.paths[row] > 0 and answers[rows.opening[row]]:
            _insert(live, changes, rows, row)
    changes.counts[0] = 0
