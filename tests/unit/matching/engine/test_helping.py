"""Whom somebody could help, as they may learn it: secrets aside, and only those who look openly."""

import asyncio
import random

import pytest
from hypothesis import given

from services.matching.engine import helping
from services.matching.engine.engine import Engine, Event
from services.matching.engine.engines import PlainEngine
from services.matching.engine.helping import HelpSearch, could_introduce
from services.matching.rules import bridge
from services.matching.rules.helping import looks_openly
from shared.events.people import PersonV1
from tests.records import closeness, event, events_of, job, opening, person, tie
from tests.tiers import examples
from tests.unit.matching.engine.crowds import SMALL_TOWN, Crowd
from tests.unit.matching.engine.histories import TODAY, VOCABULARY, histories

PAY = {"salary": {"max": 50_000, "currency": "EUR"}}
LOOKING = {"titles": ["Developer"], "discreet": False, "openly": True}
SECRETS = ({}, {"salary": {"min": 50_001, "currency": "EUR"}}, {"blocked_companies": ["Globex"]})


def found(engine, helper, seeker=None, posting=None):
    async def ask(question):
        return question(engine)

    return asyncio.run(could_introduce(ask, helper, seeker, posting))


def changed(history, *, secrets):
    """The history, in which about two of three seekers look openly; without secrets or with them."""
    made = []
    for one in history:
        value = one.value
        if isinstance(value, PersonV1) and value.seeking is not None:
            left_out = {} if secrets else {"salary": None, "blocked_companies": ()}
            openly = (value.version + len(value.skills)) % 3 > 0
            value = value.model_copy(update={"seeking": value.seeking.model_copy(update=left_out | {"openly": openly})})
        made.append(Event(one.topic, one.key, value, one.version))
    return made


def expected(plain, helper, blocked):
    """From the suggestions of a world in which nobody has secrets; nobody sees of whoever blocks their company."""
    return {
        (seeker, posting, made.fit, path.insider, path.score)
        for (seeker, posting), made in plain.suggestions().items()
        for path in made.paths
        if path.introducer == helper and path.ask == "app" and looks_openly(plain.state.people[seeker])
        if not plain.network.works_in(helper, blocked[seeker])
    }


def compare(history, people):
    """Both engines, on the world with secrets, against the world without; returns how many pairs there are."""
    plain, total = PlainEngine(VOCABULARY), 0
    plain.apply_all(changed(history, secrets=False))
    for kind in (Engine, PlainEngine):
        engine = kind(VOCABULARY, answers_for=lambda _: False)
        engine.apply_all(changed(history, secrets=True))
        blocked = {one: person.search.blocked for one, person in engine.state.people.items() if person.search}
        for helper in people:
            pairs = [(*one[:3], one.path.insider, one.path.score) for one in found(engine, helper)]
            assert len(set(pairs)) == len(pairs)
            assert set(pairs) == expected(plain, helper, blocked)
            assert [-fit for _, _, fit, *_ in pairs] == sorted(-fit for _, _, fit, *_ in pairs)
            total += len(pairs)
    return total


@pytest.fixture
def unbounded(monkeypatch):
    monkeypatch.setattr(helping, "MOST_FOUND", 10_000)
    monkeypatch.setattr(helping, "MOST_LOOKED_AT", 1_000_000)
    monkeypatch.setattr(helping, "MOST_SEEKERS", 1_000)


@pytest.mark.usefixtures("unbounded")
@examples(40)
@given(histories())
def test_any_history_is_answered_as_on_a_world_without_secrets(history):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge, "FEW_TIES", 2)
        compare(history, sorted({one.key for one in history if one.topic == "people.v1"} | {"nobody"}))


@pytest.mark.usefixtures("unbounded")
def test_a_crowd_is_answered_as_on_a_world_without_secrets(monkeypatch):
    monkeypatch.setattr(bridge, "FEW_TIES", 4)
    crowd = Crowd(random.Random(3), SMALL_TOWN)
    crowd.settle_in(members=40, contacts=25, openings=8, ties_each=8)
    assert compare(crowd.begin(), sorted(crowd.people)) > 50


def world(kind, secret, openings=1, helpers=1, **more):
    """m0 looks; h0 and so on know them and introduce, and one each who works at Globex."""
    records = [person("m0", skills=["python"], seeking=LOOKING | secret)]
    for number in range(helpers):
        helper, insider = f"h{number}", f"c{number}"
        records += [
            person(helper, introduces=True), person(insider, job("Globex", title="Developer"), member=False),
            *(tie(*ends, closeness(5)) for ends in (("m0", helper), (helper, "m0"), (helper, insider))),
        ]  # fmt: skip
    about = {"company": "Globex", "skills": ["python"], "workplace": "onsite"} | more
    records += [opening(f"o{number:02}", **about) for number in range(openings)]
    engine = kind(VOCABULARY, today=TODAY)
    engine.apply_all(events_of(*records))
    return engine


@pytest.mark.parametrize("kind", [Engine, PlainEngine])
def test_least_pay_and_blocks_change_nothing(kind):
    for secret in SECRETS:
        engine = world(kind, secret, **PAY)
        [one] = found(engine, "h0")
        assert (one.seeker, one.posting, one.path.insider) == ("m0", "o00", "c0")
        assert (engine.suggestion("m0", "o00") is None) == bool(secret)


@pytest.mark.parametrize("kind", [Engine, PlainEngine])
def test_who_works_at_a_company_that_a_seeker_blocks_sees_nothing_of_them(kind):
    for blocked, sees in ([], True), (["Initech"], True), (["Hooli"], False):
        engine = world(kind, {"blocked_companies": blocked})
        engine.apply_all(events_of(person("h0", job("Hooli"), introduces=True), version=2))
        assert bool(found(engine, "h0")) == sees, blocked


@pytest.mark.parametrize("kind", [Engine, PlainEngine])
def test_only_of_those_who_look_openly_and_of_the_best_three_and_of_those_named(kind):
    assert found(world(kind, {"openly": None}), "h0") == []
    engine = world(kind, {}, openings=2, helpers=4)
    assert [bool(found(engine, f"h{number}")) for number in range(4)] == [True, True, True, False]
    assert [one.posting for one in found(engine, "h0", "m0", "o01")] == ["o01"]
    assert found(engine, "h0", "m1") == found(engine, "h0", "m0", "o09") == found(engine, "c0") == []


def test_it_is_bounded_whatever_only_the_seeker_may_know(monkeypatch):
    looked: list[str] = []
    look = HelpSearch._look
    monkeypatch.setattr(HelpSearch, "_look", lambda self, *args: (looked.append(args[1]), look(self, *args)))
    monkeypatch.setattr(helping, "MOST_LOOKED_AT", 25)
    for secret in SECRETS:
        looked.clear()
        engine = world(Engine, secret, openings=30, helpers=4, **PAY)
        assert [one.posting for one in found(engine, "h0")] == [f"o{number:02}" for number in range(20)]
        assert len(looked) == 20
        assert found(engine, "h3") == []
        assert len(looked) == 45


def test_it_is_asked_in_short_questions_and_whoever_is_gone_meanwhile_is_left_out(monkeypatch):
    monkeypatch.setattr("services.matching.engine.reach.QUESTION_S", 0.0)
    engine = world(Engine, {}, openings=3)
    search = helping.begin(engine, "h0", None, None)
    search.go_on(engine)
    assert (search.seekers, len(search.proposed), search.found) == ([], 3, [])
    search.go_on(engine)
    assert [one.posting for one in search.found] == ["o00"]
    engine.apply(event("postings.v1", "o01", None, 2))
    search.go_on(engine)
    engine.apply(event("people.v1", "m0", None, 2))
    search.go_on(engine)
    assert search.is_over
    assert [one.posting for one in search.found] == ["o00"]


def test_before_the_day_is_known_nothing_is_found():
    assert found(PlainEngine(VOCABULARY), "h0") == found(Engine(VOCABULARY), "h0") == []


@pytest.mark.parametrize("kind", [Engine, PlainEngine])
def test_a_hiring_contact_is_asked_wherever_they_work(kind):
    [one] = found(world(kind, {}, company="Hooli", hiring_contact="h0"), "h0")
    assert (one.path.introducer, one.path.insider) == ("h0", "h0")
