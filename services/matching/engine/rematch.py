"""Matching again: one opening for all seekers, one seeker for many openings, or one seeker through some introducers.

All of it runs in slices. What is found replaces the live rows at once; what that changed waits in `changes`.
"""

from collections.abc import Generator, Iterator

import numpy as np

from services.matching.engine.columns.names import PEOPLE
from services.matching.engine.columns.openings import OPENINGS
from services.matching.engine.columns.people import ROLES
from services.matching.engine.columns.store import Store
from services.matching.engine.columns.ties import ARCS
from services.matching.kernels.graph.layout import MEMBER, NO_ONE
from services.matching.kernels.search.by_opening import match_seekers
from services.matching.kernels.search.by_seeker import (
    HIRING,
    clear_sought,
    match_openings,
    new_sought_openings,
    set_sought,
)
from services.matching.kernels.search.candidate_filter import (
    EVERYBODY,
    NOBODY,
    add_candidates,
    fill_filter,
    index_acquaintances,
    new_candidate_filter,
)
from services.matching.kernels.search.graph_view import GraphView
from services.matching.kernels.search.insiders import (
    INSIDERS,
    add_insider,
    add_staff,
    clear_insiders,
    new_insider_index,
)
from services.matching.kernels.search.reasons import finish_rows
from services.matching.kernels.search.through_introducers import (
    OpeningFacts,
    count_arcs,
    find_reachable_openings,
    keep_relevant_hops,
    match_through,
    match_through_all,
    new_reachable_openings,
)
from services.matching.kernels.storage.arrays import I32, I64, U8, U16
from services.matching.kernels.storage.memory import CapacityError, reserve
from services.matching.kernels.suggestions import live
from services.matching.kernels.suggestions.merge import EMPTY, FRESH, merge_paths, new_merge
from services.matching.kernels.suggestions.rows import SuggestionRows, new_suggestion_rows
from services.matching.rules import bridge

ROWS = 1 << 26
"""Live suggestions, and changes between two times that they are taken."""

ARCS_A_SLICE = 12_000
"""Arcs, and openings behind them, read in one slice: a millisecond, two where few of them are in the cache."""

ARCS_AT_ONCE = 5_000
"""With fewer arcs than this behind some introducers, one call does all."""

ROWS_A_SLICE = 300
"""Rows that replace live ones in one slice, or in what is left of another."""

HOPS_A_SLICE = 5_000
"""First hops and suggestions read in one slice: each has to be searched for."""

STAFF_A_SLICE = 10_000
"""People of a company read in one slice."""

REACHABLE = 1_000
"""With more openings than this behind some introducers, all that fit the seeker are found at once."""

TIE_COSTS, SEEKER_COSTS = 6, 28
"""Matching seekers one by one costs as much as indexing so many people of a company, for each warm tie and seeker.

Measured over 60,000 people and 2.4 million arcs (decision record 12).
"""


class Rematcher:
    """The live suggestions and what is needed to match. `answers` is 1 for the openings that are answered for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.live = live.new_live(ROWS, OPENINGS, PEOPLE)
        self.changes = live.new_changes(ROWS)
        self.answers: U8 = reserve(OPENINGS, np.uint8)
        self._index, self._candidates = new_insider_index(PEOPLE, ARCS), new_candidate_filter(PEOPLE)
        self._sought = new_sought_openings(OPENINGS, len(store.words.companies.start), PEOPLE)
        self._reachable = new_reachable_openings(OPENINGS)
        self._found, self._merge = new_suggestion_rows(ROWS), new_merge(PEOPLE, OPENINGS, new_suggestion_rows(OPENINGS))
        self._judged: U8 = reserve(OPENINGS, np.uint8)
        self._nothing: U8 = np.zeros(1, np.uint8)
        self._count: I32 = np.zeros(1, np.int32)

    def match_opening(self, view: GraphView, opening: int) -> Iterator[None]:
        """Match an opening for all seekers."""
        rows = yield from self._rows_of_opening(view, opening)
        yield from self._replace(self._found, rows, opening, self._nothing, whole=True, seeker=False)

    def find_seekers(self, view: GraphView, opening: int) -> I32:
        """Who has a suggestion for an opening, as a view that is valid until the next search; no live row changes."""
        work = self._rows_of_opening(view, opening)
        while True:
            try:
                next(work)
            except StopIteration as end:
                return self._found.seeker[: int(end.value)]

    def match_seeker(self, view: GraphView, seeker: int, openings: I32 | None = None) -> Iterator[None]:
        """Match a seeker for all openings that are answered for, or only for some of these."""
        if openings is None:
            found, fits = self._answered(seeker)
        else:
            found = openings
            fits = np.array([self._store.fit.one(int(o), seeker) for o in openings], np.uint16)
            found, fits = found[fits > 0], fits[fits > 0]
        rows = yield from self._rows_of_seeker(view, seeker, found, fits)
        if openings is None:
            yield from self._replace(self._found, rows, seeker, self._nothing, whole=True, seeker=True)
            return
        judged = self._judged
        judged[openings] = 1
        yield from self._replace(self._found, rows, seeker, judged, whole=False, seeker=True, dropped=len(openings))
        judged[openings] = 0

    def match_through(self, view: GraphView, seeker: int, introducers: I32) -> Iterator[None]:
        """Match a seeker of whom only the paths through these introducers may differ."""
        store, reachable, merge = self._store, self._reachable, self._merge
        lists, row = (store.openings.by_company, store.openings.by_hiring), store.seekers.row(seeker)
        columns, answers = store.fit.columns, self.answers
        count = find_reachable_openings(view, columns, reachable, answers, *lists, seeker, row, introducers, REACHABLE)
        found, fits = reachable.opening[:count], reachable.fit[:count]
        if count < 0:
            yield
            found, fits = self._answered(seeker)
            yield
        rows = yield from self._rows_through(view, seeker, introducers, found, fits)
        if rows > ROWS_A_SLICE:
            yield
        self._require_room(rows + int(self.live.by_seeker.size[seeker]))
        held, judged = (self.live, self.changes), self._judged
        undecided = merge_paths(*held, self._found, rows, merge, judged, seeker, introducers, view.ids, ROWS_A_SLICE)
        count, empty = int(merge.counts[FRESH]), int(merge.counts[EMPTY])
        if count + empty > ROWS_A_SLICE:
            yield from self._replace(merge.fresh, count, seeker, judged, whole=False, seeker=True, dropped=empty)
            judged[merge.empty[:empty]] = 0
        else:
            yield
        if undecided:
            yield from self.match_seeker(view, seeker, merge.undecided[:undecided].copy())

    def relevant_hops(self, hops: I64, first: int) -> tuple[int, I64]:
        """Of first hops seeker · 2^32 + introducer, ascending, those with paths, or named in a suggestion, each once.

        Reads some from number `first` on; returns the next number, too.
        """
        arcs, introduces = self._store.ties.arcs, self._merge.replaced
        end, kept = keep_relevant_hops(arcs, self.live, introduces, hops, first, HOPS_A_SLICE)
        return end, hops[first:kept]

    def _replace(
        self, fresh: SuggestionRows, rows: int, number: int, judged: U8, *, whole: bool, seeker: bool, dropped: int = -1
    ) -> Iterator[None]:
        """Replace the live rows of an opening, or a `seeker`; at most `dropped` of them have no fresh one."""
        held, changes = self.live, self.changes
        if dropped < 0:
            dropped = int((held.by_seeker if seeker else held.by_opening).size[number])
        self._require_room(rows + dropped)
        if rows + dropped <= ROWS_A_SLICE:
            live.replace_rows(held, changes, whole, number, fresh, rows, judged, seeker)
            yield
            return
        yield
        end = live.begin_replace(held, number, seeker)
        for first in range(0, rows, ROWS_A_SLICE):
            live.upsert_rows(held, changes, fresh, first, min(first + ROWS_A_SLICE, rows), seeker)
            yield
        for last in range(end, 0, -ROWS_A_SLICE):
            live.withdraw_missing(held, changes, whole, number, max(0, last - ROWS_A_SLICE), last, judged, seeker)
            yield

    def _require_room(self, changes: int) -> None:
        """Nothing else bounds the numbers by which kernels write live rows and changes. It is refused a little early.

        Raises:
            CapacityError: there may be no room for so many changes.
        """
        if max(int(self.live.slots[live.TOP]), int(self.changes.counts[0])) + changes > ROWS:
            raise CapacityError("there is no room for more suggestions")

    def _rows_of_opening(self, view: GraphView, opening: int) -> Generator[None, None, int]:
        """Find an opening's suggestions; returns how many rows of `_found` they take."""
        seekers, fits = self._store.fit.seekers_for(opening)
        if not len(seekers):
            return 0
        seekers, fits = seekers.copy(), fits.copy()
        company = int(self._store.openings.columns.company[opening])
        warm_ties = int(view.arcs.front[seekers].sum())
        workers = int(self._store.people.workers.size[company])
        if warm_ties * TIE_COSTS + len(seekers) * SEEKER_COSTS < workers:
            return (yield from self._rows_of_few(view, opening, seekers, fits))
        yield from self._index_insiders(view, opening, company)
        insiders = self._index.insiders[: self._index.counts[INSIDERS]]
        if not len(insiders):
            return 0
        yield from self._fill_filter(view, seekers, everybody=warm_ties > int(view.arcs.size[insiders].sum()))
        number = row = 0
        while number < len(insiders):
            number = index_acquaintances(
                self._index, self._candidates, view.people, view.arcs, number, ARCS_A_SLICE, True
            )
            yield
        number = 0
        while number < len(seekers):
            row, number = match_seekers(
                view, self._index, self._found, row, seekers, fits, opening, number, ARCS_A_SLICE, bridge.FEW_TIES
            )
            yield
        return row

    def _index_insiders(self, view: GraphView, opening: int, company: int) -> Iterator[None]:
        """Index the insiders of an opening."""
        columns, index = self._store.openings.columns, self._index
        clear_insiders(index)
        occupation, group = int(columns.occupation[opening]), int(columns.group[opening])
        workers = self._store.people.workers.of(company)
        for first in range(0, len(workers), STAFF_A_SLICE):
            if first:
                yield
            add_staff(view, index, workers[first : first + STAFF_A_SLICE], company, occupation, group, ROLES)
        contact = int(columns.hiring[opening])
        if contact != NO_ONE and view.people.flags[contact] & MEMBER:
            add_insider(index, contact, HIRING)

    def _fill_filter(self, view: GraphView, seekers: I32, *, everybody: bool) -> Iterator[None]:
        """Let these seekers, and whom they can ask, through the filter; or everybody, where that is cheaper."""
        fill_filter(self._candidates, len(self._store.names), EVERYBODY if everybody else NOBODY)
        number = 0
        while number < len(seekers) and not everybody:
            number = add_candidates(self._candidates, view.arcs, seekers, number, ARCS_A_SLICE)
            yield

    def _rows_of_few(self, view: GraphView, opening: int, seekers: I32, fits: U16) -> Generator[None, None, int]:
        """The same, one seeker after another: cheaper for few of them where the employer is large."""
        self._set_sought(np.array([opening], np.int32), fits[:1])
        for seeker, fit in zip(seekers.tolist(), fits.tolist(), strict=True):
            self._sought.fit[0], self._sought.row[0] = fit, NO_ONE
            yield from self._match_openings(view, seeker)
        return self._finish_rows(view, 1)

    def _rows_of_seeker(self, view: GraphView, seeker: int, openings: I32, fits: U16) -> Generator[None, None, int]:
        """Find a seeker's suggestions for some openings; returns how many rows of `_found` they take."""
        if not len(openings):
            return 0
        self._set_sought(openings, fits)
        yield from self._match_openings(view, seeker)
        return self._finish_rows(view, len(openings))

    def _rows_through(
        self, view: GraphView, seeker: int, introducers: I32, openings: I32, fits: U16
    ) -> Generator[None, None, int]:
        """Find a seeker's paths through introducers to some openings; returns how many rows of `_found` they take."""
        if count_arcs(view.arcs, introducers) < ARCS_AT_ONCE:
            columns = self._store.openings.columns
            facts = OpeningFacts(columns.company, columns.occupation, columns.group, columns.hiring)
            room = (self._sought, self._found, self._count, facts)
            return match_through_all(view, *room, openings, fits, seeker, introducers, ROLES, bridge.FEW_TIES)
        if not len(openings):
            return 0
        self._set_sought(openings, fits)
        yield
        number, into = 0, (self._sought, self._found, self._count)
        while number < len(introducers):
            number = match_through(view, *into, seeker, introducers, number, ARCS_A_SLICE, ROLES, bridge.FEW_TIES)
            yield
        return self._finish_rows(view, len(openings))

    def _answered(self, seeker: int) -> tuple[I32, U16]:
        """All openings that are answered for and fit a seeker, and how well."""
        found, fits = self._store.fit.openings_for(seeker)
        answered = self.answers[found] != 0
        return found[answered], fits[answered]

    def _set_sought(self, openings: I32, fits: U16) -> None:
        """Begin to search for these openings, with no rows yet; `_finish_rows` ends it."""
        columns = self._store.openings.columns
        set_sought(self._sought, openings, fits, columns.company, columns.occupation, columns.group, columns.hiring)
        self._count[0] = 0

    def _match_openings(self, view: GraphView, seeker: int) -> Iterator[None]:
        """Add the rows of a seeker."""
        number, into = 0, (self._sought, self._found, self._count)
        size = int(view.arcs.size[seeker])
        while number < size:
            number = match_openings(view, *into, seeker, number, ARCS_A_SLICE, ROLES, bridge.FEW_TIES)
            yield

    def _finish_rows(self, view: GraphView, openings: int) -> int:
        """End a search for so many openings; returns how many rows were found."""
        clear_sought(self._sought, openings)
        return finish_rows(view, self._found, int(self._count[0]), bridge.FEW_TIES)
