"""What a step has touched so far: whose blocks are to be tidied, which bridges moved, whose count of ties changed.

Nobody is marked between steps.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, kernel, lean
from services.matching.kernels.graph.arcs import misplaced, tidy, useless, whole
from services.matching.kernels.graph.layout import KNOWN, MEMBER, TIED, Arcs
from services.matching.kernels.storage.arrays import I32, I64, U8
from services.matching.kernels.storage.memory import reserve

MEMBERS = KNOWN | MEMBER

IS_TOUCHED = 1
IS_BRIDGED = 2
IS_COUNTED = 4
IS_PARTED = 8

# Entries of `counts`: the lengths of the lists, and one more.
TOUCHED = 0
BRIDGED = 1
COUNTED = 2
PEOPLE = 3
"""How many people the ties know of: one more than the highest number."""
PARTED = 4
MOVED = 5

MOST_MOVED = 1 << 24
"""Moved bridges that are noted one by one; of a step with more, whoever has one is known."""


class Work(NamedTuple):
    """By person: `held`, the flags KNOWN and MEMBER as the ties know them; `marks`; `before`, the ties with members.

    `before` is only right for those in the list `counted`. The lists are as long as `counts` says.

    `moved`: arcs a → b whose bridge may be another, as a · 2^32 + b, some more than once. `counts[MOVED]` goes on
    counting when it is full. It and `parted` are the caller's to empty, with `unmark_parted`.
    """

    held: U8
    marks: U8
    before: I32
    touched: I32
    bridged: I32
    counted: I32
    parted: I32
    moved: I64
    counts: I64


def new_work(people: int) -> Work:
    """Address space for so many people."""
    return Work(
        held=reserve(people, np.uint8),
        marks=reserve(people, np.uint8),
        before=reserve(people, np.int32),
        touched=reserve(people, np.int32),
        bridged=reserve(people, np.int32),
        counted=reserve(people, np.int32),
        parted=reserve(people, np.int32),
        moved=reserve(MOST_MOVED, np.int64),
        counts=np.zeros(6, np.int64),
    )


@inner
def mark(work: Work, person: int, bit: int, items: I32, which: int) -> bool:
    """Put somebody on a list unless they are on it; whether they were not."""
    if work.marks[person] & bit:
        return False
    work.marks[person] |= bit
    items[work.counts[which]] = person
    work.counts[which] += 1
    return True


@inner
def know(work: Work, person: int) -> None:
    """Count somebody in."""
    work.counts[PEOPLE] = max(work.counts[PEOPLE], person + 1)


@inner
def mark_bridge(work: Work, a: int, b: int) -> None:
    """The bridge of two people may be another, seen from either end."""
    _mark_moved(work, a, b)
    _mark_moved(work, b, a)


@inner
def _mark_moved(work: Work, a: int, b: int) -> None:
    mark(work, a, IS_BRIDGED, work.bridged, BRIDGED)
    if work.counts[MOVED] < len(work.moved):
        work.moved[work.counts[MOVED]] = (a << 32) | b
    work.counts[MOVED] += 1


@inner
def mark_parted(work: Work, person: int) -> None:
    """A tie of theirs came to be blocked, or ceased to be: that speaks against paths that do not go along it, too."""
    mark(work, person, IS_PARTED, work.parted, PARTED)


@lean
def unmark_parted(work: Work) -> None:
    """Both lists that outlast `settle` have been read."""
    for step in range(work.counts[PARTED]):
        work.marks[work.parted[step]] = 0
    work.counts[PARTED] = work.counts[MOVED] = 0


@inner
def mark_place(arcs: Arcs, work: Work, person: int, at: int) -> None:
    """Have a block tidied if this arc stands in the wrong part, or is of no use."""
    if useless(arcs, at) or misplaced(arcs, person, at):
        mark(work, person, IS_TOUCHED, work.touched, TOUCHED)


@inner
def count_friend(arcs: Arcs, work: Work, person: int, delta: int) -> None:
    """One tie with a member more, or less."""
    if mark(work, person, IS_COUNTED, work.counted, COUNTED):
        work.before[person] = arcs.friends[person]
    arcs.friends[person] += delta


@kernel
def settle(arcs: Arcs, work: Work, few: int) -> I32:
    """End a step: tidy the blocks; everybody with an arc in `moved`.

    `few`: with fewer ties with members than this, mutual contacts say little.
    """
    _settle(arcs, work, few)
    bridged = work.bridged[: work.counts[BRIDGED]].copy()
    _unmark(work)
    return bridged


@inner
def _settle(arcs: Arcs, work: Work, few: int) -> None:
    for step in range(work.counts[TOUCHED]):
        tidy(arcs, work.touched[step])
    for step in range(work.counts[COUNTED]):
        person = work.counted[step]
        if (work.before[person] < few) != (arcs.friends[person] < few) and work.held[person] == MEMBERS:
            _mark_around(arcs, work, person)


@inner
def _unmark(work: Work) -> None:
    for step in range(work.counts[TOUCHED]):
        work.marks[work.touched[step]] &= IS_PARTED
    for step in range(work.counts[COUNTED]):
        work.marks[work.counted[step]] &= IS_PARTED
    for step in range(work.counts[BRIDGED]):
        work.marks[work.bridged[step]] &= IS_PARTED
    work.counts[TOUCHED] = work.counts[BRIDGED] = work.counts[COUNTED] = 0


@inner
def _mark_around(arcs: Arcs, work: Work, person: int) -> None:
    """Mark the bridges to all members that somebody is tied to."""
    begin = arcs.start[person]
    for at in range(begin, begin + arcs.size[person]):
        if arcs.flags[at] & TIED and work.held[arcs.other[at]] == MEMBERS:
            mark_bridge(work, person, whole(arcs.other[at]))
