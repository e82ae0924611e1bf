"""People as columns, with their jobs, who has any job at a company, and their records, from which the rest is read.

Presence and `current` are as of the day last set. Somebody who is not known has no jobs and no flags.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise, repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from services.matching.domain import Job, Person, read_person
from services.matching.engine.columns import company_hints, fading
from services.matching.engine.columns.names import PEOPLE
from services.matching.engine.columns.words import Words
from services.matching.kernels.graph import jobs as kernels
from services.matching.kernels.graph import layout
from services.matching.kernels.graph.jobs import JobStore
from services.matching.kernels.graph.layout import Jobs
from services.matching.kernels.graph.layout import People as Columns
from services.matching.kernels.storage import blocks
from services.matching.kernels.storage.arrays import F64, I32, I64
from services.matching.kernels.storage.lists import Lists, new_lists
from services.matching.kernels.storage.memory import CapacityError, reserve
from services.matching.rules import standing
from services.matching.snapshots.arrays import fill_columns
from shared.events.people import PersonV1
from shared.resolution import Vocabulary

JOBS = 1 << 27
SLICE = 1 << 13
"""People whose jobs are aged in one slice of a new day: about half a millisecond."""

DECODED = 1 << 12
"""How many people are cached as the rules read them."""

HELP = 5_000
"""H without history, in ten-thousandths."""

NEVER = -1

ROLES: F64 = np.array([standing.SAME_OCCUPATION, standing.SAME_GROUP, standing.RECRUITING, standing.OTHER_ROLE])
"""For `kernels.graph.standing`: what a role counts towards an opening."""

ANY_ROLE: F64 = np.ones(4)
"""The same towards no opening in particular."""


class People:
    """Columns of people. The dictionaries are shared with openings."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        companies: Words,
        occupations: Words,
        groups: Words,
        *,
        people: int = PEOPLE,
        jobs: int = JOBS,
    ) -> None:
        self.columns = Columns(
            flags=reserve(people, np.uint8),
            help=reserve(people, np.uint16),
            job_start=reserve(people, np.int64),
            job_size=reserve(people, np.int32),
            employer=reserve(people, np.int32),
        )
        self.jobs = Jobs(
            reserve(jobs, np.int32),
            reserve(jobs, np.int32),
            reserve(jobs, np.int32),
            reserve(jobs, np.uint8),
            reserve(jobs, np.float64),
            reserve(jobs, np.uint8),
            reserve(jobs, np.int32),
        )
        self.workers: Lists = new_lists(len(companies.start), 2 * jobs)
        self.today: date | None = None
        self._day = 0
        self._vocabulary, self._words = vocabulary, (companies, occupations, groups)
        days = reserve(3 * jobs, np.int32).reshape(-1, 3)
        self._staff = JobStore(days, blocks.new_state(), fading.seen(), fading.left())
        self._all = *self.columns, *self.jobs, *self._staff, *self.workers
        self._versions: I64 = reserve(people, np.int64)
        self._records: list[bytes | None] = []
        self._decoded: OrderedDict[int, Person | None] = OrderedDict()
        self._moved: I32 = reserve(people, np.int32)
        self._moves = 0

    def __len__(self) -> int:
        """One more than the highest number there was a record of."""
        return len(self._records)

    @property
    def job_days(self) -> I32:
        """`JobStore.days`."""
        return self._staff.days

    @property
    def moved(self) -> I32:
        """Whose presence or current employments changed on the last new day."""
        return self._moved[: self._moves]

    def upsert(self, index: int, person: Person | None, record: bytes | None, version: int) -> None:
        """Store what a record of this version says of a person; None where it is a tombstone.

        Raises:
            CapacityError: there is no room.
        """
        self._reach(index)
        self._records[index], self._versions[index] = record, version
        self._decoded.pop(index, None)
        self.columns.flags[index] = _flags(person)
        jobs = person.jobs if person else ()
        if not jobs and not self.columns.job_size[index]:
            return
        given = np.array([self._row(job) for job in jobs], np.int32).reshape(-1, 8)
        if not kernels.replace_jobs(index, given, self._day, *self._all):
            raise CapacityError("there is no room for more jobs")

    def version(self, index: int) -> int:
        """The version of the newest record; -1 where there never was one."""
        return int(self._versions[index]) if index < len(self) else NEVER

    def company_hint(self, index: int) -> int:
        """The bits of all companies at which somebody ever has a job, see `company_hints`."""
        begin = int(self.columns.job_start[index])
        return company_hints.hint_of_all(self.jobs.company[begin : begin + int(self.columns.job_size[index])].tolist())

    def companies_of(self, people: I32) -> I32:
        """All companies at which one of these people ever had a job, some more than once."""
        begin, size = self.columns.job_start[people], self.columns.job_size[people]
        steps = np.arange(size.sum()) - np.repeat(size.cumsum() - size, size)
        companies: I32 = self.jobs.company[np.repeat(begin, size) + steps]
        return companies

    def record(self, index: int) -> bytes | None:
        """The newest record, as the contract's JSON; None without one or for a tombstone."""
        return self._records[index] if index < len(self) else None

    def person(self, index: int) -> Person | None:
        """What is known of a person, as the rules read it."""
        record = self.record(index)
        if record is None:
            return None
        found = self._decoded.get(index)
        if found is None:
            found = self._decoded[index] = self._read(index, record)
            if len(self._decoded) > DECODED:
                self._decoded.popitem(last=False)
        else:
            self._decoded.move_to_end(index)
        return found

    def suspend_introductions(self, index: int) -> bool:
        """Let the person count as not introducing until the next `upsert`; whether that changes anything."""
        if index >= len(self) or not self.columns.flags[index] & layout.INTRODUCES:
            return False
        self.columns.flags[index] &= ~np.uint8(layout.INTRODUCES)
        self._decoded.pop(index, None)
        return True

    def set_help(self, index: int, value: float) -> None:
        """H of an introducer, as the rule gives it: a whole number of ten-thousandths, as a double."""
        self._reach(index)
        self.columns.help[index] = round(value * 10_000)

    def set_day(self, today: date | None) -> Iterator[None]:
        """Age all jobs as of a day, in slices; afterwards `moved` has those with changes."""
        self._set_day(today)
        self._moves = first = 0
        while first < len(self):
            end = min(first + SLICE, len(self))
            self._age(first, end)
            first = end
            yield

    def arrays(self) -> list[tuple[str, npt.NDArray[Any]]]:
        """What a snapshot keeps: views, to be read before the next change, but for the records, which are copied.

        Presence and `current` come back from the rest.
        """
        records = b"".join(record for record in self._records if record is not None)
        ends = np.cumsum([0, *(0 if record is None else len(record) for record in self._records)], dtype=np.int64)
        kept = [(name, column[:size]) for name, column, size in self._kept()]
        return [*kept, ("records", np.frombuffer(records, np.uint8)), ("record_ends", ends)]

    def extra(self) -> dict[str, Any]:
        """The day, as an ordinal; 0 before the first."""
        return {"day": self._day}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]], extra: Mapping[str, Any]) -> None:
        """Restore what `arrays` and `extra` gave. The dictionaries were restored before.

        Raises:
            CapacityError: it does not fit.
        """
        fill_columns(arrays, ((name, column) for name, column, _ in self._kept()))
        data = arrays["records"].tobytes()
        self._records = [data[a:b] or None for a, b in pairwise(arrays["record_ends"].tolist())]
        self._decoded.clear()
        self._set_day(date.fromordinal(extra["day"]) if extra["day"] else None)
        self._age(0, len(self))
        self._moves = 0

    def _kept(self) -> Iterator[tuple[str, npt.NDArray[Any], int]]:
        """Columns and how much of them is in use."""
        for name in ("flags", "help", "job_start", "job_size"):
            yield name, getattr(self.columns, name), len(self)
        yield "versions", self._versions, len(self)
        jobs, workers = int(self._staff.state[blocks.TOP]), int(self.workers.state[blocks.TOP])
        for name in ("company", "occupation", "group", "recruiting", "family"):
            yield name, getattr(self.jobs, name), jobs
        yield from (("days", self._staff.days, jobs), ("job_state", self._staff.state, blocks.STATE))
        yield from (("workers", self.workers.items, workers), ("worker_state", self.workers.state, blocks.STATE))
        for name in ("start", "size", "room"):
            yield f"workers_{name}", getattr(self.workers, name), len(self._words[0])

    def _reach(self, index: int) -> None:
        """Extend the columns to this number."""
        known = len(self)
        if index < known:
            return
        if index >= len(self.columns.flags):
            raise CapacityError("there is no room for more people")
        self._records.extend(repeat(None, index + 1 - known))
        self._versions[known : index + 1] = NEVER
        self.columns.help[known : index + 1] = HELP

    def _row(self, job: Job) -> tuple[int, ...]:
        companies, occupations, groups = self._words
        title = job.title
        return (
            companies.index(job.company),
            -1 if title is None else occupations.index(title.occupation),
            -1 if title is None else groups.index(title.group),
            title is not None and title.recruiting,
            job.start.toordinal() if job.start else 0,
            job.end.toordinal() if job.end else 0,
            job.seen.toordinal() if job.seen else 0,
            companies.index(job.family),
        )

    def _read(self, index: int, record: bytes) -> Person:
        person = read_person(PersonV1.model_validate_json(record), self._vocabulary)
        if person.introduces and not self.columns.flags[index] & layout.INTRODUCES:
            return replace(person, introduces=False)
        return person

    def _set_day(self, today: date | None) -> None:
        self.today, self._day = today, today.toordinal() if today else 0

    def _age(self, first: int, end: int) -> None:
        columns = self.columns, self.jobs, self._staff
        self._moves = kernels.age_jobs(*columns, first, end, self._day, self._moved, self._moves)


def _flags(person: Person | None) -> int:
    if person is None:
        return 0
    return (
        layout.KNOWN
        | (layout.MEMBER if person.member else 0)
        | (layout.INTRODUCES if person.introduces else 0)
        | (layout.SEEKS if person.seeks else 0)
        | (layout.DISCREET if person.search is None or person.search.discreet else 0)
        | (layout.BLOCKS if person.search is not None and person.search.blocked else 0)
    )
