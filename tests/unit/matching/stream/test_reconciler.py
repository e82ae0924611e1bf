"""The check against the plain rules: silent on a sound engine; a planted fault is found, counted, told and repaired."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given

from services.matching.rules.plain.engine import Engine
from services.matching.stream import reconciler
from services.matching.stream.engine_thread import EngineThread
from services.matching.stream.reconciler import Case, Reconciler, examine
from shared.observability.metric_list import MATCHER_CHECKS, MATCHER_REPAIRS
from shared.testing.wait import until
from tests.records import closeness, events_of, job, opening, person, tie
from tests.tiers import examples
from tests.unit.matching.engine.histories import TODAY, VOCABULARY, histories

WORLD = [
    person("ann", seeking={"titles": ["Developer"]}),
    person("bob", introduces=True),
    person("eve", job(), member=False),
    *(tie(*ends, closeness(4)) for ends in (("ann", "bob"), ("bob", "ann"), ("bob", "eve"))),
    opening("job"),
]
THE_ONE = Case("suggestion", "ann", "job")


def owned(_posting: str) -> bool:
    return True


@pytest.fixture
def engine() -> Engine:
    made = Engine(VOCABULARY, today=TODAY)
    made.apply_all(events_of(*WORLD, version=5))
    assert set(made.suggestions()) == {("ann", "job")}
    return made


def cases(made: Engine, most: int = 100) -> set[Case]:
    return set(examine(made, owned, Random(1), most=most).cases)


def tamper(made: Engine, **fields: Any) -> None:
    held = made._live["job"]["ann"]
    made._live["job"]["ann"] = held._replace(**fields)


@examples(40)
@given(histories())
def test_a_sound_engine_differs_in_nothing(history):
    made = Engine(VOCABULARY, today=TODAY)
    made.apply_all(history)
    assert examine(made, owned, Random(3), most=60).cases == []


def test_all_kinds_are_looked_at(engine):
    report = examine(engine, owned, Random(1), most=30)
    assert report.checks == {"suggestion": 20, "tie": 10}
    assert report.cases == []


def test_nothing_at_all_is_no_difference():
    assert examine(Engine(VOCABULARY, today=TODAY), owned, Random(1)).checks == {"suggestion": 0, "tie": 0}


def test_its_cost_is_bounded(engine, monkeypatch):
    monkeypatch.setattr(reconciler, "BUDGET_S", 0.0)
    assert sum(examine(engine, owned, Random(1)).checks.values()) == 1


def test_a_suggestion_of_other_numbers_is_found_and_repaired(engine):
    right = engine.suggestion("ann", "job")
    assert right is not None
    tamper(engine, paths=(right.paths[0]._replace(score=right.paths[0].score + 1e-16),))
    assert cases(engine) == {THE_ONE}
    engine.repair("ann", "job")
    [change] = engine.update()
    assert (change.seeker, change.posting) == ("ann", "job")
    assert engine.suggestion("ann", "job") == right
    assert cases(engine) == set()


def test_a_suggestion_that_is_missing_is_found_and_repaired(engine):
    right = engine._live["job"].pop("ann")
    assert cases(engine) == {THE_ONE}
    engine.repair("ann", "job")
    assert engine.current(engine.update()) == [right]


def test_a_suggestion_that_should_not_be_there_is_found_and_repaired(engine):
    engine._live["job"]["eve"] = engine._live["job"]["ann"]
    assert cases(engine) == {Case("suggestion", "eve", "job")}
    engine.repair("eve", "job")
    assert [change.seeker for change in engine.update()] == ["eve"]
    assert engine.suggestion("eve", "job") is None


def test_a_wrong_tie_is_found_and_repaired_with_what_it_spoiled(engine):
    right = engine.suggestion("ann", "job")
    tie = engine.network.tie("ann", "bob")
    engine.network._ties["ann", "bob"] = replace(tie, strength=0.1)
    engine.repair("ann", "job")
    engine.update()
    assert engine.suggestion("ann", "job") != right
    assert cases(engine) == {THE_ONE, Case("tie", "ann", "bob"), Case("tie", "bob", "ann")}
    engine.repair_tie("ann", "bob")
    engine.update()
    assert engine.suggestion("ann", "job") == right
    assert cases(engine) == set()


def test_openings_of_others_are_left_to_them(engine):
    del engine._live["job"]
    assert examine(engine, lambda _posting: False, Random(1), most=60).cases == []


async def test_a_round_counts_tells_and_repairs(engine):
    thread, told, now = EngineThread(), [], [0.0]
    made = Reconciler(60, lambda: now[0], Random(1))
    before = MATCHER_CHECKS.labels("suggestion")._value.get(), MATCHER_REPAIRS.labels("suggestion")._value.get()
    try:
        assert not made.due
        tamper(engine, fit=0.5)
        now[0] = 60.0
        assert made.due
        await made.begin(thread, engine, owned, lambda: told.append("repaired"))
        assert not made.due
        await until(made._round.done)
        assert told == ["repaired"]
        assert [found.fit for found in engine.current(engine.update())] == [1.0]
        assert MATCHER_CHECKS.labels("suggestion")._value.get() - before[0] >= 100
        assert MATCHER_REPAIRS.labels("suggestion")._value.get() - before[1] == 1
        now[0] = 120.0
        await made.begin(thread, engine, owned, lambda: told.append("again"))
        await until(made._round.done)
        assert told == ["repaired"]
    finally:
        await made.stop()
        await thread.stop()


async def test_a_round_that_fails_is_no_harm(engine, monkeypatch):
    thread, made = EngineThread(), Reconciler(0)
    monkeypatch.setattr(reconciler, "examine", lambda *_: 1 / 0)
    try:
        await made.begin(thread, engine, owned, lambda: None)
        await made._round
        assert made.due
    finally:
        await thread.stop()
