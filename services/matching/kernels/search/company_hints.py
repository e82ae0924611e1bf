"""Looking through arcs for those that may lead to somebody at a company, by their hints, eight at a time."""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner
from services.matching.kernels.graph.layout import NO_ONE, SEVERAL, Arcs
from services.matching.kernels.graph.prefetch_arcs import soon
from services.matching.kernels.graph.standing import standing
from services.matching.kernels.search.graph_view import Scene
from services.matching.kernels.storage.arrays import F64, I32, I64, U8
from services.matching.kernels.storage.prefetch import FAR, FIRST, NEAR, prefetch

ONES = 0x0101_0101_0101_0101
HIGHEST = -0x7F7F_7F7F_7F7F_7F80
"""The highest bit of each byte."""

ROOM = 4096
"""So many hits are followed at once."""


class Hits(NamedTuple):
    """Arcs that may lead to an insider: where each stands, for which path, and of that the first tie.

    They are noted first and followed later, so that what they need is asked for meanwhile: of those in twenty that a
    hint lets through most lead nowhere, and each would take half a dozen misses of the cache one after another.
    """

    link: I64
    path: I32
    near: F64
    warm: U8


def new_hits() -> Hits:
    """Room for as many as are followed at once."""
    return Hits(np.zeros(ROOM, np.int64), np.zeros(ROOM, np.int32), np.zeros(ROOM), np.zeros(ROOM, np.uint8))


@inner
def next_hint(hints: U8, words: I64, at: int, end: int, sign: int) -> int:
    """The first place in [at, end) whose hint has all bits of a sign; `end` or more without one.

    `words` is a view of `hints`.
    """
    every = sign * ONES
    while at < end:
        if at & 7 == 0:
            missing = ~words[at >> 3] & every
            # Whether no byte of these is 0: then each of the eight misses some bit.
            while (missing - ONES) & ~missing & HIGHEST == 0:
                at += 8
                if at >= end:
                    return end
                missing = ~words[at >> 3] & every
        if hints[at] & sign == sign:
            return at
        at += 1
    return end


@inner
def standing_at(scene: Scene, person: int, company: int, roles: F64) -> int:
    """Somebody's standing at a company where no opening is meant; 0 for no insider."""
    employer = scene.people.employer[person]
    if employer not in (company + 1, SEVERAL):
        return 0
    return standing(scene.jobs, scene.people, person, company, NO_ONE, NO_ONE, roles)


@inner
def hints_soon(arcs: Arcs, at: int, end: int) -> None:
    """The hints of those behind somebody's arcs from `at` to `end` will be gone through, in this order."""
    soon(arcs, arcs.other[min(at + FAR, end - 1)])
    ahead = arcs.other[min(at + NEAR, end - 1)]
    begin = arcs.start[ahead]
    prefetch(arcs.hint, begin)
    prefetch(arcs.hint, begin + min(arcs.size[ahead], FIRST) - 1)


@inner
def link_soon(arcs: Arcs, link: int) -> None:
    """An arc will be read."""
    prefetch(arcs.other, link)
    prefetch(arcs.flags, link)
    prefetch(arcs.strength, link)


@inner
def hit_soon(scene: Scene, hits: Hits, number: int, held: int) -> None:
    """Those whom the hits after this one lead to will be asked for their jobs."""
    people, last = scene.people, held - 1
    ahead = scene.arcs.other[hits.link[min(number + FAR, last)]]
    prefetch(people.employer, ahead)
    prefetch(people.job_start, ahead)
    prefetch(people.job_size, ahead)
    ahead = scene.arcs.other[hits.link[min(number + NEAR, last)]]
    if people.employer[ahead] == SEVERAL:
        prefetch(scene.jobs.company, people.job_start[ahead])
