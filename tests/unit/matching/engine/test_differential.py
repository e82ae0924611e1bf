"""The engine against the plain one, side by side: small wild histories, and crowds that change in every way."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.rules import bridge
from tests.tiers import examples
from tests.unit.matching.engine.changing_crowds import STEPS, skills
from tests.unit.matching.engine.crowds import SMALL_TOWN, Crowd
from tests.unit.matching.engine.histories import VOCABULARY, histories
from tests.unit.matching.engine.side_by_side import SideBySide

few = st.sampled_from([2, 3, 4, 6])
chances = st.integers(0, 2**32 - 1).map(random.Random)


@examples(40)
@given(histories(), few, chances)
def test_small_histories_in_bursts_of_any_size(history, few_ties, chance):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge, "FEW_TIES", few_ties)
        both, rest = SideBySide(VOCABULARY), history
        while rest:
            size = chance.choice([1, 1, 2, 40])
            both.step(rest[:size], chance)
            rest = rest[size:]
            both.ask(chance, 1)
        both.from_scratch()
        both.ask_literally(chance)


def a_crowd(chance: random.Random) -> Crowd:
    crowd = Crowd(chance, SMALL_TOWN)
    crowd.settle_in(
        members=chance.randint(30, 60),
        contacts=chance.randint(10, 40),
        openings=chance.randint(4, 10),
        ties_each=chance.choice([3, 6, 10]),
    )
    return crowd


@examples(24)
@given(chances, few, st.lists(st.sampled_from(STEPS), min_size=8, max_size=16))
def test_a_crowd_through_anything(chance, few_ties, steps):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge, "FEW_TIES", few_ties)
        crowd, both = a_crowd(chance), SideBySide(VOCABULARY)
        both.step(crowd.begin(), chance)
        for step in steps:
            both.step(step(crowd), chance)
            both.ask(chance, 2)
            if chance.random() < 0.1:
                both.suspend_introductions(crowd.anybody())
        both.from_scratch()
        both.ask_literally(chance)


@pytest.mark.parametrize("step", list(dict.fromkeys(STEPS)), ids=lambda step: step.__name__.strip("_"))
def test_every_kind_of_step_matters_somewhere(step, monkeypatch):
    """Each kind alone on one crowd, some times over: equal after each, and (but for repeats) something changes."""
    monkeypatch.setattr(bridge, "FEW_TIES", 4)
    chance = random.Random(11)
    crowd, both = Crowd(chance, SMALL_TOWN), SideBySide(VOCABULARY)
    crowd.settle_in(members=30, contacts=15, openings=10, ties_each=8)
    both.step(crowd.begin(), chance)
    both.mattered = 0
    for _ in range(120 if step is skills else 12):
        both.step(step(crowd), chance)
    both.from_scratch()
    assert bool(both.mattered) == (step.__name__ != "again")


def test_those_who_left_a_company_long_ago_are_asked_for_now_and_then(monkeypatch):
    monkeypatch.setattr(bridge, "FEW_TIES", 4)
    chance = random.Random(5)
    crowd, both = a_crowd(chance), SideBySide(VOCABULARY)
    both.step(crowd.begin(), chance)
    both.ask(chance, 40)
    assert both.left_there > 5
