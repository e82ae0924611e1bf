"""Both arcs of a tie from the evidence of its two sides: flags, strengths and firmness from each side (section 2).

The numbers are those of `rules.strength`, and sums are taken in its order, so that they are the same doubles.
"""

import math

from services.matching.kernels.compiled import inner, shared
from services.matching.kernels.graph.arcs import whole
from services.matching.kernels.graph.layout import (
    ASYMMETRIC,
    BLOCKED,
    KNOWN,
    OWN,
    RECORD,
    RECORD_BACK,
    THEIRS,
    TIED,
    WARM,
    Arcs,
)
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.graph.strength import packed
from services.matching.kernels.storage.arrays import F64
from services.matching.kernels.ties.evidence import Evidence
from services.matching.kernels.ties.mutual import update_mutual
from services.matching.kernels.ties.touched import MEMBERS, Touched, note_block_changed, note_misplaced

VETO = 6
WARM_AT = 7
"""Places in `rules`: below them what a stated closeness 1 to 5 is worth, then these two of `rules.strength`."""

RECORDS = RECORD | RECORD_BACK


@inner
def factor(x: float) -> int:
    """`rules.numbers.factor` in ten-thousandths."""
    return math.floor(10_000 * x + 0.5 + 1e-6)


@inner
def _combined(evidence: Evidence, x: int, y: int) -> float:
    rest = 1.0
    for kind in range(5):
        rest *= 1.0 - max(evidence.weights[x, kind], evidence.weights[y, kind])
    return 1.0 - rest


@inner
def _firm(evidence: Evidence, x: int, y: int) -> float:
    rest = 1.0
    for kind in (5, 3, 4):
        rest *= 1.0 - max(evidence.weights[x, kind], evidence.weights[y, kind])
    return 1.0 - rest


@inner
def _strength(rules: F64, mine: int, theirs: int, others: float) -> int:
    """Strength from the side that stated `mine` (0: none), and what the other evidence comes to.

    The contract bounds a closeness by 1 and 5: each is a place in `rules`.
    """
    if 0 < theirs <= rules[VETO]:
        return 0
    return factor(rules[mine] if mine else others)


@inner
def _strengths(rules: F64, mine: int, theirs: int, everything: float) -> int:
    """Strength and onward strength, as an arc holds them, likewise."""
    if 0 < theirs <= rules[VETO]:
        return 0
    if 0 < mine <= rules[VETO]:
        return packed(mine, 0)
    evidence = factor(everything)
    return packed(mine, max(evidence, factor(rules[WARM_AT] / SCALE)) if mine else evidence)


@shared
def derive(arcs: Arcs, evidence: Evidence, touched: Touched, rules: F64, a: int, b: int, p: int, q: int) -> bool:
    """Derive the arcs a → b at p and b → a at q again; whether anything but the records themselves changed.

    Either place may be -1: then there is no record of the two.
    """
    if p < 0 or q < 0:
        return False
    arcs.hint[p], arcs.hint[q] = arcs.own_hint[b], arcs.own_hint[a]
    ahead, back, strength, strength_back = derived(arcs, evidence, touched, rules, a, b, p, q)
    changed = arcs.flags[p] != ahead or arcs.flags[q] != back
    changed = changed or arcs.strength[p] != strength or arcs.strength[q] != strength_back
    if changed:
        _write(arcs, touched, a, b, p, q, ahead, back)
        arcs.strength[p], arcs.strength[q] = strength, strength_back
    note_misplaced(arcs, touched, a, p)
    note_misplaced(arcs, touched, b, q)
    return bool(changed)


@shared
def derived(
    arcs: Arcs, evidence: Evidence, touched: Touched, rules: F64, a: int, b: int, p: int, q: int
) -> tuple[int, int, int, int]:
    """The flags of a → b at p, those of b → a at q, and the strengths of either, by the rules."""
    x = whole(arcs.code[p]) if touched.membership[a] == MEMBERS else 0
    y = whole(arcs.code[q]) if touched.membership[b] == MEMBERS else 0
    ahead, back, strength, strength_back = arcs.flags[p] & RECORDS, arcs.flags[q] & RECORDS, 0, 0
    if evidence.blocks[x] or evidence.blocks[y]:
        ahead |= BLOCKED
        back |= BLOCKED
    elif p != q and touched.membership[a] & touched.membership[b] & KNOWN and (evidence.shows[x] or evidence.shows[y]):
        one, two, everything = whole(evidence.said[x]), whole(evidence.said[y]), _combined(evidence, x, y)
        strength, strength_back = _strengths(rules, one, two, everything), _strengths(rules, two, one, everything)
        firm = _firm(evidence, x, y)
        warm = _strength(rules, one, two, firm) >= rules[WARM_AT]
        warm_back = _strength(rules, two, one, firm) >= rules[WARM_AT]
        asymmetric = strength != strength_back or warm != warm_back
        ahead |= _tied(evidence, x, y, warm, asymmetric)
        back |= _tied(evidence, y, x, warm_back, asymmetric)
    return ahead, back, strength, strength_back


@inner
def _tied(evidence: Evidence, own: int, theirs: int, warm: bool, asymmetric: bool) -> int:
    flags = TIED
    if evidence.shows[own]:
        flags |= OWN
    if evidence.shows[theirs]:
        flags |= THEIRS
    if warm:
        flags |= WARM
    if asymmetric:
        flags |= ASYMMETRIC
    return flags


@inner
def _write(arcs: Arcs, touched: Touched, a: int, b: int, p: int, q: int, ahead: int, back: int) -> None:
    was = arcs.flags[p] & TIED
    if (arcs.flags[p] ^ ahead) & BLOCKED:
        note_block_changed(touched, a)
        note_block_changed(touched, b)
    arcs.flags[p], arcs.flags[q] = ahead, back
    if ahead & TIED != was:
        update_mutual(arcs, touched, a, b, p, q, -1 if was else 1)
