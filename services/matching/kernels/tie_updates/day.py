"""A new day: ties whose evidence weighs differently are derived again, in slices with other steps in between.

Whether there is a tie does not depend on age, so a day changes neither mutual contacts nor counts of ties.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.arcs import find, lower_bound
from services.matching.kernels.graph.layout import Arcs
from services.matching.kernels.storage.arrays import F64, I32, I64, U8
from services.matching.kernels.ties.derive import derive
from services.matching.kernels.ties.evidence import Evidence
from services.matching.kernels.ties.touched import MEMBERS, Touched

# Entries of a cursor.
PERSON = 0
PART = 1
OTHER = 2
"""The first `other` of the part that was not read yet."""

BEYOND = 1 << 31

COST = 200
"""Deriving a tie takes as long as reading so many arcs."""

LOOK = 40
"""Searching for the arc back, likewise."""

PERSON_COST = 4


class Slice(NamedTuple):
    """The position of a walk, how many people there are, which codes are stale, and room for the pairs that changed.

    `budget` is counted in arcs read; `a` and `b` hold as many pairs as it can derive, and one more.
    """

    cursor: I64
    people: int
    stale: U8
    budget: int
    a: I32
    b: I32


@lean
def derive_stale(arcs: Arcs, evidence: Evidence, touched: Touched, rules: F64, span: Slice) -> tuple[int, int]:
    """Go on until the budget is spent or all people are done; returns how many pairs changed, and the budget left."""
    count, left = 0, span.budget
    while span.cursor[PERSON] < span.people and left > 0:
        person = span.cursor[PERSON]
        left -= PERSON_COST
        # A contact's side shows nothing, whatever its code.
        if touched.membership[person] == MEMBERS:
            count, left = _walk_person(arcs, evidence, touched, rules, span, count, left)
        if left > 0:
            span.cursor[PERSON] += 1
            span.cursor[PART] = span.cursor[OTHER] = 0
    return count, left


@inner
def _walk_person(
    arcs: Arcs, evidence: Evidence, touched: Touched, rules: F64, span: Slice, count: int, left: int
) -> tuple[int, int]:
    person = span.cursor[PERSON]
    begin = arcs.start[person]
    middle, end = begin + arcs.front[person], begin + arcs.size[person]
    if span.cursor[PART] == 0:
        count, left = _walk_part(arcs, evidence, touched, rules, span, begin, middle, count, left)
        if left > 0:
            span.cursor[PART], span.cursor[OTHER] = 1, 0
    if left > 0:
        count, left = _walk_part(arcs, evidence, touched, rules, span, middle, end, count, left)
    return count, left


@inner
def _walk_part(
    arcs: Arcs,
    evidence: Evidence,
    touched: Touched,
    rules: F64,
    span: Slice,
    low: int,
    high: int,
    count: int,
    left: int,
) -> tuple[int, int]:
    person = span.cursor[PERSON]
    if span.cursor[OTHER]:
        low = lower_bound(arcs.other, low, high, span.cursor[OTHER])
    for at in range(low, high):
        if left <= 0:
            span.cursor[OTHER] = arcs.other[at]
            return count, left
        left -= 1
        if not _is_stale(span.stale, arcs.code[at]):
            continue
        left -= LOOK
        other = arcs.other[at]
        back = find(arcs, other, person)
        # A pair with two stale sides is derived once.
        if (
            back >= 0
            and other < person
            and touched.membership[other] == MEMBERS
            and _is_stale(span.stale, arcs.code[back])
        ):
            continue
        left -= COST
        if derive(arcs, evidence, touched, rules, person, other, at, back):
            span.a[count], span.b[count] = person, other
            count += 1
    span.cursor[OTHER] = BEYOND
    return count, left


@inner
def _is_stale(stale: U8, code: int) -> bool:
    return bool(code < len(stale) and stale[code])


def new_pairs(budget: int) -> tuple[I32, I32]:
    """Room for the pairs that a slice may change."""
    return np.empty(budget // COST + 2, np.int32), np.empty(budget // COST + 2, np.int32)
