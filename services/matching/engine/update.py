"""One step of the engine, in slices: the new day, then the openings, seekers and paths that are to be matched again."""

from collections.abc import Generator, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from services.matching.domain import State
from services.matching.engine.columns.store import Store
from services.matching.engine.invalidation import Invalidation
from services.matching.engine.rematch import ROWS, Rematcher
from services.matching.engine.wording import Wording
from services.matching.events import Cause
from services.matching.kernels.graph.layout import NO_ONE, SEEKS
from services.matching.kernels.search.graph_view import GraphView
from services.matching.kernels.storage.arrays import I32
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.suggestions.live import REASONS_MAY_DIFFER, TOP, find_row, rows_to_reword
from services.matching.kernels.suggestions.rows import SuggestionRows
from services.matching.rules.bridge import helpfulness, record_as_of

ROWS_AT_ONCE = 1 << 17
"""Live suggestions read in one slice: about a millisecond."""

WORDED = 4
"""Suggestions whose reasons are compared in words in one slice."""

Change = tuple[int, int, int, Cause]
"""Seeker, opening, what became of the suggestion, cause."""


class ChangeColumns(NamedTuple):
    """Changes as columns of equal length."""

    seekers: Sequence[int]
    openings: Sequence[int]
    whats: Sequence[int]
    causes: Sequence[Cause]


class Updater:
    """Brings the live suggestions up to date with the columns."""

    def __init__(self, store: Store, state: State, wording: Wording) -> None:
        self._store, self._state, self._wording = store, state, wording
        self.rematcher = Rematcher(store)
        self.invalidation = Invalidation(store)
        self._counter: Rematcher | None = None
        self._yesterday: date | None = None
        self._opening_changes: list[tuple[int, int]] = []
        self._more_changes: list[Change] = []
        self._reworded: set[int] = set()
        self._rows: I32 = reserve(ROWS, np.int32)

    @property
    def view(self) -> GraphView:
        """The graph as of today."""
        today = self._state.today
        return self._store.view(today.toordinal() if today else 0)

    def run(self, day: date) -> Iterator[None]:
        """Match again all that was marked, as of `day`."""
        first, faded = self._store.ties.loading, list[tuple[int, int]]()
        self._yesterday = self._state.today
        if first:
            yield from self._begin(day)
        elif day != self._state.today:
            faded = yield from self._turn_day(day)
        view, rematcher, invalidation = self.view, self.rematcher, self.invalidation
        count = rematcher.changes.counts
        begin = int(count[0])
        for opening in sorted(invalidation.openings):
            if rematcher.answers[opening]:
                yield from self._update_opening(view, opening)
        self._opening_changes.append((begin, int(count[0])))
        if not first:
            for opening in invalidation.dirty_openings():
                if rematcher.answers[opening]:
                    yield from rematcher.match_opening(view, opening)
            for seeker in invalidation.dirty_seekers().tolist():
                yield from rematcher.match_seeker(view, seeker)
            yield from self._update_pairs(view)
            yield from self._update_hops(view)
            yield from self._compare_reasons(faded, begin)
        invalidation.clear()

    def take_changes(self) -> Generator[None, None, ChangeColumns]:
        """What changed since the last call, in order; in slices."""
        changes = self.rematcher.changes
        count = int(changes.counts[0])
        causes: list[Cause] = ["network"] * count
        for begin, end in self._opening_changes:
            causes[begin:end] = ["opening"] * (end - begin)
        seekers, openings, whats = changes.seeker[:count], changes.opening[:count], changes.what[:count]
        taken = ChangeColumns(seekers.tolist(), openings.tolist(), whats.tolist(), causes)
        same = yield from self._unchanged(np.flatnonzero(whats == REASONS_MAY_DIFFER).tolist())
        if same or self._more_changes:
            rest = [each for at, each in enumerate(zip(*taken, strict=True)) if at not in same] + self._more_changes
            taken = ChangeColumns._make(zip(*rest, strict=True)) if rest else ChangeColumns((), (), (), ())
        self.forget_changes()
        return taken

    def forget_changes(self) -> None:
        """Drop what changed since the last call of `take_changes`."""
        self._more_changes, self._reworded, self._opening_changes = [], set(), []
        self.rematcher.changes.counts[0] = 0

    def find_seekers(self, opening: int) -> I32:
        """Who has a suggestion for an opening, whether or not it is answered for; valid until the next search."""
        if self._counter is None:
            self._counter = Rematcher(self._store)
        return self._counter.find_seekers(self.view, opening)

    def _unchanged(self, numbers: list[int]) -> Generator[None, None, set[int]]:
        """Those of these changes whose reasons read as before, of openings that are shown as before."""
        openings, same = self.rematcher.changes.opening, set[int]()
        for count, at in enumerate(numbers, start=1):
            if int(openings[at]) not in self._reworded and self._reads_as_before(at):
                same.add(at)
            if count % WORDED == 0:
                yield
        return same

    def _begin(self, day: date) -> Iterator[None]:
        """The first day: derive all ties that were loaded."""
        yield from self._set_day(day)
        for ask in self._state.introductions.values():
            self._set_help(self._store.names.index(ask.introducer_id))
        yield from self._store.ties.derive_all()

    def _turn_day(self, day: date) -> Generator[None, None, list[tuple[int, int]]]:
        """A new day; returns the suggestions whose reasons it may have changed."""
        invalidation, store = self.invalidation, self._store
        yield from self._withdraw_expired((yield from self._set_day(day)))
        for changed in store.ties.rederive_stale(store.evidence.stale):
            invalidation.mark_ties(changed)
            yield
        for person in store.people.moved.tolist():
            invalidation.mark_person(person)
            if store.people.columns.flags[person] & SEEKS:
                invalidation.mark_seeker(person)
            yield
        if self._yesterday is None or record_as_of(self._yesterday) != record_as_of(day):
            self._turn_month()
        live, count = self.rematcher.live, 0
        top = int(live.slots[TOP])
        for first in range(0, top, ROWS_AT_ONCE):
            count = rows_to_reword(live, store.evidence.stale, self._rows, count, first, min(first + ROWS_AT_ONCE, top))
            yield
        rows = self._rows[:count]
        return list(zip(live.rows.seeker[rows].tolist(), live.rows.opening[rows].tolist(), strict=True))

    def _turn_month(self) -> None:
        """A new month: other steps count for how helpful introducers are."""
        for introducer in {ask.introducer_id for ask in self._state.introductions.values()}:
            index = self._store.names.index(introducer)
            if self._set_help(index):
                self.invalidation.mark_introducer(index)

    def _set_day(self, day: date) -> Generator[None, None, I32]:
        """Weigh evidence and jobs as of a day; returns the openings that are past their last day now."""
        self._state.today = day
        yield from self._store.evidence.set_day(day)
        yield from self._store.people.set_day(day)
        return self._store.fit.set_day(day)

    def _withdraw_expired(self, openings: I32) -> Iterator[None]:
        view = self.view
        for opening in openings.tolist():
            # One with a record in the same step is matched because of that.
            if self.rematcher.answers[opening] and opening not in self.invalidation.openings:
                yield from self.rematcher.match_opening(view, opening)

    def _update_opening(self, view: GraphView, opening: int) -> Iterator[None]:
        """An opening with a new record. Where what is shown of it changed, all its suggestions changed with it."""
        changes, live = self.rematcher.changes, self.rematcher.live
        begin = int(changes.counts[0])
        yield from self.rematcher.match_opening(view, opening)
        if opening in self.invalidation.shown_differently:
            self._reworded.add(opening)
            noted = set(changes.seeker[begin : int(changes.counts[0])].tolist())
            rest = (n for n in live.rows.seeker[live.by_opening.of(opening)].tolist() if n not in noted)
            self._more_changes += [(seeker, opening, REASONS_MAY_DIFFER, "opening") for seeker in rest]

    def _set_help(self, index: int) -> bool:
        """Set how helpful an introducer is this month; whether that changed."""
        people, held = self._store.people, int(self._store.people.columns.help[index])
        people.set_help(index, helpfulness(self._state, self._store.names.name(index)))
        return held != int(people.columns.help[index])

    def _update_pairs(self, view: GraphView) -> Iterator[None]:
        """Single suggestions, seeker by seeker."""
        invalidation = self.invalidation
        for seeker, openings in invalidation.pairs.items():
            if invalidation.seekers.marked[seeker]:
                continue
            found = np.array(sorted(openings - invalidation.openings), np.int32)
            found = found[self.rematcher.answers[found] != 0]
            if len(found):
                yield from self.rematcher.match_seeker(view, seeker, found)

    def _update_hops(self, view: GraphView) -> Iterator[None]:
        """Seekers of whom only paths through some introducers may differ. It comes last: all else is up to date."""
        hops = yield from self.invalidation.dirty_hops()
        first = 0
        while first < len(hops):
            first, some = self.rematcher.relevant_hops(hops, first)
            yield
            seekers, introducers = (some >> 32).astype(np.int32), (some & 0xFFFF_FFFF).astype(np.int32)
            begin = 0
            while begin < len(some):
                end = int(np.searchsorted(seekers, seekers[begin], "right"))
                yield from self.rematcher.match_through(view, int(seekers[begin]), introducers[begin:end])
                begin = end

    def _compare_reasons(self, pairs: list[tuple[int, int]], begin: int) -> Iterator[None]:
        """Add the suggestions of these that read differently only because of the day, and have not changed anyway."""
        if not pairs:
            return
        changes, live = self.rematcher.changes, self.rematcher.live
        span = slice(begin, int(changes.counts[0]))
        noted = set(zip(changes.seeker[span].tolist(), changes.opening[span].tolist(), strict=True))
        for number, pair in enumerate(pairs):
            row = NO_ONE if pair in noted else find_row(live, *pair)
            if row >= 0 and not self._reads_alike(live.rows, row, row):
                self._more_changes.append((*pair, REASONS_MAY_DIFFER, "network"))
            if number % WORDED == 0:
                yield

    def _reads_as_before(self, at: int) -> bool:
        """Whether the reasons of a changed suggestion read as before."""
        changes, live = self.rematcher.changes, self.rematcher.live
        row = find_row(live, int(changes.seeker[at]), int(changes.opening[at]))
        return row >= 0 and self._reads_alike(changes.before, at, row)

    def _reads_alike(self, before: SuggestionRows, at: int, row: int) -> bool:
        today = self._state.today
        if today is None:
            return True
        return self._wording.reads_alike(before, at, self._yesterday or today, self.rematcher.live.rows, row, today)
