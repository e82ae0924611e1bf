"""Hints: three bits of eight for each company. Who has jobs at several companies has the bits of all.

Somebody without all the bits of a company has no job there. With them they may: of those with one job a fiftieth have
the bits of a company that is not theirs, of those with two a sixth.
"""

from collections.abc import Iterable
from itertools import combinations

HINTS = tuple(sum(1 << bit for bit in bits) for bits in combinations(range(8), 3))
"""All there are. Companies are numbered as they first appear, so the largest, which come early, seldom share one."""


def hint_of(company: int) -> int:
    """The hint of a company, by its number."""
    return HINTS[company % len(HINTS)]


def hint_of_all(companies: Iterable[int]) -> int:
    """The bits of all of these."""
    found = 0
    for company in companies:
        found |= hint_of(company)
    return found
