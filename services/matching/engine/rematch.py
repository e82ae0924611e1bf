"""Suggestions worked out: for one opening and many seekers, or for one seeker and many openings, in slices.

What comes out is brought into the live rows at once; what that changed waits in `changes`.
"""

from collections.abc import Generator, Iterator

import numpy as np

from services.matching.engine.columns.people import ROLES
from services.matching.engine.columns.store import Store
from services.matching.kernels.graph.layout import NO_ONE
from services.matching.kernels.invalidation.reach import Reached
from services.matching.kernels.search import by_opening, by_seeker
from services.matching.kernels.search.by_opening import Wanted
from services.matching.kernels.search.graph_view import Scene
from services.matching.kernels.search.insiders import (
    INSIDERS,
    LEADERS,
    LOOKED,
    OUTWARD,
    add_insider,
    clear,
    mark,
    new_target,
)
from services.matching.kernels.search.introducers import aim
from services.matching.kernels.search.sieve import empty, mark_noted, new_sieve, note
from services.matching.kernels.search.through_introducers import (
    EMPTY,
    FRESH,
    Facts,
    expand_along,
    expand_whole,
    links_behind,
    merge,
    new_along,
    openings_behind,
    those_that_matter,
)
from services.matching.kernels.storage.arrays import I32, I64, U8, U16
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.suggestions import live
from services.matching.kernels.suggestions.rows import Found, new_found
from services.matching.rules import bridge

ROWS, OPENINGS, PEOPLE, LINKS = 1 << 26, 1 << 24, 1 << 25, 1 << 28

SLICE = 12_000
"""Arcs, and openings behind them, looked at in one slice: a millisecond, two when few of them are in the cache."""

PIECE = 5_000
"""Fewer arcs than this are looked at in one piece, with what comes before and after."""

FEW_ROWS = 300
"""So many rows are brought into the live ones in one slice, and in what is left of one."""

FOUND = 5_000
"""Steps and suggestions looked at in one slice: each is to be found first."""

AIMED_AT = 10_000
"""People of a company looked at in one slice."""

BEHIND = 1_000
"""With more openings behind a few introducers than this, all that fit the seeker are found at once."""

HIRING = 10_000
SEEKER_COSTS = 8
"""Beginning with a seeker costs as much as looking at so many arcs."""

LINKS_A_WORKER = 24
"""To look at one of a company's people, and mark who knows them, costs as much as following so many arcs."""

SIFTED_FROM = 1
"""With so many times more ties than the seekers have, insiders are marked for these seekers only."""


class Matching:
    """The live suggestions and what they are worked out with. `answers` is 1 for the openings that are answered for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.live = live.new_live(ROWS, OPENINGS, PEOPLE)
        self.changes = live.new_changes(ROWS)
        self.answers: U8 = reserve(OPENINGS, np.uint8)
        self.sides = {"seekers": 0, "insiders": 0, "each": 0}
        """How often each side was the cheaper one; `each`: every seeker by themself, without marking insiders."""
        self.looked = 0
        """Arcs looked at."""
        self._target, self._sieve, self._found = new_target(PEOPLE, LINKS), new_sieve(PEOPLE), new_found(ROWS)
        self._wanted = Wanted(reserve(PEOPLE, np.uint16), reserve(PEOPLE, np.int32))
        self._sought = by_seeker.new_sought(OPENINGS, len(store.words.companies.start), PEOPLE)
        self._judged: U8 = reserve(OPENINGS, np.uint8)
        self._along = new_along(PEOPLE, OPENINGS, new_found(OPENINGS))
        self._nobody: U8 = np.zeros(1, np.uint8)
        self._count: I32 = np.zeros(1, np.int32)

    def opening(self, scene: Scene, opening: int, among: Reached | None = None) -> Iterator[None]:
        """All suggestions of an opening, or those of some seekers alone."""
        rows = yield from self.rows_of_opening(scene, opening, among)
        judged = self._nobody if among is None else among.mark
        yield from self._keep(self._found, rows, opening, judged, whole=among is None, seeker=False)

    def _keep(
        self, fresh: Found, rows: int, number: int, judged: U8, *, whole: bool, seeker: bool, dropped: int = -1
    ) -> Iterator[None]:
        """Bring what was found of an opening, or a `seeker`, into the live rows; so many are `dropped` at most."""
        held, changes = self.live, self.changes
        if dropped < 0:
            dropped = int((held.by_seeker if seeker else held.by_opening).size[number])
        if rows + dropped <= FEW_ROWS:
            live.settle(held, changes, whole, number, fresh, rows, judged, seeker)
            yield
            return
        yield
        end = live.stamp(held, number, seeker)
        for first in range(0, rows, FEW_ROWS):
            live.take_in(held, changes, fresh, first, min(first + FEW_ROWS, rows), seeker)
            yield
        for last in range(end, 0, -FEW_ROWS):
            live.drop_rest(held, changes, whole, number, max(0, last - FEW_ROWS), last, judged, seeker)
            yield

    def rows_of_opening(self, scene: Scene, opening: int, among: Reached | None = None) -> Generator[None, None, int]:
        """Work out an opening's suggestions into the first rows of `_found`; returns how many."""
        people, fits = self._store.fit.seekers_for(opening)
        if among is not None:
            wanted = among.mark[people] != 0
            people, fits = people[wanted], fits[wanted]
        if not len(people):
            return 0
        people, fits = people.copy(), fits.copy()
        company = int(self._store.openings.columns.company[opening])
        enough = LINKS_A_WORKER * int(self._store.people.workers.size[company])
        if by_seeker.links_of(scene.arcs, people, enough) <= enough:
            self.sides["each"] += 1
            return (yield from self._expand_each(scene, opening, people, fits))
        yield from self._aim(scene, opening)
        counts, arcs = self._target.counts, scene.arcs
        own = int(arcs.warm[people].sum()) + SEEKER_COSTS * len(people)
        inward = int(arcs.size[self._target.insiders[: counts[INSIDERS]]].sum())
        sifted = SIFTED_FROM * own <= inward
        yield from self._mark_noted(scene, people) if sifted else self._mark(scene, own - inward)
        if sifted or own <= int(counts[OUTWARD]) + inward:
            self.sides["seekers"] += 1
            rows = yield from self._pull(scene, opening, people, fits)
        else:
            self.sides["insiders"] += 1
            rows = yield from self._push(scene, opening, people, fits)
        self.looked += int(counts[LOOKED])
        return rows

    def count(self, scene: Scene, opening: int) -> int:
        """How many seekers have a suggestion for an opening, without keeping any."""
        work = self.rows_of_opening(scene, opening)
        while True:
            try:
                next(work)
            except StopIteration as end:
                return int(end.value)

    def seeker(self, scene: Scene, seeker: int, openings: I32 | None = None) -> Iterator[None]:
        """All suggestions of a seeker, or those for some openings alone."""
        if openings is None:
            found, fits = self._answered(seeker)
        else:
            found = openings
            fits = np.array([self._store.fit.one(int(o), seeker) for o in openings], np.uint16)
            found, fits = found[fits > 0], fits[fits > 0]
        rows = yield from self._expand(scene, seeker, found, fits)
        if openings is None:
            yield from self._keep(self._found, rows, seeker, self._nobody, whole=True, seeker=True)
            return
        judged = self._judged
        judged[openings] = 1
        yield from self._keep(self._found, rows, seeker, judged, whole=False, seeker=True, dropped=len(openings))
        judged[openings] = 0

    def along(self, scene: Scene, seeker: int, introducers: I32) -> Iterator[None]:
        """The suggestions of a seeker, of whom only paths through these introducers can differ."""
        store, work = self._store, self._along
        lists, row = (store.openings.by_company, store.openings.by_hiring), store.seekers.row(seeker)
        columns, answers = store.fit.columns, self.answers
        count = openings_behind(scene, columns, work, answers, *lists, seeker, row, introducers, BEHIND)
        found, fits = work.opening[:count], work.fit[:count]
        if count < 0:
            yield
            found, fits = self._answered(seeker)
            yield
        rows = yield from self._expand_along(scene, seeker, introducers, found, fits)
        if rows > FEW_ROWS:
            yield
        texts, judged = scene.texts, self._judged
        again = merge(self.live, self.changes, self._found, rows, work, judged, seeker, introducers, texts, FEW_ROWS)
        count, empty = int(work.counts[FRESH]), int(work.counts[EMPTY])
        if count + empty > FEW_ROWS:
            yield from self._keep(work.fresh, count, seeker, judged, whole=False, seeker=True, dropped=empty)
            judged[work.empty[:empty]] = 0
        else:
            yield
        if again:
            yield from self.seeker(scene, seeker, work.again[:again].copy())

    def mattering(self, steps: I64, first: int) -> tuple[int, I64]:
        """Of steps seeker · 2^32 + introducer, in ascending order, those that lead to a path or did, each once.

        Looked at are some from number `first` on; gives the next number, too.
        """
        end, kept = those_that_matter(self._store.ties.arcs, self.live, self._along, steps, first, FOUND)
        return end, steps[first:kept]

    def _expand_along(
        self, scene: Scene, seeker: int, introducers: I32, openings: I32, fits: U16
    ) -> Generator[None, None, int]:
        """From a seeker through these introducers to the openings; returns the number of rows."""
        if links_behind(scene.arcs, introducers) < PIECE:
            columns = self._store.openings.columns
            facts = Facts(columns.company, columns.occupation, columns.group, columns.hiring)
            store = (self._sought, self._found, self._count, facts)
            return expand_whole(scene, *store, openings, fits, seeker, introducers, ROLES, bridge.FEW_TIES)
        if not len(openings):
            return 0
        self._seek(openings, fits)
        self._count[0] = number = 0
        yield
        while number < len(introducers):
            number, looked = expand_along(
                scene,
                self._sought,
                self._found,
                self._count,
                seeker,
                introducers,
                number,
                SLICE,
                ROLES,
                bridge.FEW_TIES,
            )
            self.looked += looked
            yield
        by_seeker.forget(self._sought, len(openings))
        return by_opening.close_rows(scene, self._found, int(self._count[0]), bridge.FEW_TIES)

    def _answered(self, seeker: int) -> tuple[I32, U16]:
        """All openings that are answered for and fit a seeker, and how well."""
        found, fits = self._store.fit.openings_for(seeker)
        answered = self.answers[found] != 0
        return found[answered], fits[answered]

    def _seek(self, openings: I32, fits: U16) -> None:
        """Seek these; to be forgotten again."""
        columns = self._store.openings.columns
        by_seeker.seek(self._sought, openings, fits, columns.company, columns.occupation, columns.group, columns.hiring)

    def _aim(self, scene: Scene, opening: int) -> Iterator[None]:
        """Mark the insiders of an opening."""
        columns, target = self._store.openings.columns, self._target
        clear(target)
        company, occupation = int(columns.company[opening]), int(columns.occupation[opening])
        workers = self._store.people.workers.of(company)
        for first in range(0, len(workers), AIMED_AT):
            if first:
                yield
            some = workers[first : first + AIMED_AT]
            aim(scene, target, some, company, occupation, int(columns.group[opening]), ROLES)
        contact = int(columns.hiring[opening])
        if contact != NO_ONE and scene.people.flags[contact]:
            add_insider(target, contact, HIRING)

    def _mark(self, scene: Scene, enough: int) -> Iterator[None]:
        """Mark who knows the insiders."""
        target, number = self._target, 0
        while number < target.counts[INSIDERS]:
            number = mark(target, scene.people, scene.arcs, number, SLICE, enough)
            yield

    def _mark_noted(self, scene: Scene, people: I32) -> Iterator[None]:
        """Mark who knows the insiders, as far as it matters to these people."""
        target, sieve, number = self._target, self._sieve, 0
        empty(sieve, len(self._store.names))
        while number < len(people):
            number = note(sieve, scene.arcs, people, number, SLICE)
            yield
        number = 0
        while number < target.counts[INSIDERS]:
            number = mark_noted(target, sieve, scene.people, scene.arcs, number, SLICE, True)
            yield

    def _pull(self, scene: Scene, opening: int, people: I32, fits: U16) -> Generator[None, None, int]:
        """From each seeker's ties to the marked people."""
        row = number = 0
        while number < len(people):
            row, number = by_opening.pull(
                scene, self._target, self._found, row, people, fits, opening, number, SLICE, bridge.FEW_TIES
            )
            yield
        return row

    def _push(self, scene: Scene, opening: int, people: I32, fits: U16) -> Generator[None, None, int]:
        """From the insiders, and those who know them, out to the seekers."""
        by_opening.want(self._wanted, people, fits)
        row = 0
        for step, last in ((by_opening.push_direct, INSIDERS), (by_opening.push_between, LEADERS)):
            number = 0
            while number < self._target.counts[last]:
                row, number = step(
                    scene, self._target, self._found, self._wanted, row, opening, number, SLICE, bridge.FEW_TIES
                )
                yield
        by_opening.unwant(self._wanted, people)
        return by_opening.close_rows(scene, self._found, row, bridge.FEW_TIES)

    def _expand_each(self, scene: Scene, opening: int, people: I32, fits: U16) -> Generator[None, None, int]:
        """From each seeker out to a single opening; returns the number of rows."""
        sought = self._sought
        self._seek(np.array([opening], np.int32), fits[:1])
        self._count[0] = number = 0
        while number < len(people):
            number, looked = by_seeker.expand_each(
                scene, sought, self._found, self._count, people, fits, number, SLICE, ROLES, bridge.FEW_TIES
            )
            self.looked += looked
            yield
        by_seeker.forget(sought, 1)
        return by_opening.close_rows(scene, self._found, int(self._count[0]), bridge.FEW_TIES)

    def _expand(self, scene: Scene, seeker: int, openings: I32, fits: U16) -> Generator[None, None, int]:
        """From a seeker out to the openings; returns the number of rows."""
        if not len(openings):
            return 0
        self._seek(openings, fits)
        self._count[0] = number = 0
        size = int(scene.arcs.size[seeker])
        while number < size:
            number, looked = by_seeker.expand(
                scene, self._sought, self._found, self._count, seeker, number, SLICE, ROLES, bridge.FEW_TIES
            )
            self.looked += looked
            yield
        by_seeker.forget(self._sought, len(openings))
        return by_opening.close_rows(scene, self._found, int(self._count[0]), bridge.FEW_TIES)
