"""Exact numbers and ages, as in `rules.numbers`."""

import math

from services.matching.kernels.compiled import inner

SCALE = 10_000.0
"""Factors are stored as whole ten-thousandths."""


@inner
def ten_thousandths(x: float) -> int:
    """`rules.numbers.factor` before the division: the whole number of ten-thousandths nearest to x."""
    return int(math.floor(10_000 * x + 0.5 + 1e-6))  # noqa: RUF046 - a compiled floor gives a float


@inner
def periods(day: int, today: int) -> int:
    """How many whole 30-day periods ago a day was, never negative. Days are proleptic ordinals, as Python counts."""
    return max(0, (today - day) // 30)
