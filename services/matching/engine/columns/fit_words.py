"""The dictionaries that openings and seekers share, and numbers for pay, levels, places and days."""

from datetime import date
from typing import NamedTuple

from services.matching.engine.columns.names import Names
from services.matching.engine.columns.words import Words
from services.matching.kernels.fit.layout import HYBRID, ONSITE, REMOTE
from shared.events.people import LeastPay
from shared.events.postings import Pay, Workplace
from shared.resolution import Place

WORKPLACES = {Workplace.ONSITE: ONSITE, Workplace.HYBRID: HYBRID, Workplace.REMOTE: REMOTE}
"""The bit of each."""

_PERIODS = {"hour": 0, "day": 1, "week": 2, "month": 3, "year": 4}


class FitWords(NamedTuple):
    """Dictionaries. Countries and cities share one. Their owner keeps them in the snapshot."""

    companies: Words
    skills: Words
    occupations: Words
    groups: Words
    places: Words
    people: Names


def pay_code(pay: Pay | LeastPay | None) -> int:
    """A number for currency and period, from 1 up; 0 where none is named."""
    if pay is None:
        return 0
    code = 0
    for letter in pay.currency:
        code = code * 26 + ord(letter) - ord("A")
    return code * len(_PERIODS) + _PERIODS[pay.period] + 1


def level_code(level: int | None) -> int:
    """The rank + 1; 0 where none is named."""
    return 0 if level is None else level + 1


def place_pairs(places: frozenset[Place], words: FitWords) -> list[int]:
    """Country and city in turn; -1 where no city is named."""
    pairs: list[int] = []
    for place in places:
        pairs.append(-1 if place.country is None else words.places.index(place.country))
        pairs.append(-1 if place.city is None else words.places.index(place.city))
    return pairs


def day_number(day: date | None, missing: int) -> int:
    """The ordinal of a day."""
    return missing if day is None else day.toordinal()
