"""A burst of records as one step: which of them count, room for their arcs, then pair by pair what changes."""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, kernel, shared
from services.matching.kernels.graph.arcs import MASK, find, insert, set_version, version_of, whole
from services.matching.kernels.graph.layout import RECORD, RECORD_BACK, Arcs
from services.matching.kernels.storage.arrays import F64, I32, I64, U8, U32
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.ties.derive import derive
from services.matching.kernels.ties.evidence import Evidence
from services.matching.kernels.ties.touched import Touched, count_person, finish_step


class Burst(NamedTuple):
    """Records a:b in order of arrival. `present` is 0 for a tombstone; versions are below 2^48 - 1."""

    a: I32
    b: I32
    code: U32
    version: I64
    present: U8


def new_burst(room: int) -> Burst:
    """Address space for so many records."""
    return Burst(
        reserve(room, np.int32),
        reserve(room, np.int32),
        reserve(room, np.uint32),
        reserve(room, np.int64),
        reserve(room, np.uint8),
    )


class Winners(NamedTuple):
    """By pair: which record of `low` about `high` counts, and of `high` about `low`; -1 where none does."""

    low: I64
    high: I64
    ahead: I64
    back: I64


@kernel
def apply_burst(
    arcs: Arcs, evidence: Evidence, touched: Touched, rules: F64, burst: Burst, few: int
) -> tuple[bool, I32, I32, I32]:
    """Apply a burst. Returns whether there was room (if not, nothing is stored), changed pairs, and `bridge_ends`."""
    size = len(burst.a)
    keys = np.empty(size, np.int64)
    _pair_keys(touched, burst, keys)
    winners = Winners(
        np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64)
    )
    pairs = _find_winners(arcs, burst, keys, np.argsort(keys, kind="mergesort"), winners)
    a, b, missing = np.empty(pairs, np.int32), np.empty(pairs, np.int32), np.empty(2 * pairs, np.int64)
    if not _insert_all(arcs, np.sort(missing[: _find_missing(arcs, burst, winners, pairs, missing)])):
        return False, a[:0], b[:0], a[:0]
    count = _store_all(arcs, evidence, touched, rules, burst, winners, pairs, a, b)
    return True, a[:count], b[:count], finish_step(arcs, touched, few)


@inner
def _pair_keys(touched: Touched, burst: Burst, keys: I64) -> None:
    for at in range(len(keys)):
        low, high = whole(min(burst.a[at], burst.b[at])), whole(max(burst.a[at], burst.b[at]))
        count_person(touched, high)
        keys[at] = (low << 32) | high


@inner
def _find_winners(arcs: Arcs, burst: Burst, keys: I64, order: I64, winners: Winners) -> int:
    """Find, by pair, the first record with the highest version above the held one; returns how many pairs have any."""
    count = at = 0
    while at < len(order):
        end = at + 1
        while end < len(order) and keys[order[end]] == keys[order[at]]:
            end += 1
        low, high = keys[order[at]] >> 32, keys[order[at]] & MASK
        ahead = _winner(arcs, burst, order, at, end, low, high)
        back = -1 if low == high else _winner(arcs, burst, order, at, end, high, low)
        if ahead >= 0 or back >= 0:
            winners.low[count], winners.high[count] = low, high
            winners.ahead[count], winners.back[count] = ahead, back
            count += 1
        at = end
    return count


@inner
def _winner(arcs: Arcs, burst: Burst, order: I64, first: int, end: int, a: int, b: int) -> int:
    held, found = -2, -1
    for step in range(first, end):
        record = order[step]
        if burst.a[record] == a:
            if held == -2:  # noqa: PLR2004 - not looked up yet
                at = find(arcs, a, b)
                held = version_of(arcs, at) if at >= 0 else -1
            if burst.version[record] > held:
                held, found = burst.version[record], record
    return found


@inner
def _find_missing(arcs: Arcs, burst: Burst, winners: Winners, pairs: int, missing: I64) -> int:
    """Collect the arcs to insert: the own one for any record, the one back unless it is a tombstone."""
    count = 0
    for step in range(pairs):
        low, high, ahead, back = winners.low[step], winners.high[step], winners.ahead[step], winners.back[step]
        if (ahead >= 0 or burst.present[back]) and find(arcs, low, high) < 0:
            missing[count] = (low << 32) | high
            count += 1
        if low != high and (back >= 0 or burst.present[ahead]) and find(arcs, high, low) < 0:
            missing[count] = (high << 32) | low
            count += 1
    return count


@inner
def _insert_all(arcs: Arcs, keys: I64) -> bool:
    """Insert arcs, given as person · 2^32 + other, ascending; False where the pool is full."""
    at = 0
    while at < len(keys):
        person, end = keys[at] >> 32, at + 1
        while end < len(keys) and keys[end] >> 32 == person:
            end += 1
        if not insert(arcs, person, keys, at, end):
            return False
        at = end
    return True


@inner
def _store_all(
    arcs: Arcs,
    evidence: Evidence,
    touched: Touched,
    rules: F64,
    burst: Burst,
    winners: Winners,
    pairs: int,
    a: I32,
    b: I32,
) -> int:
    """Store the records and derive their ties; returns how many pairs changed: they are in `a` and `b`."""
    count = 0
    for step in range(pairs):
        low, high = winners.low[step], winners.high[step]
        p, q = find(arcs, low, high), find(arcs, high, low)
        changed = store_record(arcs, evidence, burst, p, q, winners.ahead[step])
        changed = store_record(arcs, evidence, burst, q, p, winners.back[step]) or changed
        if derive(arcs, evidence, touched, rules, low, high, p, q) or changed:
            a[count], b[count] = low, high
            count += 1
    return count


@shared
def store_record(arcs: Arcs, evidence: Evidence, burst: Burst, p: int, q: int, record: int) -> bool:
    """Store a record on its arc at p, and its presence on the arc back at q; whether it differs from the one held.

    Record -1 is none.
    """
    if record < 0:
        return False
    present = burst.present[record] != 0
    code = whole(burst.code[record]) if present else 0
    held = whole(arcs.code[p])
    changed = code != held or (arcs.flags[p] & RECORD != 0) != present
    set_version(arcs, p, burst.version[record])
    if held:
        evidence.uses[held] -= 1
    if code:
        evidence.uses[code] += 1
    arcs.code[p] = code
    if present:
        arcs.flags[p] |= RECORD
    else:
        arcs.flags[p] &= ~RECORD
    # A record about oneself has a single arc.
    if q >= 0 and q != p:
        set_record_back(arcs, q, present)
    return bool(changed)


@inner
def set_record_back(arcs: Arcs, q: int, present: bool) -> None:
    """Set on the arc back whether there is a record."""
    if present:
        arcs.flags[q] |= RECORD_BACK
    else:
        arcs.flags[q] &= ~RECORD_BACK
