"""The evidence table: each distinct evidence once, found by its content, and weighed as of a day.

The content of a code: `said`, `blocks`, whether there is an address (`weights[code, ADDRESS]`), and its items in order.
"""

from typing import Any, NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean, shared
from services.matching.kernels.graph.numbers import periods
from services.matching.kernels.storage.arrays import F64, I32, I64, U8, U32
from services.matching.kernels.storage.blocks import State, allocate, new_state, release, size_class
from services.matching.kernels.storage.hash_chains import Chains, bucket, insert_row, remove_row
from services.matching.kernels.storage.memory import reserve

CONNECTED, ADDRESS, WORKED_TOGETHER, MESSAGES, INTRODUCED, STATED_WORK = range(6)
"""Columns of `weights`, and kinds of items (but ADDRESS): STATED_WORK is worked_together that is stated."""

WORD, NUMBER, DAY, SIZE = range(4)
"""Of an item given to `intern`. NUMBER is the number times 8 plus the kind; DAY an ordinal, 0 without."""

TOP = 0
"""The first code that was never given."""
FREE = 1
"""The first free code; `Chains.next` leads to the next one; 0 for none."""
HAND = 2
"""Where the next sweep for unused codes begins."""

ADDRESS_BIT, BLOCKS_BIT = 8, 16
"""Bits of `head`, above the closeness stated."""


class Evidence(NamedTuple):
    """The evidence table, by code: one side's evidence, each distinct one once. Row 0: no evidence.

    `weights` (n, 6): the largest e of today of each kind that makes E, in table order (connected, address,
    worked_together, messages, introduced), then that of worked_together that is stated. What is firm: columns 5, 3, 4.
    """

    weights: F64
    said: U8
    """The closeness stated, the larger if twice; 0 without."""
    shows: U8
    """1 where it is own evidence (section 3)."""
    blocks: U8
    uses: U32
    """How many arcs carry the code. An unused code may be given to other evidence after the step."""


class EvidenceRows(NamedTuple):
    """By code: its items are `start` … `+ size`. `stale`: the last new day changed its weights.

    The contract bounds the pieces of one side's evidence by 50, so that `size` holds it.
    """

    start: I32
    size: U8
    stale: U8
    state: I64


class EvidenceItems(NamedTuple):
    """Connected, worked_together, messages, introduced. `word` also links the free blocks.

    `numbers` (n, 3): NUMBER, DAY, SIZE. `base` is e before ageing.
    """

    word: I32
    numbers: I32
    base: F64
    state: State


class AgeingTables(NamedTuple):
    """Tables of the rules: what is left of work and mail by periods, and e of an address (one entry)."""

    work: F64
    mail: F64
    address: F64


def new_rows(codes: int) -> EvidenceRows:
    """Address space for so many codes."""
    return EvidenceRows(
        reserve(codes, np.int32), reserve(codes, np.uint8), reserve(codes, np.uint8), np.array([1, 0, 1], np.int64)
    )


def new_items(items: int) -> EvidenceItems:
    """Address space for so many items."""
    return EvidenceItems(
        reserve(items, np.int32),
        reserve(3 * items, np.int32).reshape(-1, 3),
        reserve(items, np.float64),
        new_state(),
    )


@lean
def intern(heads: I32, counts: I32, given: I32, bases: F64, codes: I64, today: int, *arrays: Any) -> None:
    """Write the code of each evidence into `codes`, a new one where it has none; -1 where the table is full.

    `heads` and `counts` have the head of each and how many items it has; these are concatenated in `given`
    (n, 4), with their e in `bases`. `arrays` are those of Evidence, Rows, Items, Chains and Scale, one by one: so
    many in tuples would take longer to hand over.
    """
    a = arrays
    columns = Evidence(a[0], a[1], a[2], a[3], a[4])
    rows, items = EvidenceRows(a[5], a[6], a[7], a[8]), EvidenceItems(a[9], a[10], a[11], a[12])
    chains, ageing = Chains(a[13], a[14], a[15], a[16]), AgeingTables(a[17], a[18], a[19])
    first = 0
    for n in range(len(heads)):
        end = first + counts[n]
        part, e = given[first:end], bases[first:end]
        codes[n] = _intern(columns, rows, items, chains, ageing, heads[n], part, e, counts[n], today)
        first = end


@inner
def _intern(
    columns: Evidence,
    rows: EvidenceRows,
    items: EvidenceItems,
    chains: Chains,
    ageing: AgeingTables,
    head: int,
    given: I32,
    bases: F64,
    count: int,
    today: int,
) -> int:
    if head == 0 and count == 0:
        return 0
    checksum = _checksum(head, given, count)
    code = chains.heads[bucket(chains, checksum)]
    while code:
        if chains.sums[code] == checksum and _is_equal(columns, rows, items, code, head, given, count):
            return int(code)
        code = chains.next[code]
    code = _new_code(columns, rows, items, chains, count)
    if code > 0:
        _write(columns, rows, items, ageing, code, head, given, bases)
        insert_row(chains, code, checksum)
        weigh_code(columns, rows, items, ageing, code, today)
    return int(code)


@lean
def _checksum(head: int, given: I32, count: int) -> int:
    value = _mix(0, head)
    for n in range(count):
        for part in range(4):
            value = _mix(value, given[n, part])
    return int(value & 0xFFFFFFFF)


@inner
def _mix(value: int, more: int) -> int:
    value = (value ^ more) * -7046029254386353131
    return value ^ (value >> 32)


@inner
def _is_equal(
    columns: Evidence, rows: EvidenceRows, items: EvidenceItems, code: int, head: int, given: I32, count: int
) -> bool:
    if rows.size[code] != count or head_of(columns, code) != head:
        return False
    begin = rows.start[code]
    for n in range(count):
        at = begin + n
        if items.word[at] != given[n, WORD]:
            return False
        for part in range(3):
            if items.numbers[at, part] != given[n, NUMBER + part]:
                return False
    return True


@lean
def head_of(columns: Evidence, code: int) -> int:
    """The content of a code besides its items."""
    address = ADDRESS_BIT if columns.weights[code, ADDRESS] > 0 else 0
    return int(columns.said[code] + address + (BLOCKS_BIT if columns.blocks[code] else 0))


@inner
def _new_code(columns: Evidence, rows: EvidenceRows, items: EvidenceItems, chains: Chains, count: int) -> int:
    """A new code with room for its items; -1 where there is none."""
    code = rows.state[FREE]
    if code == 0 and rows.state[TOP] >= len(columns.said):
        return -1
    begin = allocate(items.state, items.word, size_class(count)) if count else 0
    if begin < 0:
        return -1
    if code:
        rows.state[FREE] = chains.next[code]
    else:
        code = rows.state[TOP]
        rows.state[TOP] = code + 1
    rows.start[code], rows.size[code] = begin, count
    return int(code)


@inner
def _write(
    columns: Evidence,
    rows: EvidenceRows,
    items: EvidenceItems,
    ageing: AgeingTables,
    code: int,
    head: int,
    given: I32,
    bases: F64,
) -> None:
    begin, count = rows.start[code], rows.size[code]
    for n in range(count):
        at = begin + n
        items.word[at], items.base[at] = given[n, WORD], bases[n]
        for part in range(3):
            items.numbers[at, part] = given[n, NUMBER + part]
    said, address = head & 7, head & ADDRESS_BIT
    columns.said[code] = said
    columns.blocks[code] = 1 if head & BLOCKS_BIT else 0
    columns.shows[code] = 1 if said or address or count else 0
    columns.uses[code] = 0
    columns.weights[code, ADDRESS] = ageing.address[0] if address else 0.0


@shared
def weigh_code(
    columns: Evidence, rows: EvidenceRows, items: EvidenceItems, ageing: AgeingTables, code: int, today: int
) -> bool:
    """Set the weights of today (0: before ageing) but that of an address; whether one changed."""
    connected, worked, messages, introduced, stated = 0.0, 0.0, 0.0, 0.0, 0.0
    for at in range(rows.start[code], rows.start[code] + rows.size[code]):
        kind, day = items.numbers[at, 0] & 7, items.numbers[at, 1]
        # Any day of a record, so any age from 0 up: the tables' last entries hold for all that are older.
        age = periods(day, today) if day and today else 0
        e = items.base[at]
        if kind == CONNECTED:
            connected = max(connected, e)
        elif kind == MESSAGES:
            messages = max(messages, e * ageing.mail[min(age, len(ageing.mail) - 1)])
        elif kind == INTRODUCED:
            introduced = max(introduced, e)
        else:
            e *= ageing.work[min(age, len(ageing.work) - 1)]
            worked = max(worked, e)
            stated = max(stated, e) if kind == STATED_WORK else stated
    return (
        _set(columns.weights, code, CONNECTED, connected)
        | _set(columns.weights, code, WORKED_TOGETHER, worked)
        | _set(columns.weights, code, MESSAGES, messages)
        | _set(columns.weights, code, INTRODUCED, introduced)
        | _set(columns.weights, code, STATED_WORK, stated)
    )


@inner
def _set(weights: F64, code: int, column: int, value: float) -> bool:
    changed = bool(weights[code, column] != value)
    weights[code, column] = value
    return changed


@lean
def age_codes(
    columns: Evidence, rows: EvidenceRows, items: EvidenceItems, ageing: AgeingTables, first: int, end: int, today: int
) -> None:
    """Weigh the codes from `first` to `end` as of a new day, and mark as stale those whose weights changed."""
    for code in range(first, end):
        if weigh_code(columns, rows, items, ageing, code, today):
            rows.stale[code] = 1


@lean
def sweep_unused(
    columns: Evidence, rows: EvidenceRows, items: EvidenceItems, chains: Chains, count: int, freed: I32
) -> int:
    """Free the unused ones of the next `count` codes, round and round; returns how many: they are listed in `freed`."""
    found = 0
    for _ in range(min(count, rows.state[TOP] - 1)):
        code = rows.state[HAND]
        if code >= rows.state[TOP]:
            code = 1
        rows.state[HAND] = code + 1
        if columns.uses[code] == 0 and (columns.shows[code] or columns.blocks[code]):
            _free(columns, rows, items, chains, code)
            freed[found] = code
            found += 1
    return found


@inner
def _free(columns: Evidence, rows: EvidenceRows, items: EvidenceItems, chains: Chains, code: int) -> None:
    remove_row(chains, code)
    if rows.size[code]:
        release(items.state, items.word, rows.start[code], size_class(rows.size[code]))
    rows.size[code] = columns.said[code] = columns.shows[code] = columns.blocks[code] = 0
    columns.weights[code, ADDRESS] = 0.0
    chains.next[code] = rows.state[FREE]
    rows.state[FREE] = code
