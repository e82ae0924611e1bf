"""Arrays that never move: address space is reserved once, and pages are allocated as they are touched.

So nothing is copied to grow, views stay valid, and a kernel never sees an array that was replaced.
"""

import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

MAP_NORESERVE = 0x4000
"""Linux: reserve address space without committing memory. Python has it from 3.13 on."""

_MADV_COLLAPSE = 25
"""Linux 6.1: make huge pages now."""

_FLAGS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE
_HUGE_FROM = 1 << 21


class CapacityError(RuntimeError):
    """There is no address space left for more."""


def reserve(count: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """`count` zeros of `dtype`, of which only those that are ever touched take memory."""
    size = max(1, count) * np.dtype(dtype).itemsize
    return np.frombuffer(mmap.mmap(-1, size, flags=_FLAGS), dtype=dtype, count=count)


def use_huge_pages(array: npt.NDArray[Any], count: int) -> None:
    """Ask for huge pages under the first `count` entries: a walk over the graph is bound by address translation.

    Call it before they are filled. It has no effect where the system has none.
    """
    size = count * array.itemsize // _HUGE_FROM * _HUGE_FROM
    owner = getattr(array.base, "obj", None)  # with a memoryview in between
    if size and isinstance(owner, mmap.mmap):
        owner.madvise(mmap.MADV_HUGEPAGE, 0, size)


def join_pages(array: npt.NDArray[Any], count: int) -> Iterator[None]:
    """Merge small pages under the first `count` entries into huge ones again, in slices of about 1 ms.

    Writing to memory that is shared with a forked child splits them. No effect where the system has none.
    """
    size = count * array.itemsize // _HUGE_FROM * _HUGE_FROM
    owner = getattr(array.base, "obj", None)
    if not isinstance(owner, mmap.mmap):
        return
    first = -array.ctypes.data % _HUGE_FROM  # a range that begins elsewhere contains one huge page less
    for start in range(first, size, 2 * _HUGE_FROM):
        try:
            owner.madvise(_MADV_COLLAPSE, start, min(2 * _HUGE_FROM, size - start))
        except OSError:  # busy, or an older Linux
            continue
        yield


def give_pages_back(array: npt.NDArray[Any], low: int, high: int) -> None:
    """Return the memory under entries [low, high) to the system, as far as it is whole pages; they read 0 again."""
    owner = getattr(array.base, "obj", None)
    begin = -(-low * array.itemsize // mmap.PAGESIZE) * mmap.PAGESIZE
    size = high * array.itemsize // mmap.PAGESIZE * mmap.PAGESIZE - begin
    if size > 0 and isinstance(owner, mmap.mmap):
        owner.madvise(mmap.MADV_DONTNEED, begin, size)
