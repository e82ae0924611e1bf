"""People's columns against the plain rules: standing, employers, who works where, on every day."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine.columns.people import ANY_ROLE, ROLES, People
from services.matching.engine.columns.words import Words
from services.matching.kernels.graph import layout
from services.matching.kernels.graph.standing import standing, works_in_family
from services.matching.kernels.storage.memory import CapacityError
from services.matching.rules import standing as plain
from services.matching.rules.paths import excluded_families
from shared.events.people import PersonV1
from tests.tiers import examples
from tests.unit.matching.columns.people_for_tests import somebody
from tests.unit.matching.engine.histories import COMPANIES, TITLES, VOCABULARY, maybe, mostly, record, seeking

TODAY = date(2026, 3, 1)
NEAR = [-60, -1, 0, 1, 29, 30, 31, 364, 365, 366, 1079, 1080, 1109, 1110, 1111, 1459, 1460, 1470, 1500]
near_days = st.sampled_from(NEAR).map(lambda n: TODAY - timedelta(days=n))
days = near_days | st.dates()
texts = days.map(date.isoformat)
employments = record(
    company=st.sampled_from(COMPANIES),
    title=mostly(st.sampled_from(TITLES)),
    start=maybe(texts),
    end=maybe(texts),
    seen=maybe(texts),
)
values = record(
    member=st.booleans(),
    introduces=st.booleans(),
    employments=st.lists(employments, max_size=4),
    seeking=maybe(seeking),
)


def person_of(number, value, version=1):
    return PersonV1.model_validate({**value, "person_id": f"p{number}", "version": version})


class Both:
    """The columns, and what should stand in them."""

    def __init__(self, **room):
        self.words = Words(), Words(), Words()
        self.people = People(VOCABULARY, *self.words, **room)
        self.held, self.versions, self.records = {}, {}, {}

    def put(self, number, value, version):
        read = None if value is None else person_of(number, value, version)
        found = None if read is None else somebody(read)
        data = None if read is None else read.to_json()
        self.people.upsert(number, found, data, version)
        self.held[number], self.versions[number], self.records[number] = found, version, data

    def move(self, today):
        before = {number: self.jobs(number) for number in self.held}
        for _ in self.people.set_day(today):
            pass
        changed = [number for number in sorted(self.held) if self.jobs(number) != before[number]]
        assert self.people.moved.tolist() == changed

    def jobs(self, number):
        begin, size = self.people.columns.job_start[number], self.people.columns.job_size[number]
        rows = self.people.jobs
        return [
            (self.words[0].text(rows.company[at]), float(rows.presence[at]), bool(rows.current[at]))
            for at in range(begin, begin + size)
        ]

    def restore(self):
        kept, extra = {name: array.copy() for name, array in self.people.arrays()}, self.people.extra()
        self.people = People(VOCABULARY, *self.words)
        self.people.restore(kept, extra)

    def check(self):
        for number in range(8):
            self.check_one(number, self.held.get(number))
        for company in COMPANIES:
            text = VOCABULARY.company(company)
            listed = self.people.workers.of(self.words[0].index(text)).tolist()
            held = {n for n, one in self.held.items() if one and any(job.company == text for job in one.jobs)}
            assert sorted(listed) == sorted(held)

    def check_one(self, number, one):
        people, flags = self.people, int(self.people.columns.flags[number])
        assert people.version(number) == self.versions.get(number, -1)
        assert people.record(number) == self.records.get(number)
        assert people.person(number) == one
        assert bool(flags & layout.KNOWN) == (one is not None)
        if one is None:
            assert (flags, self.jobs(number)) == (0, [])
            return
        assert bool(flags & layout.MEMBER) == one.member
        assert bool(flags & layout.INTRODUCES) == one.introduces
        assert bool(flags & layout.SEEKS) == one.seeks
        today = people.today
        if today is None:
            assert self.jobs(number) == [(job.company, 0.0, False) for job in one.jobs]
            return
        assert self.jobs(number) == [
            (job.company, plain.presence(job, one, today), job.current(today)) for job in one.jobs
        ]
        self.check_discreet(one, flags, today)
        self.check_standing(number, one, today)

    def check_discreet(self, one, flags, today):
        somewhere = replace(one, jobs=(*one.jobs, replace(NOW, company="nowhere else", family="nowhere else")))
        network = SimpleNamespace(families=lambda _: somewhere.families(today))
        nowhere = SimpleNamespace(families=lambda _: frozenset())
        assert bool(flags & layout.DISCREET) == ("nowhere else" in excluded_families(somewhere, network))
        assert bool(flags & layout.BLOCKS) == bool(excluded_families(replace(one, jobs=()), nowhere))

    def check_standing(self, number, one, today):
        companies, occupations, groups = self.words
        columns = self.people.jobs, self.people.columns, number
        for company in COMPANIES:
            text = VOCABULARY.company(company)
            at = companies.index(text)
            family = companies.index(VOCABULARY.family(text))
            assert works_in_family(*columns, family) == (VOCABULARY.family(text) in one.families(today))
            found = standing(*columns, at, -1, -1, ANY_ROLE) / 10_000
            assert found == plain.standing_at(one, text, today)
            for title in map(VOCABULARY.title, TITLES):
                opening = SimpleNamespace(company=text, title=title, hiring_contact=None)
                sought = (occupations.index(title.occupation), groups.index(title.group)) if title else (-1, -1)
                found = standing(*columns, at, *sought, ROLES) / 10_000
                assert found == plain.standing_for(one, opening, today)


NOW = somebody(person_of(0, {"member": True, "employments": [{"company": "x"}]})).jobs[0]
step = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 5), maybe(values)),
    st.tuples(st.just("put"), st.integers(0, 5), values),
    st.tuples(st.just("day"), days, st.none()),
    st.tuples(st.just("distrust"), st.integers(0, 6), st.none()),
    st.tuples(st.just("restore"), st.none(), st.none()),
)


@examples(250)
@given(st.lists(step, max_size=14))
def test_columns_say_what_the_plain_rules_say(steps):
    both = Both()
    for version, (what, which, value) in enumerate(steps):
        match what:
            case "put":
                both.put(which, value, version)
            case "day":
                both.move(which)
            case "restore":
                both.restore()
            case "distrust":
                held = both.held.get(which)
                assert both.people.suspend_introductions(which) == (held is not None and held.introduces)
                if held is not None:
                    both.held[which] = replace(held, introduces=False)
        both.check()


@examples(300)
@given(values, st.lists(days, min_size=1, max_size=5))
def test_presence_is_that_of_the_plain_rule_on_any_day(value, todays):
    both = Both()
    both.put(0, value, 1)
    for today in todays:
        both.move(today)
        both.check_one(0, both.held[0])


@pytest.mark.parametrize("employment", [{"seen": "0001-01-01"}, {"end": "0001-01-01"}, {"start": "0001-01-01"}])
def test_presence_fades_through_every_period(employment):
    both = Both()
    both.put(0, {"member": False, "employments": [{"company": "Initech", **employment}]}, 1)
    for today in [*(date.min + timedelta(days=n) for n in range(0, 2_000, 10)), date.max]:
        both.move(today)
        both.check_one(0, both.held[0])


def test_help_is_a_half_until_it_is_set_whoever_is_known():
    both = Both()
    both.people.set_help(3, 0.7321)
    assert both.people.columns.help[:4].tolist() == [5_000, 5_000, 5_000, 7_321]
    both.put(3, {"member": True}, 1)
    both.put(5, {"member": True}, 1)
    both.restore()
    assert both.people.columns.help[:6].tolist() == [5_000, 5_000, 5_000, 7_321, 5_000, 5_000]
    assert both.people.version(2) == -1
    both.check()


def test_jobs_of_many_people_come_and_go_without_growing():
    both, top = Both(), None
    for turn in range(6):
        for number in range(200):
            jobs = [{"company": COMPANIES[(number + n) % 3]} for n in range((number + turn) % 12)]
            both.put(number, {"member": True, "employments": jobs}, turn)
        both.check()
        if turn == 3:
            top = len(dict(both.people.arrays())["company"])
    assert len(dict(both.people.arrays())["company"]) <= top * 1.2
    for number in range(200):
        both.put(number, None, 9)
    assert not any(both.people.workers.size[:3])
    both.check()


@pytest.mark.parametrize("room", [{"people": 2}, {"jobs": 2}])
def test_a_full_table_says_so(room):
    both = Both(**room)
    both.put(0, {"member": True, "employments": [{"company": "Initech"}]}, 1)
    both.put(1, {"member": True, "employments": [{"company": "Initech"}]}, 1)
    with pytest.raises(CapacityError):
        both.put(2, {"member": True, "employments": [{"company": "Initech"}]}, 1)


def test_only_so_many_people_are_kept_as_read(monkeypatch):
    monkeypatch.setattr("services.matching.engine.columns.people.DECODED", 2)
    both = Both()
    for number in range(4):
        both.put(number, {"member": True}, 1)
    first = both.people.person(0)
    both.people.person(1)
    assert both.people.person(0) is first
    both.people.person(2)
    assert both.people.person(0) is first
    both.people.person(3), both.people.person(1)
    assert both.people.person(0) is not first
    assert both.people.person(0) == first


def test_roles_stand_in_the_order_that_kernels_read():
    assert np.array_equal(ROLES, [1.0, 0.85, 0.85, 0.6])
