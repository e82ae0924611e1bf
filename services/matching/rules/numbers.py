"""Exact numbers and ages (section 1), so that scores depend neither on the machine nor on the order of events."""

import math
from datetime import date

DAYS_A_PERIOD = 30
DAYS_A_YEAR = 365


def factor(x: float) -> float:
    """The whole number of ten-thousandths nearest to x, as a double: floor(10,000·x + 0.5 + 10^-6) / 10,000."""
    return math.floor(10_000 * x + 0.5 + 1e-6) / 10_000


def years_since(day: date, today: date) -> float:
    """How long ago, in years of whole 30-day periods: periods · 30/365, never negative."""
    periods = max(0, (today - day).days // DAYS_A_PERIOD)
    return periods * DAYS_A_PERIOD / DAYS_A_YEAR


def two_digits(score: float) -> float:
    """A score as a record carries it: two significant digits, half to even (section 5)."""
    return float(f"{score:.1e}")


def whole_percent(fit: float) -> int:
    """A factor in whole percents, half to even (section 5). Counted in ten-thousandths, so that halves are exact."""
    whole, rest = divmod(round(fit * 10_000), 100)
    above = rest > 50 or (rest == 50 and whole % 2 == 1)  # noqa: PLR2004 - fifty of a hundred is the half
    return whole + above
