"""`plain.job_referral` over the columns."""

from datetime import date

import numpy as np

from services.matching.engine.columns.store import Store
from services.matching.kernels.around import new_reached, reset
from services.matching.kernels.layout import U8
from services.matching.kernels.referral import companies_in, early_jobs, reach_two
from services.matching.rules.job_referral import FIRST, Referral

PEOPLE = 1 << 25
SOME = 1 << 12


class Referrals:
    """Room for one question at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reached = new_reached(PEOPLE)

    def ask(self, person: int, country: str, year: int, today: date) -> list[Referral]:
        """The first ten by year, then person, then company backwards; see `plain.job_referral`."""
        store = self._store
        there = np.zeros(len(store.words.companies) + 1, np.uint8)
        companies_in(store.openings.columns, len(store.openings), store.words.places.find(country), there)
        before = today.toordinal() + 1
        if year <= date.max.year:
            before = min(before, date(max(year, 1), 1, 1).toordinal())
        rows = self._early(person, there, before)
        found = {self._referral(*row) for row in rows}
        backwards = sorted(found, key=lambda row: row.company, reverse=True)
        return sorted(backwards, key=lambda row: (row.since_year, row.person))[:FIRST]

    def _early(self, person: int, there: U8, before: int) -> list[list[int]]:
        people, reached = self._store.people, self._reached
        reach_two(reached, self._store.ties.arcs, person)
        out = np.empty((SOME, 2), np.int32)
        while True:
            count = early_jobs(reached, people.columns, people.jobs, people.days, there, before, out)
            if count <= len(out):
                break
            out = np.empty((count, 2), np.int32)
        reset(reached)
        rows: list[list[int]] = out[:count].tolist()
        return rows

    def _referral(self, person: int, job: int) -> Referral:
        people, store = self._store.people, self._store
        company = store.words.companies.text(int(people.jobs.company[job]))
        return Referral(store.names.name(person), company, date.fromordinal(int(people.days[job, 0])).year)
