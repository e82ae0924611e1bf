"""What `NUMBA_BOUNDSCHECK=1` leaves unseen: a negative index, which numba takes from the end as Python does.

Kernels use -1 for "nobody" and "nowhere", and none counts from the end: with checks on a negative index is an error.
"""

from typing import Any

from numba.core import types
from numba.np import arrayobj


def refuse_negative_indexes() -> None:
    """For what is compiled from now on."""
    arrayobj.fix_integer_index = _as_it_is


def _as_it_is(context: Any, builder: Any, kind: Any, index: Any, _size: Any) -> Any:
    return context.cast(builder, index, kind, types.intp if kind.signed else types.uintp)
