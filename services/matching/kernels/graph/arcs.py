"""The growable adjacency: one block of arcs a person, in a pool of columns.

Invariants: both parts of a block are in order, and its room is that of its size class. Until `tidy_block` an arc may
be in the wrong part, or not be needed any more.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from services.matching.kernels.compiled import inner, kernel, lean, shared
from services.matching.kernels.graph.layout import ASYMMETRIC, FRONT, OWN, THEIRS, TIED, WARM, Arcs
from services.matching.kernels.storage.arrays import I32, I64
from services.matching.kernels.storage.blocks import FREE, STATE, allocate, class_room, new_state, release, size_class
from services.matching.kernels.storage.memory import reserve

POOLED = ("other", "code", "version_low", "version_high", "strength", "flags", "mutual", "hint")
BY_PERSON = ("start", "size", "front", "room", "friends", "own_hint")
"""The columns with an entry an arc, and with one a person."""

BYTES_AN_ARC = 22
BYTES_A_PERSON = 25

NO_VERSION = 0xFFFF_FFFF_FFFF
"""What the version columns hold where there never was a record."""

FRONTIER = STATE
"""The entry of the state, behind those of the allocator, that says how far a compaction has come."""

FEW_MOVES = 8
"""Up to so many arcs of a block are moved one at a time; for more of them the block is rewritten."""

SHORT = 32
"""Fewer arcs are moved arc by arc, more column by column."""

DENSE = 8
"""With fewer arcs than this for each new one, the place of the next is found by a walk, not by bisection."""

MASK = 0xFFFF_FFFF

whole: Any = np.int64
"""An entry of a column as 64 bits. Not `int`: in a kernel, that keeps the width of the column."""

Column = npt.NDArray[np.generic]


def new_arcs(arcs: int, people: int) -> Arcs:
    """Address space for so many arcs and people."""
    return Arcs(
        other=reserve(arcs, np.int32),
        code=reserve(arcs, np.uint32),
        version_low=reserve(arcs, np.uint32),
        version_high=reserve(arcs, np.uint16),
        strength=reserve(arcs, np.uint16),
        flags=reserve(arcs, np.uint8),
        mutual=reserve(arcs, np.uint32),
        hint=reserve(arcs, np.uint8),
        start=reserve(people, np.int64),
        size=reserve(people, np.int32),
        front=reserve(people, np.int32),
        room=reserve(people, np.int32),
        friends=reserve(people, np.int32),
        own_hint=reserve(people, np.uint8),
        state=np.append(new_state(), 1 << 62),
    )


@inner
def release_block(arcs: Arcs, begin: int, room: int) -> None:
    """Free a block; above the frontier of a running compaction it is only counted."""
    if begin < arcs.state[FRONTIER]:
        release(arcs.state, arcs.other, begin, size_class(room))
    else:
        arcs.state[FREE] += room


@inner
def lower_bound(column: I32, low: int, high: int, wanted: int) -> int:
    """The first place in [low, high) of an ascending column that is not below `wanted`; `high` without one."""
    while low < high:
        middle = (low + high) >> 1
        if column[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def part(arcs: Arcs, person: int, which: int) -> tuple[int, int]:
    """Where a person's arcs of part 0, those in FRONT, or of part 1, all others, begin and end."""
    begin = arcs.start[person]
    middle = begin + arcs.front[person]
    return (middle, begin + arcs.size[person]) if which else (begin, middle)


@lean
def find(arcs: Arcs, a: int, b: int) -> int:
    """The place of the arc a → b; -1 without one."""
    for which in range(2):
        begin, end = part(arcs, a, which)
        at = lower_bound(arcs.other, begin, end, b)
        if at < end and arcs.other[at] == b:
            return at
    return -1


@lean
def version_of(arcs: Arcs, at: int) -> int:
    """The version of the record an arc carries; -1 where there never was one."""
    found = (whole(arcs.version_high[at]) << 32) | whole(arcs.version_low[at])
    return -1 if found == NO_VERSION else found


@lean
def set_version(arcs: Arcs, at: int, version: int) -> None:
    """Set the version of the record an arc carries."""
    arcs.version_low[at] = version & MASK
    arcs.version_high[at] = version >> 32


@inner
def is_unused(arcs: Arcs, at: int) -> bool:
    """Whether an arc is not needed: there is no record either way, and there never was one of this side."""
    return bool(arcs.flags[at] == 0 and version_of(arcs, at) < 0)


@inner
def is_misplaced(arcs: Arcs, person: int, at: int) -> bool:
    """Whether an arc is in the wrong part of its block."""
    return bool((at < arcs.start[person] + arcs.front[person]) != ((arcs.flags[at] & FRONT) != 0))


@inner
def may_introduce(flags: int) -> bool:
    """Whether b may have a warm path through a, by the flags of a → b; more than that where they are asymmetric."""
    return bool(flags & (TIED | OWN | THEIRS) == TIED | OWN | THEIRS and flags & (WARM | ASYMMETRIC))


@inner
def _copy(column: Column, source: int, target: int, count: int) -> None:
    """Move entries within a column, downwards or to where they do not overlap."""
    for step in range(count):
        column[target + step] = column[source + step]


@inner
def _copy_one(arcs: Arcs, source: int, target: int) -> None:
    arcs.other[target] = arcs.other[source]
    arcs.code[target] = arcs.code[source]
    arcs.version_low[target] = arcs.version_low[source]
    arcs.version_high[target] = arcs.version_high[source]
    arcs.strength[target] = arcs.strength[source]
    arcs.flags[target] = arcs.flags[source]
    arcs.mutual[target] = arcs.mutual[source]
    arcs.hint[target] = arcs.hint[source]


@shared
def copy_arcs(arcs: Arcs, source: int, target: int, count: int) -> None:
    """Move entries of all columns, downwards or to where they do not overlap."""
    if count < SHORT:
        for step in range(count):
            _copy_one(arcs, source + step, target + step)
        return
    _copy(arcs.other, source, target, count)
    _copy(arcs.code, source, target, count)
    _copy(arcs.version_low, source, target, count)
    _copy(arcs.version_high, source, target, count)
    _copy(arcs.strength, source, target, count)
    _copy(arcs.flags, source, target, count)
    _copy(arcs.mutual, source, target, count)
    _copy(arcs.hint, source, target, count)


@inner
def _shift_up(column: Column, begin: int, end: int, by: int) -> None:
    for at in range(end - 1, begin - 1, -1):
        column[at + by] = column[at]


@shared
def _shift_up_arcs(arcs: Arcs, begin: int, end: int, by: int) -> None:
    """Move entries of all columns upwards by a few places."""
    if end - begin < SHORT:
        for at in range(end - 1, begin - 1, -1):
            _copy_one(arcs, at, at + by)
        return
    _shift_up(arcs.other, begin, end, by)
    _shift_up(arcs.code, begin, end, by)
    _shift_up(arcs.version_low, begin, end, by)
    _shift_up(arcs.version_high, begin, end, by)
    _shift_up(arcs.strength, begin, end, by)
    _shift_up(arcs.flags, begin, end, by)
    _shift_up(arcs.mutual, begin, end, by)
    _shift_up(arcs.hint, begin, end, by)


@inner
def _clear(arcs: Arcs, at: int, other: int) -> None:
    arcs.other[at] = other
    arcs.code[at] = arcs.strength[at] = arcs.flags[at] = arcs.mutual[at] = arcs.hint[at] = 0
    set_version(arcs, at, NO_VERSION)


@shared
def resize_block(arcs: Arcs, person: int, need: int) -> bool:
    """Move a person's arcs into a block for `need` arcs; False where the pool is full."""
    begin, size, room = arcs.start[person], arcs.size[person], arcs.room[person]
    fresh = 0
    if need:
        found = size_class(need)
        fresh = allocate(arcs.state, arcs.other, found)
        if fresh < 0:
            return False
        copy_arcs(arcs, begin, fresh, size)
    if room:
        release_block(arcs, begin, room)
    arcs.start[person], arcs.room[person] = fresh, class_room(size_class(need)) if need else 0
    return True


@shared
def insert(arcs: Arcs, person: int, others: I64, low: int, high: int) -> bool:
    """Insert arcs without a record to others[low:high], ascending and none there yet, behind those in FRONT.

    False where the pool is full.
    """
    size = arcs.size[person]
    if size + high - low > arcs.room[person] and not resize_block(arcs, person, size + high - low):
        return False
    begin = arcs.start[person] + arcs.front[person]
    end = arcs.start[person] + size
    dense = (high - low) * DENSE > end - begin
    for left in range(high - low - 1, -1, -1):
        other = others[low + left] & MASK
        at = end
        if dense:
            while at > begin and arcs.other[at - 1] > other:
                at -= 1
        else:
            at = lower_bound(arcs.other, begin, end, other)
        _shift_up_arcs(arcs, at, end, left + 1)
        _clear(arcs, at + left, other)
        end = at
    arcs.size[person] = size + high - low
    return True


@shared
def tidy_block(arcs: Arcs, person: int) -> None:
    """Remove arcs that are not needed, move the others into their parts, and shrink the block where half is enough."""
    begin = arcs.start[person]
    moves = 0
    for at in range(begin, begin + arcs.size[person]):
        if is_unused(arcs, at) or is_misplaced(arcs, person, at):
            moves += 1
    if moves > FEW_MOVES:
        _rewrite(arcs, person)
    else:
        _move_singly(arcs, person, moves)
    if 2 * arcs.size[person] <= arcs.room[person]:
        resize_block(arcs, person, arcs.size[person])


@inner
def _move_singly(arcs: Arcs, person: int, moves: int) -> None:
    at = arcs.start[person]
    while moves:
        if is_unused(arcs, at):
            _remove(arcs, person, at)
            moves -= 1
        elif is_misplaced(arcs, person, at):
            at = _move(arcs, person, at)
            moves -= 1
        else:
            at += 1


@inner
def _remove(arcs: Arcs, person: int, at: int) -> None:
    begin, size = arcs.start[person], arcs.size[person]
    if at < begin + arcs.front[person]:
        arcs.front[person] -= 1
    copy_arcs(arcs, at + 1, at, begin + size - at - 1)
    arcs.size[person] = size - 1


@inner
def _move(arcs: Arcs, person: int, at: int) -> int:
    """Move an arc to its place in the other part; returns the first place where the next misplaced one may be."""
    begin = arcs.start[person]
    middle, end = begin + arcs.front[person], begin + arcs.size[person]
    other, code, mutual, hint = arcs.other[at], arcs.code[at], arcs.mutual[at], arcs.hint[at]
    low, high, strength, flags = arcs.version_low[at], arcs.version_high[at], arcs.strength[at], arcs.flags[at]
    if at < middle:
        target = lower_bound(arcs.other, middle, end, other) - 1
        copy_arcs(arcs, at + 1, at, target - at)
        arcs.front[person] -= 1
        following = at
    else:
        target = lower_bound(arcs.other, begin, middle, other)
        _shift_up_arcs(arcs, target, at, 1)
        arcs.front[person] += 1
        following = at + 1
    arcs.other[target], arcs.code[target], arcs.mutual[target] = other, code, mutual
    arcs.version_low[target], arcs.version_high[target] = low, high
    arcs.strength[target], arcs.flags[target], arcs.hint[target] = strength, flags, hint
    return following


@kernel
def _rewrite(arcs: Arcs, person: int) -> None:
    """Rewrite a whole block in order."""
    begin, size = arcs.start[person], arcs.size[person]
    order = np.empty(size, np.int64)
    front = _merged(arcs, person, True, order, 0)
    kept = _merged(arcs, person, False, order, front)
    _reorder(arcs.other, begin, order, kept)
    _reorder(arcs.code, begin, order, kept)
    _reorder(arcs.version_low, begin, order, kept)
    _reorder(arcs.version_high, begin, order, kept)
    _reorder(arcs.strength, begin, order, kept)
    _reorder(arcs.flags, begin, order, kept)
    _reorder(arcs.mutual, begin, order, kept)
    _reorder(arcs.hint, begin, order, kept)
    arcs.front[person], arcs.size[person] = front, kept


@inner
def _merged(arcs: Arcs, person: int, front: bool, order: I64, count: int) -> int:
    """Add the places of the arcs in FRONT, or of all others, to `order`, ascending; returns how many it has then."""
    i = arcs.start[person]
    j = middle = i + arcs.front[person]
    end = i + arcs.size[person]
    while i < middle or j < end:
        if j == end or (i < middle and arcs.other[i] < arcs.other[j]):
            at = i
            i += 1
        else:
            at = j
            j += 1
        if ((arcs.flags[at] & FRONT) != 0) == front and not is_unused(arcs, at):
            order[count] = at
            count += 1
    return count


@kernel
def _reorder(column: Column, begin: int, order: I64, count: int) -> None:
    fresh = np.empty(count, column.dtype)
    for step in range(count):
        fresh[step] = column[order[step]]
    for step in range(count):
        column[begin + step] = fresh[step]
