"""How kernels are compiled: once a machine, kept on disk, without the interpreter's lock, and with exact arithmetic.

No fast-math: sums and products stay in the order written, or equality to the last digit is lost.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core import types

from services.matching.kernels import bounds, code_cache
from services.matching.kernels.inner import Inner

READ_IN = "0.68.1"
"""The version of numba in whose sources was read what is named here; a test tells when one moves."""

F = TypeVar("F", bound=Callable[..., Any])

code_cache.use()
if code_cache.CHECKED:
    bounds.refuse_negative_indexes()

# What they save is measured in processor seconds for compiling two large kernels, match_openings and match_seekers,
# with all that they call: 8.3 as it is. Without `Inner` 10.7; without `no_cfunc_wrapper` 9.9; with neither `Inner` nor
# `no_cpython_wrapper` 22.3; without `_nrt` 31.3; without
# `get_call_template` 10.7; without `forceinline` 7.6, so that is for speed alone. On a busy machine.
_ALWAYS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_PART: dict[str, Any] = {**_ALWAYS, "no_cpython_wrapper": True, "pipeline_class": Inner, "_nrt": False}


def kernel(function: F) -> F:
    """A function compiled at its first call with arguments of new types; later processes read it from the cache."""
    # `_nrt` is said outright: else a kernel that is first called by a lean one would be compiled without it too.
    return _compiled(function, **_ALWAYS, cache=True, _nrt=True)


def lean(function: F) -> F:
    """A kernel that only reads and writes entries.

    It counts no references to its arrays: with tuples of many arrays that costs more than the work itself. So it can
    make no array, and copy no slice to another.
    """
    return _compiled(function, **_ALWAYS, cache=True, _nrt=False)


def inner(function: F) -> F:
    """A lean kernel that only kernels call, written into each of them: arrays cost nothing to hand over."""
    return _compiled(function, **_PART, forceinline=True)


def shared(function: F) -> F:
    """The same for a large one that is called in many places: written into them where that seems to pay."""
    return _compiled(function, **_PART)


def _compiled(function: F, **options: Any) -> F:
    """Kernels hand each other whole numbers as 64 bits: else one is compiled anew for each width, and for constants."""
    made: Any = numba.njit(**options)(function)
    ask = made.get_call_template
    made.get_call_template = lambda given, named: ask(tuple(map(_wide, given)), {n: _wide(t) for n, t in named.items()})
    return cast("F", made)


def _wide(given: Any) -> Any:
    plain = types.unliteral(given)  # type: ignore[no-untyped-call]  # numba has no types
    return types.int64 if isinstance(plain, types.Integer) else plain
