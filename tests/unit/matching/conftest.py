"""With `NUMBA_BOUNDSCHECK=1` arrays get little room, so that an index need not be far out to be found out."""

import sys
from typing import Any

from services.matching.kernels import code_cache
from services.matching.kernels.storage import memory

LARGE, LITTLE = 1 << 21, 1 << 18
"""What tests ask for themselves, and what they get instead of the engine's own sizes, at most."""

_reserve = memory.reserve


def _reserve_little(count: int, dtype: Any) -> Any:
    if count > LARGE:
        while count > LITTLE:
            count >>= 1  # not simply LITTLE: some are to be rows of three or six
    return _reserve(count, dtype)


if code_cache.CHECKED:
    if "services.matching.kernels.storage.lists" in sys.modules:
        raise RuntimeError("the engine was imported before these tests; with NUMBA_BOUNDSCHECK=1 run them alone")
    memory.reserve = _reserve_little
