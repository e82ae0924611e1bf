"""Tells when what kernels rely on inside numba has moved.

Where one of these is red after an update: read what `kernels/compiled.py` names again in the new sources, mend it, and
set READ_IN.
"""

import re

import numba
import numpy as np
import pytest
from numba.core.caching import NullCache

from services.matching.kernels.compiled import READ_IN, inner, kernel, lean, shared

ARRAYS = (np.arange(4), np.arange(4, dtype=np.int32))


@inner
def _inner(arrays, at):
    return arrays[0][at] + arrays[1][at]


@shared
def _shared(arrays, at):
    return arrays[0][at] - arrays[1][at]


@kernel
def _counts(arrays, at):
    return arrays[0][at] + _inner(arrays, 1) + _inner(arrays, np.int32(at)) + _shared(arrays, np.uint8(at))


@lean
def _counts_not(arrays, at):
    return arrays[0][at] + _inner(arrays, 1) + _inner(arrays, np.int32(at)) + _shared(arrays, np.uint8(at))


@pytest.fixture(scope="module", autouse=True)
def _called():
    for each in (_inner, _shared, _counts, _counts_not):
        each._cache = NullCache()  # what an earlier run compiled cannot be looked into
    assert _counts(ARRAYS, 3) == _counts_not(ARRAYS, 3) == 3 + 2 + 6 + 0


def code_of(dispatcher) -> str:
    """LLVM's form of all that a kernel was compiled to."""
    return "\n".join(dispatcher.inspect_llvm().values())


def has_machine_code(dispatcher) -> bool:
    (overload,) = dispatcher.overloads.values()
    return overload.library.codegen._engine.is_symbol_defined(overload.fndesc.mangled_name)


def test_this_is_the_version_whose_internals_were_read():
    assert numba.__version__ == READ_IN


@pytest.mark.parametrize("part", [_inner, _shared])
def test_kernels_hand_each_other_whole_numbers_of_one_width(part):
    """`get_call_template`: else there would be one of each width, and one of each constant."""
    assert [str(types[1]) for types in part.signatures] == ["int64"]


def test_only_a_lean_kernel_counts_no_references():
    """`_nrt`, whatever kernel was compiled first."""
    assert "NRT_incref" in code_of(_counts)
    assert "NRT_" not in code_of(_counts_not)


@pytest.mark.parametrize("part", [_inner, _shared])
def test_kernels_for_kernels_alone_get_no_machine_code(part):
    """The pipeline `Inner`: it would be thrown away, as whoever calls them is compiled with them as a whole."""
    with pytest.raises(TypeError):
        part(ARRAYS, 1)
    assert not has_machine_code(part)
    assert has_machine_code(_counts)


@pytest.mark.parametrize("each", [_inner, _shared, _counts, _counts_not])
def test_no_kernel_can_be_called_from_c(each):
    """`no_cfunc_wrapper`."""
    assert not re.search(r"define .*@cfunc\.", code_of(each))


def test_kernels_for_kernels_alone_have_no_wrapper_for_python():
    """`no_cpython_wrapper`."""
    assert "cpython" in code_of(_counts)
    assert "cpython" not in code_of(_inner) + code_of(_shared)
