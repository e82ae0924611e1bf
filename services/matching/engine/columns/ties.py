"""Who knows whom: the ties as arcs in columns, updated with the records, the people and the day (section 2).

Between two calls every arc equals what `rules.strength.tie_between` says of its two ends from the side of the first.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol, cast

import numpy as np
import numpy.typing as npt

from services.matching.engine.columns import names, tie_pool
from services.matching.kernels.graph.arcs import NO_VERSION, find, new_arcs, set_version, version_of
from services.matching.kernels.graph.layout import RECORD, RECORD_BACK, TIED, People
from services.matching.kernels.storage.arrays import F64, I32, I64, U8, U32
from services.matching.kernels.storage.memory import CapacityError, use_huge_pages
from services.matching.kernels.tie_updates.burst import Burst, apply_burst, new_burst
from services.matching.kernels.tie_updates.day import PERSON, Slice, derive_stale, new_pairs
from services.matching.kernels.tie_updates.load import (
    derive_span,
    group_by_person,
    log_burst,
    merge_back,
    merge_own,
    new_grouped,
    tidy_span,
)
from services.matching.kernels.tie_updates.people import rederive_all, set_company_hint
from services.matching.kernels.ties.evidence import Evidence
from services.matching.kernels.ties.mutual_bulk import count_span, new_forward_ties, write_span
from services.matching.kernels.ties.paired_walk import PairedWalk
from services.matching.kernels.ties.touched import (
    BLOCK_CHANGED,
    BRIDGE_ARCS,
    MEMBERS,
    PEOPLE,
    clear_noted,
    finish_step,
    new_touched,
)
from services.matching.rules import bridge
from services.matching.rules.strength import SAID, VETO, WARM_FROM
from services.matching.snapshots.arrays import fill_column

ARCS = 1 << 29
"""Every array with an entry for an arc at the most has room for so many: `Ties` holds no more."""

LARGEST = NO_VERSION - 1
"""The largest version that fits the columns; it also stands for any larger one, which is in `_aside`."""

DAY_SLICE = 400_000
"""Arcs read between two yields of a day: at most about two milliseconds."""

SPAN = 1 << 14
"""People whose ties are derived between two yields of `derive_all`."""

_NOBODY = np.empty(0, np.int32)
_NOTHING_MOVED = np.empty(0, np.int64)


class HasPeople(Protocol):
    """Whoever owns the people's columns."""

    @property
    def columns(self) -> People:
        """The people."""


class HasEvidence(Protocol):
    """Whoever owns the evidence table."""

    @property
    def columns(self) -> Evidence:
        """The table."""


class Changed(NamedTuple):
    """What a step changed.

    `a` and `b`: pairs, each once and in no order, whose flags, strength or codes differ from before, or may.
    `bridge_arcs`: arcs x → y whose bridge may differ, as x · 2^32 + y, some more than once; None where there are too
    many to note. Their mutual count changed, they became a tie between members or ceased to be one, or one of their
    ends came to have `bridge.FEW_TIES` ties to members or ceased to.
    `bridge_ends`: everybody with such an arc.
    `block_changed`: everybody at an end of a tie that was blocked or unblocked.
    """

    a: I32
    b: I32
    bridge_ends: I32
    bridge_arcs: I64 | None = _NOTHING_MOVED
    block_changed: I32 = _NOBODY


NOTHING = Changed(_NOBODY, _NOBODY, _NOBODY)


class Ties:
    """The arcs of everybody. A burst of records is one step."""

    def __init__(
        self,
        people: HasPeople,
        evidence: HasEvidence,
        *,
        arcs: int = ARCS,
        most_people: int = names.PEOPLE,
        log: int = 1 << 24,
        loading: bool = False,
    ) -> None:
        """`arcs`, `most_people`: address space. `log`: records that are merged at once while loading."""
        self.arcs = new_arcs(arcs, most_people)
        self.loading = loading
        self._people, self._evidence = people, evidence
        self._touched, self._rules = new_touched(most_people), _rules()
        self._compacting = False
        self._aside: dict[tuple[int, int], int] = {}
        self._log_room, self._logged = log, 0
        self._log: Burst | None = None

    def apply(self, a: I32, b: I32, code: U32, version: I64, present: U8) -> Changed:
        """Apply records a:b in order; `present` 0 is a tombstone. Those not above the held version are ignored.

        While loading they are only stored, and nothing changes.

        Raises:
            CapacityError: there are more arcs than address space was taken for.
        """
        burst = Burst(
            np.ascontiguousarray(a, np.int32),
            np.ascontiguousarray(b, np.int32),
            np.ascontiguousarray(code, np.uint32),
            np.ascontiguousarray(version, np.int64),
            np.ascontiguousarray(present, np.uint8),
        )
        if not len(burst.version) or burst.version.max() <= LARGEST:
            return self._apply(burst)
        return _together([self._apply_any(_part(burst, at, at + 1)) for at in range(len(burst.a))])

    def people_changed(self, people: I32) -> Changed:
        """People became known or unknown, members or contacts; their flags are set already."""
        found = np.ascontiguousarray(people, np.int32)
        flags = self._people.columns.flags
        if self.loading:
            if len(found):
                self._touched.counts[PEOPLE] = max(int(self._touched.counts[PEOPLE]), int(found.max()) + 1)
            return NOTHING
        evidence = self._evidence.columns
        pairs_of, bridge_ends = rederive_all(
            self.arcs, evidence, self._touched, self._rules, flags, found, bridge.FEW_TIES
        )
        # Two of them may be tied to each other.
        return self._changed(pairs_of if len(found) == 1 else np.unique(pairs_of), bridge_ends)

    def set_company_hint(self, person: int, hint: int) -> None:
        """Set the bits of the companies at which somebody ever has a job (`columns.company_hints`)."""
        if self.loading:
            self.arcs.own_hint[person] = hint
            self._touched.counts[PEOPLE] = max(int(self._touched.counts[PEOPLE]), person + 1)
        else:
            set_company_hint(self.arcs, self._touched, person, hint)

    def rederive(self, people: I32) -> Changed:
        """Derive again all ties of these people and what is counted with them, whatever the columns say now."""
        flags = self._people.columns.flags
        right = flags[people]
        flags[people] = np.where(right & MEMBERS, 0, MEMBERS)  # only those whose flags changed are derived again
        gone = self.people_changed(people)
        flags[people] = right
        return _together([gone, self.people_changed(people)])

    def rederive_stale(self, stale: U8) -> Iterator[Changed]:
        """Derive again the ties with evidence of these codes, in slices with other steps in between."""
        a, b = new_pairs(DAY_SLICE)
        cursor = np.zeros(3, np.int64)
        while cursor[PERSON] < self._touched.counts[PEOPLE]:
            span = Slice(cursor, int(self._touched.counts[PEOPLE]), stale, DAY_SLICE, a, b)
            count, _ = derive_stale(self.arcs, self._evidence.columns, self._touched, self._rules, span)
            bridge_ends = finish_step(self.arcs, self._touched, bridge.FEW_TIES)
            yield self._noted(a[:count].copy(), b[:count].copy(), bridge_ends)

    def derive_all(self) -> Iterator[None]:
        """End loading: derive all ties and count all mutual contacts, in slices that are not short."""
        self._merge_log()
        known, flags = int(self._touched.counts[PEOPLE]), self._people.columns.flags
        self._touched.membership[:known] = flags[:known] & MEMBERS
        self.arcs.friends[:known] = 0
        evidence, paired = self._evidence.columns, PairedWalk(np.zeros(known, np.int32))
        for first in range(0, known, SPAN):
            derive_span(self.arcs, evidence, self._touched, self._rules, paired, first, min(first + SPAN, known))
            yield
        forward = new_forward_ties(self.arcs, self._touched, known)
        yield
        ranks = len(forward.seen)
        for first in range(0, ranks, SPAN):
            count_span(forward, first, min(first + SPAN, ranks))
            yield
        paired.passed[:] = 0
        for first in range(0, known, SPAN):
            write_span(self.arcs, forward, paired, first, min(first + SPAN, known))
            yield
        for first in range(0, known, SPAN):
            tidy_span(self.arcs, first, min(first + SPAN, known))
            yield
        self._log, self.loading = None, False
        yield from self.compact()

    @property
    def wants_compacting(self) -> bool:
        """Whether so much of the pool is free that `compact` is worth its while."""
        return not self._compacting and tie_pool.due(self.arcs)

    def compact(self) -> Iterator[None]:
        """Compact the pool, in slices with other steps in between. Does nothing while that is running."""
        if self._compacting:
            return
        self._compacting = True
        try:
            yield from tie_pool.compact(self.arcs, self._touched.counts)
        finally:
            self._compacting = False

    def bytes_per_arc(self) -> float:
        """The memory of all arcs, divided by their number; without the log of records that are still to be merged."""
        people = int(self._touched.counts[PEOPLE])
        return tie_pool.bytes_of(self.arcs, people) / max(1, int(self.arcs.size[:people].sum()))

    def arrays(self) -> list[tuple[str, npt.NDArray[Any]]]:
        """What a snapshot keeps: views, to be read before the next change."""
        self._merge_log()
        people = int(self._touched.counts[PEOPLE])
        return [*tie_pool.columns(self.arcs, people), ("held", self._touched.membership[:people])]

    def extra(self) -> dict[str, Any]:
        """Versions too large for the columns, whether the ties are still to be derived, and how many arcs there are."""
        self._merge_log()
        return {
            "aside": [[a, b, version] for (a, b), version in self._aside.items()],
            "loading": self.loading,
            "top": tie_pool.top(self.arcs),
        }

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]], extra: Mapping[str, Any]) -> None:
        """Restore what `arrays` and `extra` gave, compacted if there was free room.

        Raises:
            CapacityError: it does not fit.
        """
        self._touched.counts[PEOPLE] = fill_column(arrays, "held", self._touched.membership)
        tie_pool.fill_pool(self.arcs, arrays, extra["top"])
        self._aside = {(a, b): version for a, b, version in extra["aside"]}
        self.loading = extra["loading"]
        if self.wants_compacting:
            deque(self.compact(), maxlen=0)

    def arc(self, a: int, b: int) -> int:
        """The place of the arc a → b until the next change; -1 without one."""
        self._merge_log()
        return int(find(self.arcs, a, b))

    def version(self, a: int, b: int) -> int | None:
        """The version of the record a:b, tombstones included; None without one."""
        at = self.arc(a, b)
        if at < 0:
            return None
        found = int(version_of(self.arcs, at))
        if found == LARGEST:
            return self._aside.get((a, b), found)
        return None if found < 0 else found

    def side_code(self, a: int, b: int) -> int:
        """The code of what the record a:b shows; 0 without one."""
        at = self.arc(a, b)
        return 0 if at < 0 else int(self.arcs.code[at])

    def has_side(self, a: int, b: int) -> bool:
        """Whether there is a record a:b, even an empty one."""
        at = self.arc(a, b)
        return at >= 0 and bool(self.arcs.flags[at] & RECORD)

    def near(self, a: int) -> I32:
        """Everybody with whom a shares a record, from either side."""
        others, flags = self._block(a)
        return cast("I32", others[((flags & (RECORD | RECORD_BACK)) != 0) & (others != a)])

    def tied_members(self, a: int) -> I32:
        """The members a is tied to."""
        others, flags = self._block(a)
        return cast("I32", others[((flags & TIED) != 0) & (self._touched.membership[others] == MEMBERS)])

    def _block(self, a: int) -> tuple[I32, U8]:
        self._merge_log()
        begin = int(self.arcs.start[a])
        end = begin + int(self.arcs.size[a])
        return self.arcs.other[begin:end], self.arcs.flags[begin:end]

    def _apply(self, burst: Burst) -> Changed:
        if self.loading:
            self._append(burst)
            return NOTHING
        fits, *found = apply_burst(
            self.arcs, self._evidence.columns, self._touched, self._rules, burst, bridge.FEW_TIES
        )
        if not fits:
            raise CapacityError("the pool of arcs is full")
        return self._noted(*found)

    def _changed(self, pairs_of: I64, bridge_ends: I32) -> Changed:
        return self._noted(*_ends(pairs_of), bridge_ends)

    def _noted(self, a: I32, b: I32, bridge_ends: I32) -> Changed:
        """These changes with the arcs and blocks that the kernels noted, which are emptied."""
        bridge_arcs, block_changed = int(self._touched.counts[BRIDGE_ARCS]), int(self._touched.counts[BLOCK_CHANGED])
        found = (
            self._touched.bridge_arcs[:bridge_arcs].copy() if bridge_arcs <= len(self._touched.bridge_arcs) else None
        )
        changed = Changed(a, b, bridge_ends, found, self._touched.block_changed[:block_changed].copy())
        clear_noted(self._touched)
        return changed

    def _apply_any(self, one: Burst) -> Changed:
        """Apply a burst of one record with any version."""
        a, b, version = int(one.a[0]), int(one.b[0]), int(one.version[0])
        if version <= LARGEST:
            return self._apply(one)
        held = self.version(a, b)
        if held is not None and version <= held:
            return NOTHING
        at = self.arc(a, b)
        if at >= 0:
            # So that the largest version of the columns is above it.
            set_version(self.arcs, at, 0)
        self._aside[a, b] = version
        return self._apply(one._replace(version=np.array([LARGEST])))

    def _append(self, burst: Burst) -> None:
        if self._log is None:
            self._log = new_burst(self._log_room)
            for column in self._log:
                use_huge_pages(column, self._log_room)
        at = 0
        while at < len(burst.a):
            end = min(len(burst.a), at + self._log_room - self._logged)
            log_burst(self._log, self._evidence.columns, self._touched, self._logged, _part(burst, at, end))
            self._logged += end - at
            at = end
            if self._logged == self._log_room:
                self._merge_log()

    def _merge_log(self) -> None:
        if self._log is None or not self._logged:
            return
        log, people = _part(self._log, 0, self._logged), int(self._touched.counts[PEOPLE])
        self._logged = 0
        tie_pool.ask_large_pages(self.arcs, 4 * len(log.a), people)
        won, grouped = np.zeros(len(log.a), np.uint8), new_grouped(len(log.a), people)
        group_by_person(log.a, log.b, np.ones(len(log.a), np.uint8), grouped)
        fits = merge_own(self.arcs, self._evidence.columns, log, grouped, won)
        if fits:
            group_by_person(log.b, log.a, won, grouped)
            fits = merge_back(self.arcs, log, grouped)
        if not fits:
            raise CapacityError("the pool of arcs is full")


def _rules() -> F64:
    """What a stated closeness 1 to 5 is worth, up to which of them it is a veto, and the firmness of a warm tie.

    Handed to kernels and not written into them: compiled code on disk would not notice that a rule was changed.
    """
    return np.array([0.0, *(SAID[value] for value in range(1, 6)), VETO, round(WARM_FROM * 10_000)])


def _part(burst: Burst, low: int, high: int) -> Burst:
    return Burst(
        burst.a[low:high],
        burst.b[low:high],
        burst.code[low:high],
        burst.version[low:high],
        burst.present[low:high],
    )


def _together(steps: list[Changed]) -> Changed:
    """The union of what several steps changed."""
    pairs_of = [np.minimum(s.a, s.b).astype(np.int64) << 32 | np.maximum(s.a, s.b) for s in steps]
    bridge_arcs = [step.bridge_arcs for step in steps if step.bridge_arcs is not None]
    return Changed(
        *_ends(np.unique(np.concatenate(pairs_of))),
        np.unique(np.concatenate([step.bridge_ends for step in steps])),
        np.concatenate(bridge_arcs) if len(bridge_arcs) == len(steps) else None,
        np.unique(np.concatenate([step.block_changed for step in steps])),
    )


def _ends(pairs_of: I64) -> tuple[I32, I32]:
    """Of pairs given as low · 2^32 + high."""
    return (pairs_of >> 32).astype(np.int32), (pairs_of & 0xFFFF_FFFF).astype(np.int32)
