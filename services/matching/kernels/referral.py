"""People within two ties who started early at one of some companies: for `Engine.job_referral`."""

from services.matching.kernels.around import Reached, reach
from services.matching.kernels.compiled import lean
from services.matching.kernels.fit_layout import PLACES, OpeningColumns
from services.matching.kernels.layout import I32, TIED, U8, Arcs, Jobs, People


@lean
def companies_in(openings: OpeningColumns, held: int, country: int, there: U8) -> None:
    """Set `there` for the companies of those of the first `held` openings that name a place in a country."""
    facts = openings.facts
    for opening in range(held):
        if facts.size[opening] == 0:
            continue
        start = facts.start[opening]
        for at in range(start + facts.items[start + PLACES], start + facts.items[start], 2):
            if facts.items[at] == country:
                there[openings.company[opening]] = 1


@lean
def reach_two(reached: Reached, arcs: Arcs, person: int) -> None:
    """Everybody one or two ties away, the person too."""
    reach(reached, person)
    first = 0
    for _ in range(2):
        last = reached.counts[0]
        for number in range(first, last):
            begin = arcs.start[reached.people[number]]
            for at in range(begin, begin + arcs.size[reached.people[number]]):
                if arcs.flags[at] & TIED:
                    reach(reached, arcs.other[at])
        first = last


@lean
def early_jobs(reached: Reached, people: People, jobs: Jobs, days: I32, there: U8, before: int, out: I32) -> int:
    """Person and row of the jobs there that began before a day, of all reached but the first; how many.

    `days` is `Staff.days`, `out` (n, 2). Counted is on when `out` is full.
    """
    count = 0
    for number in range(1, reached.counts[0]):
        person = reached.people[number]
        begin = people.job_start[person]
        for job in range(begin, begin + people.job_size[person]):
            if 0 < days[job, 0] < before and there[jobs.company[job]]:
                if count < len(out):
                    out[count, 0], out[count, 1] = person, job
                count += 1
    return count
