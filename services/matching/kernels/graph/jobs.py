"""People's jobs as rows: replacing them, who has any job at a company, and their presence as of a day."""

from typing import Any, NamedTuple

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.layout import MEMBER, SEVERAL, Jobs, People
from services.matching.kernels.graph.numbers import periods
from services.matching.kernels.storage.arrays import F64, I32
from services.matching.kernels.storage.blocks import State, allocate, release, size_class
from services.matching.kernels.storage.lists import Lists, append, remove

COMPANY, OCCUPATION, GROUP, RECRUITING, START, END, SEEN, FAMILY = range(8)
"""Columns of a job as given to `replace_jobs`. Days are ordinals, 0 without."""

STARTED, ENDED = 0, 1
"""Columns of `JobStore.days`."""


class JobStore(NamedTuple):
    """What belongs to jobs besides the columns that searches read.

    `days` (n, 3): START, END, SEEN of each row. `state` is of the allocator; `Jobs.company` links its free blocks.
    `seen` and `left` are tables of presence by periods: of a contact who was last seen there, of somebody who left.
    """

    days: I32
    state: State
    seen: F64
    left: F64


@lean
def replace_jobs(p: int, given: I32, today: int, *arrays: Any) -> bool:
    """Replace the jobs of p, whose flags are set already; False where there is no room.

    `arrays` are those of People, Jobs, Staff and Lists, one by one: handing over so many in tuples would
    take longer than the work itself.
    """
    a = arrays
    people, jobs = People(a[0], a[1], a[2], a[3], a[4]), Jobs(a[5], a[6], a[7], a[8], a[9], a[10], a[11])
    store, workers = JobStore(a[12], a[13], a[14], a[15]), Lists(a[16], a[17], a[18], a[19], a[20])
    return _replace_jobs(people, jobs, store, workers, p, given, today)


@inner
def _replace_jobs(people: People, jobs: Jobs, store: JobStore, workers: Lists, p: int, given: I32, today: int) -> bool:
    begin, size, count = people.job_start[p], people.job_size[p], len(given)
    held = jobs.company[begin : begin + size]
    for n in range(size):
        if not _has(held[:n], held[n]) and not _has(given[:, COMPANY], held[n]):
            remove(workers, held[n], p)
    for n in range(count):
        company = given[n, COMPANY]
        if not _has(given[:n, COMPANY], company) and not _has(held, company) and not append(workers, company, p):
            return False
    if not _make_room(people, jobs, store, p, count):
        return False
    for n in range(count):
        at = people.job_start[p] + n
        _write(jobs, store, at, given, n)
        set_presence(jobs, store, at, people.flags[p] & MEMBER != 0, today)
    _set_employer(people, jobs, p)
    return True


@inner
def _set_employer(people: People, jobs: Jobs, p: int) -> None:
    size = people.job_size[p]
    people.employer[p] = SEVERAL if size > 1 else 0
    if size == 1:
        people.employer[p] = jobs.company[people.job_start[p]] + 1


@inner
def _has(companies: I32, company: int) -> bool:
    for one in companies:  # noqa: SIM110 - compiled
        if one == company:
            return True
    return False


@inner
def _make_room(people: People, jobs: Jobs, store: JobStore, p: int, count: int) -> bool:
    """Make room for so many jobs of p; False where there is none."""
    size = people.job_size[p]
    if size and count and size_class(size) == size_class(count):
        people.job_size[p] = count
        return True
    begin = allocate(store.state, jobs.company, size_class(count)) if count else 0
    if begin < 0:
        return False
    if size:
        release(store.state, jobs.company, people.job_start[p], size_class(size))
    people.job_start[p], people.job_size[p] = begin, count
    return True


@inner
def _write(jobs: Jobs, store: JobStore, at: int, given: I32, n: int) -> None:
    jobs.company[at] = given[n, COMPANY]
    jobs.occupation[at] = given[n, OCCUPATION]
    jobs.group[at] = given[n, GROUP]
    jobs.recruiting[at] = given[n, RECRUITING]
    jobs.family[at] = given[n, FAMILY]
    for day in range(3):
        store.days[at, day] = given[n, START + day]


@inner
def set_presence(jobs: Jobs, store: JobStore, at: int, member: bool, today: int) -> bool:
    """Set presence and `current` of a job as of a day (0: nobody is anywhere); whether either changed."""
    start, end, seen = store.days[at, STARTED], store.days[at, ENDED], store.days[at, 2]
    counts = today > 0 and start <= today
    current = counts and (end == 0 or end > today)
    presence = 0.0
    if current:
        presence = _faded(store.seen, seen, today) if seen and not member else 1.0
    elif counts:
        presence = _faded(store.left, end, today)
    changed = bool(presence != jobs.presence[at]) or current != bool(jobs.current[at])
    jobs.presence[at], jobs.current[at] = presence, 1 if current else 0
    return changed


@inner
def _faded(table: F64, day: int, today: int) -> float:
    # Any day of a record, so any age from 0 up: the table's last entry holds for all that are older.
    return float(table[min(periods(day, today), len(table) - 1)])


@lean
def age_jobs(
    people: People, jobs: Jobs, store: JobStore, first: int, end: int, today: int, moved: I32, count: int
) -> int:
    """Set the jobs of people from `first` to `end` as of a day; those that changed are added to `moved`.

    Returns how many of `moved` are used then. Also sets `employer`, which snapshots leave out.
    """
    for p in range(first, end):
        begin, changed = people.job_start[p], False
        _set_employer(people, jobs, p)
        for at in range(begin, begin + people.job_size[p]):
            changed |= set_presence(jobs, store, at, people.flags[p] & MEMBER != 0, today)
        if changed:
            moved[count] = p
            count += 1
    return count
