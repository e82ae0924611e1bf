"""People, whom they know and where they work, and the openings of a year: all from one seed.

The numbers are assumptions, not measurements. They are gathered here and in `Habits`, and told in the report.
"""

import random
from dataclasses import dataclass, field
from typing import Final

PEOPLE: Final = 600
COMPANIES: Final = 50
OCCUPATIONS: Final = 8
SEEKERS: Final = 200
MEDIAN_TIES: Final = 4
"""Ties that a person begins (log-normal: a few people know many); with whom favours those who are known by many."""

OPENINGS_A_DAY: Final = 2
DAYS: Final = 360
OPEN_FOR: Final = 30
SEEKING_FOR: Final = 180


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening: at a company, for an occupation, from a day on."""

    number: int
    company: int
    occupation: int
    day: int


@dataclass(frozen=True, slots=True)
class Town:
    """`ties`: by person, how firm each tie is, in (0, 1]. `seeking_from`: the day a seeker begins."""

    company: list[int]
    occupation: list[int]
    ties: list[dict[int, float]]
    seeking_from: dict[int, int]
    openings: list[Opening]
    staff: list[list[int]] = field(default_factory=list)


def make_town(seed: int) -> Town:
    """The same town for the same seed."""
    chance = random.Random(seed)
    company = [chance.randrange(COMPANIES) for _ in range(PEOPLE)]
    ties = _ties(chance, company)
    seekers = chance.sample(range(PEOPLE), SEEKERS)
    openings = [
        Opening(number, chance.randrange(COMPANIES), chance.randrange(OCCUPATIONS), number // OPENINGS_A_DAY)
        for number in range(DAYS * OPENINGS_A_DAY)
    ]
    return Town(
        company=company,
        occupation=[chance.randrange(OCCUPATIONS) for _ in range(PEOPLE)],
        ties=ties,
        seeking_from={seeker: chance.randrange(DAYS - SEEKING_FOR) for seeker in seekers},
        openings=openings,
        staff=[[person for person in range(PEOPLE) if company[person] == each] for each in range(COMPANIES)],
    )


def _ties(chance: random.Random, company: list[int]) -> list[dict[int, float]]:
    """Colleagues know each other well; other ties favour people who already have many (Barabási and Albert, 1999)."""
    ties: list[dict[int, float]] = [{} for _ in range(PEOPLE)]
    ends = list(range(PEOPLE))
    for person in range(PEOPLE):
        colleagues = [other for other in range(PEOPLE) if company[other] == company[person] and other != person]
        chosen = chance.sample(colleagues, min(2, len(colleagues)))
        chosen += [chance.choice(ends) for _ in range(int(MEDIAN_TIES * chance.lognormvariate(0, 1)))]
        for other in chosen:
            if other == person:
                continue
            ties[person][other] = ties[other][person] = chance.betavariate(2, 3)
            ends += [person, other]
    return ties
