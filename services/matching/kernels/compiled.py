"""How kernels are compiled: once a machine, kept on disk, without the interpreter's lock, and with exact arithmetic.

No fast-math: sums and products stay in the order written, or equality to the last digit is lost. Compiled code holds
that of the kernels it calls, so it is kept under a digest of all their sources: a change in one of them leaves none of
it in use.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

_HERE = Path(__file__).parent


def _digest() -> str:
    found = hashlib.sha256(numba.__version__.encode())
    for source in sorted(_HERE.glob("*.py")):
        found.update(source.name.encode() + b"\0" + source.read_bytes())
    return found.hexdigest()[:16]


def _folder() -> Path:
    """Where compiled code is kept: where `WARMPATH_KERNELS` says, beside the sources, else with temporary files."""
    given = os.environ.get("WARMPATH_KERNELS")
    base = Path(given) if given else _HERE / "__pycache__"
    if not given and not os.access(base if base.exists() else _HERE, os.W_OK):
        base = Path(tempfile.gettempdir()) / "warmpath-kernels"
    return base / _digest()


numba.config.CACHE_DIR = str(_folder())  # type: ignore[attr-defined]  # made while numba is imported


def kernel(function: F) -> F:
    """A function compiled at its first call with arguments of new types; later processes read it from the cache."""
    # `_nrt` is said outright: else a kernel that is first called by a lean one would be compiled without it too.
    options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": True}
    return cast("F", numba.njit(**options)(function))


def lean(function: F) -> F:
    """A kernel that only reads and writes entries, written into whoever calls it.

    It counts no references to its arrays: with tuples of many arrays that costs more than the work itself. So it can
    make no array, and copy no slice to another.
    """
    options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "forceinline": True, "_nrt": False}
    return cast("F", numba.njit(**options)(function))
