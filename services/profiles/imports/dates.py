"""Dates as people's programs write them. Pure.

`03/04/2024` is the third of April or the fourth of March: the other dates of the file say which. Where none does, the
month comes first (how LinkedIn writes numbers), except with dots, where the day does.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_TIME = re.compile(r"(?:T|,?\s+)\d{1,2}:\d{2}.*$", re.IGNORECASE)
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s.\-/]*([a-z]{3,9})[\s.,\-/]*(\d{4}|\d{2})", re.IGNORECASE)
_MONTH_FIRST = re.compile(
    r"([a-z]{3,9})[\s.\-/]*(\d{1,2})(?:st|nd|rd|th)?(?:\s*,\s*|[\s\-/]+)(\d{4}|\d{2})", re.IGNORECASE
)
_MONTH_ONLY = re.compile(r"([a-z]{3,9})[\s.,\-/]+(\d{4})", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")

_CENTURY_TURNS = 69
_LAST_MONTH = 12


@dataclass(frozen=True, slots=True)
class Order:
    """How the numbers of this file are read. `warning` is set where that was a guess."""

    day_first: bool
    warning: str | None = None


def order_of(texts: Iterable[str]) -> Order:
    """Whether days come before months, by the dates of the file that can be read in one way only."""
    days = months = unclear = 0
    for text in texts:
        found = _NUMBERS.fullmatch(_bare(text))
        if not found or found[2] == ".":
            continue
        first, second = int(found[1]), int(found[3])
        days += second <= _LAST_MONTH < first
        months += first <= _LAST_MONTH < second
        unclear += first <= _LAST_MONTH and second <= _LAST_MONTH and first != second
    day_first = days > months
    read_as = "day/month" if day_first else "month/day"
    if unclear and days and months:
        return Order(day_first, f"dates come both as day/month and month/day: {unclear} unclear ones read as {read_as}")
    if unclear and not days and not months:
        return Order(day_first, f"{unclear} dates may be day/month or month/day: read as {read_as}")
    return Order(day_first)


@lru_cache(maxsize=10_000)  # a file has far more rows than days
def read(text: str, *, day_first: bool = False) -> date | None:
    """The day a text names, or None. A month alone is its first day; a year of two digits lies in 1969 to 2068."""
    text = _bare(text)
    if found := _ISO.fullmatch(text):
        return _date(found[1], int(found[3]), found[4] or "1")
    if found := _NUMBERS.fullmatch(text):
        first, second = int(found[1]), int(found[3])
        swap = first > _LAST_MONTH or (second <= _LAST_MONTH and (day_first or found[2] == "."))
        return _date(found[4], second if swap else first, str(first if swap else second))
    if found := _DAY_FIRST.fullmatch(text):
        return _date(found[3], _month(found[2]), found[1])
    if found := _MONTH_FIRST.fullmatch(text):
        return _date(found[3], _month(found[1]), found[2])
    if found := _MONTH_ONLY.fullmatch(text):
        return _date(found[2], _month(found[1]), "1")
    return None


def _bare(text: str) -> str:
    return _WEEKDAY.sub("", _TIME.sub("", text.strip()))


def _month(word: str) -> int:
    """1 to 12, from the name or its first letters; 0 for another word."""
    word = word.lower()
    return next((number for number, name in enumerate(_MONTHS, 1) if name.startswith(word)), 0)


def _date(year: str, month: int, day: str) -> date | None:
    number = int(year)
    if len(year) == len("yy"):
        number += 1900 if number >= _CENTURY_TURNS else 2000
    try:
        return date(number, month, int(day))
    except ValueError:
        return None
