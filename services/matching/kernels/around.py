"""Whom a change about somebody can concern: seekers at most two ties away. Always enough of them, seldom too many."""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import lean
from services.matching.kernels.layout import ASKABLE, I32, I64, INTRODUCES, SEEKS, THEIRS, TIED, U8, Arcs, People
from services.matching.kernels.memory import reserve


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


@lean
def reach_tied(reached: Reached, people: People, arcs: Arcs, person: int) -> None:
    """The seekers tied to somebody: those whose paths can begin with them."""
    begin = arcs.start[person]
    for at in range(begin, begin + arcs.size[person]):
        if arcs.flags[at] & TIED and people.flags[arcs.other[at]] & SEEKS:
            reach(reached, arcs.other[at])


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
