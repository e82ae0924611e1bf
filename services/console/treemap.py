"""A treemap: boxes whose areas are as their counts, as square as they come. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import squarify  # type: ignore[import-untyped]  # it ships no types

LARGE = 42.0
"""From this height a box has room for two lines of text."""

_CHARACTER = 10.0
"""Width of a character in the font of the boxes, in units of the drawing."""

_MARGIN = 12.0
_LEAST = 8
"""A name cut to fewer characters tells nothing: such a box has its name in the table below only."""


@dataclass(frozen=True, slots=True)
class Box:
    """A company's place in the drawing; `label` is what fits of its name."""

    name: str
    number: int
    x: float
    y: float
    width: float
    height: float
    shade: int

    @property
    def label(self) -> str:
        """The name, or as much of it as fits; "" where too little does."""
        room = int((self.width - _MARGIN) / _CHARACTER)
        if room >= len(self.name):
            return self.name
        return f"{self.name[: room - 1].rstrip()}…" if room >= _LEAST else ""

    @property
    def has_room(self) -> bool:
        """Whether the count fits below the name."""
        return self.height >= LARGE


def layout(counts: Sequence[tuple[str, int]], width: float, height: float) -> list[Box]:
    """A box for each name, in the given order, which is by falling count. `shade` is from 0 (fewest) to 4 (most)."""
    if not counts:
        return []
    sizes = squarify.normalize_sizes([number for _, number in counts], width, height)
    most = counts[0][1]
    return [
        Box(name, number, box["x"], box["y"], box["dx"], box["dy"], _shade(number, most))
        for (name, number), box in zip(counts, squarify.squarify(sizes, 0, 0, width, height), strict=True)
    ]


def _shade(number: int, most: int) -> int:
    return min(4, 5 * number // (most + 1))
