"""Whom a change about somebody can concern: seekers at most two ties away. Always enough of them, seldom too many.

Where only paths through one introducer can differ, it is not the seeker that is noted but the step to that introducer.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import lean
from services.matching.kernels.graph.arcs import MASK, whole
from services.matching.kernels.graph.layout import ASKABLE, INTRODUCES, SEEKS, THEIRS, TIED, Arcs, People
from services.matching.kernels.storage.arrays import I32, I64, U8
from services.matching.kernels.storage.memory import reserve


class Reached(NamedTuple):
    """People, each once: the first `counts[0]` of `people` are those whose `mark` is set."""

    people: I32
    mark: U8
    counts: I64


def new_reached(people: int) -> Reached:
    """Address space for so many people."""
    return Reached(reserve(people, np.int32), reserve(people, np.uint8), np.zeros(1, np.int64))


@lean
def reach(reached: Reached, person: int) -> None:
    """One more."""
    if reached.mark[person] == 0:
        reached.mark[person] = 1
        reached.people[reached.counts[0]] = person
        reached.counts[0] += 1


@lean
def reset(reached: Reached) -> None:
    """Nobody."""
    for at in range(reached.counts[0]):
        reached.mark[reached.people[at]] = 0
    reached.counts[0] = 0


@lean
def reach_all(reached: Reached, people: People, which: I32) -> None:
    """Those of these people who seek."""
    for at in range(len(which)):
        if people.flags[which[at]] & SEEKS:
            reach(reached, which[at])


class Steps(NamedTuple):
    """Steps from a seeker to whom they know, as seeker · 2^32 + other: the first `counts[0]`, some more than once."""

    keys: I64
    counts: I64


def new_steps(room: int) -> Steps:
    """Address space for so many steps."""
    return Steps(reserve(room, np.int64), np.zeros(1, np.int64))


@lean
def step(steps: Steps, reached: Reached, people: People, one: int, other: int) -> None:
    """One more step, if it is a seeker's. When there is no more room for them, all of the seeker is looked at."""
    if people.flags[one] & SEEKS == 0 or reached.mark[one]:
        return
    if steps.counts[0] == len(steps.keys):
        reach(reached, one)
        return
    steps.keys[steps.counts[0]] = (whole(one) << 32) | whole(other)
    steps.counts[0] += 1


@lean
def step_all(steps: Steps, reached: Reached, people: People, keys: I64) -> None:
    """All of these."""
    for at in range(len(keys)):
        step(steps, reached, people, keys[at] >> 32, keys[at] & MASK)


@lean
def count_steps(steps: Steps, reached: Reached, shift: int, bounds: I64, first: int, end: int) -> None:
    """Count in `bounds[n + 1]` the steps of part n, that of seekers from n · 2^shift to before (n + 1) · 2^shift.

    Looked at are those from `first` to `end`; left out are those of seekers who are reached.
    """
    for at in range(first, end):
        seeker = steps.keys[at] >> 32
        if reached.mark[seeker] == 0:
            bounds[(seeker >> shift) + 1] += 1


@lean
def part_steps(steps: Steps, reached: Reached, shift: int, places: I64, parted: I64, first: int, end: int) -> None:
    """Put these steps into `parted`, each where `places` says of its part, which then says where the next goes."""
    for at in range(first, end):
        seeker = steps.keys[at] >> 32
        if reached.mark[seeker] == 0:
            part = seeker >> shift
            parted[places[part]] = steps.keys[at]
            places[part] += 1


@lean
def steps_to(steps: Steps, reached: Reached, people: People, arcs: Arcs, person: int) -> None:
    """Of the seekers tied to somebody: their paths that begin with them."""
    begin = arcs.start[person]
    for at in range(begin, begin + arcs.size[person]):
        if arcs.flags[at] & TIED:
            step(steps, reached, people, arcs.other[at], person)


@lean
def steps_through(steps: Steps, reached: Reached, people: People, arcs: Arcs, between: int) -> None:
    """Of the seekers whom somebody can lead on."""
    if people.flags[between] & INTRODUCES == 0:
        return
    begin = arcs.start[between]
    for at in range(begin, begin + arcs.warm[between]):
        if arcs.flags[at] & ASKABLE == ASKABLE:
            step(steps, reached, people, arcs.other[at], between)


@lean
def reach_through(reached: Reached, people: People, arcs: Arcs, between: int) -> None:
    """The seekers whom somebody can lead on: a change of a tie of theirs, or at its far end, concerns them."""
    if people.flags[between] & INTRODUCES == 0:
        return
    begin = arcs.start[between]
    for at in range(begin, begin + arcs.warm[between]):
        if arcs.flags[at] & ASKABLE == ASKABLE and people.flags[arcs.other[at]] & SEEKS:
            reach(reached, arcs.other[at])


@lean
def reach_insider(reached: Reached, people: People, arcs: Arcs, insider: int) -> None:
    """The seekers who can have a path to somebody: who knows them, and whom these can lead on."""
    begin = arcs.start[insider]
    for at in range(begin, begin + arcs.size[insider]):
        other = arcs.other[at]
        if arcs.flags[at] & (TIED | THEIRS) != TIED | THEIRS:
            continue
        if people.flags[other] & SEEKS:
            reach(reached, other)
        if at < begin + arcs.warm[insider]:
            reach_through(reached, people, arcs, other)
