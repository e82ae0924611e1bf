"""First hops of paths that may differ: of each seeker named, only the paths through the introducer are affected."""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import lean
from services.matching.kernels.graph.arcs import MASK, may_introduce, whole
from services.matching.kernels.graph.layout import INTRODUCES, SEEKS, TIED, Arcs, People
from services.matching.kernels.invalidation.marked_set import MarkedSet, add_mark
from services.matching.kernels.storage.arrays import I64
from services.matching.kernels.storage.memory import reserve


class FirstHops(NamedTuple):
    """The first `counts[0]` of `keys`, seeker · 2^32 + introducer, some more than once."""

    keys: I64
    counts: I64


def new_first_hops(room: int) -> FirstHops:
    """Address space for so many hops."""
    return FirstHops(reserve(room, np.int64), np.zeros(1, np.int64))


@lean
def add_hop(hops: FirstHops, seekers: MarkedSet, people: People, one: int, other: int) -> None:
    """Add the hop from one person to another, if the one seeks and is not among the `seekers` matched as a whole.

    Where there is no room left for it, all of the seeker is marked.
    """
    if people.flags[one] & SEEKS == 0 or seekers.marked[one]:
        return
    if hops.counts[0] == len(hops.keys):
        add_mark(seekers, one)
        return
    hops.keys[hops.counts[0]] = (whole(one) << 32) | whole(other)
    hops.counts[0] += 1


@lean
def add_hops(hops: FirstHops, seekers: MarkedSet, people: People, keys: I64) -> None:
    """Add hops given as keys."""
    for at in range(len(keys)):
        add_hop(hops, seekers, people, keys[at] >> 32, keys[at] & MASK)


@lean
def add_hops_to(hops: FirstHops, seekers: MarkedSet, people: People, arcs: Arcs, person: int) -> None:
    """Add the hops to a person of everybody tied to them."""
    begin = arcs.start[person]
    for at in range(begin, begin + arcs.size[person]):
        if arcs.flags[at] & TIED:
            add_hop(hops, seekers, people, arcs.other[at], person)


@lean
def add_hops_through(hops: FirstHops, seekers: MarkedSet, people: People, arcs: Arcs, between: int) -> None:
    """Add the hops to a person of everybody whom they may introduce."""
    if people.flags[between] & INTRODUCES == 0:
        return
    begin = arcs.start[between]
    for at in range(begin, begin + arcs.front[between]):
        if may_introduce(arcs.flags[at]):
            add_hop(hops, seekers, people, arcs.other[at], between)


@lean
def count_parts(hops: FirstHops, seekers: MarkedSet, shift: int, bounds: I64, first: int, end: int) -> None:
    """Count in `bounds[n + 1]` the hops of part n: those of the seekers from n · 2^shift to before (n + 1) · 2^shift.

    Reads those from `first` to `end`, and leaves out those of marked `seekers`.
    """
    for at in range(first, end):
        seeker = hops.keys[at] >> 32
        if seekers.marked[seeker] == 0:
            bounds[(seeker >> shift) + 1] += 1


@lean
def partition(hops: FirstHops, seekers: MarkedSet, shift: int, places: I64, into: I64, first: int, end: int) -> None:
    """Move these hops `into` their parts: `places[n]` is where the next one of part n goes."""
    for at in range(first, end):
        seeker = hops.keys[at] >> 32
        if seekers.marked[seeker] == 0:
            part = seeker >> shift
            into[places[part]] = hops.keys[at]
            places[part] += 1
