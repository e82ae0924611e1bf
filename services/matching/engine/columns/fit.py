"""Who fits what, today: the columns of openings and seekers, and the compiled search over them."""

from datetime import date

import numpy as np

from services.matching.domain import Person
from services.matching.engine.columns.fit_rules import rules
from services.matching.engine.columns.openings import OPENINGS, Openings
from services.matching.engine.columns.seekers import SEEKERS, Seekers
from services.matching.engine.columns.words import COUNT as WORDS
from services.matching.kernels.fit.check import fit_one
from services.matching.kernels.fit.layout import FitColumns, Scratch, Side
from services.matching.kernels.fit.search import fitting_openings, fitting_seekers
from services.matching.kernels.storage.arrays import F64, I32, U16
from services.matching.kernels.storage.lists import Lists
from services.matching.kernels.storage.memory import reserve

LISTS = 1 << 13
"""More than a search reads: the contracts bound a seeker's skills by 700, and the titles that count by 200."""

LEAST = 1 << 10
"""Entries of `Scratch.least`: shapes of openings, each with the bits of its title, or levels with those of a seeker."""


LOOK = 16
"""Entries of a list that are read in the time it takes to judge one seeker."""


class Fit:
    """Fits in ten-thousandths. Answers are views: that of `seekers_for` is valid until its next call, and so on."""

    def __init__(self, openings: Openings, seekers: Seekers) -> None:
        self.openings = openings
        self.seekers = seekers
        self.columns = FitColumns(
            rules(),
            _side(openings.columns.facts, openings.columns.top, openings.columns.listed),
            _side(seekers.columns.facts, seekers.columns.least, seekers.columns.listed),
            openings.columns.shape,
            seekers.columns.level,
            seekers.columns.row_of,
            seekers.columns.person_of,
            LOOK,
        )
        """For kernels that call `fit_one`."""
        self.today = 0
        """The ordinal of the day; 0 before it is known, when nothing fits."""
        self._for_opening = _Search(SEEKERS)
        self._for_seeker = _Search(OPENINGS)

    def set_day(self, today: date) -> I32:
        """Move to a day, never back; returns the openings that were open until now and are past their last day."""
        self.today = max(self.today, today.toordinal())
        self.seekers.set_day(today)
        return self.openings.expiring(today)

    def one(self, opening: int, person: int) -> int:
        """How well an opening fits a person; 0 where it does not."""
        row = self.seekers.row(person)
        return fit_one(self.columns, opening, row, self.today) if self.today else 0

    def seekers_for(self, opening: int) -> tuple[I32, U16]:
        """The people whom an opening fits, in no order, and how well."""
        search = self._for_opening
        return search.found(
            fitting_seekers(self.columns, search.scratch, opening, len(self.seekers), self.today) if self.today else 0
        )

    def openings_for(self, person: int) -> tuple[I32, U16]:
        """The openings that fit a person, in no order, and how well."""
        search, row = self._for_seeker, self.seekers.row(person)
        return search.found(
            fitting_openings(self.columns, search.scratch, row, len(self.openings), self.today) if self.today else 0
        )

    def openings_for_given(self, seeker: Person) -> tuple[I32, U16]:
        """The openings that fit a seeker as given here, and how well; valid until the next call of `openings_for`."""
        facts, search, side = self.seekers.facts_of(seeker), self._for_seeker, self.columns.seekers
        least = 0.0 if seeker.search is None or seeker.search.pay is None else seeker.search.pay.min
        alone = side._replace(
            facts=facts, start=np.zeros(2, np.int64), size=np.array([0, len(facts)], np.int32),
            pay=np.array([0.0, least]),
        )  # fmt: skip
        given = self.columns._replace(seekers=alone)
        return search.found(
            fitting_openings(given, search.scratch, 1, len(self.openings), self.today) if self.today else 0
        )


def _side(facts: Lists, pay: F64, listed: Lists) -> Side:
    return Side(facts.items, facts.start, facts.size, pay, listed.items, listed.start, listed.size)


class _Search:
    """Room for the searches of one direction."""

    def __init__(self, rows: int) -> None:
        self.scratch = Scratch(
            found=reserve(rows, np.int32),
            values=reserve(rows, np.uint16),
            tally=reserve(rows, np.uint16),
            marks=reserve(WORDS, np.uint8),
            least=np.zeros(LEAST, np.uint8),
            lists=reserve(LISTS, np.int32),
            sizes=reserve(LISTS, np.int64),
        )

    def found(self, count: int) -> tuple[I32, U16]:
        """The answer of the last search."""
        return self.scratch.found[:count], self.scratch.values[:count]
