"""The pool of arcs as a whole: its compaction, and the memory it takes."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy.typing as npt

from services.matching.kernels.graph.arcs import BY_PERSON, BYTES_A_PERSON, BYTES_AN_ARC, POOLED
from services.matching.kernels.graph.compaction import (
    Pass,
    begin_compaction,
    count_blocks,
    end_compaction,
    new_pass,
    order_blocks,
    slide_section,
    sum_sections,
)
from services.matching.kernels.graph.layout import Arcs
from services.matching.kernels.storage.arrays import I64
from services.matching.kernels.storage.blocks import FREE, TOP
from services.matching.kernels.storage.memory import give_pages_back, use_huge_pages
from services.matching.kernels.ties.touched import PEOPLE
from services.matching.snapshots.arrays import fill_column, fill_columns

WASTE = 16
"""A pool is compacted when more than a sixteenth of it is free,"""

WORTH = 1 << 16
"""and at least so many arcs."""

SPAN = 1 << 16
"""People read between two yields."""

SECTIONS = 16
"""Sections slid between two yields."""

SHORT = 1 << 16
"""Up to so many arcs on top of the pool are slid without a break, or compaction might never end."""


PAGES = 1 << 18
"""The memory of so many arcs is returned at once."""


def due(arcs: Arcs) -> bool:
    """Whether compacting is worth its while."""
    free = int(arcs.state[FREE])
    return free > WORTH and free * WASTE > int(arcs.state[TOP])


def compact(arcs: Arcs, counts: I64) -> Iterator[None]:
    """Slide all blocks down, in slices of at most about two milliseconds with other steps in between.

    `counts`: of `Touched`, for how many people there are.
    """
    begin_compaction(arcs)
    slid, top = False, int(arcs.state[TOP])
    try:
        low, high = 0, top
        while high > low:
            short = low > 0 and high - low <= SHORT
            for _ in _slide_all(arcs, new_pass(low, high, int(counts[PEOPLE]))):
                if not short:
                    yield
            low, high = high, int(arcs.state[TOP])
        slid = True
    finally:
        end_compaction(arcs, slid)
    yield from _give_pages(arcs, max(top, high))


def _give_pages(arcs: Arcs, high: int) -> Iterator[None]:
    """Return the memory above the pool to the system, from the top down: the pool may grow again meanwhile."""
    while high - PAGES >= int(arcs.state[TOP]):
        for name in POOLED:
            give_pages_back(getattr(arcs, name), high - PAGES, high)
        high -= PAGES
        yield


def _slide_all(arcs: Arcs, span: Pass) -> Iterator[None]:
    people = len(span.begin)
    for first in range(0, people, SPAN):
        count_blocks(arcs, span, first, min(first + SPAN, people))
        yield
    sum_sections(span)
    for first in range(0, people, SPAN):
        order_blocks(span, first, min(first + SPAN, people))
        yield
    for section in range(len(span.first) - 2):
        slide_section(arcs, span, section)
        if section % SECTIONS == 0:
            yield


def bytes_of(arcs: Arcs, people: int) -> int:
    """The memory that the pool and the columns by person take."""
    return int(arcs.state[TOP]) * BYTES_AN_ARC + people * BYTES_A_PERSON


def columns(arcs: Arcs, people: int) -> list[tuple[str, npt.NDArray[Any]]]:
    """The used part of the columns."""
    top = int(arcs.state[TOP])
    pooled = [(name, getattr(arcs, name)[:top]) for name in POOLED]
    return [*pooled, *((name, getattr(arcs, name)[:people]) for name in BY_PERSON)]


def top(arcs: Arcs) -> int:
    """Where the used part of the pool ends."""
    return int(arcs.state[TOP])


def fill_pool(arcs: Arcs, arrays: Mapping[str, npt.NDArray[Any]], top: int) -> None:
    """Restore what `columns` gave, with this top. Compaction finds free room again.

    Raises:
        CapacityError: it does not fit.
    """
    people = fill_column(arrays, "room", arcs.room)
    ask_large_pages(arcs, top, people)
    fill_columns(arrays, ((name, getattr(arcs, name)) for name in (*POOLED, *BY_PERSON)))
    arcs.state[TOP] = top
    arcs.state[FREE] = top - int(arcs.room[:people].sum())


def ask_large_pages(arcs: Arcs, more: int, people: int) -> None:
    """Ask for huge pages before many arcs come in: access is random, and address translation would cost most."""
    for name in POOLED:
        use_huge_pages(getattr(arcs, name), min(int(arcs.state[TOP]) + more, len(arcs.other)))
    for name in BY_PERSON:
        use_huge_pages(getattr(arcs, name), people)
