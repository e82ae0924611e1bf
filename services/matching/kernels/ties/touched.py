"""What a step has touched so far: blocks to tidy, arcs whose bridge may differ, and people whose count of ties changed.

Between steps nothing is touched.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, kernel, lean
from services.matching.kernels.graph.arcs import is_misplaced, is_unused, tidy_block, whole
from services.matching.kernels.graph.layout import KNOWN, MEMBER, TIED, Arcs
from services.matching.kernels.storage.arrays import I32, I64, U8
from services.matching.kernels.storage.memory import reserve

MEMBERS = KNOWN | MEMBER

IS_UNTIDY = 1
IS_BRIDGE_END = 2
IS_RECOUNTED = 4
IS_BLOCK_CHANGED = 8

# Entries of `counts`: the lengths of the lists, and PEOPLE.
UNTIDY = 0
BRIDGE_ENDS = 1
RECOUNTED = 2
PEOPLE = 3
"""How many people the ties cover: one more than the highest number."""
BLOCK_CHANGED = 4
BRIDGE_ARCS = 5

MOST_BRIDGE_ARCS = 1 << 24
"""Arcs whose bridge may differ that are noted one by one; of a step with more, only `bridge_ends` is complete."""


class Touched(NamedTuple):
    """What a step has touched.

    By person: `membership`, the flags KNOWN and MEMBER that the ties are derived with; `marks`, bits that say on which
    lists they are; `before`, their ties to members before the step, valid for those in `recounted`. The lists are as
    long as `counts` says: `untidy` blocks, `recounted` people, `bridge_ends` and `block_changed` as in `columns.ties`.

    `bridge_arcs`: arcs a → b whose bridge may differ, as a · 2^32 + b, some more than once. `counts[BRIDGE_ARCS]` still
    grows when it is full. The caller empties it and `block_changed`, by `clear_noted`.
    """

    membership: U8
    marks: U8
    before: I32
    untidy: I32
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
        untidy=reserve(people, np.int32),
        bridge_ends=reserve(people, np.int32),
        recounted=reserve(people, np.int32),
        block_changed=reserve(people, np.int32),
        bridge_arcs=reserve(MOST_BRIDGE_ARCS, np.int64),
        counts=np.zeros(6, np.int64),
    )


@inner
def _add_once(touched: Touched, person: int, bit: int, items: I32, which: int) -> bool:
    """Put somebody on a list unless they are on it; whether they were put there."""
    if touched.marks[person] & bit:
        return False
    touched.marks[person] |= bit
    items[touched.counts[which]] = person
    touched.counts[which] += 1
    return True


@inner
def count_person(touched: Touched, person: int) -> None:
    """Extend the people that the ties cover to this one."""
    touched.counts[PEOPLE] = max(touched.counts[PEOPLE], person + 1)


@inner
def note_bridge(touched: Touched, a: int, b: int) -> None:
    """Note that the bridge of two people may differ, from either end."""
    _note_bridge_of_arc(touched, a, b)
    _note_bridge_of_arc(touched, b, a)


@inner
def _note_bridge_of_arc(touched: Touched, a: int, b: int) -> None:
    _add_once(touched, a, IS_BRIDGE_END, touched.bridge_ends, BRIDGE_ENDS)
    if touched.counts[BRIDGE_ARCS] < len(touched.bridge_arcs):
        touched.bridge_arcs[touched.counts[BRIDGE_ARCS]] = (a << 32) | b
    touched.counts[BRIDGE_ARCS] += 1


@inner
def note_block_changed(touched: Touched, person: int) -> None:
    """Note that a tie of theirs was blocked or unblocked: that affects paths that do not go along it, too."""
    _add_once(touched, person, IS_BLOCK_CHANGED, touched.block_changed, BLOCK_CHANGED)


@lean
def clear_noted(touched: Touched) -> None:
    """Empty the two lists that outlast `finish_step`."""
    for step in range(touched.counts[BLOCK_CHANGED]):
        touched.marks[touched.block_changed[step]] = 0
    touched.counts[BLOCK_CHANGED] = touched.counts[BRIDGE_ARCS] = 0


@inner
def note_misplaced(arcs: Arcs, touched: Touched, person: int, at: int) -> None:
    """Have a block tidied if this arc is in the wrong part, or is not needed."""
    if is_unused(arcs, at) or is_misplaced(arcs, person, at):
        _add_once(touched, person, IS_UNTIDY, touched.untidy, UNTIDY)


@inner
def count_tied_member(arcs: Arcs, touched: Touched, person: int, delta: int) -> None:
    """Count one tie to a member more, or less."""
    if _add_once(touched, person, IS_RECOUNTED, touched.recounted, RECOUNTED):
        touched.before[person] = arcs.friends[person]
    arcs.friends[person] += delta


@kernel
def finish_step(arcs: Arcs, touched: Touched, few: int) -> I32:
    """End a step: tidy the blocks, and return everybody with an arc in `bridge_arcs`.

    `few`: with fewer ties to members than this, mutual contacts say little.
    """
    _tidy_and_note(arcs, touched, few)
    bridged = touched.bridge_ends[: touched.counts[BRIDGE_ENDS]].copy()
    _unmark(touched)
    return bridged


@inner
def _tidy_and_note(arcs: Arcs, touched: Touched, few: int) -> None:
    for step in range(touched.counts[UNTIDY]):
        tidy_block(arcs, touched.untidy[step])
    for step in range(touched.counts[RECOUNTED]):
        person = touched.recounted[step]
        if (touched.before[person] < few) != (arcs.friends[person] < few) and touched.membership[person] == MEMBERS:
            _note_all_bridges(arcs, touched, person)


@inner
def _unmark(touched: Touched) -> None:
    for step in range(touched.counts[UNTIDY]):
        touched.marks[touched.untidy[step]] &= IS_BLOCK_CHANGED
    for step in range(touched.counts[RECOUNTED]):
        touched.marks[touched.recounted[step]] &= IS_BLOCK_CHANGED
    for step in range(touched.counts[BRIDGE_ENDS]):
        touched.marks[touched.bridge_ends[step]] &= IS_BLOCK_CHANGED
    touched.counts[UNTIDY] = touched.counts[BRIDGE_ENDS] = touched.counts[RECOUNTED] = 0


@inner
def _note_all_bridges(arcs: Arcs, touched: Touched, person: int) -> None:
    """Note the bridges to all members that somebody is tied to."""
    begin = arcs.start[person]
    for at in range(begin, begin + arcs.size[person]):
        if arcs.flags[at] & TIED and touched.membership[arcs.other[at]] == MEMBERS:
            note_bridge(touched, person, whole(arcs.other[at]))
