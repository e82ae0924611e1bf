"""Dates as people's programs write them, by a closed grammar, with the precision they have. Pure.

`03/04/2024` is the third of April or the fourth of March: the other dates of its column say which, and where none does
it is not read. With dots the day comes first, everywhere.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from services.profiles.imports.months import month_of

_TIME = re.compile(r"(?:T|,?\s+)\d{1,2}:\d{2}.*$", re.IGNORECASE)
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)
_WORD = r"(?P<word>[^\W\d_]{3,12})\.?"
_OF = r"(?:(?:de|di|del)\s+)?"
_FULL_YEAR = r"(?P<year>\d{4})(?:\s*\u0433\.?)?"
_ANY_YEAR = r"(?P<year>\d{4}|\d{2})(?:\s*\u0433\.?)?"
"""A year; in Russian with the letter that stands for the word."""

_GRAMMAR = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?:(?P=sign)(?P<day>\d{1,2}))?",
        r"(?P<year>\d{4})\s*[年년.]\s*(?P<month>\d{1,2})\s*[月월.](?:\s*(?P<day>\d{1,2})\s*[日일.]?)?",
        r"(?P<month>\d{1,2})[-/.](?P<year>\d{4})",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º)?[\s.\-/]*{_OF}{_WORD}[\s.,\-/]*{_OF}{_ANY_YEAR}",
        rf"{_WORD}[\s.\-/]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|[\s\-/]+)(?P<year>\d{{4}}|\d{{2}})",
        rf"{_WORD}[\s.,\-/]+{_OF}{_FULL_YEAR}",
        r"(?P<year>\d{4})\s*[年년]?",
    )
)
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")

_CENTURY_TURNS = 69
_LAST_MONTH = 12

Precision = Literal["year", "month", "day"]


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as far as it is known; `day` is the first of its month or year."""

    day: date
    precision: Precision


@dataclass(frozen=True, slots=True)
class Order:
    """Whether days come before months in a column of numbers; None where nothing says so."""

    day_first: bool | None
    warning: str | None = None


class Column:
    """Learns the order of a column from the dates that can be read in one way only, a date at a time."""

    def __init__(self) -> None:
        self._days = self._months = self._unclear = 0

    def see(self, text: str) -> None:
        """One more date of the column."""
        found = _NUMBERS.fullmatch(_bare(text))
        if not found or found[2] == ".":
            return
        first, second = int(found[1]), int(found[3])
        self._days += second <= _LAST_MONTH < first
        self._months += first <= _LAST_MONTH < second
        self._unclear += first <= _LAST_MONTH and second <= _LAST_MONTH and first != second

    def order(self) -> Order:
        """How its numbers are read."""
        if bool(self._days) != bool(self._months):
            return Order(bool(self._days))
        if not self._unclear:
            return Order(None)
        why = "the file has both orders" if self._days else "no other date says which"
        return Order(None, f"{self._unclear} dates may be day/month or month/day, and {why}: they were left out")


def unclear(text: str) -> bool:
    """Whether only other dates of its column can say which number is the day."""
    found = _NUMBERS.fullmatch(_bare(text))
    return bool(found) and parse(text) is None and parse(text, day_first=True) is not None


def read(text: str, *, day_first: bool | None = None) -> date | None:
    """The day a text names, a month or a year as its first day; None for anything else."""
    found = parse(text, day_first=day_first)
    return found.day if found else None


@lru_cache(maxsize=10_000)  # a file has far more rows than days
def parse(text: str, *, day_first: bool | None = None) -> Dated | None:
    """The date a text names, or None. A year of two digits lies in 1969 to 2068."""
    text = _bare(text)
    if found := _NUMBERS.fullmatch(text):
        return _of_numbers(int(found[1]), int(found[3]), found[4], day_first=found[2] == "." or day_first)
    for pattern in _GRAMMAR:
        if found := pattern.fullmatch(text):
            parts = found.groupdict()
            word, number = parts.get("word"), parts.get("month")
            return _dated(parts["year"], month_of(word) if word else int(number) if number else None, parts.get("day"))
    return None


def _of_numbers(first: int, second: int, year: str, *, day_first: bool | None) -> Dated | None:
    if first > _LAST_MONTH or first == second:
        day_first = True
    elif second > _LAST_MONTH:
        day_first = False
    if day_first is None:
        return None
    return _dated(year, second, str(first)) if day_first else _dated(year, first, str(second))


def _bare(text: str) -> str:
    return _WEEKDAY.sub("", _TIME.sub("", text.strip()))


def _dated(year: str, month: int | None, day: str | None) -> Dated | None:
    number = int(year)
    if len(year) == len("yy"):
        number += 1900 if number >= _CENTURY_TURNS else 2000
    try:
        first = date(number, 1 if month is None else month, int(day or "1"))
    except ValueError:
        return None
    return Dated(first, "year" if month is None else "month" if day is None else "day")
