"""Reads our hand-made tables: tab-separated, a line a row, `#` begins a comment, `; ` is between names."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_FOLDER = files("shared.resolution") / "data"


@cache
def content(name: str) -> bytes:
    """The bytes of a file of ours."""
    return (_FOLDER / name).read_bytes()


def rows(name: str) -> Iterator[list[str]]:
    """The cells of each row of a table of ours."""
    for line in content(name).decode().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def names(cell: str) -> list[str]:
    """The names in a cell."""
    return [name for name in cell.split("; ") if name]


def every() -> list[str]:
    """The names of our files, in order."""
    return sorted(file.name for file in _FOLDER.iterdir())
