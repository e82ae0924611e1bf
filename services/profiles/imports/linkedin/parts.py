"""Tables of LinkedIn's export with a header that names their columns, whatever other columns there are."""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from services.profiles.imports.linkedin.columns import key
from services.profiles.imports.table import cells_of, rows_of
from services.profiles.imports.text import Lines

MAX_LINES_A_ROW = 5_000


class BrokenPartError(ValueError):
    """A table that cannot be read to its end; the message says where and why."""


def rows(file: BinaryIO, needed: set[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each row's line, and its cells by the names of the columns in lower case.

    Raises:
        BrokenPartError: there is no such header, or a quote is never closed. What follows it could be anybody's words,
            so it is not read as rows.
    """
    lines = iter(Lines(file))
    header = [key(cell) for cell in cells_of(next(lines, ""), ",")]
    if not needed <= set(header):
        raise BrokenPartError(f"has no header with {', '.join(sorted(needed))}")
    for row in rows_of(lines, 1, most_lines=MAX_LINES_A_ROW):
        if row.trouble:
            raise BrokenPartError(f"cannot be read from line {row.line} on: {row.trouble}")
        yield row.line, dict(zip(header, row.cells, strict=False))
