"""A chart of horizontal bars, as numbers for a drawing. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

ROW = 34.0
LABELS = 300.0
"""Height of a row and width of the labels, in units of the drawing."""

_NUMBERS = 90.0
_SMALLEST = 3.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `y` is the top of its row, `width` what it is long."""

    label: str
    number: int
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars below one another, the longest as long as there is room."""

    bars: tuple[Bar, ...]
    width: float
    height: float


def chart(counts: Sequence[tuple[str, int]], width: float = 960.0) -> Chart:
    """A bar for each count, in the given order; a count of 0 has none, any other one that can be seen."""
    most = max((number for _, number in counts), default=0) or 1
    room = width - LABELS - _NUMBERS
    bars = tuple(
        Bar(label, number, index * ROW, max(_SMALLEST, room * number / most) if number else 0.0)
        for index, (label, number) in enumerate(counts)
    )
    return Chart(bars, width, ROW * len(bars))
