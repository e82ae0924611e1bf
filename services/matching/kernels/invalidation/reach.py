"""The seekers whom a change about somebody may affect: at most two ties away."""

from services.matching.kernels.compiled import lean
from services.matching.kernels.graph.arcs import may_introduce
from services.matching.kernels.graph.layout import INTRODUCES, SEEKS, THEIRS, TIED, Arcs, People
from services.matching.kernels.invalidation.marked_set import MarkedSet, add_mark
from services.matching.kernels.storage.arrays import I32


@lean
def mark_seekers(seekers: MarkedSet, people: People, which: I32) -> None:
    """Mark those of these people who seek."""
    for at in range(len(which)):
        if people.flags[which[at]] & SEEKS:
            add_mark(seekers, which[at])


@lean
def mark_seekers_through(seekers: MarkedSet, people: People, arcs: Arcs, between: int) -> None:
    """Mark the seekers whom somebody may introduce: changes of their other ties, and at the far ends, affect these."""
    if people.flags[between] & INTRODUCES == 0:
        return
    begin = arcs.start[between]
    for at in range(begin, begin + arcs.front[between]):
        if may_introduce(arcs.flags[at]) and people.flags[arcs.other[at]] & SEEKS:
            add_mark(seekers, arcs.other[at])


@lean
def mark_seekers_near(seekers: MarkedSet, people: People, arcs: Arcs, insider: int) -> None:
    """Mark the seekers who may have a path to somebody: those who know them, and whom these may introduce."""
    begin = arcs.start[insider]
    for at in range(begin, begin + arcs.size[insider]):
        other = arcs.other[at]
        if arcs.flags[at] & (TIED | THEIRS) != TIED | THEIRS:
            continue
        if people.flags[other] & SEEKS:
            add_mark(seekers, other)
        if at < begin + arcs.front[insider]:
            mark_seekers_through(seekers, people, arcs, other)
