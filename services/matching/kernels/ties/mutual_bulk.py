"""All mutual counts from scratch: each triangle is found once, over ties directed from fewer ties to more.

Chiba & Nishizeki 1985: in that direction nobody has many ties ahead of them, however many they have in all.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.layout import TIED, Arcs
from services.matching.kernels.storage.arrays import I32, I64, U32
from services.matching.kernels.ties.paired_walk import PairedWalk, find_opposite
from services.matching.kernels.ties.touched import MEMBERS, Touched


class ForwardTies(NamedTuple):
    """The ties between members, each once, by rank: who has more ties ranks higher.

    The ties of rank r with higher ranks are `to[begin[r] : begin[r + 1]]`; `mutual` is their m. `rank` is by person, -1
    for those who are no members.
    """

    rank: I32
    begin: I64
    to: I32
    mutual: U32
    seen: I32
    """By rank, while those ahead of one rank are read: one more than the place among them; 0 for others.

    By rank rather than by person: most of those ahead are the few with many ties, so what is read stays in the cache.
    """


def new_forward_ties(arcs: Arcs, touched: Touched, people: int) -> ForwardTies:
    """The directed ties between members, in the order of the blocks."""
    members = np.flatnonzero(touched.membership[:people] == MEMBERS)
    rank = np.full(people, -1, np.int32)
    rank[members[np.argsort(arcs.friends[members], kind="stable")]] = np.arange(len(members), dtype=np.int32)
    begin = np.zeros(len(members) + 1, np.int64)
    count_ahead(arcs, rank, begin)
    np.cumsum(begin, out=begin)
    count = int(begin[-1])
    seen = np.zeros(len(members), np.int32)
    forward = ForwardTies(rank, begin, np.empty(count, np.int32), np.zeros(count, np.uint32), seen)
    fill_ahead(arcs, forward)
    return forward


@inner
def _is_ahead(arcs: Arcs, rank: I32, own: int, at: int) -> bool:
    return bool(arcs.flags[at] & TIED and rank[arcs.other[at]] > own)


@lean
def count_ahead(arcs: Arcs, rank: I32, counts: I64) -> None:
    """Count the ties of each rank to higher ones, in the entry after its own."""
    for person in range(len(rank)):
        own = rank[person]
        if own >= 0:
            for at in range(arcs.start[person], arcs.start[person] + arcs.size[person]):
                counts[own + 1] += _is_ahead(arcs, rank, own, at)


@lean
def fill_ahead(arcs: Arcs, forward: ForwardTies) -> None:
    """List the ties to higher ranks."""
    for person in range(len(forward.rank)):
        own = forward.rank[person]
        if own >= 0:
            place = forward.begin[own]
            for at in range(arcs.start[person], arcs.start[person] + arcs.size[person]):
                if _is_ahead(arcs, forward.rank, own, at):
                    forward.to[place] = forward.rank[arcs.other[at]]
                    place += 1


@lean
def count_span(forward: ForwardTies, first: int, last: int) -> None:
    """Count the triangles whose lowest rank is in [first, last)."""
    for own in range(first, last):
        low, high = forward.begin[own], forward.begin[own + 1]
        if high - low < 2:  # noqa: PLR2004 - a triangle has two more corners
            continue
        for at in range(low, high):
            forward.seen[forward.to[at]] = at - low + 1
        for at in range(low, high):
            _count_beyond(forward, low, at)
        for at in range(low, high):
            forward.seen[forward.to[at]] = 0


@inner
def _count_beyond(forward: ForwardTies, low: int, at: int) -> None:
    second = forward.to[at]
    for beyond in range(forward.begin[second], forward.begin[second + 1]):
        place = forward.seen[forward.to[beyond]]
        if place:
            forward.mutual[at] += 1
            forward.mutual[beyond] += 1
            forward.mutual[low + place - 1] += 1


@lean
def write_span(arcs: Arcs, forward: ForwardTies, paired: PairedWalk, first: int, last: int) -> None:
    """Write the counts to the arcs of the people [first, last), and to the arcs back."""
    for person in range(first, last):
        own = forward.rank[person]
        if own < 0:
            continue
        place = forward.begin[own]
        for at in range(arcs.start[person], arcs.start[person] + arcs.size[person]):
            if _is_ahead(arcs, forward.rank, own, at):
                back = find_opposite(arcs, paired, person, arcs.other[at])
                arcs.mutual[at] = arcs.mutual[back] = forward.mutual[place]
                place += 1
