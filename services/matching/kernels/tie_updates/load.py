"""Loading: records are logged, merged into the adjacency by person, and all ties are derived once at the end.

While loading there are no flags but RECORD and RECORD_BACK, and every block is one part in order.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, kernel, lean
from services.matching.kernels.graph.arcs import MASK, insert, resize_block, tidy_block, version_of, whole
from services.matching.kernels.graph.layout import MEMBER, TIED, Arcs
from services.matching.kernels.storage.arrays import F64, I32, I64, U8
from services.matching.kernels.tie_updates.burst import Burst, set_record_back, store_record
from services.matching.kernels.ties.derive import derived
from services.matching.kernels.ties.evidence import Evidence
from services.matching.kernels.ties.paired_walk import PairedWalk, find_opposite
from services.matching.kernels.ties.touched import Touched, count_person

SHORT = 24


class Grouped(NamedTuple):
    """Records by person: those of p are `keys[begin[p] : begin[p + 1]]`, each other · 2^32 + its place in the log."""

    begin: I64
    keys: I64


@lean
def log_burst(log: Burst, evidence: Evidence, touched: Touched, length: int, burst: Burst) -> None:
    """Log a burst. Its codes count as used from here on."""
    for at in range(len(burst.a)):
        to = length + at
        count_person(touched, max(burst.a[at], burst.b[at]))
        log.a[to], log.b[to] = burst.a[at], burst.b[at]
        log.version[to], log.present[to] = burst.version[at], burst.present[at]
        log.code[to] = burst.code[at] if burst.present[at] else 0
        if log.code[to]:
            evidence.uses[log.code[to]] += 1


@kernel
def merge_own(arcs: Arcs, evidence: Evidence, log: Burst, grouped: Grouped, won: U8) -> bool:
    """Store the records that count, grouped by person, on their own arcs, and set their entries in `won`, all 0 before.

    False where the pool is full.
    """
    spare = np.zeros(len(grouped.begin) - 2, np.int32)
    _count_others(log.b, spare)
    every, missing = np.ones(len(won), np.uint8), np.empty(_longest(grouped), np.int64)
    fits = _insert_all(arcs, grouped, every, spare, missing)
    if fits:
        _store_all(arcs, evidence, log, grouped, won)
    return bool(fits)


@kernel
def merge_back(arcs: Arcs, log: Burst, grouped: Grouped) -> bool:
    """Set the presence of the records that count, grouped by other end, on the arcs back; False if the pool is full."""
    none = np.zeros(len(grouped.begin) - 2, np.int32)
    fits = _insert_all(arcs, grouped, log.present, none, np.empty(_longest(grouped), np.int64))
    if fits:
        _set_all_back(arcs, log, grouped)
    return bool(fits)


@inner
def _insert_all(arcs: Arcs, grouped: Grouped, wanted: U8, spare: I32, missing: I64) -> bool:
    """Sort the records of each person, and insert the arcs that are missing for those wanted.

    A block that has to move gets room for `spare` more arcs, so that it does not have to move again.
    """
    for person in range(len(grouped.begin) - 2):
        begin, end = grouped.begin[person], grouped.begin[person + 1]
        if begin < end:
            _sort(grouped.keys, begin, end)
            count = _find_missing(arcs, person, grouped, wanted, missing)
            need = arcs.size[person] + count
            if need > arcs.room[person]:
                resize_block(arcs, person, need + spare[person])
            if count and not insert(arcs, person, missing, 0, count):
                return False
    return True


def new_grouped(records: int, people: int) -> Grouped:
    """Room to group so many records. Made by numpy, which asks for huge pages: access is mostly random."""
    return Grouped(np.empty(people + 2, np.int64), np.empty(records, np.int64))


@lean
def group_by_person(persons: I32, others: I32, wanted: U8, grouped: Grouped) -> None:
    """Group the wanted records by person."""
    begin = grouped.begin
    for person in range(len(begin)):
        begin[person] = 0
    for at in range(len(persons)):
        if wanted[at]:
            begin[persons[at] + 2] += 1
    for person in range(2, len(begin)):
        begin[person] += begin[person - 1]
    for at in range(len(persons)):
        if wanted[at]:
            to = begin[persons[at] + 1]
            grouped.keys[to] = (whole(others[at]) << 32) | at
            begin[persons[at] + 1] = to + 1


@inner
def _count_others(others: I32, counts: I32) -> None:
    for at in range(len(others)):
        counts[others[at]] += 1


@inner
def _longest(grouped: Grouped) -> int:
    longest = 0
    for person in range(len(grouped.begin) - 2):
        longest = max(longest, grouped.begin[person + 1] - grouped.begin[person])
    return longest


@inner
def _sort(keys: I64, begin: int, end: int) -> None:
    """Sort a run in place. Most are short."""
    if end - begin > SHORT:
        _sort_long(keys, begin, end)
        return
    for at in range(begin + 1, end):
        key, to = keys[at], at
        while to > begin and keys[to - 1] > key:
            keys[to] = keys[to - 1]
            to -= 1
        keys[to] = key


@kernel
def _sort_long(keys: I64, begin: int, end: int) -> None:
    keys[begin:end].sort()


@inner
def _find_missing(arcs: Arcs, person: int, grouped: Grouped, wanted: U8, missing: I64) -> int:
    at, end = arcs.start[person], arcs.start[person] + arcs.size[person]
    count = 0
    for step in range(grouped.begin[person], grouped.begin[person + 1]):
        other, record = grouped.keys[step] >> 32, grouped.keys[step] & MASK
        if not wanted[record]:
            continue
        while at < end and arcs.other[at] < other:
            at += 1
        if (at == end or arcs.other[at] != other) and (count == 0 or missing[count - 1] != other):
            missing[count] = other
            count += 1
    return count


@inner
def _store_all(arcs: Arcs, evidence: Evidence, log: Burst, grouped: Grouped, won: U8) -> None:
    """Store the first record with the highest version of each key on its arc."""
    for person in range(len(grouped.begin) - 2):
        place, end = arcs.start[person], arcs.start[person] + arcs.size[person]
        at, last = grouped.begin[person], grouped.begin[person + 1]
        while at < last:
            other = grouped.keys[at] >> 32
            while place < end and arcs.other[place] < other:
                place += 1
            held, best = version_of(arcs, place), -1
            while at < last and grouped.keys[at] >> 32 == other:
                record = grouped.keys[at] & MASK
                # The log counted a use of each; `store_record` counts that of the one that is stored.
                if log.code[record]:
                    evidence.uses[log.code[record]] -= 1
                if log.version[record] > held:
                    held, best = log.version[record], record
                at += 1
            if best >= 0:
                won[best] = 1
                store_record(arcs, evidence, log, place, -1, best)


@inner
def _set_all_back(arcs: Arcs, log: Burst, grouped: Grouped) -> None:
    for person in range(len(grouped.begin) - 2):
        place, end = arcs.start[person], arcs.start[person] + arcs.size[person]
        dropped = False
        for step in range(grouped.begin[person], grouped.begin[person + 1]):
            other, record = grouped.keys[step] >> 32, grouped.keys[step] & MASK
            while place < end and arcs.other[place] < other:
                place += 1
            if other != person and place < end and arcs.other[place] == other:
                set_record_back(arcs, place, log.present[record] != 0)
                dropped = dropped or log.present[record] == 0
        if dropped:
            tidy_block(arcs, person)


@lean
def derive_span(
    arcs: Arcs, evidence: Evidence, touched: Touched, rules: F64, paired: PairedWalk, first: int, last: int
) -> None:
    """Derive the ties of people [first, last) to others not below them, and count ties to members; mutual stays 0."""
    for person in range(first, last):
        begin = arcs.start[person]
        for p in range(begin, begin + arcs.size[person]):
            other = whole(arcs.other[p])
            if other < person:
                continue
            q = find_opposite(arcs, paired, person, other)
            if q < 0:
                continue
            ahead, back, strength, strength_back = derived(arcs, evidence, touched, rules, person, other, p, q)
            arcs.flags[p], arcs.flags[q] = ahead, back
            arcs.strength[p], arcs.strength[q] = strength, strength_back
            arcs.hint[p], arcs.hint[q] = arcs.own_hint[other], arcs.own_hint[person]
            if ahead & TIED:
                arcs.friends[person] += (touched.membership[other] & MEMBER) >> 1
                arcs.friends[other] += (touched.membership[person] & MEMBER) >> 1


@lean
def tidy_span(arcs: Arcs, first: int, last: int) -> None:
    """Move the arcs of people [first, last) into their parts."""
    for person in range(first, last):
        tidy_block(arcs, person)
