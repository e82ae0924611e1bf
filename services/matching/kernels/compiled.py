"""How kernels are compiled: once a machine, kept on disk, without the interpreter's lock, and with exact arithmetic.

No fast-math: sums and products stay in the order written, or equality to the last digit is lost. Compiled code holds
that of the kernels it calls, so it is kept under a digest of all their sources: a change in one of them leaves none of
it in use.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import types
from numba.core.registry import cpu_target

from services.matching.kernels.inner import Inner

F = TypeVar("F", bound=Callable[..., Any])

SOURCES = Path(__file__).parent
DIGITS = 16


def _digest() -> str:
    found = hashlib.sha256(numba.__version__.encode())
    for source in sorted(SOURCES.rglob("*.py")):
        found.update(str(source.relative_to(SOURCES)).encode() + b"\0" + source.read_bytes())
    return found.hexdigest()[:DIGITS]


def _folder() -> Path:
    """Where compiled code is kept: where `WARMPATH_KERNELS` says, beside the sources, else with temporary files.

    Numba reads nothing where it cannot write; so what is kept in such a place is copied out of it.
    """
    given, digest = os.environ.get("WARMPATH_KERNELS"), _digest()
    found = (Path(given) if given else SOURCES / "__pycache__") / digest
    if _may_write(found):
        return found
    copy = Path(tempfile.gettempdir()) / "warmpath-kernels" / digest
    if found.exists() and not copy.exists() and _may_write(copy.parent):
        whole = Path(tempfile.mkdtemp(dir=copy.parent)) / digest
        shutil.copytree(found, whole)
        with contextlib.suppress(OSError):  # another process was quicker
            whole.rename(copy)
    return copy


def _may_write(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        return os.access(folder, os.W_OK)
    return False


FOLDER = _folder()
"""Of the sources as they are."""

numba.config.CACHE_DIR = str(FOLDER)  # type: ignore[attr-defined]  # made while numba is imported


_COMPLETE = FOLDER / "complete"
"""Says what the compiled code beside it was made from and for, once it is all there."""


def is_complete() -> bool:
    """Whether all kernels were compiled here, and numba will read them."""
    return _COMPLETE.exists() and _COMPLETE.read_text() == _made_for()


def note_complete() -> None:
    """All kernels were compiled; forget those of older sources."""
    _COMPLETE.write_text(_made_for())
    for other in FOLDER.parent.glob("[0-9a-f]" * DIGITS):
        if other != FOLDER:
            shutil.rmtree(other, ignore_errors=True)


def _made_for() -> str:
    """What numba asks besides: the processor, and the age of the files as they lie here."""
    sources = [(str(path.relative_to(SOURCES)), path.stat().st_mtime_ns) for path in sorted(SOURCES.rglob("*.py"))]
    return repr((str(SOURCES), sources, cpu_target.target_context.codegen().magic_tuple()))


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
