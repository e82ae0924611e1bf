"""Rows of a table of text, each with the line where it starts, read as they come.

A quote that is never closed spoils its own row and no other: reading goes on with the next line.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.profiles.imports.text import TOO_LONG

MAX_LINES_A_ROW = 50
MAX_QUOTED = 128 * 1024
"""Characters of a cell in quotes. The csv module's own limit belongs to the whole process: others may have moved it."""
_END = "\x00end"


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells; `trouble` says why it cannot be read."""

    line: int
    cells: tuple[str, ...] = ()
    trouble: str | None = None


class _Ahead:
    """Lines that were looked at and not taken yet; at most as many as a row may have."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines, self._seen = iter(lines), deque[str]()

    def __getitem__(self, place: int) -> str | None:
        """The line so many places after the next one; None at the end of the file."""
        while len(self._seen) <= place:
            line = next(self._lines, None)
            if line is None:
                return None
            self._seen.append(line)
        return self._seen[place]

    def drop(self, count: int) -> None:
        """Take so many lines, all looked at before."""
        for _ in range(count):
            self._seen.popleft()


def rows_of(lines: Iterable[str], start: int, delimiter: str = ",", most_lines: int = MAX_LINES_A_ROW) -> Iterator[Row]:
    """The rows of these lines, the first of which has the index `start` in its file; blank lines left out.

    `most_lines`: how many lines a row may have.
    """
    ahead, at = _Ahead(lines), start
    while (line := ahead[0]) is not None:
        taken = 1
        if line == TOO_LONG:
            yield Row(at + 1, trouble="the line is longer than a mebibyte")
        elif '"' in line:
            row, taken = _quoted(ahead, at, delimiter, most_lines)
            yield row
        elif line.strip(" \t"):
            yield Row(at + 1, tuple(line.split(delimiter)))
        ahead.drop(taken)
        at += taken


def cells_of(line: str, delimiter: str) -> tuple[str, ...]:
    """The cells of a line taken by itself."""
    return _quoted(_Ahead([line]), 0, delimiter)[0].cells if '"' in line else tuple(line.split(delimiter))


def _quoted(ahead: _Ahead, at: int, delimiter: str, most_lines: int = 1) -> tuple[Row, int]:
    """The row that begins with the next line, which has quotes in it, and how many lines it takes."""
    reader = csv.reader(_piece(ahead, most_lines), delimiter=delimiter, skipinitialspace=True)
    try:
        cells = next(reader)
        taken = reader.line_num
        if taken > 1:  # lenient inside a line, strict across lines: a stray quote must not swallow its neighbours
            strict = csv.reader(
                _piece(ahead, most_lines, end=()), delimiter=delimiter, skipinitialspace=True, strict=True
            )
            cells = next(strict)
    except csv.Error as error:
        trouble = "a cell is too long" if "field limit" in str(error) else "a quote is never closed"
        return Row(at + 1, trouble=trouble), 1
    if any(len(cell) > MAX_QUOTED for cell in cells):
        return Row(at + 1, trouble="a cell is too long"), taken
    return Row(at + 1, tuple(cells)), taken


def _piece(ahead: _Ahead, most_lines: int, end: Sequence[str] = (_END,)) -> Iterator[str]:
    """As many lines as a row may have, read only as far as it goes; then `end`."""
    for place in range(most_lines):
        line = ahead[place]
        if line is None or line == TOO_LONG:
            break
        yield line + "\n"
    yield from end
