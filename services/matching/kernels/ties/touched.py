"""What a step has touched so far: whose blocks are to be tidied, which bridges moved, whose count of ties changed.

Nobody is marked between steps.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, kernel, lean
from services.matching.kernels.graph.arcs import is_misplaced, is_unused, tidy_block, whole
from services.matching.kernels.graph.layout import KNOWN, MEMBER, TIED, Arcs
from services.matching.kernels.storage.arrays import I32, I64, U8
from services.matching.kernels.storage.memory import reserve

MEMBERS = KNOWN | MEMBER

IS_TOUCHED = 1
IS_BRIDGED = 2
IS_COUNTED = 4
IS_BLOCK_CHANGED = 8

# Entries of `counts`: the lengths of the lists, and one more.
TOUCHED = 0
BRIDGED = 1
COUNTED = 2
PEOPLE = 3
"""How many people the ties know of: one more than the highest number."""
BLOCK_CHANGED = 4
MOVED = 5

MOST_MOVED = 1 << 24
"""Moved bridges that are noted one by one; of a step with more, whoever has one is known."""


class Touched(NamedTuple):
    """By person: `held`, the flags KNOWN and MEMBER as the ties know them; `marks`; `before`, the ties with members.

    `before` is only right for those in the list `counted`. The lists are as long as `counts` says.

    `moved`: arcs a → b whose bridge may be another, as a · 2^32 + b, some more than once. `counts[MOVED]` goes on
    counting when it is full. It and `parted` are the caller's to empty, with `unmark_parted`.
    """

    membership: U8
    marks: U8
    before: I32
    touched: I32
    bridge_ends: I32
    recounted: I32
    block_changed: I32
    bridge_arcs: I64
    counts: I64


def new_touched(people: int) -> Touched:
    """Address space for so many people."""
    return Touched(
        membership=reserve(people, np.uint8),
        marks=reserve(people, np.uint8),
        before=reserve(people, np.int32),
        touched=reserve(people, np.int32),
        bridge_ends=reserve(people, np.int32),
        recounted=reserve(people, np.int32),
        block_changed=reserve(people, np.int32),
        bridge_arcs=reserve(MOST_MOVED, np.int64),
        counts=np.zeros(6, np.int64),
    )


@inner
def _add_once(touched: Touched, person: int, bit: int, items: I32, which: int) -> bool:
    """Put somebody on a list unless they are on it; whether they were not."""
    if touched.marks[person] & bit:
        return False
    touched.marks[person] |= bit
    items[touched.counts[which]] = person
    touched.counts[which] += 1
    return True


@inner
def count_person(touched: Touched, person: int) -> None:
    """Count somebody in."""
    touched.counts[PEOPLE] = max(touched.counts[PEOPLE], person + 1)


@inner
def note_bridge(touched: Touched, a: int, b: int) -> None:
    """The bridge of two people may be another, seen from either end."""
    _note_bridge_of_arc(touched, a, b)
    _note_bridge_of_arc(touched, b, a)


@inner
def _note_bridge_of_arc(touched: Touched, a: int, b: int) -> None:
    _add_once(touched, a, IS_BRIDGED, touched.bridge_ends, BRIDGED)
    if touched.counts[MOVED] < len(touched.bridge_arcs):
        touched.bridge_arcs[touched.counts[MOVED]] = (a << 32) | b
    touched.counts[MOVED] += 1


@inner
def note_block_changed(touched: Touched, person: int) -> None:
    """A tie of theirs came to be blocked, or ceased to be: that speaks against paths that do not go along it, too."""
    _add_once(touched, person, IS_BLOCK_CHANGED, touched.block_changed, BLOCK_CHANGED)


@lean
def clear_noted(touched: Touched) -> None:
    """Both lists that outlast `settle` have been read."""
    for step in range(touched.counts[BLOCK_CHANGED]):
        touched.marks[touched.block_changed[step]] = 0
    touched.counts[BLOCK_CHANGED] = touched.counts[MOVED] = 0


@inner
def note_misplaced(arcs: Arcs, touched: Touched, person: int, at: int) -> None:
    """Have a block tidied if this arc stands in the wrong part, or is of no use."""
    if is_unused(arcs, at) or is_misplaced(arcs, person, at):
        _add_once(touched, person, IS_TOUCHED, touched.touched, TOUCHED)


@inner
def count_tied_member(arcs: Arcs, touched: Touched, person: int, delta: int) -> None:
    """One tie with a member more, or less."""
    if _add_once(touched, person, IS_COUNTED, touched.recounted, COUNTED):
        touched.before[person] = arcs.friends[person]
    arcs.friends[person] += delta


@kernel
def finish_step(arcs: Arcs, touched: Touched, few: int) -> I32:
    """End a step: tidy the blocks; everybody with an arc in `moved`.

    `few`: with fewer ties with members than this, mutual contacts say little.
    """
    _tidy_and_note(arcs, touched, few)
    bridged = touched.bridge_ends[: touched.counts[BRIDGED]].copy()
    _unmark(touched)
    return bridged


@inner
def _tidy_and_note(arcs: Arcs, touched: Touched, few: int) -> None:
    for step in range(touched.counts[TOUCHED]):
        tidy_block(arcs, touched.touched[step])
    for step in range(touched.counts[COUNTED]):
        person = touched.recounted[step]
        if (touched.before[person] < few) != (arcs.friends[person] < few) and touched.membership[person] == MEMBERS:
            _note_all_bridges(arcs, touched, person)


@inner
def _unmark(touched: Touched) -> None:
    for step in range(touched.counts[TOUCHED]):
        touched.marks[touched.touched[step]] &= IS_BLOCK_CHANGED
    for step in range(touched.counts[COUNTED]):
        touched.marks[touched.recounted[step]] &= IS_BLOCK_CHANGED
    for step in range(touched.counts[BRIDGED]):
        touched.marks[touched.bridge_ends[step]] &= IS_BLOCK_CHANGED
    touched.counts[TOUCHED] = touched.counts[BRIDGED] = touched.counts[COUNTED] = 0


@inner
def _note_all_bridges(arcs: Arcs, touched: Touched, person: int) -> None:
    """Mark the bridges to all members that somebody is tied to."""
    begin = arcs.start[person]
    for at in range(begin, begin + arcs.size[person]):
        if arcs.flags[at] & TIED and touched.membership[arcs.other[at]] == MEMBERS:
            note_bridge(touched, person, whole(arcs.other[at]))
