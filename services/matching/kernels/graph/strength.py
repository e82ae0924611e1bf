"""The two strengths of an arc a → b (section 2), in one entry of 16 bits: an arc is not made longer for the second.

They differ only where a stated a closeness. So the entry is this closeness, 0 without one, times LEVELS, plus the
onward strength, which without a closeness is the strength itself. Where b has a veto all of it is 0.
"""

from services.matching.kernels.compiled import inner
from services.matching.kernels.graph.layout import Arcs
from services.matching.kernels.storage.arrays import U16

LEVELS = 10_001
"""How many strengths there are, in ten-thousandths; six times as many entries fit 16 bits."""


@inner
def packed(stated: int, onward: int) -> int:
    """The entry of a stated closeness (0: none) and an onward strength in ten-thousandths."""
    return stated * LEVELS + onward


@inner
def onward_strength(arcs: Arcs, at: int) -> int:
    """What other people's paths through the arc's side use, in ten-thousandths."""
    return arcs.strength[at] % LEVELS


@inner
def own_strength(arcs: Arcs, at: int, said: U16) -> int:
    """What the paths of the arc's side use, in ten-thousandths; `said` is the worth of a closeness (`GraphView`)."""
    stated = arcs.strength[at] // LEVELS
    return said[stated] if stated else arcs.strength[at]
