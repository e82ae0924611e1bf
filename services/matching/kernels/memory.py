"""Arrays that never move: address space is taken once, pages come as they are touched.

So nothing is ever copied to grow, views stay valid, and a kernel never sees an array that was replaced.
"""

import mmap
from typing import Any

import numpy as np
import numpy.typing as npt

MAP_NORESERVE = 0x4000
"""Linux: take address space without setting memory aside for it. Python names it from 3.13 on."""

_FLAGS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE
_HUGE_FROM = 1 << 21


class CapacityError(RuntimeError):
    """More was put in than address space was taken for."""


def reserve(count: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """`count` zeros of `dtype`, of which only those that are ever touched take memory."""
    size = max(1, count) * np.dtype(dtype).itemsize
    return np.frombuffer(mmap.mmap(-1, size, flags=_FLAGS), dtype=dtype, count=count)


def use_huge_pages(array: npt.NDArray[Any], count: int) -> None:
    """Ask for large pages under the first `count` entries: a walk over the graph is bound by address look-ups.

    To be asked before they are filled. Of no effect where the system has none.
    """
    size = count * array.itemsize // _HUGE_FROM * _HUGE_FROM
    owner = array.base
    if size and isinstance(owner, mmap.mmap):
        owner.madvise(mmap.MADV_HUGEPAGE, 0, size)
