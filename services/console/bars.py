"""A chart of horizontal bars, as numbers for a drawing: one for screens and one for phones. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

_NUMBERS = 90.0
"""Width that is left for the number after the longest bar, in units of the drawing."""

_SMALLEST = 3.0
THICK = 22.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, `width` long; where it begins, and the base lines of its label and its number."""

    label: str
    number: int
    x: float
    y: float
    width: float
    label_y: float

    @property
    def number_x(self) -> float:
        """Where the number begins: behind the bar."""
        return self.x + self.width + 8

    @property
    def number_y(self) -> float:
        """The base line of the number."""
        return self.y + THICK - 6


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars below one another, the longest as long as there is room. `shown` is the class that says on which screens."""

    shown: str
    bars: tuple[Bar, ...]
    width: float
    height: float


def charts(counts: Sequence[tuple[str, int]]) -> list[Chart]:
    """The same bars twice, in the given order: with labels beside them, and for phones with labels above them.

    A count of 0 has no bar, any other one a bar that can be seen.
    """
    if not counts:
        return []
    return [
        _chart("wide-map", counts, width=960.0, labels=300.0, row=34.0, below=6.0),
        _chart("narrow-map", counts, width=360.0, labels=0.0, row=56.0, below=24.0),
    ]


def _chart(
    shown: str, counts: Sequence[tuple[str, int]], *, width: float, labels: float, row: float, below: float
) -> Chart:
    most = max(number for _, number in counts) or 1
    room = width - labels - _NUMBERS
    bars = []
    for index, (label, number) in enumerate(counts):
        top = index * row
        long = max(_SMALLEST, room * number / most) if number else 0.0
        bars.append(Bar(label, number, labels, top + below, long, top + (21.0 if labels else 17.0)))
    return Chart(shown, tuple(bars), width, row * len(bars))
