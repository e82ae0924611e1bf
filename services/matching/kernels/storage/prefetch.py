"""Prefetching: most of a graph is in no cache, and a walk reads its people in no order.

A kernel that walks a list of people prefetches what it will read of those a few places ahead. Prefetching reads
nothing, so any index is allowed.
"""

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

FAR, NEAR = 12, 4
"""How many places ahead the place of somebody's arcs is prefetched, and then the arcs themselves."""

FIRST = 64
"""So many of the arcs: the processor prefetches further ones by itself."""


def _prefetch(_context: Any, array: Any, _index: Any) -> Any:
    """`prefetch(array, index)`: the entry will be read soon."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.bitcast(builder.gep(data, [args[1]]), ir.IntType(8).as_pointer())
        number, flag = ir.IntType(32), "llvm.prefetch.p0"
        kind = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        asked = builder.module.globals.get(flag) or ir.Function(builder.module, kind, flag)
        builder.call(asked, [place, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


prefetch: Any = intrinsic(_prefetch)
