"""A set of numbers below a limit that is filled, read and emptied again."""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import lean
from services.matching.kernels.storage.arrays import I32, I64, U8
from services.matching.kernels.storage.memory import reserve


class MarkedSet(NamedTuple):
    """The first `counts[0]` of `members`, each once; `marked` is 1 for these, else 0."""

    members: I32
    marked: U8
    counts: I64


def new_marked_set(limit: int) -> MarkedSet:
    """Address space for numbers below a limit."""
    return MarkedSet(reserve(limit, np.int32), reserve(limit, np.uint8), np.zeros(1, np.int64))


@lean
def add_mark(marks: MarkedSet, number: int) -> None:
    """Put a number into the set."""
    if marks.marked[number] == 0:
        marks.marked[number] = 1
        marks.members[marks.counts[0]] = number
        marks.counts[0] += 1


@lean
def clear_marks(marks: MarkedSet) -> None:
    """Empty the set."""
    for at in range(marks.counts[0]):
        marks.marked[marks.members[at]] = 0
    marks.counts[0] = 0
