"""From words with their places on a page to lines in the order in which a person reads them. Pure.

Two columns are read one after the other, each from top to bottom. What stands over both, or under both, is read before
or after them. Dates beside the text are no column: they belong to the lines that they stand on.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

COLUMN = "\f"
"""Stands before the lines of a column."""

_YEAR = re.compile(r"(?:19|20)\d\d")
_STEP = 3.0
_LEAST_GUTTER = 9.0
"""Points between two columns, everywhere."""
_FEWEST = 4
"""Lines that a column has at least."""
_MARGIN = 0.12
"""A column's least width, in parts of the page's."""
_ASIDE = 0.5
"""From this part of its lines with a year on, what stands beside the text is its dates."""
_LABEL, _MOST = 2.5, 0.8
"""Words of a label; the part of a table's rows that have a label and something beside it."""
_DENSE = 0.4
"""Of the lines between its first and its last one, a column has at least this part: places and dates are fewer."""
_SAME_LINE = 0.6
_APART = 1.2
"""Between two words that belong to different things, in heights of a line."""
_PARAGRAPH = 1.9
"""Between two lines with a paragraph's end between them, in heights of a line."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box, in points from the top left corner of the page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


Row = list[Word]
"""Words on one line, from left to right."""


def lines_of(words: Sequence[Word]) -> list[str]:
    """The page's lines in reading order; "" between paragraphs, COLUMN before each column."""
    return _read(_rows(words), deep=2)


def _read(rows: list[Row], *, deep: int) -> list[str]:
    found = _columns(rows) if deep else None
    if found is None:
        return _told(rows)
    first, last, at = found
    left = _part(rows[first:last], at, left=True)
    right = _part(rows[first:last], at, left=False)
    parts = (rows[:first], left, right, rows[last:])
    lines: list[str] = []
    for part in parts:
        if part is left or part is right:
            lines.append(COLUMN)
        lines += [*_read(part, deep=deep - 1), ""] if part else []
    return lines


def _rows(words: Sequence[Word]) -> list[Row]:
    """Words grouped by line, the top line first."""
    rows: list[Row] = []
    for word in sorted(words, key=lambda one: (one.bottom, one.left)):
        height = min(word.bottom - word.top, rows[-1][0].bottom - rows[-1][0].top) if rows else 0.0
        if rows and word.bottom - rows[-1][0].bottom < _SAME_LINE * height:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda one: one.left) for row in rows]


def _part(rows: Sequence[Row], at: float, *, left: bool) -> list[Row]:
    parts = ([word for word in row if (word.right <= at) == left] for row in rows)
    return [part for part in parts if part]


def _columns(rows: list[Row]) -> tuple[int, int, float] | None:
    """Where two columns stand: the first of their rows, the one behind the last, and a place between them."""
    if len(rows) < _FEWEST:
        return None
    start = min(row[0].left for row in rows)
    end = max(row[-1].right for row in rows)
    width, best = end - start, None
    at = start + _MARGIN * width
    while at < end - _MARGIN * width:
        for first, last in _free(rows, at):
            tall = rows[last - 1][0].bottom - rows[first][0].top
            if (best is None or tall > best[0]) and _are_columns(rows[first:last], at):
                best = tall, first, last, at
        at += _STEP
    return best[1:] if best else None


def _free(rows: Sequence[Row], at: float) -> list[tuple[int, int]]:
    """The runs of rows that leave this place free."""
    crossed = [-1, *(index for index, row in enumerate(rows) if _crosses(row, at)), len(rows)]
    return [(one + 1, other) for one, other in pairwise(crossed) if other - one > _FEWEST]


def _crosses(row: Row, at: float) -> bool:
    half = _LEAST_GUTTER / 2
    return any(word.left < at + half and word.right > at - half for word in row)


def _are_columns(rows: Sequence[Row], at: float) -> bool:
    sides = [_part(rows, at, left=left) for left in (True, False)]
    return all(len(side) >= _FEWEST and not _is_aside(side, rows) for side in sides) and not _is_table(sides, rows)


def _is_aside(side: Sequence[Row], rows: Sequence[Row]) -> bool:
    """Whether it is only dates and places that stand beside the rows."""
    dated = sum(1 for row in side if any(_YEAR.search(word.text) for word in row))
    first, last = side[0][0].bottom, side[-1][0].bottom
    beside = sum(1 for row in rows if any(first <= word.bottom <= last for word in row))
    return dated >= _ASIDE * len(side) or len(side) < _DENSE * beside


def _is_table(sides: Sequence[list[Row]], rows: Sequence[Row]) -> bool:
    """Whether it is labels with what they name beside them: nearly every row has both, and labels are short."""
    both = len(sides[0]) + len(sides[1]) - len(rows)
    short = sum(map(len, sides[0])) <= _LABEL * len(sides[0])
    return short and both >= _MOST * len(rows)


def _told(rows: Sequence[Row]) -> list[str]:
    lines: list[str] = []
    for index, row in enumerate(rows):
        height = row[0].bottom - row[0].top
        if index and row[0].bottom - rows[index - 1][0].bottom > _PARAGRAPH * height:
            lines.append("")
        lines.append(_line(row))
    return lines


def _line(row: Row) -> str:
    """The row's words; a tab where they stand apart."""
    text = row[0].text
    for before, word in pairwise(row):
        apart = word.left - before.right > _APART * (word.bottom - word.top)
        text += ("\t" if apart else " ") + word.text
    return text
