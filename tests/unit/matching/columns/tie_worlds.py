"""The ties in columns beside the plain state, fed with the same records."""

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise, product
from unittest.mock import patch

import numpy as np
from hypothesis import strategies as st

from services.matching.domain import Person, State
from services.matching.engine.columns.ties import Changed, Ties
from services.matching.kernels.graph.layout import (
    ASYMMETRIC,
    BLOCKED,
    FRONT,
    KNOWN,
    MEMBER,
    OWN,
    RECORD,
    RECORD_BACK,
    THEIRS,
    TIED,
    WARM,
    People,
)
from services.matching.kernels.graph.strength import LEVELS
from services.matching.kernels.storage.blocks import FREE, TOP, class_room, size_class
from services.matching.kernels.ties.evidence import Evidence
from services.matching.rules import bridge, strength
from services.matching.rules.network import Network
from services.matching.rules.strength import Tie
from shared.events.ties import (
    Address,
    Blocked,
    Closeness,
    Connected,
    Introduced,
    Messages,
    TieV1,
    WorkedTogether,
    tie_key,
)
from shared.events.ties import Evidence as Item

TODAY = date(2026, 3, 2)
CODES = 4096
FEW = 2
IS_BLOCKED = 5
"""Where the facts of an arc say so."""

_days = st.integers(0, 4000).map(lambda days: TODAY - timedelta(days=days))
items: st.SearchStrategy[Item] = st.one_of(
    st.builds(Connected, source=st.just("net"), of=st.none() | st.sampled_from((100, 500, 3000))),
    st.builds(Address, source=st.just("book")),
    st.builds(
        WorkedTogether,
        company=st.just("Acme"),
        months=st.sampled_from((0, 3, 24, 60)),
        ended=st.none() | _days,
        company_size=st.none() | st.sampled_from((10, 200)),
        stated=st.booleans(),
    ),
    st.builds(Messages, sent=st.integers(0, 30), received=st.integers(0, 30), last=_days),
    st.builds(Introduced, times=st.integers(0, 4)),
    st.builds(Closeness, value=st.integers(1, 5)),
    st.builds(Closeness, value=st.integers(1, 5)),
)
sides = st.one_of(
    st.just((Closeness(value=4),)),
    st.just((Messages(sent=20, received=20, last=TODAY),)),
    st.lists(items, max_size=4).map(tuple),
    st.lists(items, max_size=2).map(lambda found: (*found, Blocked())),
)


def name(person: int) -> str:
    return f"p{person:02}"


class Table:
    """A stand-in for the evidence table that works everything out by the plain rules."""

    def __init__(self) -> None:
        self.columns = Evidence(
            np.zeros((CODES, 6)),
            np.zeros(CODES, np.uint8),
            np.zeros(CODES, np.uint8),
            np.zeros(CODES, np.uint8),
            np.zeros(CODES, np.uint32),
        )
        self.codes: dict[tuple[Item, ...], int] = {(): 0}

    def code(self, evidence: tuple[Item, ...], today: date | None) -> int:
        if evidence not in self.codes:
            found = self.codes[evidence] = len(self.codes)
            self.columns.said[found] = strength.stated(evidence) or 0
            self.columns.shows[found] = strength.shows(evidence)
            self.columns.blocks[found] = any(isinstance(item, Blocked) for item in evidence)
            self.columns.weights[found] = _weights(evidence, today)
        return self.codes[evidence]

    def set_day(self, today: date) -> np.ndarray:
        """The codes whose weights changed."""
        stale = np.zeros(len(self.codes), np.uint8)
        for evidence, code in self.codes.items():
            fresh = _weights(evidence, today)
            stale[code] = (fresh != self.columns.weights[code]).any()
            self.columns.weights[code] = fresh
        return stale


def _weights(evidence: tuple[Item, ...], today: date | None) -> np.ndarray:
    weights = np.zeros(6)
    for item in evidence:
        value = strength.weight(item, today)
        for column, kind in enumerate(strength.KINDS):
            if isinstance(item, kind):
                weights[column] = max(weights[column], value)
        if isinstance(item, WorkedTogether) and item.stated:
            weights[5] = max(weights[5], value)
    return weights


class Crowd:
    """A stand-in for the people."""

    def __init__(self, count: int) -> None:
        self.columns = People(
            flags=np.zeros(count, np.uint8),
            help=np.zeros(count, np.uint16),
            job_start=np.zeros(count, np.int64),
            job_size=np.zeros(count, np.int32),
            employer=np.zeros(count, np.int32),
        )


@dataclass(frozen=True)
class Record:
    a: int
    b: int
    evidence: tuple[Item, ...] | None
    version: int


@dataclass
class World:
    """Both of them, and what the plain rules said after the last step."""

    count: int
    today: date | None = TODAY
    loading: bool = False
    log: int = 50
    state: State = field(default_factory=State)
    versions: dict[tuple[int, int], int] = field(default_factory=dict)
    signs: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state.today = self.today
        self.table, self.crowd = Table(), Crowd(self.count)
        self.ties = Ties(
            self.crowd, self.table, arcs=1 << 16, most_people=self.count, log=self.log, loading=self.loading
        )
        self.before = self.facts()

    def person(self, index: int, kind: str) -> Changed:
        """`kind`: member, contact or gone."""
        self._set_person(index, kind)
        with patch.object(bridge, "FEW_TIES", FEW):
            return self.ties.people_changed(np.array([index], np.int32))

    def persons(self, kinds: dict[int, str]) -> Changed:
        for index, kind in kinds.items():
            self._set_person(index, kind)
        with patch.object(bridge, "FEW_TIES", FEW):
            return self.ties.people_changed(np.array(list(kinds), np.int32))

    def _set_person(self, index: int, kind: str) -> None:
        self.crowd.columns.flags[index] = {"member": KNOWN | MEMBER | 4, "contact": KNOWN | 4, "gone": 0}[kind]
        if kind == "gone":
            self.state.people.pop(name(index), None)
        else:
            self.state.people[name(index)] = Person(name(index), kind == "member", True, (), frozenset(), None)

    def sign(self, index: int, sign: int) -> None:
        self.ties.set_company_hint(index, sign)
        self.signs[index] = sign

    def put(self, records: Iterable[Record]) -> Changed:
        records = list(records)
        for record in records:
            if record.version > self.versions.get((record.a, record.b), -1):
                self.versions[record.a, record.b] = record.version
                key = tie_key(name(record.a), name(record.b))
                self.state.replace_tie(key, _value(record))
        codes = [0 if r.evidence is None else self.table.code(r.evidence, self.state.today) for r in records]
        with patch.object(bridge, "FEW_TIES", FEW):
            return self.ties.apply(
                np.array([r.a for r in records], np.int32),
                np.array([r.b for r in records], np.int32),
                np.array(codes, np.uint32),
                np.array([r.version for r in records], np.int64),
                np.array([r.evidence is not None for r in records], np.uint8),
            )

    def day(self, today: date) -> list[Changed]:
        self.state.today = today
        stale = self.table.set_day(today)
        with patch.object(bridge, "FEW_TIES", FEW):
            return list(self.ties.rederive_stale(stale))

    def derive_all(self) -> None:
        """End loading."""
        with patch.object(bridge, "FEW_TIES", FEW):
            deque(self.ties.derive_all(), maxlen=0)

    def moved(self) -> "World":
        """The same world, its ties made anew from what a snapshot keeps."""
        kept = {key: array.copy() for key, array in self.ties.arrays()}
        extra = json.loads(json.dumps(self.ties.extra()))
        ties = Ties(self.crowd, self.table, arcs=1 << 16, most_people=self.count, log=self.log)
        ties.restore(kept, extra)
        self.ties = ties
        return self

    def facts(self) -> dict[tuple[int, int], tuple[object, ...]]:
        """By ordered pair: what the plain rules say, the bridge last."""
        network, found = Network(self.state), {}
        with patch.object(bridge, "FEW_TIES", FEW):
            for a, b in product(range(self.count), repeat=2):
                x, y = name(a), name(b)
                tie = None if self.state.today is None else network.tie(x, y)
                both = x in self.state.people and y in self.state.people and tie is not None
                found[a, b] = (*self._arc(x, y), network.mutual(x, y) if both else None)
        return found

    def _arc(self, x: str, y: str) -> tuple[object, ...]:
        tie, back = strength.tie_between(self.state, x, y), strength.tie_between(self.state, y, x)
        here, there = self._strengths(tie), self._strengths(back)
        return (
            here,
            tie is not None and tie.warm,
            tie is not None and tie.own_of(x),
            tie is not None and tie.own_of(y),
            tie is not None and back is not None and (here, tie.warm) != (there, back.warm),
            self.state.today is not None and strength.blocked(self.state, x, y),
            self.state.has_side(x, y),
            self.state.side(x, y),
        )

    def _strengths(self, tie: Tie | None) -> int | None:
        """As an arc has them: what the side stated, unless the other has a veto, and the onward strength."""
        if tie is None:
            return None
        stated = strength.stated(strength.side(self.state, *tie.ends)) or 0
        assert not stated or tie.strength in (0.0, strength.SAID[stated])
        assert stated or tie.strength == tie.onward
        return (stated * LEVELS if tie.strength else 0) + round(tie.onward * 10_000)

    def check(self, changed: list[Changed]) -> None:
        """After a step: the columns say what the plain rules say, and the step told of all that changed."""
        after = self.facts()
        pairs = [pair for step in changed for pair in zip(step.a.tolist(), step.b.tolist(), strict=True)]
        told = {tuple(sorted(pair)) for pair in pairs}
        bridged = {person for step in changed for person in step.bridge_ends.tolist()}
        moved = {
            (key >> 32, key & 0xFFFF_FFFF)
            for step in changed
            if step.bridge_arcs is not None
            for key in step.bridge_arcs.tolist()
        }
        parted = {person for step in changed for person in step.block_changed.tolist()}
        if len(changed) == 1:
            assert len(told) == len(pairs)
            assert len(bridged) == len(changed[0].bridge_ends)
        for (a, b), fact in after.items():
            assert self._held(a, b) == fact, (a, b)
            if fact[:-1] != self.before[a, b][:-1]:
                assert tuple(sorted((a, b))) in told, (a, b, self.before[a, b], fact)
            if fact[-1] != self.before[a, b][-1]:
                assert {a, b} <= bridged or tuple(sorted((a, b))) in told, (a, b, self.before[a, b], fact)
                assert {(a, b), (b, a)} <= moved or tuple(sorted((a, b))) in told, (a, b, self.before[a, b], fact)
            if fact[IS_BLOCKED] != self.before[a, b][IS_BLOCKED]:
                assert {a, b} <= parted, (a, b, self.before[a, b], fact)
        self.before = after
        self.check_readings()
        assert all(self.ties.arcs.own_hint[index] == sign for index, sign in self.signs.items())
        check_layout(self.ties, self.count)
        self.check_uses()

    def _held(self, a: int, b: int) -> tuple[object, ...]:
        arcs, at = self.ties.arcs, self.ties.arc(a, b)
        if at < 0:
            return (None, False, False, False, False, False, False, (), None)
        flags = int(arcs.flags[at])
        tied = bool(flags & TIED)
        known = {code: evidence for evidence, code in self.table.codes.items()}
        mutual = None
        if tied and a in self._members() and b in self._members() and min(arcs.friends[a], arcs.friends[b]) >= FEW:
            mutual = int(arcs.mutual[at])
        if not tied:
            assert arcs.strength[at] == arcs.mutual[at] == 0
            assert not flags & (WARM | OWN | THEIRS | ASYMMETRIC)
        return (
            int(arcs.strength[at]) if tied else None,
            *(bool(flags & bit) for bit in (WARM, OWN, THEIRS, ASYMMETRIC, BLOCKED, RECORD)),
            known[int(arcs.code[at])],
            mutual,
        )

    def _members(self) -> set[int]:
        return {p for p in range(self.count) if name(p) in self.state.people and self.state.people[name(p)].member}

    def check_readings(self) -> None:
        network, ties = Network(self.state), self.ties
        for a, b in product(range(self.count), repeat=2):
            assert ties.version(a, b) == self.versions.get((a, b))
            assert ties.has_side(a, b) == self.state.has_side(name(a), name(b))
            assert ties.side_code(a, b) == self.table.codes[self.state.side(name(a), name(b))]
        for a in range(self.count):
            assert {name(b) for b in ties.near(a).tolist()} == self.state.near(name(a))
            if not self.ties.loading and name(a) in self.state.people:
                tied = network.tied_members(name(a))
                assert {name(b) for b in ties.tied_members(a).tolist()} == tied
                assert len(tied) == ties.arcs.friends[a]

    def check_uses(self) -> None:
        held = [self.table.codes[self.state.side(name(a), name(b))] for a, b in product(range(self.count), repeat=2)]
        counts = np.bincount([code for code in held if code], minlength=CODES)
        assert (self.table.columns.uses == counts).all()


def check_layout(ties: Ties, count: int) -> None:
    """Blocks do not overlap, parts are in order, both arcs of a pair agree, and all room is accounted for."""
    arcs = ties.arcs
    blocks = sorted((int(arcs.start[p]), int(arcs.room[p])) for p in range(count) if arcs.room[p])
    assert all(begin + room <= following for (begin, room), (following, _) in pairwise(blocks))
    top = int(arcs.state[TOP])
    assert sum(room for _, room in blocks) + int(arcs.state[FREE]) == top
    assert not blocks or blocks[-1][0] + blocks[-1][1] <= top
    for person in range(count):
        size, front, begin, room = (int(c[person]) for c in (arcs.size, arcs.front, arcs.start, arcs.room))
        assert 0 <= front <= size <= room
        assert room == (class_room(size_class(room)) if room else 0)
        others = arcs.other[begin : begin + size].tolist()
        for part in (others[:front], others[front:]):
            assert part == sorted(set(part))
        for at, other in enumerate(others):
            _check_arc(ties, person, begin + at, other, at < front)
    assert not ties._touched.marks[:count].any()


def _check_arc(ties: Ties, person: int, at: int, other: int, front: bool) -> None:
    arcs, flags = ties.arcs, int(ties.arcs.flags[at])
    assert bool(flags & FRONT) == front
    back = ties.arc(other, person)
    if back >= 0:
        assert arcs.hint[at] == arcs.own_hint[other]
    if not flags:
        assert ties.version(person, other) is not None
        assert back < 0 or not arcs.flags[back]
    elif other != person:
        here, there = flags, int(arcs.flags[back])
        assert bool(here & RECORD) == bool(there & RECORD_BACK)
        assert bool(here & RECORD_BACK) == bool(there & RECORD)
        assert bool(here & OWN) == bool(there & THEIRS)
        assert here & (TIED | BLOCKED | ASYMMETRIC) == there & (TIED | BLOCKED | ASYMMETRIC)
        assert arcs.mutual[at] == arcs.mutual[back]
        differs = arcs.strength[at] != arcs.strength[back] or (here ^ there) & WARM
        assert bool(differs) == bool(here & ASYMMETRIC)


def _value(record: Record) -> TieV1 | None:
    if record.evidence is None:
        return None
    return TieV1(person_id=name(record.a), contact_id=name(record.b), version=record.version, evidence=record.evidence)
