"""Meeting both arcs of every pair in one walk over all arcs."""

from typing import NamedTuple

from services.matching.kernels.compiled import inner
from services.matching.kernels.graph.layout import Arcs
from services.matching.kernels.storage.arrays import I32


class PairedWalk(NamedTuple):
    """A walk over all arcs by ascending person, that meets both arcs of a pair without looking for them.

    Those who come up as `other` of ever higher people stand in that order in the other's block, so a place in each
    block that only moves on (`passed`) is enough. Only while each block is one part.
    """

    passed: I32


@inner
def find_opposite(arcs: Arcs, paired: PairedWalk, person: int, other: int) -> int:
    """Where other → person stands, for ascending `person`; -1 without one."""
    begin, end = arcs.start[other], arcs.start[other] + arcs.size[other]
    at = begin + paired.passed[other]
    while at < end and arcs.other[at] < person:
        at += 1
    paired.passed[other] = at - begin
    return at if at < end and arcs.other[at] == person else -1
