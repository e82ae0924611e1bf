"""Asking for somebody's arcs before they are read; see `storage.prefetch`."""

from services.matching.kernels.compiled import inner
from services.matching.kernels.graph.layout import Arcs
from services.matching.kernels.storage.prefetch import FIRST, prefetch

_A_LINE, _FLAGS_A_LINE = 16, 64


@inner
def prefetch_block(arcs: Arcs, person: int) -> None:
    """Where somebody's arcs stand will be read."""
    prefetch(arcs.start, person)
    prefetch(arcs.size, person)
    prefetch(arcs.warm, person)


@inner
def prefetch_arcs(arcs: Arcs, person: int, size: int) -> None:
    """The first `size` arcs of somebody will be gone through; `soon` was said of them before."""
    begin, end = arcs.start[person], arcs.start[person] + min(size, FIRST)
    for at in range(begin, end, _A_LINE):
        prefetch(arcs.other, at)
    for at in range(begin, end, _FLAGS_A_LINE):
        prefetch(arcs.flags, at)


@inner
def prefetch_search(arcs: Arcs, person: int) -> None:
    """An arc of somebody will be looked for; `soon` was said of them before."""
    begin, middle, end = arcs.start[person], arcs.warm[person], arcs.size[person]
    prefetch(arcs.other, begin + middle // 2)
    prefetch(arcs.other, begin + (middle + end) // 2)
