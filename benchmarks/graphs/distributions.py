"""Seeded draws with heavy tails: who works where and as what, who seeks what, and which openings there are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Doubles = NDArray[np.float64]

LEVELS = 7
MOST_SKILLS = 12


@dataclass(frozen=True, slots=True)
class World:
    """What is drawn from: how likely each company and title is, and the skills that go with a title, likeliest first.

    `title_group` is a number a title; of `recruiting` titles the holder counts as a recruiter.
    """

    companies: Doubles
    titles: Doubles
    title_group: Int32s
    recruiting: NDArray[np.bool_]
    title_skills: Int32s
    skills: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of numbers for each of many: those of k are `items[offsets[k]:offsets[k + 1]]`."""

    offsets: Int64s
    items: Int32s

    def of(self, k: int) -> Int32s:
        """The numbers of one."""
        return self.items[self.offsets[k] : self.offsets[k + 1]]

    def __len__(self) -> int:
        return len(self.offsets) - 1


def zipf(count: int, exponent: float) -> Doubles:
    """Shares that fall with the rank; they sum to 1."""
    weights: Doubles = np.arange(1, count + 1, dtype=np.float64) ** -exponent
    weights /= weights.sum()
    return weights


def draw(rng: np.random.Generator, shares: Doubles, count: int) -> Int32s:
    """So many numbers, each as likely as its share."""
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(count), "right").astype(np.int32)


def invented_world(rng: np.random.Generator, companies: int, titles: int = 400, skills: int = 2_000) -> World:
    """A world without a model: companies, titles and skills by Zipf's law, titles in groups of twenty."""
    profiles = np.stack([_distinct(rng, zipf(skills, 0.8), 40) for _ in range(titles)])
    return World(
        companies=zipf(companies, 0.8),
        titles=zipf(titles, 0.9),
        title_group=(np.arange(titles) % (titles // 20)).astype(np.int32),
        recruiting=np.arange(titles) % 50 == 7,  # noqa: PLR2004 - one title in fifty, none of the commonest
        title_skills=profiles,
        skills=skills,
    )


def _distinct(rng: np.random.Generator, shares: Doubles, count: int) -> Int32s:
    return rng.choice(len(shares), count, replace=False, p=shares).astype(np.int32)


def employments(rng: np.random.Generator, world: World, first: Int32s) -> tuple[Listed, Int32s]:
    """One or two present jobs a person, the first at the company given: companies, and the titles beside them."""
    people = len(first)
    jobs = 1 + (rng.random(people) < 0.2).astype(np.int64)  # noqa: PLR2004 - one in five has two
    offsets = np.concatenate([[0], np.cumsum(jobs)])
    companies = draw(rng, world.companies, int(offsets[-1]))
    companies[offsets[:-1]] = first
    return Listed(offsets, companies), draw(rng, world.titles, int(offsets[-1]))


def skills_for(rng: np.random.Generator, world: World, titles: Int32s, fewest: int, most: int) -> Listed:
    """Distinct skills for each of these titles: seven in ten from the title's own, the rest from anywhere."""
    count = len(titles)
    width = 2 * most
    rank = draw(rng, zipf(world.title_skills.shape[1], 0.9), count * width).reshape(count, width)
    drawn = world.title_skills[titles[:, None], rank]
    other = draw(rng, zipf(world.skills, 0.8), count * width).reshape(count, width)
    drawn = np.where(rng.random((count, width)) < 0.7, drawn, other)  # noqa: PLR2004 - a share to draw by
    fresh = np.ones((count, width), np.bool_)
    for column in range(1, width):
        fresh[:, column] = (drawn[:, :column] != drawn[:, column : column + 1]).all(axis=1)
    wanted = rng.integers(fewest, most + 1, count)
    kept = fresh & (fresh.cumsum(axis=1) <= wanted[:, None])
    return Listed(np.concatenate([[0], np.cumsum(kept.sum(axis=1))]), drawn[kept].astype(np.int32))


def levels(rng: np.random.Generator, count: int) -> NDArray[np.int8]:
    """A level each; the middle ones are the commonest."""
    return draw(rng, np.array([3, 12, 30, 30, 15, 7, 3]) / 100, count).astype(np.int8)
