"""Columns of tables by their names, whatever order they stand in and whatever else there is."""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from services.profiles.imports.cells import tidy
from services.profiles.imports.months import fold
from services.profiles.imports.table import cells_of, rows_of
from services.profiles.imports.text import Lines

MAX_LINES_A_ROW = 5_000


def key(cell: str) -> str:
    """What a column's name is compared by: no case, accents, signs or quotes around it."""
    words = fold(tidy(cell)).replace("_", " ").replace("-", " ").strip("\"' *:")
    return " ".join(words.split())


class BrokenTableError(ValueError):
    """A table that cannot be read to its end; the message says where and why."""


def named_rows(file: BinaryIO, needed: set[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each row's line, and its cells by the names of the columns in lower case.

    Raises:
        BrokenTableError: there is no such header, or a quote is never closed. What follows it could be anybody's words,
            so it is not read as rows.
    """
    lines = iter(Lines(file))
    header = [key(cell) for cell in cells_of(next(lines, ""), ",")]
    if not needed <= set(header):
        raise BrokenTableError(f"has no header with {', '.join(sorted(needed))}")
    for row in rows_of(lines, 1, most_lines=MAX_LINES_A_ROW):
        if row.trouble:
            raise BrokenTableError(f"cannot be read from line {row.line} on: {row.trouble}")
        yield row.line, dict(zip(header, row.cells, strict=False))
