"""Scanning the hints of arcs, eight at a time, for those that may lead to somebody at a company."""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner
from services.matching.kernels.graph.layout import NO_ONE, SEVERAL, Arcs
from services.matching.kernels.graph.prefetch_arcs import prefetch_block
from services.matching.kernels.graph.standing import standing
from services.matching.kernels.search.graph_view import GraphView
from services.matching.kernels.storage.arrays import F64, I32, I64, U8
from services.matching.kernels.storage.prefetch import FAR, FIRST, NEAR, prefetch

ONES = 0x0101_0101_0101_0101
HIGHEST = -0x7F7F_7F7F_7F7F_7F80
"""The highest bit of each byte."""

ROOM = 4096
"""How many hits are followed in one go."""


class Hits(NamedTuple):
    """Arcs that may lead to an insider: the place of each, its path, and the score and warmth of its first tie.

    They are noted first and followed later, so that their data is prefetched meanwhile: of the arcs that a hint lets
    through, about one in twenty, most lead nowhere, and each would cost half a dozen cache misses in a row.
    """

    link: I64
    path: I32
    near: F64
    warm: U8


def new_hits() -> Hits:
    """Room for as many as are followed in one go."""
    return Hits(np.zeros(ROOM, np.int64), np.zeros(ROOM, np.int32), np.zeros(ROOM), np.zeros(ROOM, np.uint8))


@inner
def next_hint(hints: U8, words: I64, at: int, end: int, wanted: int) -> int:
    """The first place in [at, end) whose hint has all `wanted` bits; `end` or more if there is none.

    `words` is a view of `hints`.
    """
    every = wanted * ONES
    while at < end:
        if at & 7 == 0:
            missing = ~words[at >> 3] & every
            # True where no byte is 0, that is where each of the eight misses some bit.
            while (missing - ONES) & ~missing & HIGHEST == 0:
                at += 8
                if at >= end:
                    return end
                missing = ~words[at >> 3] & every
        if hints[at] & wanted == wanted:
            return at
        at += 1
    return end


@inner
def standing_at(view: GraphView, person: int, company: int, roles: F64) -> int:
    """Somebody's standing at a company, towards no opening in particular; 0 for no insider."""
    employer = view.people.employer[person]
    if employer not in (company + 1, SEVERAL):
        return 0
    return standing(view.jobs, view.people, person, company, NO_ONE, NO_ONE, roles)


@inner
def prefetch_hints(arcs: Arcs, at: int, end: int) -> None:
    """Prefetch for a walk over somebody's arcs up to `end` that scans the hints of each far end's arcs."""
    prefetch_block(arcs, arcs.other[min(at + FAR, end - 1)])
    ahead = arcs.other[min(at + NEAR, end - 1)]
    begin = arcs.start[ahead]
    prefetch(arcs.hint, begin)
    prefetch(arcs.hint, begin + min(arcs.size[ahead], FIRST) - 1)


@inner
def prefetch_link(arcs: Arcs, link: int) -> None:
    """Prefetch what `Hits` are judged by."""
    prefetch(arcs.other, link)
    prefetch(arcs.flags, link)
    prefetch(arcs.strength, link)


@inner
def prefetch_hit(view: GraphView, hits: Hits, number: int, held: int) -> None:
    """Prefetch the jobs of those whom the hits after this one lead to."""
    people, last = view.people, held - 1
    ahead = view.arcs.other[hits.link[min(number + FAR, last)]]
    prefetch(people.employer, ahead)
    prefetch(people.job_start, ahead)
    prefetch(people.job_size, ahead)
    ahead = view.arcs.other[hits.link[min(number + NEAR, last)]]
    if people.employer[ahead] == SEVERAL:
        prefetch(view.jobs.company, people.job_start[ahead])
