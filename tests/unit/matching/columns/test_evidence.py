"""The evidence table against the plain rules: the same weights on every day, and the same words to say."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain import State
from services.matching.engine.columns.evidence import EvidenceTable
from services.matching.engine.columns.evidence_items import items
from services.matching.engine.columns.words import Words
from services.matching.kernels.storage.memory import CapacityError
from services.matching.kernels.ties import evidence as kernels
from services.matching.rules import strength
from services.matching.rules.network import Network
from services.matching.rules.reasons import reasons
from shared.events.people import PersonV1
from shared.events.ties import (
    Address,
    Blocked,
    Closeness,
    Connected,
    Introduced,
    Messages,
    TieV1,
    WorkedTogether,
)
from tests.tiers import examples
from tests.unit.matching.columns.people_for_tests import somebody

TODAY = date(2026, 3, 1)
any_day = st.dates() | st.integers(-400, 60).map(lambda n: TODAY + timedelta(days=n))
few_days = st.sampled_from([TODAY - timedelta(days=n) for n in (-40, 0, 29, 30, 60, 900, 5000)])
counts = st.sampled_from([0, 1, 2, 3, 9, 24, 30, 10_000_000]) | st.integers(0, 10_000_000)
sizes = (
    st.none() | st.sampled_from([1, 49, 50, 51, 500, 501, 2**30 - 1, 2**30, 2**63, 10**400]) | st.integers(1, 10**40)
)
words = st.sampled_from(["Initech", "Globex", "linkedin", "é"])


def sides(days):
    one = st.one_of(
        st.builds(Connected, source=words, on=st.none() | days, of=sizes),
        st.builds(Address, source=words),
        st.builds(
            WorkedTogether,
            company=words,
            months=counts,
            ended=st.none() | days,
            company_size=sizes,
            stated=st.booleans(),
        ),
        st.builds(Messages, sent=counts, received=counts, last=days),
        st.builds(Introduced, times=st.integers(0, 5)),
        st.builds(Closeness, value=st.integers(1, 5)),
        st.just(Blocked()),
    )
    return st.lists(one, max_size=6).map(tuple)


COLUMNS = [
    (Connected, False),
    (Address, False),
    (WorkedTogether, False),
    (Messages, False),
    (Introduced, False),
    (WorkedTogether, True),
]


def weights(evidence, today):
    """What layout.Evidence says of `weights`, by the plain rule."""
    return [
        max(
            (strength.weight(one, today) for one in evidence if isinstance(one, kind) and (one_of_all(one, firm))),
            default=0.0,
        )
        for kind, firm in COLUMNS
    ]


def one_of_all(one, firm):
    return strength.firm(one) if firm else True


def check(table, code, evidence):
    assert table.columns.weights[code].tolist() == weights(evidence, table.today)
    assert table.columns.said[code] == (strength.stated(evidence) or 0)
    assert table.columns.shows[code] == strength.shows(evidence)
    assert table.columns.blocks[code] == any(isinstance(one, Blocked) for one in evidence)


def move(table, today):
    for _ in table.set_day(today):
        pass


@examples(300)
@given(sides(any_day), st.lists(any_day, min_size=1, max_size=4))
def test_weights_are_those_of_the_plain_rule_to_the_last_bit(evidence, days):
    table = EvidenceTable()
    code = table.code(evidence)
    check(table, code, evidence)
    for today in days:
        before = table.columns.weights[: len(table)].copy()
        move(table, today)
        check(table, code, evidence)
        changed = (table.columns.weights[: len(table)] != before).any(axis=1)
        assert table.stale.tolist() == changed.tolist()
        fresh = EvidenceTable()
        move(fresh, today)
        check(fresh, fresh.code(evidence), evidence)


def test_every_age_up_to_the_end_of_the_calendar_fades_as_the_rule_says():
    last = date.min
    evidence = (
        Messages(sent=7, received=9, last=last),
        WorkedTogether(company="x", months=17, ended=last, company_size=70),
    )
    table = EvidenceTable()
    code = table.code(evidence)
    near = [date.min + timedelta(days=n) for n in range(0, 6_000, 29)]
    far = [date.min + timedelta(days=n) for n in range(6_000, 3_652_058, 20_011)]
    for today in [*near, *far, date.max]:
        move(table, today)
        check(table, code, evidence)


def network(mine, theirs, today):
    state = State(today=today)
    for one in ("a", "b"):
        state.people[one] = somebody(PersonV1(person_id=one, version=1, member=True))
    for ends, evidence in ((("a", "b"), mine), (("b", "a"), theirs)):
        tie = TieV1.model_construct(person_id=ends[0], contact_id=ends[1], version=1, evidence=evidence)
        state.replace_tie(":".join(ends), tie)
    return Network(state)


@examples(500)
@given(sides(few_days), sides(few_days), st.lists(few_days, min_size=1, max_size=4))
def test_neither_rules_nor_reasons_can_tell_what_comes_back(mine, theirs, days):
    table = EvidenceTable()
    given_back = [table.of(table.code(side)) for side in (mine, theirs)]
    for today in days:
        original, stored = network(mine, theirs, today), network(*given_back, today)
        for ends in (("a", "b"), ("b", "a")):
            assert stored.tie(*ends) == original.tie(*ends)
            assert stored.blocked(*ends) == original.blocked(*ends)
            assert reasons(stored, *ends) == reasons(original, *ends)
            assert strength.stated(strength.side(stored.state, *ends)) == strength.stated(
                strength.side(original.state, *ends)
            )
    for side, code in zip(given_back, map(table.code, (mine, theirs)), strict=True):
        assert table.code(side) == code, "the same evidence stands twice"


def canonical(evidence):
    """What one code is for, with the words spelt out."""
    texts = Words()
    head, found = items(evidence, texts)
    return head, tuple((texts.text(i[0]) if i[0] >= 0 else None, *i[1:3], spelt(i[3], texts)) for i in found)


def spelt(size, texts):
    return size if size >= -1 else texts.text(-2 - size)


@examples(150)
@given(
    st.lists(sides(few_days), min_size=1, max_size=12),
    st.lists(
        st.tuples(st.sampled_from(["code", "code", "carry", "drop", "sweep", "day", "restore"]), st.integers(0, 99)),
        max_size=40,
    ),
)
def test_a_code_means_the_same_as_long_as_it_is_carried(pool, steps):
    table, carried, fresh = EvidenceTable(), Counter(), {}
    for step, number in steps:
        evidence = pool[number % len(pool)]
        match step:
            case "code" | "carry":
                code = table.code(evidence)
                assert (code == 0) == (canonical(evidence) == (0, ()))
                known = [e for c, e in fresh.items() if c == code] + [e for c, e in carried if c == code]
                assert all(canonical(e) == canonical(evidence) for e in known), "one code for two"
                same = [c for c, e in carried if canonical(e) == canonical(evidence)]
                assert set(same) <= {code}, "two codes for one"
                fresh[code] = evidence
                if step == "carry":
                    carried[code, evidence] += 1
                    table.columns.uses[code] += 1
            case "drop" if carried:
                held = sorted(carried, key=str)[number % len(carried)]
                carried -= Counter([held])
                table.columns.uses[held[0]] -= 1
            case "sweep":
                table.sweep()
                fresh.clear()
            case "day":
                move(table, TODAY + timedelta(days=30 * number))
            case "restore":
                kept, extra = {name: array.copy() for name, array in table.arrays()}, table.extra()
                table = EvidenceTable()
                table.restore(kept, extra)
        for code, held in [*carried, *fresh.items()]:
            check(table, code, held)
            assert canonical(table.of(code)) == canonical(held)


def thousands(of):
    return [(Introduced(times=n), Messages(sent=n, received=n, last=TODAY)) for n in range(1, of)]


def test_thousands_are_found_again_and_taken_back():
    table, pool = EvidenceTable(), thousands(3_000)
    codes = [table.code(one) for one in pool]
    assert len(set(codes)) == len(pool)
    assert [table.code(tuple(one)) for one in map(list, pool)] == codes
    keep = set(codes[::3])
    table.columns.uses[np.array(sorted(keep))] = 1
    for _ in range(20):
        table.sweep()
    again = [table.code((*one, Address(source="x"))) for one in pool]
    assert not keep & set(again), "a code that is carried was given away"
    assert len(table) < len(pool) * 2, "codes nobody uses are given again"
    for code, one in list(zip(codes, pool, strict=True))[::3]:
        check(table, code, one)
        assert table.code(one) == code
    for code, one in zip(again, pool, strict=True):
        check(table, code, (*one, Address(source="x")))


def test_chains_stay_short_as_the_table_grows():
    table = EvidenceTable()
    for one in thousands(5_000):
        table.code(one)
    chains, lengths = table._chains, []
    for head in chains.heads[: len(table)].tolist():
        lengths.append(0)
        row = head
        while row:
            row, lengths[-1] = int(chains.next[row]), lengths[-1] + 1
    assert sum(lengths) == len(table) - 1
    assert max(lengths) < 15, "far from one row a bucket"


def mail(number, day):
    return Messages(sent=number, received=number, last=date.fromordinal(day))


def work(company):
    return WorkedTogether(company=company, months=2_006_150, ended=date.fromordinal(739_007))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((mail(114_683, 739_045), Closeness(value=3)), (mail(114_683, 739_045), Closeness(value=5))),
        ((work("w2"),), (work("w7"),)),
        ((mail(251_035, 739_000),), (mail(259_024, 739_000),)),
        ((mail(9, 776_717),), (mail(9, 846_000),)),
        ((Connected(source="w0", of=113_995),), (Connected(source="w0", of=266_242),)),
    ],
)
def test_what_has_the_same_checksum_is_told_apart(one, other):
    """Pairs that were searched for; they differ in the head, a word, a number, a day, a size."""
    table, texts = EvidenceTable(), Words()
    for n in range(8):
        table.code((work(f"w{n}"),))
        texts.index(f"w{n}")
    sums = []
    for evidence in (one, other):
        head, found = items(evidence, texts)
        sums.append(kernels._checksum(head, np.array(list(found), np.int32), len(found)))
    assert sums[0] == sums[1], "no such pair any more: search for others"
    codes = [table.code(one), table.code(other)]
    assert codes[0] != codes[1]
    for code, evidence in zip(codes, (one, other), strict=True):
        assert canonical(table.of(code)) == canonical(evidence)


def test_what_nobody_uses_does_not_pile_up():
    table = EvidenceTable()
    for one in thousands(20_000):
        table.code(one)
        table.sweep()
    assert len(table) < 1_000


def test_large_bursts_that_come_to_nothing_do_not_pile_up():
    table, pool = EvidenceTable(), thousands(30_000)
    for first in range(0, len(pool), 2_000):
        for one in pool[first : first + 2_000]:
            table.code(one)
        table.sweep()
    assert len(table) < 10_000


def test_a_code_that_was_taken_back_is_not_remembered():
    table = EvidenceTable()
    first, second = (Introduced(times=1),), (Introduced(times=2),)
    code = table.code(first)
    table.of(code)
    table.sweep()
    assert table.code(second) == code
    assert table.of(code) == second
    assert table.code(first) != code


@pytest.mark.parametrize(("codes", "room"), [(3, 100), (100, 2)])
def test_a_full_table_says_so(codes, room):
    table = EvidenceTable(codes, room)
    first, second, third = ((Introduced(times=n),) for n in (1, 2, 3))
    held = [table.code(first), table.code(second)]
    with pytest.raises(CapacityError):
        table.code(third)
    assert [table.code(first), table.code(second)] == held
    table.sweep()
    assert table.code(third)
