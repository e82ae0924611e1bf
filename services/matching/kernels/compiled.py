"""How kernels are compiled: once a machine, kept on disk, without the interpreter's lock, and with exact arithmetic.

No fast-math: sums and products stay in the order written, or equality to the last digit is lost.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """A function compiled at its first call with arguments of new types; later processes read it from the cache."""
    return cast("F", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
