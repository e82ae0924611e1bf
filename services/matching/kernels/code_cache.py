"""Where compiled kernels are kept on disk, and what makes them stale.

Compiled code holds that of the kernels it calls. So the code of a module stands under a digest of that module and of
every kernel module it imports, directly or not: an edit makes stale what depends on it, and nothing else. Comments,
docstrings, blank lines and the dates of files are in no digest.
"""

import ast
import contextlib
import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self

import numba
from llvmlite import binding
from numba.core.caching import _CacheLocator

SOURCES = Path(__file__).parent
PACKAGE = __package__
DIGITS = 16

CHECKED = bool(numba.config.BOUNDSCHECK)  # type: ignore[attr-defined]  # made while numba is imported
"""Whether `NUMBA_BOUNDSCHECK=1` asks for compiled code that checks every index."""


class _Module(NamedTuple):
    """What of a module decides about compiled code: its syntax, and the kernel modules it imports."""

    syntax: str
    imports: frozenset[Path]


@cache
def digest(source: Path) -> str:
    """Of a module and all kernel modules it depends on, by numba's version and whether indexes are checked."""
    found = hashlib.sha256(repr((numba.__version__, CHECKED)).encode())
    for module in sorted(_closure(source)):
        found.update(f"\0{module.stem}\0{_read(module).syntax}".encode())
    return found.hexdigest()[:DIGITS]


def _closure(source: Path) -> set[Path]:
    seen, waiting = {source}, [source]
    while waiting:
        fresh = _read(waiting.pop()).imports - seen
        seen |= fresh
        waiting += fresh
    return seen


@cache
def _read(source: Path) -> _Module:
    tree = ast.parse(source.read_bytes())
    names: set[str] = set()
    for node in ast.walk(ast.Module([one for one in tree.body if isinstance(one, ast.Import | ast.ImportFrom)], [])):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            raise ValueError(f"{source}: a relative import, which the digest of compiled kernels does not follow")
        elif isinstance(node, ast.ImportFrom) and node.module:
            # What is imported from a package may be one of its modules.
            names.update((node.module, *(f"{node.module}.{alias.name}" for alias in node.names)))
    tree.body = _without_texts(tree.body)
    return _Module(ast.dump(tree), frozenset(path for name in names for path in _files(name)))


def _without_texts(block: list[ast.stmt]) -> list[ast.stmt]:
    """The statements but for docstrings, of functions and classes too."""
    for one in block:
        if isinstance(one, ast.FunctionDef | ast.ClassDef):
            one.body = _without_texts(one.body)
    return [one for one in block if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]


def _files(name: str) -> list[Path]:
    """The file of a kernel module of this name; none for any other."""
    if not name.startswith(f"{PACKAGE}."):
        return []
    base = SOURCES.joinpath(*name.removeprefix(f"{PACKAGE}.").split("."))
    return [path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()]


def _kept_name(source: Path) -> str:
    name = source.relative_to(SOURCES).with_suffix("") if source.is_relative_to(SOURCES) else Path(source.stem)
    return f"{'.'.join(name.parts)}-{digest(source)}"


def _made_for() -> str:
    """Which modules were compiled, and for which processor."""
    modules = sorted(map(_kept_name, SOURCES.rglob("*.py")))
    return repr((modules, binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()))


def _folder() -> Path:
    """`WARMPATH_KERNELS`, or beside the sources. One that may not be written counts only if all is there."""
    given = os.environ.get("WARMPATH_KERNELS")
    found = Path(given) if given else SOURCES / "__pycache__" / "compiled"
    found = found / "checked" if CHECKED else found
    if _may_write(found) or _is_complete(found):
        return found
    own = Path(tempfile.gettempdir()) / f"warmpath-kernels-{os.getuid()}"
    own.mkdir(mode=0o700, exist_ok=True)
    # What numba keeps is run when it is read: nobody else may have put it there.
    return own if own.stat().st_uid == os.getuid() else Path(tempfile.mkdtemp(prefix="warmpath-kernels-"))


def _may_write(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        return os.access(folder, os.W_OK)
    return False


def _is_complete(folder: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return (folder / "complete").read_text() == _made_for()
    return False


FOLDER = _folder()
"""Holds a folder for each module as it is, and the file `complete` once all kernels were compiled."""


def is_complete() -> bool:
    """Whether all kernels, as they are, were compiled for this processor."""
    return _is_complete(FOLDER)


def note_complete() -> None:
    """All kernels were compiled; what was compiled from older sources is removed."""
    (FOLDER / "complete").write_text(_made_for())
    current = set(map(_kept_name, SOURCES.rglob("*.py")))
    for folder in FOLDER.glob("*-" + "[0-9a-f]" * DIGITS):
        if folder.name not in current:
            shutil.rmtree(folder, ignore_errors=True)


class KernelLocator(_CacheLocator):
    """Tells numba, function by function, where its code is kept (`NUMBA_CACHE_LOCATOR_CLASSES` in numba's manual)."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self._py_file = str(source)  # numba names it in warnings

    @classmethod
    def from_function(cls, _function: Any, file: str) -> Self | None:
        """None where there is no file of source code."""
        source = Path(file)
        return cls(source) if source.is_file() else None

    def get_cache_path(self) -> str:
        """The folder of the function's module."""
        return str(FOLDER / _kept_name(self._source))

    def get_source_stamp(self) -> str:
        """What the code is made from; the name of the folder says the same."""
        return digest(self._source)

    def get_disambiguator(self) -> str:
        """Functions have names of their own within a module, so that none is stale for having moved."""
        return "kernel"


def use() -> None:
    """Have numba keep what is compiled from now on here; functions without a file where it would by itself."""
    own = f"{KernelLocator.__module__}.{KernelLocator.__qualname__}"
    numba.config.CACHE_LOCATOR_CLASSES = f"{own},UserProvidedCacheLocator,InTreeCacheLocator,UserWideCacheLocator"  # type: ignore[attr-defined]
