"""Compaction: sliding the blocks of arcs down into free room, in slices with other work in between.

While a pass runs, room that is freed at or above its frontier is not reused, so what is free there stays free. Blocks
that are allocated on top of the pool meanwhile are slid in a further pass.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, kernel, lean
from services.matching.kernels.graph.arcs import FRONTIER, copy_arcs, whole
from services.matching.kernels.graph.layout import Arcs
from services.matching.kernels.storage.arrays import I32, I64
from services.matching.kernels.storage.blocks import CLASSES, FREE, TOP, class_room, size_class

NO_FRONTIER = 1 << 62

SECTION = 14
"""Blocks are sorted by sections of 2^14 arcs, so that no sort takes long."""


class Pass(NamedTuple):
    """The blocks that began in [low, high) when they were read.

    `begin` is where a person's block began, -1 for those not in the pass. `first[s]` and the next are the range of
    section s in `order`; while that is being filled, where its next block goes.
    """

    low: int
    high: int
    begin: I64
    first: I64
    order: I32


def new_pass(low: int, high: int, people: int) -> Pass:
    """A pass over some of the pool."""
    sections = ((high - 1) >> SECTION) - (low >> SECTION) + 1
    return Pass(low, high, np.empty(people, np.int64), np.zeros(sections + 2, np.int64), np.empty(people, np.int32))


@lean
def begin_compaction(arcs: Arcs) -> None:
    """Begin: no free room is reused before it was slid over."""
    arcs.state[:CLASSES] = -1
    arcs.state[FRONTIER] = 0


@lean
def count_blocks(arcs: Arcs, span: Pass, first: int, last: int) -> None:
    """Read where the blocks of people [first, last) begin, and count them by section."""
    for person in range(first, last):
        begin = arcs.start[person]
        span.begin[person] = begin if arcs.room[person] and span.low <= begin < span.high else -1
        if span.begin[person] >= 0:
            span.first[(begin >> SECTION) - (span.low >> SECTION) + 2] += 1


@lean
def sum_sections(span: Pass) -> None:
    """Turn the counts of the sections into where each begins."""
    for section in range(2, len(span.first)):
        span.first[section] += span.first[section - 1]


@lean
def order_blocks(span: Pass, first: int, last: int) -> None:
    """Put the blocks of people [first, last) into their sections."""
    for person in range(first, last):
        if span.begin[person] >= 0:
            section = (span.begin[person] >> SECTION) - (span.low >> SECTION) + 1
            span.order[span.first[section]] = person
            span.first[section] += 1


@kernel
def slide_section(arcs: Arcs, span: Pass, section: int) -> None:
    """Slide the blocks of a section down to the frontier, each into as little room as it needs."""
    first = span.first[section]
    begins = np.empty(span.first[section + 1] - first, np.int64)
    for step in range(len(begins)):
        begins[step] = span.begin[span.order[first + step]]
    _slide_in_order(arcs, span, first, begins, np.argsort(begins))


@inner
def _slide_in_order(arcs: Arcs, span: Pass, first: int, begins: I64, order: I64) -> None:
    for at in range(len(order)):
        person = span.order[first + order[at]]
        # The block may have moved meanwhile.
        if arcs.start[person] == begins[order[at]] and arcs.room[person]:
            _slide_one(arcs, person)


@inner
def _slide_one(arcs: Arcs, person: int) -> None:
    room, edge = class_room(size_class(arcs.size[person])), arcs.state[FRONTIER]
    if edge < arcs.start[person]:
        copy_arcs(arcs, arcs.start[person], edge, whole(arcs.size[person]))
    arcs.start[person] = edge
    arcs.state[FREE] += arcs.room[person] - room
    arcs.room[person] = room
    arcs.state[FRONTIER] = edge + room


@lean
def end_compaction(arcs: Arcs, slid: bool) -> None:
    """End. With `slid`, all blocks are below the frontier, and the pool ends there."""
    if slid:
        arcs.state[FREE] -= arcs.state[TOP] - arcs.state[FRONTIER]
        arcs.state[TOP] = arcs.state[FRONTIER]
    arcs.state[FRONTIER] = NO_FRONTIER
