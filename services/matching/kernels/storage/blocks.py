"""An allocator of blocks in a pool: cut from the top, in a few sizes, and returned to a free list of their size.

Sizes grow by an eighth, so a block wastes at most that, and a growing list seldom has to move. The first entry of a
free block holds the next free one of its size; `heads[c]` is the first, -1 for none.
"""

import numpy as np
import numpy.typing as npt

from services.matching.kernels.compiled import inner, lean, shared

CLASSES = 240
"""Size classes: enough for blocks of 2^32 entries."""

STATE = CLASSES + 2
"""Entries of an allocator's state: heads of the free lists, the top of the pool, the entries in free blocks."""

SMALL = 8
"""Blocks of up to so many entries come in every size, larger ones in so many steps to each doubling."""

TOP = CLASSES
FREE = CLASSES + 1

Links = npt.NDArray[np.int32]
"""The column of the pool whose entries link the free blocks."""

State = npt.NDArray[np.int64]


def new_state() -> State:
    """The state of an allocator of an empty pool."""
    state = np.full(STATE, -1, np.int64)
    state[TOP] = state[FREE] = 0
    return state


@lean
def size_class(need: int) -> int:
    """The smallest class with room for `need` entries: 1 to 8 one by one, then eight steps to each doubling."""
    if need <= SMALL:
        return max(need, 1) - 1
    doublings = 0
    while (need - 1) >> (doublings + 4) > 0:
        doublings += 1
    # Now 8·2^doublings < need <= 16·2^doublings.
    step = 1 << doublings
    return 7 + doublings * 8 + (need - (8 << doublings) + step - 1) // step


@lean
def class_room(found: int) -> int:
    """How many entries a block of this class has."""
    if found < SMALL:
        return found + 1
    doublings, steps = (found - 8) // 8, (found - 8) % 8 + 1
    return (8 + steps) << doublings


@shared
def allocate(state: State, links: Links, found: int) -> int:
    """Where a block of this class begins; -1 when the pool is full."""
    start: int = state[found]
    if start >= 0:
        state[found] = links[start]
        state[FREE] -= class_room(found)
        return start
    start = state[TOP]
    if start + class_room(found) > len(links):
        return -1
    state[TOP] = start + class_room(found)
    return start


@inner
def release(state: State, links: Links, start: int, found: int) -> None:
    """Return a block to its free list."""
    links[start] = state[found]
    state[found] = start
    state[FREE] += class_room(found)
