"""What to match again after many ties changed: seekers through somebody, or openings for all seekers.

Where one end of a changed tie may introduce seekers, and the other may be an insider of openings, the tie affects these
seekers' paths through the one end to these openings. It is enough to match either the seekers through that end, or the
openings for everybody. To choose for all ties together is the weighted vertex cover problem: the algorithm of
Bar-Yehuda and Even (1981, "A linear-time approximation algorithm for the weighted vertex cover problem") finds a choice
that costs at most twice the cheapest.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.arcs import may_introduce
from services.matching.kernels.graph.layout import INTRODUCES, SEEKS, Arcs, Jobs, People
from services.matching.kernels.invalidation.first_hops import FirstHops, add_hop, add_hops_through
from services.matching.kernels.invalidation.marked_set import MarkedSet, add_mark
from services.matching.kernels.storage.arrays import I32, I64
from services.matching.kernels.storage.lists import Lists
from services.matching.kernels.storage.memory import reserve

OPENING_COSTS = 8
WORKERS_A_HOP = 512
"""Matching an opening costs as much as the paths of so many seekers through somebody, and one more for each so many
people of its company."""


class Cover(NamedTuple):
    """By person, each + 1: what is left to pay for the seekers they may introduce, and for the openings they work at.

    0 where that is not known yet; all are 0 between two covers. `people` lists whose entries are not 0.
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
def _list(cover: Cover, person: int) -> None:
    cover.people[cover.counts[0]] = person
    cover.counts[0] += 1


@inner
def _count_seekers(people: People, arcs: Arcs, person: int) -> int:
    """How many seekers somebody may introduce, if not fewer."""
    if people.flags[person] & INTRODUCES == 0:
        return 0
    found, begin = 0, arcs.start[person]
    for at in range(begin, begin + arcs.front[person]):
        found += may_introduce(arcs.flags[at]) & (people.flags[arcs.other[at]] & SEEKS != 0)
    return found


@inner
def _openings_cost(people: People, jobs: Jobs, workers: Lists, by_company: Lists, by_hiring: Lists, person: int) -> int:
    """What it costs to match the openings of which somebody may be an insider; twice for those that two jobs share."""
    cost, begin = OPENING_COSTS * by_hiring.size[person], people.job_start[person]
    for job in range(begin, begin + people.job_size[person]):
        company = jobs.company[job]
        cost += by_company.size[company] * (OPENING_COSTS + workers.size[company] // WORKERS_A_HOP)
    return int(cost)


@inner
def _mark_openings(
    openings: MarkedSet, people: People, jobs: Jobs, by_company: Lists, by_hiring: Lists, person: int
) -> None:
    begin = by_hiring.start[person]
    for at in range(begin, begin + by_hiring.size[person]):
        add_mark(openings, by_hiring.items[at])
    first = people.job_start[person]
    for job in range(first, first + people.job_size[person]):
        company = jobs.company[job]
        begin = by_company.start[company]
        for at in range(begin, begin + by_company.size[company]):
            add_mark(openings, by_company.items[at])


@lean
def cover_ties(
    cover: Cover,
    hops: FirstHops,
    seekers: MarkedSet,
    openings: MarkedSet,
    people: People,
    jobs: Jobs,
    arcs: Arcs,
    workers: Lists,
    by_company: Lists,
    by_hiring: Lists,
    a: I32,
    b: I32,
) -> None:
    """Mark hops and openings so that each changed tie of a[n] and b[n] is covered from one end or the other."""
    for at in range(2 * len(a)):
        one, other = (a[at >> 1], b[at >> 1]) if at & 1 else (b[at >> 1], a[at >> 1])
        add_hop(hops, seekers, people, one, other)
        if cover.inside[other] == 0:
            cover.inside[other] = 1 + _openings_cost(people, jobs, workers, by_company, by_hiring, other)
            _list(cover, other)
        if cover.inside[other] == 1:
            continue
        if cover.leading[one] == 0:
            cover.leading[one] = 1 + _count_seekers(people, arcs, one)
            _list(cover, one)
        if cover.leading[one] == 1:
            continue
        paid = min(cover.inside[other], cover.leading[one]) - 1
        cover.inside[other] -= paid
        cover.leading[one] -= paid
        if cover.inside[other] == 1:
            _mark_openings(openings, people, jobs, by_company, by_hiring, other)
        if cover.leading[one] == 1:
            add_hops_through(hops, seekers, people, arcs, one)
    for at in range(cover.counts[0]):
        cover.inside[cover.people[at]] = cover.leading[cover.people[at]] = 0
    cover.counts[0] = 0
