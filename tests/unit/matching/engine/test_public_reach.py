"""Reach as an organisation may learn it: secrets aside, over those who have been seeking for some days."""

import asyncio
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine.engine import Engine, Event
from services.matching.engine.engines import PlainEngine
from services.matching.engine.reach import Count, begin, count_reach
from services.matching.rules import bridge
from services.matching.rules.suggestions import all_suggestions
from shared.events.people import PersonV1
from tests.records import closeness, event, events_of, job, opening, person, tie
from tests.tiers import examples, is_long
from tests.unit.matching.engine.crowds import SMALL_TOWN, Crowd
from tests.unit.matching.engine.histories import OPENINGS, TODAY, VOCABULARY, histories

DAYS = 7
OLD, NEW = (TODAY - timedelta(days=days) for days in (DAYS, DAYS - 1))


def counted(engine, posting, days=DAYS):
    async def ask(question):
        return question(engine)

    return asyncio.run(count_reach(ask, posting, days))


def changed(history, change):
    """The history, with each search as `change` makes it of the person's record."""
    made = []
    for one in history:
        value = one.value
        if isinstance(value, PersonV1) and value.seeking is not None:
            value = value.model_copy(update={"seeking": change(value)})
        made.append(Event(one.topic, one.key, value, one.version))
    return made


def with_a_beginning(person):
    """About half began too late, some are not known to have begun."""
    since = (OLD, NEW, None, NEW)[(person.version + len(person.skills)) % 4]
    return person.seeking.model_copy(update={"since": since})


def without_secrets(person):
    return person.seeking.model_copy(update={"salary": None, "blocked_companies": ()})


def expected(history, posting, today):
    """From scratch, on a world in which nobody has secrets: the suggestions to those who began early enough."""
    plain = PlainEngine(VOCABULARY)
    plain.apply_all(changed(history, without_secrets))
    latest, people = today - timedelta(days=DAYS), plain.state.people
    if posting not in plain.state.openings or plain.state.today is None:
        return None
    found = [people[seeker].search.since for seeker, key in all_suggestions(plain.state) if key == posting]
    return sum(since is None or since <= latest for since in found)


@examples(40)
@given(histories(), st.sampled_from([2, 4]), st.booleans())
def test_any_history_is_counted_as_on_a_world_without_secrets(history, few_ties, owned):
    history = changed(history, with_a_beginning)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge, "FEW_TIES", few_ties)
        fast = Engine(VOCABULARY, answers_for=lambda _: owned)
        plain = PlainEngine(VOCABULARY)
        for engine in (fast, plain):
            engine.apply_all(history)
        today = plain.state.today
        for posting in [*OPENINGS, "none"]:
            wanted = None if today is None else expected(history, posting, today)
            assert counted(fast, posting) == counted(plain, posting) == wanted


def crowded(chance):
    crowd = Crowd(chance, SMALL_TOWN)
    crowd.settle_in(members=50, contacts=30, openings=8, ties_each=8)
    return changed(crowd.begin(), with_a_beginning), crowd.openings


@pytest.mark.scaled
def test_a_crowd_is_counted_and_secrets_matter_in_it(monkeypatch):
    monkeypatch.setattr(bridge, "FEW_TIES", 4)
    differ = total = 0
    for seed in range(8 if is_long() else 1):
        history, openings = crowded(random.Random(seed))
        engine, plain = Engine(VOCABULARY), PlainEngine(VOCABULARY)
        for each in (engine, plain):
            each.apply_all(history)
        for posting in openings:
            wanted = expected(history, posting, plain.state.today)
            assert counted(engine, posting) == counted(plain, posting) == wanted
            differ += wanted != engine.reach(posting)
            total += wanted or 0
    assert differ
    assert total


def world(kind, seeking, **more):
    seeking = {"titles": ["Developer"], "discreet": False, "since": OLD.isoformat()} | seeking
    seeker = person("m0", skills=["python"], seeking=seeking)
    insider = person("c0", job("Globex", title="Developer"), member=False)
    about = {"skills": ["python"], "workplace": "onsite", "vouched": None} | more
    engine = kind(VOCABULARY, today=TODAY)
    engine.apply_all(events_of(seeker, insider, tie("m0", "c0", closeness(4)), opening("o0", "Globex", **about)))
    return engine


@pytest.mark.parametrize("kind", [Engine, PlainEngine])
def test_least_pay_and_blocks_change_nothing(kind):
    pay = {"salary": {"max": 50_000, "currency": "EUR"}}
    for secret in ({}, {"salary": {"min": 50_001, "currency": "EUR"}}, {"blocked_companies": ["Globex"]}):
        engine = world(kind, secret, **pay)
        assert counted(engine, "o0") == 1, secret
        assert engine.reach("o0") == (not secret)


@pytest.mark.parametrize("kind", [Engine, PlainEngine])
@pytest.mark.parametrize(
    ("since", "days", "reached"),
    [(OLD, 7, 1), (NEW, 7, 0), (NEW, 6, 1), (TODAY, 0, 1), (TODAY, 1, 0), (None, 365, 1)],
)
def test_only_who_has_been_seeking_for_so_many_days_is_counted(kind, since, days, reached):
    engine = world(kind, {"since": since and since.isoformat()})
    assert counted(engine, "o0", days) == reached


@pytest.mark.parametrize("kind", [Engine, PlainEngine])
def test_discreet_seekers_count_only_where_the_opening_is_vouched_for(kind):
    for secret in ({}, {"blocked_companies": ["Globex"]}):
        assert counted(world(kind, {"discreet": True} | secret), "o0") == 0
        assert counted(world(kind, {"discreet": True} | secret, vouched=True), "o0") == 1


def test_it_is_asked_in_short_questions_and_whoever_is_gone_meanwhile_is_not_counted(monkeypatch):
    monkeypatch.setattr("services.matching.engine.reach.QUESTION_S", 0.0)
    engine = world(Engine, {})
    count = begin(engine, "o0", DAYS)
    assert (count.waiting, count.reached) == (["m0"], 0)
    engine.apply(event("people.v1", "m0", None, 2))
    count.go_on(engine)
    assert count.waiting == ["m0"], "there was no time for anybody"
    monkeypatch.setattr("services.matching.engine.reach.QUESTION_S", 1.0)
    count.go_on(engine)
    assert (count.waiting, count.reached) == ([], 0)
    engine.apply(event("postings.v1", "o0", None, 2))
    left = Count("o0", OLD, frozenset(), ["c0"])
    left.go_on(engine)
    assert left.waiting == []
