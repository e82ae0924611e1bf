"""People who became known or unknown, members or contacts: all their ties are derived again. And changed employers."""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, kernel, lean
from services.matching.kernels.graph.arcs import find, whole
from services.matching.kernels.graph.layout import TIED, Arcs
from services.matching.kernels.graph.prefetch_arcs import prefetch_block
from services.matching.kernels.storage.arrays import F64, I32, I64, U8, U16
from services.matching.kernels.storage.prefetch import NEAR
from services.matching.kernels.ties.derive import derive
from services.matching.kernels.ties.evidence import Evidence
from services.matching.kernels.ties.mutual import update_mutual
from services.matching.kernels.ties.touched import MEMBERS, Touched, count_person, finish_step


class Before(NamedTuple):
    """One person's arcs before a step, in their order: flags and strength both ways."""

    ahead: U8
    back: U8
    strength: U16
    strength_back: U16


@kernel
def rederive_all(
    arcs: Arcs, evidence: Evidence, touched: Touched, rules: F64, flags: U8, people: I32, few: int
) -> tuple[I64, I32]:
    """Apply the flags people have now; returns changed pairs as low · 2^32 + high, maybe twice, and `bridge_ends`."""
    total, most = _sizes(arcs, touched, people)
    pairs = np.empty(total, np.int64)
    before = Before(
        np.empty(most, np.uint8), np.empty(most, np.uint8), np.empty(most, np.uint16), np.empty(most, np.uint16)
    )
    count = 0
    for person in people:
        count = _rederive(arcs, evidence, touched, rules, whole(person), flags[person] & MEMBERS, before, pairs, count)
    return pairs[:count], finish_step(arcs, touched, few)


@inner
def _sizes(arcs: Arcs, touched: Touched, people: I32) -> tuple[int, int]:
    """How many arcs these people have altogether, and one of them at most; the ties cover all of them then."""
    total = most = 0
    for step in range(len(people)):
        count_person(touched, whole(people[step]))
        size = arcs.size[people[step]]
        total, most = total + size, max(most, size)
    return total, most


@inner
def _rederive(
    arcs: Arcs,
    evidence: Evidence,
    touched: Touched,
    rules: F64,
    person: int,
    held: int,
    before: Before,
    pairs: I64,
    count: int,
) -> int:
    """Remove all ties of a person and derive them again: so triangles are counted under one membership at a time."""
    if touched.membership[person] == held:
        return count
    _untie_all(arcs, touched, person, before)
    touched.membership[person] = held
    for step in range(arcs.size[person]):
        p = arcs.start[person] + step
        other = whole(arcs.other[p])
        q = find(arcs, other, person)
        derive(arcs, evidence, touched, rules, person, other, p, q)
        if q >= 0 and (
            arcs.flags[p] != before.ahead[step]
            or arcs.flags[q] != before.back[step]
            or arcs.strength[p] != before.strength[step]
            or arcs.strength[q] != before.strength_back[step]
        ):
            pairs[count] = (min(person, other) << 32) | max(person, other)
            count += 1
    return count


@inner
def _untie_all(arcs: Arcs, touched: Touched, person: int, before: Before) -> None:
    """Note somebody's arcs, and remove their ties one by one."""
    for step in range(arcs.size[person]):
        p = arcs.start[person] + step
        other = whole(arcs.other[p])
        q = find(arcs, other, person)
        before.ahead[step], before.strength[step] = arcs.flags[p], arcs.strength[p]
        if q >= 0:
            before.back[step], before.strength_back[step] = arcs.flags[q], arcs.strength[q]
        if arcs.flags[p] & TIED:
            arcs.flags[p] &= ~TIED
            arcs.flags[q] &= ~TIED
            update_mutual(arcs, touched, person, other, p, q, -1)


@lean
def set_company_hint(arcs: Arcs, touched: Touched, person: int, hint: int) -> None:
    """Set the company hint of a person, and on the arcs to them.

    An arc without one back gets it together with that one, in `derive`.
    """
    count_person(touched, person)
    if arcs.own_hint[person] == hint:
        return
    arcs.own_hint[person] = hint
    begin = arcs.start[person]
    for at in range(begin, begin + arcs.size[person]):
        prefetch_block(arcs, arcs.other[min(at + NEAR, begin + arcs.size[person] - 1)])
        back = find(arcs, whole(arcs.other[at]), person)
        if back >= 0:
            arcs.hint[back] = hint
