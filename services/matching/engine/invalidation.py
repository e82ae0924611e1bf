"""What has to be matched again: whole openings, whole seekers, single pairs, or a seeker's paths through introducers.

What is marked is always enough, and seldom too much. A suggestion of s for o depends on s, o and the day; on those whom
s is tied to, with their help, and how many members know both (m); and on the insiders whom s or these know. So:

- a tie of a and b affects the paths of a through b and of b through a; and, for openings of which one end may be an
  insider, the paths through the other end of the seekers whom that one may introduce. A block rules out paths through
  others, too: all of a and b;
- where m of (x, y) changes, or x or y comes to have enough ties for m to count, the paths of x through y and of y
  through x are affected: m counts only at the seeker's end of a path. Of each triangle that a tie closes or opens,
  these are all three sides, both ways;
- somebody's jobs or consent affect, for the openings of their companies, the seekers at most two ties away; and the
  paths through them of everybody tied to them.
"""

from collections.abc import Generator, Iterable
from itertools import pairwise

import numpy as np

from services.matching.engine.columns.names import PEOPLE
from services.matching.engine.columns.openings import OPENINGS
from services.matching.engine.columns.store import Store
from services.matching.engine.columns.ties import Changed
from services.matching.kernels.graph.layout import MEMBER
from services.matching.kernels.invalidation import first_hops, marked_set, reach
from services.matching.kernels.invalidation.cover import cover_ties, new_cover
from services.matching.kernels.storage.arrays import I32, I64
from services.matching.kernels.storage.memory import reserve

HOPS = 1 << 26

HOPS_SORTED = 1 << 13
"""First hops sorted in one slice: a tenth of a millisecond."""

HOPS_PARTITIONED = 1 << 17
"""First hops partitioned in one slice."""

SINGLY = 16
"""Up to so many changed ties are followed one by one; more of them by a vertex cover (`kernels/invalidation/cover`)."""

PAIRS = 48
"""A seeker with more openings than this to match again is matched as a whole."""


class Invalidation:
    """What was marked since the last update."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.seekers, self._some = marked_set.new_marked_set(PEOPLE), marked_set.new_marked_set(PEOPLE)
        """Seekers to be matched with all openings."""
        self._cover = new_cover(PEOPLE)
        self._hops = first_hops.new_first_hops(HOPS)
        self._partitioned: I64 = reserve(HOPS, np.int64)
        self._openings = marked_set.new_marked_set(OPENINGS)
        self.openings: set[int] = set()
        """Openings with a new record."""
        self.shown_differently: set[int] = set()
        """Those of them of which a message shows something else now, so that all their suggestions changed."""
        self.pairs: dict[int, set[int]] = {}
        """Openings by seeker: single suggestions."""

    def clear(self) -> None:
        """Everything is up to date."""
        marked_set.clear_marks(self.seekers)
        marked_set.clear_marks(self._openings)
        self._hops.counts[0] = 0
        self.openings.clear()
        self.shown_differently.clear()
        self.pairs.clear()

    @property
    def anything(self) -> bool:
        """Whether something has to be matched again."""
        marked = self.seekers.counts[0] + self._openings.counts[0] + self._hops.counts[0]
        return bool(self.openings or self.pairs or marked)

    def mark_seeker(self, person: int) -> None:
        """What somebody seeks or can do changed."""
        marked_set.add_mark(self.seekers, person)

    def mark_ties(self, changed: Changed) -> None:
        """Ties changed."""
        people, arcs, hops = self._store.people.columns, self._store.ties.arcs, self._hops
        reach.mark_seekers(self.seekers, people, changed.block_changed)
        if changed.bridge_arcs is None:
            reach.mark_seekers(self.seekers, people, changed.bridge_ends)
        else:
            first_hops.add_hops(hops, self.seekers, people, changed.bridge_arcs)
        if len(changed.a) > SINGLY:
            jobs, openings = self._store.people.jobs, self._store.openings
            lists = (self._store.people.workers, openings.by_company, openings.by_hiring)
            marks = (hops, self.seekers, self._openings)
            cover_ties(self._cover, *marks, people, jobs, arcs, *lists, changed.a, changed.b)
            return
        for a, b in zip(changed.a.tolist(), changed.b.tolist(), strict=True):
            for one, other in ((a, b), (b, a)):
                first_hops.add_hop(hops, self.seekers, people, one, other)
                found = self.openings_of(other)
                if found:
                    reach.mark_seekers_through(self._some, people, arcs, one)
                    self._mark_pairs(found)

    def mark_person(self, person: int) -> None:
        """Somebody's jobs or consent change: to be called before and after."""
        people, arcs = self._store.people.columns, self._store.ties.arcs
        if people.flags[person] & MEMBER:
            first_hops.add_hops_to(self._hops, self.seekers, people, arcs, person)
        found = self.openings_of(person)
        if found:
            reach.mark_seekers_near(self._some, people, arcs, person)
            self._mark_pairs(found)

    def mark_introducer(self, person: int) -> None:
        """How somebody treated asks changed."""
        first_hops.add_hops_to(self._hops, self.seekers, self._store.people.columns, self._store.ties.arcs, person)

    def mark_pair(self, seeker: int, opening: int) -> None:
        """A single suggestion is to be matched again."""
        self.pairs.setdefault(seeker, set()).add(opening)

    def openings_of(self, person: int) -> list[int]:
        """The openings of which somebody may be an insider."""
        people, jobs, openings = self._store.people, self._store.people.jobs, self._store.openings
        begin, size = int(people.columns.job_start[person]), int(people.columns.job_size[person])
        found = set(openings.by_hiring.of(person).tolist())
        for company in jobs.company[begin : begin + size].tolist():
            found.update(openings.by_company.of(company).tolist())
        return list(found)

    def _mark_pairs(self, openings: Iterable[int]) -> None:
        """Mark these openings for each seeker in `_some`, and empty it."""
        found = set(openings)
        for seeker in self._some.members[: self._some.counts[0]].tolist():
            held = self.pairs.setdefault(seeker, set())
            held |= found
            if len(held) > PAIRS:
                marked_set.add_mark(self.seekers, seeker)
                del self.pairs[seeker]
        marked_set.clear_marks(self._some)

    def dirty_seekers(self) -> I32:
        """Those to be matched with all openings, ascending."""
        return np.sort(self.seekers.members[: self.seekers.counts[0]])

    def dirty_openings(self) -> list[int]:
        """The openings without a new record that are to be matched with all seekers, ascending."""
        return sorted(set(self._openings.members[: self._openings.counts[0]].tolist()) - self.openings)

    def dirty_hops(self) -> Generator[None, None, I64]:
        """The first hops whose paths are to be found again, ascending, some more than once; in slices.

        Those of seekers who are matched as a whole are left out.
        """
        hops, count, marked = self._hops, int(self._hops.counts[0]), self.seekers
        if count <= HOPS_SORTED:
            keys = hops.keys[:count]
            return np.sort(keys[marked.marked[keys >> 32] == 0])
        people = len(self._store.names)
        shift = max(0, people.bit_length() - (count // HOPS_SORTED).bit_length())
        bounds = np.zeros((people >> shift) + 2, np.int64)
        for first in range(0, count, HOPS_PARTITIONED):
            first_hops.count_parts(hops, marked, shift, bounds, first, min(first + HOPS_PARTITIONED, count))
            yield
        np.cumsum(bounds, out=bounds)
        places, into = bounds[:-1].copy(), self._partitioned
        for first in range(0, count, HOPS_PARTITIONED):
            first_hops.partition(hops, marked, shift, places, into, first, min(first + HOPS_PARTITIONED, count))
            yield
        for begin, end in pairwise(bounds.tolist()):
            into[begin:end].sort()
            yield
        return into[: int(bounds[-1])]
