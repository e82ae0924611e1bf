"""Cells made safe: one line of printable text in Unicode NFC, and never something a spreadsheet would run.

A cell that opens with = + - @ is a formula to Excel. A real one is dropped; a mere sign before words is taken off.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\u2212"
_EQUALS = "=\uff1d"
_CALL = re.compile(r"\w\(|[|!{}\\]")
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text, and what had to be done to it."""

    text: str
    trouble: Literal["formula", "sign"] | None = None


def tidy(raw: str) -> str:
    """One line, single spaces, NFC, without control characters and invisible ones (joiners stay: names need them)."""
    if not raw.isprintable():
        raw = "".join(_visible(char) for char in raw)
    return " ".join(unicodedata.normalize("NFC", raw).split())


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cc" or category.startswith("Z"):
        return " "
    return "" if category in {"Cf", "Cs"} and char not in _JOINERS else char


@lru_cache(maxsize=10_000)  # companies and positions come again and again
def defuse(raw: str) -> Cell:
    """The cell's text, never opening with a sign that starts a formula."""
    text = tidy(raw)
    head = text.lstrip("' ")
    if not head or head[0] not in _SIGNS:
        return Cell(text)
    rest = head.lstrip(_SIGNS + "'\" ")
    if not rest:
        return Cell("")
    if head[0] in _EQUALS or _CALL.search(rest) or not any(char.isalpha() for char in rest):
        return Cell("", "formula")
    return Cell(rest, "sign")
