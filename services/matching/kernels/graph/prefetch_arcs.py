"""Prefetching somebody's arcs; see `storage.prefetch`."""

from services.matching.kernels.compiled import inner
from services.matching.kernels.graph.layout import Arcs
from services.matching.kernels.storage.prefetch import FIRST, prefetch

_A_LINE, _FLAGS_A_LINE = 16, 64


@inner
def prefetch_block(arcs: Arcs, person: int) -> None:
    """Prefetch where somebody's arcs are."""
    prefetch(arcs.start, person)
    prefetch(arcs.size, person)
    prefetch(arcs.front, person)


@inner
def prefetch_arcs(arcs: Arcs, person: int, size: int) -> None:
    """Prefetch the first `size` arcs of somebody, whose block was prefetched before."""
    begin, end = arcs.start[person], arcs.start[person] + min(size, FIRST)
    for at in range(begin, end, _A_LINE):
        prefetch(arcs.other, at)
    for at in range(begin, end, _FLAGS_A_LINE):
        prefetch(arcs.flags, at)


@inner
def prefetch_search(arcs: Arcs, person: int) -> None:
    """Prefetch for a search among the arcs of somebody, whose block was prefetched before."""
    begin, middle, end = arcs.start[person], arcs.front[person], arcs.size[person]
    prefetch(arcs.other, begin + middle // 2)
    prefetch(arcs.other, begin + (middle + end) // 2)
