"""Mutual contacts, updated as ties come and go: m of a tie between members is the number of its triangles."""

from services.matching.kernels.compiled import inner, shared
from services.matching.kernels.graph.arcs import find, lower_bound, part, whole
from services.matching.kernels.graph.layout import MEMBER, TIED, Arcs
from services.matching.kernels.ties.touched import MEMBERS, Touched, count_tied_member, note_bridge

STEEP = 8
"""Where one list is so many times longer than the other, it is searched by bisection rather than walked."""


@shared
def update_mutual(arcs: Arcs, touched: Touched, a: int, b: int, p: int, q: int, delta: int) -> None:
    """Count the tie of a and b, with arcs at p and q, after it came (delta 1) or before it goes (delta -1).

    One tie at a time: the flags and counts of all others must agree.
    """
    if touched.membership[b] & MEMBER:
        count_tied_member(arcs, touched, a, delta)
    if touched.membership[a] & MEMBER:
        count_tied_member(arcs, touched, b, delta)
    if touched.membership[a] != MEMBERS or touched.membership[b] != MEMBERS:
        return
    note_bridge(touched, a, b)
    count = 0
    for parts in range(4):
        i, i_end = part(arcs, a, parts & 1)
        j, j_end = part(arcs, b, parts >> 1)
        count += _count_common(arcs, touched, a, b, i, i_end, j, j_end, delta)
    arcs.mutual[p] = arcs.mutual[q] = count if delta > 0 else 0


@inner
def _count_common(
    arcs: Arcs, touched: Touched, a: int, b: int, i: int, i_end: int, j: int, j_end: int, delta: int
) -> int:
    if i_end - i > j_end - j:
        a, b, i, i_end, j, j_end = b, a, j, j_end, i, i_end
    steep = (i_end - i) * STEEP < j_end - j
    count = 0
    for at in range(i, i_end):
        if arcs.flags[at] & TIED == 0:
            continue
        other = whole(arcs.other[at])
        if steep:
            j = lower_bound(arcs.other, j, j_end, other)
        else:
            while j < j_end and arcs.other[j] < other:
                j += 1
        if j == j_end:
            break
        if arcs.other[j] == other and arcs.flags[j] & TIED and touched.membership[other] == MEMBERS:
            _add_mutual(arcs, a, other, at, delta)
            _add_mutual(arcs, b, other, j, delta)
            note_bridge(touched, a, other)
            note_bridge(touched, b, other)
            count += 1
    return count


@inner
def _add_mutual(arcs: Arcs, a: int, b: int, at: int, delta: int) -> None:
    arcs.mutual[at] += delta
    arcs.mutual[find(arcs, b, a)] += delta
