"""Rows of a table of text, each with the line where it starts.

A quote that is never closed spoils its own row and no other: reading goes on with the next line.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_LINES_A_ROW = 50
_END = "\x00end"


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells; `trouble` says why it cannot be read."""

    line: int
    cells: tuple[str, ...] = ()
    trouble: str | None = None


def rows_of(lines: Sequence[str], start: int, delimiter: str) -> Iterator[Row]:
    """The rows from `lines[start]` on, blank lines left out."""
    at = start
    while at < len(lines):
        line = lines[at]
        if not line.strip(" \t"):
            at += 1
        elif '"' not in line:
            yield Row(at + 1, tuple(line.split(delimiter)))
            at += 1
        else:
            row, taken = _quoted(lines, at, delimiter)
            yield row
            at += taken


def cells_of(line: str, delimiter: str) -> tuple[str, ...]:
    """The cells of a line taken by itself."""
    return _quoted([line], 0, delimiter)[0].cells if '"' in line else tuple(line.split(delimiter))


def _quoted(lines: Sequence[str], at: int, delimiter: str) -> tuple[Row, int]:
    """The row at a line with quotes in it, and how many lines it takes."""
    reader = csv.reader(_piece(lines, at), delimiter=delimiter, skipinitialspace=True)
    try:
        cells = next(reader)
        taken = reader.line_num
        if taken > 1:  # lenient inside a line, strict across lines: a stray quote must not swallow its neighbours
            strict = csv.reader(_piece(lines, at, end=()), delimiter=delimiter, skipinitialspace=True, strict=True)
            cells = next(strict)
    except csv.Error as error:
        trouble = "a cell is too long" if "field limit" in str(error) else "a quote is never closed"
        return Row(at + 1, trouble=trouble), 1
    return Row(at + 1, tuple(cells)), taken


def _piece(lines: Sequence[str], at: int, end: Sequence[str] = (_END,)) -> Iterator[str]:
    """As many lines as a row may have, read only as far as it goes; then `end`."""
    for number in range(at, min(at + MAX_LINES_A_ROW, len(lines))):
        yield lines[number] + "\n"
    yield from end
