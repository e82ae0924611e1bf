"""Meeting both arcs of every pair in one walk over all arcs."""

from typing import NamedTuple

from services.matching.kernels.compiled import inner
from services.matching.kernels.graph.layout import Arcs
from services.matching.kernels.storage.arrays import I32


class PairedWalk(NamedTuple):
    """A walk over all arcs by ascending person that meets both arcs of a pair without a search.

    A person's block lists the others in ascending order, and the walk comes to these in the same order: so a place in
    each block that only moves on (`passed`) is enough. Valid only while each block is one part.
    """

    passed: I32


@inner
def find_opposite(arcs: Arcs, paired: PairedWalk, person: int, other: int) -> int:
    """The place of the arc other → person, for ascending `person`; -1 without one."""
    begin, end = arcs.start[other], arcs.start[other] + arcs.size[other]
    at = begin + paired.passed[other]
    while at < end and arcs.other[at] < person:
        at += 1
    paired.passed[other] = at - begin
    return at if at < end and arcs.other[at] == person else -1
