"""What has to be worked out again: openings for all seekers, seekers for all openings or along a step, single pairs.

Marked is always enough. A suggestion of s for o depends on s, o and the day; on those whom s is tied to, with their
help, and how many members know both (m); and on the insiders whom s or these know. So:

- a tie of a and b concerns the paths of a through b and of b through a, and by one end's openings those of the seekers
  whom the other end leads on, through it. Blocked, it rules out paths through others too: all of a and b;
- where m of (x, y) moves, or x or y comes to have enough ties for m to count, the paths of x through y and of y through
  x are concerned: m counts only at the seeker's end of a path. In each triangle that a tie closes or opens that is all
  three sides, both ways;
- somebody's jobs or consent concern, by the openings of their companies, the seekers at most two ties away; and the
  paths through them of everybody tied to them.
"""

from collections.abc import Generator, Iterable
from itertools import pairwise

import numpy as np

from services.matching.engine.columns.openings import OPENINGS
from services.matching.engine.columns.store import Store
from services.matching.engine.columns.ties import Changed
from services.matching.kernels.graph.layout import MEMBER
from services.matching.kernels.invalidation import reach as around
from services.matching.kernels.invalidation.cover import cover_ties, new_cover
from services.matching.kernels.storage.arrays import I32, I64
from services.matching.kernels.storage.memory import reserve

PEOPLE = 1 << 25

STEPS = 1 << 26

SORTED = 1 << 13
"""About so many steps are sorted at once: a tenth of a millisecond."""

PARTED = 1 << 17
"""So many are put where they belong in one slice."""

SINGLY = 16
"""So many changed ties are followed one by one; of more, paths through one end are looked at, or openings for all."""

PAIRS = 48
"""A seeker with more openings than this to look at again looks at all."""


class Concerned:
    """Marks since the last settling."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.seekers, self._some = around.new_reached(PEOPLE), around.new_reached(PEOPLE)
        self._cover = new_cover(PEOPLE)
        self._steps = around.new_steps(STEPS)
        self._parted: I64 = reserve(STEPS, np.int64)
        self.shaken = around.new_reached(OPENINGS)
        """Openings that nothing was told of, to be worked out for all seekers."""
        self.openings: set[int] = set()
        """Those that something was told of."""
        self.renamed: set[int] = set()
        """Those of the openings of which something else is shown now, so that all their suggestions differ."""
        self.pairs: dict[int, set[int]] = {}

    def clear(self) -> None:
        """All of it has been worked out."""
        around.reset(self.seekers)
        around.reset(self.shaken)
        self._steps.counts[0] = 0
        self.openings.clear()
        self.renamed.clear()
        self.pairs.clear()

    @property
    def anything(self) -> bool:
        """Whether something has to be worked out again."""
        marked = self.seekers.counts[0] + self.shaken.counts[0] + self._steps.counts[0]
        return bool(self.openings or self.pairs or marked)

    def seeker(self, person: int) -> None:
        """What somebody seeks or can do changed."""
        around.reach(self.seekers, person)

    def ties(self, changed: Changed) -> None:
        """Ties changed."""
        people, arcs, steps = self._store.people.columns, self._store.ties.arcs, self._steps
        around.reach_all(self.seekers, people, changed.parted)
        if changed.moved is None:
            around.reach_all(self.seekers, people, changed.bridged)
        else:
            around.step_all(steps, self.seekers, people, changed.moved)
        if len(changed.a) > SINGLY:
            jobs = self._store.people.jobs
            lists = (self._store.people.workers, self._store.openings.by_company, self._store.openings.by_hiring)
            cover_ties(self._cover, steps, self.seekers, self.shaken, people, jobs, arcs, *lists, changed.a, changed.b)
            return
        for a, b in zip(changed.a.tolist(), changed.b.tolist(), strict=True):
            for one, other in ((a, b), (b, a)):
                around.step(steps, self.seekers, people, one, other)
                openings = self.openings_of(other)
                if openings:
                    around.reach_through(self._some, people, arcs, one)
                    self._pair(openings)

    def person(self, person: int) -> None:
        """Somebody's jobs or consent change: to be called before and after."""
        people, arcs = self._store.people.columns, self._store.ties.arcs
        if people.flags[person] & MEMBER:
            around.steps_to(self._steps, self.seekers, people, arcs, person)
        openings = self.openings_of(person)
        if openings:
            around.reach_insider(self._some, people, arcs, person)
            self._pair(openings)

    def introducer(self, person: int) -> None:
        """How somebody treated asks changed."""
        around.steps_to(self._steps, self.seekers, self._store.people.columns, self._store.ties.arcs, person)

    def pair(self, seeker: int, opening: int) -> None:
        """A single suggestion."""
        self.pairs.setdefault(seeker, set()).add(opening)

    def openings_of(self, person: int) -> list[int]:
        """The openings to which somebody can be an insider."""
        people, jobs, openings = self._store.people, self._store.people.jobs, self._store.openings
        begin, size = int(people.columns.job_start[person]), int(people.columns.job_size[person])
        found = set(openings.by_hiring.of(person).tolist())
        for company in jobs.company[begin : begin + size].tolist():
            found.update(openings.by_company.of(company).tolist())
        return list(found)

    def _pair(self, openings: Iterable[int]) -> None:
        """Put the openings to each of those in `_some`, and empty it."""
        found = set(openings)
        for seeker in self._some.people[: self._some.counts[0]].tolist():
            held = self.pairs.setdefault(seeker, set())
            held |= found
            if len(held) > PAIRS:
                around.reach(self.seekers, seeker)
                del self.pairs[seeker]
        around.reset(self._some)

    def all_seekers(self) -> I32:
        """Those to be worked out for all openings, in ascending order."""
        return np.sort(self.seekers.people[: self.seekers.counts[0]])

    def all_steps(self) -> Generator[None, None, I64]:
        """The steps along which paths are to be worked out again, in ascending order, some more than once; in slices.

        Those of seekers who are worked out for all openings are not among them.
        """
        steps, count, marked = self._steps, int(self._steps.counts[0]), self.seekers
        if count <= SORTED:
            keys = steps.keys[:count]
            return np.sort(keys[marked.mark[keys >> 32] == 0])
        people = len(self._store.names)
        shift = max(0, people.bit_length() - (count // SORTED).bit_length())
        bounds = np.zeros((people >> shift) + 2, np.int64)
        for first in range(0, count, PARTED):
            around.count_steps(steps, marked, shift, bounds, first, min(first + PARTED, count))
            yield
        np.cumsum(bounds, out=bounds)
        places = bounds[:-1].copy()
        for first in range(0, count, PARTED):
            around.part_steps(steps, marked, shift, places, self._parted, first, min(first + PARTED, count))
            yield
        for begin, end in pairwise(bounds.tolist()):
            self._parted[begin:end].sort()
            yield
        return self._parted[: int(bounds[-1])]

    def all_shaken(self) -> list[int]:
        """The openings to be worked out for all seekers because of others, in ascending order."""
        return sorted(set(self.shaken.people[: self.shaken.counts[0]].tolist()) - self.openings)
