"""Seekers as columns, a row each, with an inverted index.

What depends on the day is computed when it is needed: a row has the days of its jobs, and is in the lists of every
title that may be sought on any later day. So there is nothing to do on a new day.
"""

from collections.abc import Mapping
from datetime import date
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from services.matching.domain import Job, Person, Search
from services.matching.engine.columns.fact_row_arrays import fact_row_arrays, restore_fact_rows
from services.matching.engine.columns.fit_words import (
    WORKPLACES,
    FitWords,
    day_number,
    level_code,
    pay_code,
    place_pairs,
)
from services.matching.engine.columns.names import PEOPLE
from services.matching.engine.columns.words import COUNT as WORDS
from services.matching.kernels.fit import layout as at
from services.matching.kernels.fit.layout import SeekerColumns
from services.matching.kernels.storage.arrays import I32
from services.matching.kernels.storage.fact_rows import index_rows, replace_row
from services.matching.kernels.storage.lists import new_lists
from services.matching.kernels.storage.memory import CapacityError, reserve
from services.matching.snapshots.arrays import fill_columns, under_prefix, with_prefix
from shared.resolution import Title

SEEKERS = 1 << 24
ITEMS = 1 << 30

NO_ROW = 0

_KEPT = ("person_of", "least", "level")
"""The columns that a snapshot keeps; the others are rebuilt from them and from the facts."""

_NOTHING = np.zeros(0, np.int32)


class Seekers:
    """Who seeks, by row from 1 up. Rows of those who no longer seek are reused."""

    def __init__(self, words: FitWords) -> None:
        self.columns = SeekerColumns(
            row_of=reserve(PEOPLE, np.int32),
            person_of=reserve(SEEKERS, np.int32),
            least=reserve(SEEKERS, np.float64),
            level=reserve(SEEKERS, np.uint8),
            facts=new_lists(SEEKERS, ITEMS),
            listed=new_lists(WORDS * at.STRIDE, ITEMS),
        )
        self._words = words
        self._rows = 1
        self._free: list[int] = []
        self._day = 0

    def __len__(self) -> int:
        """One more than the highest row in use."""
        return self._rows

    def set_day(self, today: date) -> None:
        """Move to a day, never back. A later `upsert` leaves out jobs that ended before: they never count again."""
        self._day = max(self._day, today.toordinal())

    def row(self, person: int) -> int:
        """The row of a person; 0 for one who does not seek."""
        return int(self.columns.row_of[person])

    def upsert(self, index: int, person: Person | None) -> bool:
        """Store what somebody seeks now, or remove them where they seek nothing; whether they were or are a seeker.

        Raises:
            CapacityError: there is no room for more.
        """
        row, search = self.row(index), None if person is None or not person.seeks else person.search
        if person is None or search is None:
            if row != NO_ROW:
                self._forget(index, row)
            return row != NO_ROW
        if row == NO_ROW:
            row = self._new(index)
        self.columns.least[row] = 0.0 if search.pay is None else search.pay.min
        self.columns.level[row] = level_code(search.level)
        self._replace_row(row, self._block(person, search))
        return True

    def with_secrets(self, pay: int, top: float) -> I32:
        """The people who block some company, or whose least pay in this currency and period is above `top`."""
        facts, rows = self.columns.facts, np.flatnonzero(self.columns.facts.size[: self._rows])
        start = facts.start[rows]
        blocks = facts.items[start + at.TITLES] > facts.items[start + at.BLOCKED]
        wants_more = (facts.items[start + at.PAY] == pay) & (self.columns.least[rows] > top) if pay else False
        found: I32 = self.columns.person_of[rows[blocks | wants_more]]
        return found

    def facts_of(self, person: Person) -> I32:
        """The facts of a seeker as given here, which may differ from the row."""
        assert person.search is not None  # noqa: S101 - only seekers are asked about
        return self._block(person, person.search)

    def _new(self, index: int) -> int:
        row = self._free.pop() if self._free else self._rows
        if row >= len(self.columns.person_of):
            raise CapacityError("there is no room for more seekers")
        self._rows = max(self._rows, row + 1)
        self.columns.row_of[index], self.columns.person_of[row] = row, index
        return row

    def _forget(self, index: int, row: int) -> None:
        self._replace_row(row, _NOTHING)
        self.columns.row_of[index] = NO_ROW
        self._free.append(row)

    def _replace_row(self, row: int, block: I32) -> None:
        if not replace_row(self.columns.facts, self.columns.listed, row, block):
            raise CapacityError("there is no room for what seekers name")

    def _block(self, person: Person, search: Search) -> I32:
        words = self._words
        skills = [words.skills.index(skill) for skill in person.skills | search.skills]
        places = place_pairs(search.places, words)
        blocked = [words.companies.index(family) for family in search.blocked]
        sought = [number for title in search.titles for number in self._title(title)]
        kept = [job for job in person.jobs if job.end is None or job.end.toordinal() > self._day]
        jobs = [number for job in kept for number in self._job(job)]
        ends = [*accumulate(map(len, (skills, places, blocked, sought, jobs)), initial=at.SKILLS)]
        head = [
            ends[-1],
            level_code(search.level),
            sum(WORKPLACES[place] for place in search.workplaces),
            pay_code(search.pay),
            int(search.names_titles),
            *ends[1:-1],
            search.discreet,
            -1,
        ]
        titles, may_lack = (sought, not sought) if search.names_titles else self._ever_held(jobs)
        keys = _keys(skills, titles, may_lack=may_lack)
        return np.array([*head, *skills, *places, *blocked, *sought, *jobs, *keys], np.int32)

    def _title(self, title: Title | None) -> tuple[int, int]:
        if title is None:
            return -1, -1
        return self._words.occupations.index(title.occupation), self._words.groups.index(title.group)

    def _job(self, job: Job) -> tuple[int, ...]:
        company, days = (
            self._words.companies.index(job.company),
            (day_number(job.start, 0), day_number(job.end, at.ALWAYS)),
        )
        return company, *self._title(job.title), *days

    def _ever_held(self, jobs: list[int]) -> tuple[list[int], bool]:
        """The titles that jobs give today or later, and whether there may be a day without any."""
        titles, lasting = [], False
        for begin in range(0, len(jobs), at.JOB):
            _, occupation, group, start, end = jobs[begin : begin + at.JOB]
            if occupation >= 0:
                titles += [occupation, group]
                lasting = lasting or (start <= self._day and end == at.ALWAYS)
        return titles, not lasting

    def arrays(self) -> list[tuple[str, npt.NDArray[Any]]]:
        """What a snapshot keeps; views, to be read before the next change."""
        columns, rows = self.columns, self._rows
        own = [(name, getattr(columns, name)[:rows]) for name in _KEPT]
        return [*own, *with_prefix("facts", fact_row_arrays(columns.facts, rows))]

    def extra(self) -> dict[str, Any]:
        """The day."""
        return {"day": self._day}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]], extra: Mapping[str, Any]) -> None:
        """Restore what `arrays` and `extra` gave, into an empty object.

        Raises:
            CapacityError: it does not fit.
        """
        columns, person_of = self.columns, arrays["person_of"]
        self._day, self._rows = int(extra["day"]), len(person_of)
        fill_columns(arrays, ((name, getattr(columns, name)) for name in _KEPT))
        restore_fact_rows(columns.facts, under_prefix("facts", arrays))
        used = np.flatnonzero(columns.facts.size[: self._rows])
        columns.row_of[person_of[used]] = used
        self._free = [row for row in range(1, self._rows) if columns.facts.size[row] == 0]
        if not index_rows(columns.facts, columns.listed, self._rows):
            raise CapacityError("there is no room for what seekers name")


def _keys(skills: list[int], titles: list[int], *, may_lack: bool) -> list[int]:
    """The lists that contain a seeker: none for one who names nothing, as nothing fits them."""
    if not skills and not titles:
        return []
    keys = [skill * at.STRIDE + at.SKILL for skill in skills]
    keys += [occupation * at.STRIDE + at.OCCUPATION for occupation in set(titles[::2])]
    keys += [group * at.STRIDE + at.GROUP for group in set(titles[1::2])]
    if not skills:
        keys.append(at.WITHOUT_SKILLS)
    elif may_lack:
        keys.append(at.WITHOUT_TITLE)
    return keys
