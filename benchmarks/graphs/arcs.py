"""Ties as arcs, both ways, in rows by person: the form every peer is given, with all the rules' factors on the arc.

A row holds the other ends in rising order. Flags are those of the arc's first end: what it may do along this arc.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.graphs.evidence import tables
from services.matching.kernels.compiled import kernel
from services.matching.rules import bridge

OWN, ASKS, LINK, WARM = 1, 2, 4, 8
"""u has own evidence of v; v may be asked to introduce u; u may lead to v (own evidence, v introduces); warm from u."""

HELP = 0.5
BETWEEN = 0.5

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arcs:
    """Arc k leads from `source[k]` to `target[k]`; those of u are `start[u]:start[u + 1]`; `mirror` is the way back.

    `strength` and `onward`, from the side of the source, and `bridge` are ten-thousandths.
    """

    start: Int64s
    source: Int32s
    target: Int32s
    mirror: Int32s
    strength: NDArray[np.uint16]
    onward: NDArray[np.uint16]
    bridge: NDArray[np.uint16]
    flags: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.target)

    def has(self, flags: int) -> NDArray[np.bool_]:
        """Which arcs have all of these flags."""
        found: NDArray[np.bool_] = (self.flags & flags) == flags
        return found

    def strengths(self) -> Doubles:
        """Strength of every arc, as the rules use it."""
        return self.strength / 10_000.0

    def onwards(self) -> Doubles:
        """Onward strength of every arc, likewise."""
        return self.onward / 10_000.0

    def near(self) -> Doubles:
        """0.5 · strength · B · H of every arc, multiplied in the order of the rules."""
        value = self.strength / 10_000.0
        value *= BETWEEN  # a power of two: that it comes first or second changes no digit
        value *= self.bridge / 10_000.0
        value *= HELP
        return value


@kernel
def rows(people: int, a: Int32s, b: Int32s) -> tuple[Int64s, Int32s, Int32s, Int32s, Int32s]:
    """Start, source and target of the arcs, and the places of a→b and b→a of each tie. `a` < `b`, sorted by both."""
    ties = len(a)
    start = np.zeros(people + 1, np.int64)
    for k in range(ties):
        start[a[k] + 1] += 1
        start[b[k] + 1] += 1
    for u in range(people):
        start[u + 1] += start[u]
    fill = start[:-1].copy()
    source, target = np.empty(2 * ties, np.int32), np.empty(2 * ties, np.int32)
    out, back = np.empty(ties, np.int32), np.empty(ties, np.int32)
    for k in range(ties):
        # All smaller ends first, then all larger ones: rows come out sorted.
        back[k] = fill[b[k]]
        source[fill[b[k]]], target[fill[b[k]]] = b[k], a[k]
        fill[b[k]] += 1
    for k in range(ties):
        out[k] = fill[a[k]]
        source[fill[a[k]]], target[fill[a[k]]] = a[k], b[k]
        fill[a[k]] += 1
    return start, source, target, out, back


@kernel
def mutual_counts(start: Int64s, target: Int32s, mirror: Int32s, few: int) -> Int32s:
    """People tied to both ends of each arc; -1 where an end has fewer ties than `few`."""
    people = len(start) - 1
    near, m = np.zeros(people, np.uint8), np.full(len(target), -1, np.int32)
    for u in range(people):
        degree = start[u + 1] - start[u]
        if degree < few:
            continue
        for k in range(start[u], start[u + 1]):
            near[target[k]] = 1
        for k in range(start[u], start[u + 1]):
            v = target[k]
            other = start[v + 1] - start[v]
            if other < few or other > degree or (other == degree and v > u):
                continue
            count = 0
            for n in range(start[v], start[v + 1]):
                count += near[target[n]]
            m[k] = count
            m[mirror[k]] = count
        for k in range(start[u], start[u + 1]):
            near[target[k]] = 0
    return m


def bridges(start: Int64s, target: Int32s, mirror: Int32s) -> NDArray[np.uint16]:
    """B of every arc in ten-thousandths, where everybody is a member."""
    m = mutual_counts(start, target, mirror, bridge.FEW_TIES)
    most = int(m.max(initial=0))
    known = [None, *range(most + 1)]
    table = np.array([round(bridge.bridge(count) * 10_000) for count in known], np.uint16)
    found: NDArray[np.uint16] = table[m + 1]
    return found


def arcs_of(
    people: int,
    ties: tuple[Int32s, Int32s],
    kinds: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    introduces: NDArray[np.bool_],
) -> Arcs:
    """The arcs of ties whose ends `a` < `b` are sorted, with the kind of evidence that either side shows."""
    start, source, target, out, back = rows(people, *ties)
    mirror = np.empty(len(source), np.int32)
    mirror[out], mirror[back] = back, out
    mine = np.empty(len(source), np.uint8)
    mine[out], mine[back] = kinds
    theirs, known = mine[mirror], tables()
    flags = np.where(mine > 0, np.uint8(OWN), np.uint8(0))
    led = introduces[target]
    onward = known.onward[mine, theirs]
    flags[(mine > 0) & led & (onward > 0)] |= LINK
    flags[(mine > 0) & (theirs > 0) & led] |= ASKS
    flags[known.warm[mine, theirs]] |= WARM
    strength = known.strength[mine, theirs]
    return Arcs(start, source, target, mirror, strength, onward, bridges(start, target, mirror), flags)
