"""Many growable lists of whole numbers in one pool: the people of a company, the seekers with a skill.

A list is an unordered set, and is searched from its beginning: one that changes often should be short. An empty list
takes no room.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.matching.kernels.compiled import inner, lean, shared
from services.matching.kernels.storage.blocks import State, allocate, class_room, new_state, release, size_class
from services.matching.kernels.storage.memory import CapacityError, reserve


class Lists(NamedTuple):
    """List `n` is `items[start[n] : start[n] + size[n]]`."""

    items: npt.NDArray[np.int32]
    start: npt.NDArray[np.int64]
    size: npt.NDArray[np.int32]
    room: npt.NDArray[np.int32]
    state: State

    def of(self, number: int) -> npt.NDArray[np.int32]:
        """One list, as a view that is valid until the next change."""
        begin = int(self.start[number])
        return self.items[begin : begin + int(self.size[number])]


def new_lists(lists: int, items: int) -> Lists:
    """Address space for so many lists with so many items in all."""
    return Lists(
        reserve(items, np.int32),
        reserve(lists, np.int64),
        reserve(lists, np.int32),
        reserve(lists, np.int32),
        new_state(),
    )


def add(lists: Lists, number: int, item: int) -> None:
    """Put an item at the end of a list.

    Raises:
        CapacityError: the pool is full.
    """
    if not append(lists, number, item):
        raise CapacityError("a pool of lists is full")


@lean
def append(lists: Lists, number: int, item: int) -> bool:
    """Put an item at the end of a list; False where the pool is full."""
    size = lists.size[number]
    if size == lists.room[number] and not _grow(lists, number, size + 1):
        return False
    lists.items[lists.start[number] + size] = item
    lists.size[number] = size + 1
    return True


@inner
def _grow(lists: Lists, number: int, need: int) -> bool:
    found = size_class(need)
    fresh = allocate(lists.state, lists.items, found)
    if fresh < 0:
        return False
    size, begin = lists.size[number], lists.start[number]
    for at in range(size):
        lists.items[fresh + at] = lists.items[begin + at]
    if lists.room[number]:
        release(lists.state, lists.items, begin, size_class(lists.room[number]))
    lists.start[number], lists.room[number] = fresh, class_room(found)
    return True


@lean
def remove(lists: Lists, number: int, item: int) -> bool:
    """Remove an item and move the last one into its place; whether it was there."""
    begin = lists.start[number]
    for at in range(lists.size[number]):
        if lists.items[begin + at] == item:
            remove_at(lists, number, at)
            return True
    return False


@shared
def remove_at(lists: Lists, number: int, at: int) -> int:
    """Remove the item at place `at` of a list; returns the one that was moved there, -1 if it was the last."""
    begin, last = lists.start[number], lists.size[number] - 1
    moved = -1
    if at < last:
        moved = lists.items[begin + last]
        lists.items[begin + at] = moved
    lists.size[number] = last
    if last == 0:
        release(lists.state, lists.items, begin, size_class(lists.room[number]))
        lists.room[number] = 0
    return int(moved)
