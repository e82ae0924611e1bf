"""Many arcs: blocks that grow, shrink, move and are compacted keep what they hold, and their room is accounted for."""

from collections import deque
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from services.matching.engine.columns import tie_pool
from services.matching.engine.columns.ties import Changed, Ties
from services.matching.kernels.graph.layout import KNOWN, MEMBER, RECORD, TIED
from services.matching.kernels.storage.blocks import FREE, TOP
from services.matching.kernels.storage.memory import CapacityError
from tests.unit.matching.columns.tie_worlds import Crowd, Table, check_layout

pytestmark = pytest.mark.timeout(900)
"""The first run after a change compiles the kernels, which takes a minute or two on a busy machine."""

PEOPLE = 300
CODES = 50

Held = dict[tuple[int, int], tuple[int, int, bool]]


@pytest.fixture
def table() -> Table:
    """Codes that show something; the upper half firmly."""
    found = Table()
    found.columns.shows[1:CODES] = 1
    found.columns.weights[1:CODES, 3] = np.linspace(0.01, 0.6, CODES - 1)
    return found


@pytest.fixture
def crowd() -> Crowd:
    found = Crowd(PEOPLE)
    found.columns.flags[:] = KNOWN | MEMBER
    found.columns.flags[: PEOPLE // 5] = KNOWN
    return found


def make(crowd: Crowd, table: Table, loading: bool = False, arcs: int = 1 << 18) -> Ties:
    ties = Ties(crowd, table, arcs=arcs, most_people=PEOPLE, log=3000, loading=loading)
    ties.people_changed(np.arange(PEOPLE, dtype=np.int32))
    for person in range(PEOPLE):
        ties.set_company_hint(person, 1 + person % 251)
    return ties


def burst(random: np.random.Generator, size: int, gone: float) -> tuple[np.ndarray, ...]:
    # A few have most of the ties.
    a = (PEOPLE * random.random(size) ** 3).astype(np.int32)
    b = random.integers(0, PEOPLE, size).astype(np.int32)
    present = (random.random(size) >= gone).astype(np.uint8)
    return a, b, random.integers(1, CODES, size).astype(np.uint32), random.integers(0, 1 << 40, size), present


def note(held: Held, records: tuple[np.ndarray, ...]) -> None:
    for a, b, code, version, present in zip(*(column.tolist() for column in records), strict=True):
        if version > held.get((a, b), (0, -1, False))[1]:
            held[a, b] = (code if present else 0, version, bool(present))


def check(ties: Ties, table: Table, held: Held) -> None:
    arcs, found = ties.arcs, {}
    for a in range(PEOPLE):
        for at in range(int(arcs.start[a]), int(arcs.start[a]) + int(arcs.size[a])):
            b = int(arcs.other[at])
            version = ties.version(a, b)
            if version is not None:
                found[a, b] = (int(arcs.code[at]), version, bool(arcs.flags[at] & RECORD))
    assert found == held
    codes = np.array([code for code, _, _ in held.values()])
    assert (table.columns.uses[1:] == np.bincount(codes, minlength=len(table.columns.uses))[1:]).all()
    if not ties.loading:
        check_mutual(ties)
        check_layout(ties, PEOPLE)


def check_mutual(ties: Ties) -> None:
    friends = [set(ties.tied_members(a).tolist()) for a in range(PEOPLE)]
    assert [len(each) for each in friends] == ties.arcs.friends[:PEOPLE].tolist()
    members = ties._people.columns.flags & MEMBER
    for a in range(PEOPLE):
        begin = int(ties.arcs.start[a])
        for at in range(begin, begin + int(ties.arcs.size[a])):
            b = int(ties.arcs.other[at])
            counts = ties.arcs.flags[at] & TIED and members[a] and members[b]
            assert ties.arcs.mutual[at] == (len(friends[a] & friends[b]) if counts else 0)


def test_what_is_held_survives_churn_and_compaction(crowd, table, monkeypatch):
    monkeypatch.setattr(tie_pool, "SECTIONS", 1)
    monkeypatch.setattr(tie_pool, "SPAN", 100)
    monkeypatch.setattr(tie_pool, "SHORT", 64)
    random, ties, held = np.random.default_rng(3), make(crowd, table, arcs=1 << 21), {}
    compaction: Iterator[None] = iter(())
    slices = 0
    for step in range(60):
        records = burst(random, int(random.integers(1, 2500)), gone=0.1 if step < 30 else 0.6)
        note(held, records)
        ties.apply(*records)
        if step % 15 == 0:
            compaction = ties.compact()
        slices += sum(1 for _ in islice(compaction, 2))
        if step % 6 == 5:
            check(ties, table, held)
    deque(compaction, maxlen=0)
    check(ties, table, held)
    assert slices > 20


def test_compacting_leaves_no_free_room(crowd, table):
    random, ties, held = np.random.default_rng(4), make(crowd, table), {}
    for gone in (0.0, 0.0, 0.7, 0.1):
        records = burst(random, 20000, gone)
        note(held, records)
        ties.apply(*records)
    assert ties.arcs.state[FREE] > 0
    before = ties.bytes_per_arc()
    deque(ties.compact(), maxlen=0)
    assert ties.arcs.state[FREE] == 0
    assert ties.arcs.state[TOP] == ties.arcs.room[:PEOPLE].sum()
    assert ties.bytes_per_arc() < before
    check(ties, table, held)


def test_a_pass_that_is_given_up_does_no_harm(crowd, table, monkeypatch):
    monkeypatch.setattr(tie_pool, "SECTIONS", 1)
    random, ties, held = np.random.default_rng(5), make(crowd, table), {}
    for gone in (0.0, 0.5):
        records = burst(random, 20000, gone)
        note(held, records)
        ties.apply(*records)
    compaction = ties.compact()
    for _ in range(4):
        next(compaction)
    compaction.close()
    records = burst(random, 5000, gone=0.3)
    note(held, records)
    ties.apply(*records)
    check(ties, table, held)
    deque(ties.compact(), maxlen=0)
    check(ties, table, held)


def test_loading_merges_what_was_logged(crowd, table):
    random, ties, held = np.random.default_rng(6), make(crowd, table, loading=True), {}
    for size in (10, 4000, 2999, 1, 9000):
        records = burst(random, size, gone=0.2)
        note(held, records)
        assert not any(map(len, ties.apply(*records)))
    check(ties, table, held)
    deque(ties.derive_all(), maxlen=0)
    check(ties, table, held)
    assert ties.arcs.state[FREE] == 0


def test_loaded_at_once_and_one_by_one_are_the_same(crowd, table):
    random = np.random.default_rng(7)
    loaded, grown = make(crowd, table, loading=True), make(crowd, table)
    for _ in range(3):
        records = burst(random, 6000, gone=0.2)
        loaded.apply(*records)
        grown.apply(*records)
    deque(loaded.derive_all(), maxlen=0)
    deque(grown.compact(), maxlen=0)
    for column in (*tie_pool.POOLED, "size", "front", "friends"):
        for a in range(PEOPLE):
            if column != "hint":  # that of an arc without one back may be anything
                assert of(loaded, column, a) == of(grown, column, a)
    check_layout(loaded, PEOPLE)
    check_layout(grown, PEOPLE)


def of(ties: Ties, column: str, person: int) -> list[int]:
    values = getattr(ties.arcs, column)
    if column not in tie_pool.POOLED:
        return [int(values[person])]
    begin = int(ties.arcs.start[person])
    return values[begin : begin + int(ties.arcs.size[person])].tolist()


def test_an_address_book_is_one_step(crowd, table):
    ties = make(crowd, table)
    count = PEOPLE - 1
    others = np.arange(1, PEOPLE, dtype=np.int32)
    codes = np.full(count, CODES - 1, np.uint32)
    changed = ties.apply(np.zeros(count, np.int32), others, codes, np.ones(count, np.int64), np.ones(count, np.uint8))
    # Nobody without an account says anything, so a member's book it must be.
    assert not ties.arcs.front[0]
    assert len(changed.a) == count
    changed = ties.apply(
        np.full(count, PEOPLE - 1, np.int32),
        np.arange(PEOPLE - 1, dtype=np.int32),
        codes,
        np.ones(count, np.int64),
        np.ones(count, np.uint8),
    )
    assert ties.arcs.front[PEOPLE - 1] == count
    assert len(changed.a) == count
    check_mutual(ties)
    check_layout(ties, PEOPLE)


def test_a_full_pool_says_so(crowd, table):
    ties = make(crowd, table, arcs=64)
    random = np.random.default_rng(8)
    with pytest.raises(CapacityError):
        ties.apply(*burst(random, 200, gone=0.0))


def test_a_burst_of_nothing_changes_nothing(crowd, table):
    ties = make(crowd, table)
    empty = Changed(*(np.empty(0, np.int32),) * 3)
    found = ties.apply(empty.a, empty.b, np.empty(0, np.uint32), np.empty(0, np.int64), np.empty(0, np.uint8))
    assert not any(map(len, found))
