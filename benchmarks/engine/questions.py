"""The questions put to engine and peers, and which of them are drawn to be timed.

Of paths alone: the insiders of an opening with their standing, the seekers that fit it, and the openings that fit a
seeker are part of the question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.graphs.distributions import Doubles, Int32s, Int64s, Listed
from benchmarks.graphs.generated import Data, Graph
from services.matching.rules.fit import FITS_FROM, LEVELS_APART, SKILLS_ENOUGH, SKILLS_LEAST
from services.matching.rules.standing import OTHER_ROLE, RECRUITING, SAME_GROUP, SAME_OCCUPATION

STANDINGS = (SAME_OCCUPATION, SAME_GROUP, OTHER_ROLE)
"""Those that somebody there now can have; a recruiter's is the second."""

SAMPLED = 4_000
"""Openings looked at to find some that fit the number of seekers wanted."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Who could introduce this person at this company, where they do not work? Best first."""

    person: int
    company: int


@dataclass(frozen=True, slots=True)
class Call:
    """For each of these seekers the best three introducers into an opening."""

    opening: int
    company: int
    insiders: Int32s
    standings: Doubles
    seekers: Int32s


@dataclass(frozen=True, slots=True)
class Turn:
    """Into which of these openings does the person have a path, and how good is the best one?"""

    person: int
    openings: Int32s


Question = Ask | Call | Turn


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Rows of numbers with a score each: (introducer), (seeker, introducer) or (opening).

    Equal are the same rows in the same order, with scores equal to the last digit.
    """

    keys: tuple[Int64s, ...]
    score: Doubles

    @classmethod
    def of(cls, rows: Sequence[tuple[float, ...]], keys: int = 1) -> Self:
        """From rows of so many keys and the score."""
        table = np.array(rows, np.float64).reshape(len(rows), keys + 1)
        columns = tuple(table[:, key].astype(np.int64) for key in range(keys))
        return cls(columns, np.ascontiguousarray(table[:, keys]))

    def __len__(self) -> int:
        return len(self.score)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Answer):
            return NotImplemented
        columns = zip((*self.keys, self.score), (*other.keys, other.score), strict=True)
        return all(np.array_equal(one, two) for one, two in columns)

    __hash__ = None  # type: ignore[assignment]  # arrays have none


def inverted(lists: Listed, kinds: int) -> Listed:
    """For every number the lists it stands in."""
    owner = np.repeat(np.arange(len(lists), dtype=np.int32), np.diff(lists.offsets))
    order = np.argsort(lists.items, kind="stable")
    counts = np.bincount(lists.items, minlength=kinds)
    return Listed(np.concatenate([[0], np.cumsum(counts)]), owner[order])


class Questions:
    """Draws questions about one graph; the same seed draws the same."""

    def __init__(self, data: Data, seed: int = 7) -> None:
        graph = self.graph = data.graph
        self._rng = np.random.default_rng(seed)
        skills = 1 + int(max(graph.seeker_skill.max(initial=0), graph.opening_skill.max(initial=0)))
        self._seekers_with = inverted(graph.seeker_skills(), skills)
        self._openings_with = inverted(graph.opening_skills(), skills)
        companies = 1 + int(max(graph.job_company.max(initial=0), graph.opening_company.max(initial=0)))
        each = Listed(np.arange(len(graph.job_company) + 1), graph.job_company)
        self._jobs_at = inverted(each, companies)
        self._job_person = graph.job_person()

    def asks(self, count: int) -> list[Ask]:
        """Seekers at random, about companies as often as these have openings."""
        people = self._rng.choice(self.graph.seekers, count)
        companies = self._rng.choice(self.graph.opening_company, count)
        pairs = zip(people.tolist(), companies.tolist(), strict=True)
        return [Ask(person, company) for person, company in pairs if company not in self._employers(person)]

    def calls(self, count: int, fitting: int) -> list[Call]:
        """The openings, of many drawn, whose number of fitting seekers is nearest to the one wanted."""
        openings = len(self.graph.opening_company)
        drawn = self._rng.choice(openings, min(SAMPLED, openings), replace=False)
        off = [abs(len(self.fitting_seekers(int(opening))) - fitting) for opening in drawn]
        return [self.call(int(drawn[k])) for k in np.argsort(off, kind="stable")[:count]]

    def any_calls(self, count: int) -> list[Call]:
        """Openings at random."""
        return [self.call(int(opening)) for opening in self._rng.choice(len(self.graph.opening_company), count)]

    def turns(self, count: int) -> list[Turn]:
        """Seekers at random."""
        drawn = self._rng.choice(len(self.graph.seekers), count).tolist()
        return [Turn(int(self.graph.seekers[seeker]), self.fitting_openings(seeker)) for seeker in drawn]

    def introducing(self, count: int) -> list[int]:
        """Different people who introduce, at random."""
        found: list[int] = self._rng.choice(np.flatnonzero(self.graph.introduces), count, replace=False).tolist()
        return found

    def place(self, person: int) -> int:
        """Where somebody stands among the seekers."""
        return int(np.searchsorted(self.graph.seekers, person))

    def call(self, opening: int) -> Call:
        """The question an opening puts."""
        company = int(self.graph.opening_company[opening])
        insiders, standings = self.insiders(opening)
        return Call(opening, company, insiders, standings, self.fitting_seekers(opening))

    def insiders(self, opening: int) -> tuple[Int32s, Doubles]:
        """Everybody who works at the opening's company, with their standing."""
        jobs = self._jobs_at.of(int(self.graph.opening_company[opening]))
        roles = roles_for(self.graph, int(self.graph.opening_title[opening]))[self.graph.job_title[jobs]]
        people, which = np.unique(self._job_person[jobs], return_inverse=True)
        best = np.zeros(len(people))
        np.maximum.at(best, which, roles)
        return people.astype(np.int32), best

    def fitting_seekers(self, opening: int) -> Int32s:
        """The seekers whom an opening fits."""
        graph = self.graph
        named = graph.opening_skills().of(opening)
        found = _found(self._seekers_with, named, len(graph.seekers))
        values = _fit(
            found / enough_skills(len(named)),
            _nearness(graph, graph.seeker_title, int(graph.opening_title[opening])),
            np.abs(graph.seeker_level - graph.opening_level[opening]),
        )
        at = self._job_person[self._jobs_at.of(int(graph.opening_company[opening]))]
        seekers = graph.seekers[values >= FITS_FROM]
        return seekers[~np.isin(seekers, at)]

    def fitting_openings(self, seeker: int) -> Int32s:
        """The openings that fit a seeker, given by their place among the seekers."""
        graph = self.graph
        found = _found(self._openings_with, graph.seeker_skills().of(seeker), len(graph.opening_company))
        values = _fit(
            found / enough_skills(np.diff(graph.opening_skill_offsets)),
            _nearness(graph, graph.opening_title, int(graph.seeker_title[seeker])),
            np.abs(graph.opening_level - graph.seeker_level[seeker]),
        )
        elsewhere = ~np.isin(graph.opening_company, self._employers(int(graph.seekers[seeker])))
        return np.flatnonzero((values >= FITS_FROM) & elsewhere).astype(np.int32)

    def _employers(self, person: int) -> Int32s:
        return self.graph.job_company[self.graph.job_offsets[person] : self.graph.job_offsets[person + 1]]


def enough_skills(named: Int64s | int) -> Int64s:
    """How many of the skills that an opening names are all that is asked for."""
    return np.asarray(np.clip(named, SKILLS_LEAST, SKILLS_ENOUGH), np.int64)


def roles_for(graph: Graph, title: int) -> Doubles:
    """By title held, the role towards an opening of this title."""
    near = graph.title_group == graph.title_group[title]
    roles = np.where(near, SAME_GROUP, np.where(graph.title_recruiting, RECRUITING, OTHER_ROLE))
    roles[title] = SAME_OCCUPATION
    return roles


def _found(having: Listed, skills: Int32s, count: int) -> NDArray[np.intp]:
    lists = [having.of(int(skill)) for skill in skills]
    return np.bincount(np.concatenate(lists), minlength=count) if lists else np.zeros(count, np.intp)


def _nearness(graph: Graph, titles: Int32s, title: int) -> Doubles:
    """Titles are symmetric: it does not matter which side holds the one and which seeks it."""
    same_group = graph.title_group[titles] == graph.title_group[title]
    return np.where(titles == title, 1.0, np.where(same_group, 0.5, 0.0))


def _fit(skills: Doubles, title: Doubles, apart: NDArray[np.int8]) -> Doubles:
    """The fit by section 4, in its order of sums; 0 where the levels are too far apart."""
    total = 0.60 * np.minimum(1.0, skills) + 0.25 * title + 0.15 * (1 - apart / LEVELS_APART)
    fit = np.floor(10_000 * (total / (0.60 + 0.25 + 0.15)) + 0.5 + 1e-6) / 10_000
    return np.where(apart < LEVELS_APART, fit, 0.0)
