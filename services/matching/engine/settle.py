"""One step of the engine: the new day, the openings, then the seekers that something concerned, slice by slice."""

from collections.abc import Generator, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from services.matching.domain import State
from services.matching.engine.columns.store import Store
from services.matching.engine.invalidation import Concerned
from services.matching.engine.rematch import ROWS, Matching
from services.matching.engine.wording import Wording
from services.matching.events import Cause
from services.matching.kernels.graph.layout import NO_ONE, SEEKS
from services.matching.kernels.search.graph_view import Scene
from services.matching.kernels.storage.arrays import I32
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.suggestions.live import REASONS_MAY_DIFFER, TOP, fading_rows, find_row
from services.matching.kernels.suggestions.rows import Found
from services.matching.rules.bridge import helpfulness

BY_OPENING_FROM = 3
"""With more than so many seekers an opening to look at, each opening is worked out for all of them at once."""

ROWS_AT_ONCE = 1 << 17
"""Live suggestions looked through in one slice: about a millisecond."""

WORDED = 4
"""Reasons put into words in one slice."""

Besides = tuple[int, int, int, Cause]
"""Seeker, opening, what became of the suggestion, cause."""


class Told(NamedTuple):
    """The same of many, in columns of equal length."""

    seekers: Sequence[int]
    openings: Sequence[int]
    whats: Sequence[int]
    causes: Sequence[Cause]


class Settling:
    """Keeps the live suggestions in accord with the columns."""

    def __init__(self, store: Store, state: State, wording: Wording) -> None:
        self._store, self._state, self._wording = store, state, wording
        self.matching = Matching(store)
        self.concerned = Concerned(store)
        self._counting: Matching | None = None
        self._yesterday: date | None = None
        self._posted: list[tuple[int, int]] = []
        self._besides: list[Besides] = []
        self._renamed: set[int] = set()
        self._rows: I32 = reserve(ROWS, np.int32)

    @property
    def scene(self) -> Scene:
        """What is looked at today."""
        today = self._state.today
        return self._store.scene(today.toordinal() if today else 0)

    def run(self, day: date) -> Iterator[None]:
        """Settle all that was marked, as of `day`."""
        first, faded = self._store.ties.loading, list[tuple[int, int]]()
        self._yesterday = self._state.today
        if first:
            yield from self._begin(day)
        elif day != self._state.today:
            faded = yield from self._turn(day)
        scene, count = self.scene, self.matching.changes.counts
        begin = int(count[0])
        for opening in sorted(self.concerned.openings):
            if self.matching.answers[opening]:
                yield from self._opening(scene, opening)
        self._posted.append((begin, int(count[0])))
        if not first:
            for opening in self.concerned.all_shaken():
                if self.matching.answers[opening]:
                    yield from self.matching.opening(scene, opening)
            yield from self._seekers(scene)
            yield from self._pairs(scene)
            yield from self._steps(scene)
            yield from self._tell_faded(faded, begin)
        self.concerned.clear()

    def telling(self) -> Generator[None, None, Told]:
        """What changed since the last time, in order; found out in slices."""
        changes = self.matching.changes
        count = int(changes.counts[0])
        causes: list[Cause] = ["network"] * count
        for begin, end in self._posted:
            causes[begin:end] = ["opening"] * (end - begin)
        seekers, openings, whats = changes.seeker[:count], changes.opening[:count], changes.what[:count]
        told = Told(seekers.tolist(), openings.tolist(), whats.tolist(), causes)
        alike = yield from self._all_alike(np.flatnonzero(whats == REASONS_MAY_DIFFER).tolist())
        if alike or self._besides:
            rest = [each for at, each in enumerate(zip(*told, strict=True)) if at not in alike] + self._besides
            told = Told._make(zip(*rest, strict=True)) if rest else Told((), (), (), ())
        self.forget()
        return told

    def _all_alike(self, perhaps: list[int]) -> Generator[None, None, set[int]]:
        """Those of these changes that read as before."""
        openings, alike = self.matching.changes.opening, set[int]()
        for number, at in enumerate(perhaps, start=1):
            if int(openings[at]) not in self._renamed and self._alike(at):
                alike.add(at)
            if number % WORDED == 0:
                yield
        return alike

    def forget(self) -> None:
        """Let go of what changed since the last time, untold."""
        self._besides, self._renamed, self._posted, self.matching.changes.counts[0] = [], set(), [], 0

    def count(self, opening: int) -> int:
        """How many seekers would hear of an opening that is not answered for."""
        if self._counting is None:
            self._counting = Matching(self._store)
        return self._counting.count(self.scene, opening)

    def _begin(self, day: date) -> Iterator[None]:
        """The first day: all that was loaded is worked out."""
        yield from self._ages(day)
        for ask in self._state.introductions.values():
            self._help(self._store.names.index(ask.introducer_id))
        yield from self._store.ties.derive_all()

    def _turn(self, day: date) -> Generator[None, None, list[tuple[int, int]]]:
        """A new day; gives the suggestions whose reasons it may have changed."""
        concerned, store = self.concerned, self._store
        passed = yield from self._ages(day)
        yield from self._old_openings(passed)
        for changed in store.ties.day(store.evidence.stale):
            concerned.ties(changed)
            yield
        for person in store.people.moved.tolist():
            concerned.person(person)
            if store.people.columns.flags[person] & SEEKS:
                concerned.seeker(person)
            yield
        for introducer in {ask.introducer_id for ask in self._state.introductions.values()}:
            index = store.names.index(introducer)
            if self._help(index):
                concerned.introducer(index)
        live, count = self.matching.live, 0
        top = int(live.slots[TOP])
        for first in range(0, top, ROWS_AT_ONCE):
            count = fading_rows(live, store.evidence.stale, self._rows, count, first, min(first + ROWS_AT_ONCE, top))
            yield
        rows = self._rows[:count]
        return list(zip(live.rows.seeker[rows].tolist(), live.rows.opening[rows].tolist(), strict=True))

    def _ages(self, day: date) -> Generator[None, None, I32]:
        """Weigh evidence and jobs for a day; gives the openings that are past their last one now."""
        self._state.today = day
        yield from self._store.evidence.set_day(day)
        yield from self._store.people.set_day(day)
        return self._store.fit.set_day(day)

    def _opening(self, scene: Scene, opening: int) -> Iterator[None]:
        """An opening that was posted or changed. Where what is shown of it changed, so did all its suggestions."""
        changes, live = self.matching.changes, self.matching.live
        begin = int(changes.counts[0])
        yield from self.matching.opening(scene, opening)
        if opening in self.concerned.renamed:
            self._renamed.add(opening)
            noted = set(changes.seeker[begin : int(changes.counts[0])].tolist())
            seekers = live.rows.seeker[live.by_opening.of(opening)].tolist()
            self._besides += [
                (seeker, opening, REASONS_MAY_DIFFER, "opening") for seeker in seekers if seeker not in noted
            ]

    def _old_openings(self, openings: I32) -> Iterator[None]:
        """Withdraw what is past its last day."""
        scene = self.scene
        for opening in openings.tolist():
            # One of which something was told in the same step is worked out as that.
            if self.matching.answers[opening] and opening not in self.concerned.openings:
                yield from self.matching.opening(scene, opening)

    def _help(self, index: int) -> bool:
        """Work out how helpful an introducer is today; whether that is anything new."""
        people, held = self._store.people, int(self._store.people.columns.help[index])
        people.set_help(index, helpfulness(self._state, self._store.names.name(index)))
        return held != int(people.columns.help[index])

    def _seekers(self, scene: Scene) -> Iterator[None]:
        """Those who are concerned in all openings: one after another, or all at once for each opening."""
        seekers = self.concerned.all_seekers()
        if not len(seekers):
            return
        if len(seekers) > BY_OPENING_FROM:
            answered = np.flatnonzero(self.matching.answers[: len(self._store.openings)])
            if len(seekers) > BY_OPENING_FROM * len(answered):
                for opening in answered.tolist():
                    yield from self.matching.opening(scene, opening, self.concerned.seekers)
                return
        for seeker in seekers.tolist():
            yield from self.matching.seeker(scene, seeker)

    def _pairs(self, scene: Scene) -> Iterator[None]:
        """Single suggestions, by seeker."""
        concerned = self.concerned
        for seeker, openings in concerned.pairs.items():
            if concerned.seekers.mark[seeker]:
                continue
            found = np.array(sorted(openings - concerned.openings), np.int32)
            found = found[self.matching.answers[found] != 0]
            if len(found):
                yield from self.matching.seeker(scene, seeker, found)

    def _steps(self, scene: Scene) -> Iterator[None]:
        """Those of whom only paths through some introducers are concerned. What else was marked is in accord by now."""
        steps = yield from self.concerned.all_steps()
        first = 0
        while first < len(steps):
            first, some = self.matching.mattering(steps, first)
            yield
            seekers, introducers = (some >> 32).astype(np.int32), (some & 0xFFFF_FFFF).astype(np.int32)
            begin = 0
            while begin < len(some):
                end = int(np.searchsorted(seekers, seekers[begin], "right"))
                yield from self.matching.along(scene, int(seekers[begin]), introducers[begin:end])
                begin = end

    def _tell_faded(self, faded: list[tuple[int, int]], begin: int) -> Iterator[None]:
        """Which of the suggestions that stayed read differently, only because it is another day."""
        if not faded:
            return
        changes, live = self.matching.changes, self.matching.live
        span = slice(begin, int(changes.counts[0]))
        noted = set(zip(changes.seeker[span].tolist(), changes.opening[span].tolist(), strict=True))
        for number, pair in enumerate(faded):
            row = NO_ONE if pair in noted else find_row(live, *pair)
            if row >= 0 and not self._reads_alike(live.rows, row, row):
                self._besides.append((*pair, REASONS_MAY_DIFFER, "network"))
            if number % WORDED == 0:
                yield

    def _alike(self, at: int) -> bool:
        """Whether a suggestion that was worked out again reads as before."""
        changes, live = self.matching.changes, self.matching.live
        row = find_row(live, int(changes.seeker[at]), int(changes.opening[at]))
        return row >= 0 and self._reads_alike(changes.before, at, row)

    def _reads_alike(self, before: Found, at: int, row: int) -> bool:
        today = self._state.today
        if today is None:
            return True
        return self._wording.reads_alike(before, at, self._yesterday or today, self.matching.live.rows, row, today)
