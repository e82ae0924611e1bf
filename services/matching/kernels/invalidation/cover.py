"""What to match again after many ties changed: seekers through somebody, or openings for all seekers.

A changed tie at whose one end stands somebody who leads seekers on, and at whose other end an insider of some openings,
concerns these seekers' paths through the one to these openings. It is enough to work out either the paths through the
one, or the openings for everybody. Which of them for each tie is a vertex cover with weights; taken is the one of
Bar-Yehuda and Even (1981, "A linear-time approximation algorithm for the weighted vertex cover problem"), at most twice
as dear as the cheapest.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.layout import ASKABLE, INTRODUCES, SEEKS, Arcs, Jobs, People
from services.matching.kernels.invalidation.reach import Reached, Steps, reach, step, steps_through
from services.matching.kernels.storage.arrays import I32, I64
from services.matching.kernels.storage.lists import Lists
from services.matching.kernels.storage.memory import reserve

OPENING_COSTS = 8
WORKERS_A_STEP = 512
"""An opening worked out for all seekers costs as much as the paths of so many seekers through somebody, and one more
for so many people of its company."""


class Cover(NamedTuple):
    """By person: what is left to pay for the seekers they lead on, and for the openings they are an insider of; + 1.

    0 stands for somebody not yet looked at; all are 0 between two covers. `people`: who is not 0.
    """

    leading: I32
    inside: I32
    people: I32
    counts: I64


def new_cover(people: int) -> Cover:
    """Address space for so many people."""
    return Cover(
        reserve(people, np.int32), reserve(people, np.int32), reserve(2 * people, np.int32), np.zeros(1, np.int64)
    )


@inner
def _note(cover: Cover, person: int) -> None:
    cover.people[cover.counts[0]] = person
    cover.counts[0] += 1


@inner
def _leads(people: People, arcs: Arcs, person: int) -> int:
    """How many seekers somebody leads on."""
    if people.flags[person] & INTRODUCES == 0:
        return 0
    found, begin = 0, arcs.start[person]
    for at in range(begin, begin + arcs.warm[person]):
        found += (arcs.flags[at] & ASKABLE == ASKABLE) & (people.flags[arcs.other[at]] & SEEKS != 0)
    return found


@inner
def _openings_cost(people: People, jobs: Jobs, workers: Lists, by_company: Lists, by_hiring: Lists, person: int) -> int:
    """What the openings cost that somebody can be an insider of; twice what two jobs have in common."""
    cost, begin = OPENING_COSTS * by_hiring.size[person], people.job_start[person]
    for job in range(begin, begin + people.job_size[person]):
        company = jobs.company[job]
        cost += by_company.size[company] * (OPENING_COSTS + workers.size[company] // WORKERS_A_STEP)
    return int(cost)


@inner
def _mark_openings(
    concerned: Reached, people: People, jobs: Jobs, by_company: Lists, by_hiring: Lists, person: int
) -> None:
    begin = by_hiring.start[person]
    for at in range(begin, begin + by_hiring.size[person]):
        reach(concerned, by_hiring.items[at])
    first = people.job_start[person]
    for job in range(first, first + people.job_size[person]):
        company = jobs.company[job]
        begin = by_company.start[company]
        for at in range(begin, begin + by_company.size[company]):
            reach(concerned, by_company.items[at])


@lean
def cover_ties(
    cover: Cover,
    steps: Steps,
    seekers: Reached,
    openings: Reached,
    people: People,
    jobs: Jobs,
    arcs: Arcs,
    workers: Lists,
    by_company: Lists,
    by_hiring: Lists,
    a: I32,
    b: I32,
) -> None:
    """Mark steps and openings, so that each changed tie of a[n] and b[n] is followed from either end."""
    for at in range(2 * len(a)):
        one, other = (a[at >> 1], b[at >> 1]) if at & 1 else (b[at >> 1], a[at >> 1])
        step(steps, seekers, people, one, other)
        if cover.inside[other] == 0:
            cover.inside[other] = 1 + _openings_cost(people, jobs, workers, by_company, by_hiring, other)
            _note(cover, other)
        if cover.inside[other] == 1:
            continue
        if cover.leading[one] == 0:
            cover.leading[one] = 1 + _leads(people, arcs, one)
            _note(cover, one)
        if cover.leading[one] == 1:
            continue
        paid = min(cover.inside[other], cover.leading[one]) - 1
        cover.inside[other] -= paid
        cover.leading[one] -= paid
        if cover.inside[other] == 1:
            _mark_openings(openings, people, jobs, by_company, by_hiring, other)
        if cover.leading[one] == 1:
            steps_through(steps, seekers, people, arcs, one)
    for at in range(cover.counts[0]):
        cover.inside[cover.people[at]] = cover.leading[cover.people[at]] = 0
    cover.counts[0] = 0
