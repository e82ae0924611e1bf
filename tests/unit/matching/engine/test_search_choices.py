"""However an opening is searched for, and changes are followed, the suggestions are the same.

Questions between two slices of an update neither see half a row nor disturb it.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine import invalidation, rematch
from services.matching.engine.rematch import Rematcher
from services.matching.rules import bridge, questions
from tests.tiers import examples
from tests.unit.matching.engine.changing_crowds import STEPS
from tests.unit.matching.engine.crowds import SMALL_TOWN, Crowd
from tests.unit.matching.engine.histories import VOCABULARY
from tests.unit.matching.engine.side_by_side import SideBySide, paths

FAR = 1 << 40
chances = st.integers(0, 2**32 - 1).map(random.Random)


@pytest.fixture(scope="module", autouse=True)
def _few_ties() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge, "FEW_TIES", 4)
        yield


def crowd_of(chance: random.Random) -> Crowd:
    crowd = Crowd(chance, SMALL_TOWN)
    crowd.settle_in(members=chance.randint(20, 45), contacts=15, openings=6, ties_each=chance.choice([3, 8]))
    return crowd


def live_through(chance: random.Random, choose: Callable[[pytest.MonkeyPatch], None], steps: int = 8) -> SideBySide:
    """A crowd through anything, compared with the plain engine after each step; `choose` is asked before each."""
    crowd, both = crowd_of(chance), SideBySide(VOCABULARY)
    with pytest.MonkeyPatch.context() as patch:
        choose(patch)
        both.step(crowd.begin(), chance)
        for _ in range(steps):
            choose(patch)
            both.step(chance.choice(STEPS)(crowd), chance)
    both.from_scratch()
    return both


def one_by_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rematch, "SEEKER_COSTS", -FAR)


def through_the_filter(patch: pytest.MonkeyPatch, *, everybody: bool = False) -> None:
    patch.setattr(rematch, "SEEKER_COSTS", FAR)
    filled = Rematcher._fill_filter
    patch.setattr(Rematcher, "_fill_filter", lambda self, *given, **_: filled(self, *given, everybody=everybody))


def past_the_filter(patch: pytest.MonkeyPatch) -> None:
    through_the_filter(patch, everybody=True)


CHOICES = {one_by_one: "_rows_of_few", through_the_filter: "_fill_filter", past_the_filter: "_fill_filter"}
"""The method that is called, by the choice that is forced."""


@examples(12)
@given(chances)
@pytest.mark.parametrize("choice", CHOICES)
def test_each_way_to_search_gives_what_the_rules_say(choice, chance):
    with pytest.MonkeyPatch.context() as patch:
        choice(patch)
        live_through(chance, lambda _patch: None)


@examples(12)
@given(chances)
def test_a_choice_that_is_wrong_every_time_changes_no_answer(chance):
    filled = Rematcher._fill_filter

    def either(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(rematch, "SEEKER_COSTS", chance.choice([-FAR, FAR]))
        forced = chance.random() < 0.5
        patch.setattr(Rematcher, "_fill_filter", lambda self, *given, **_: filled(self, *given, everybody=forced))

    live_through(chance, either)


@pytest.mark.parametrize("choice", CHOICES)
def test_each_way_to_search_is_taken_where_it_is_forced(choice):
    taken = Counter[str]()
    with pytest.MonkeyPatch.context() as patch:
        choice(patch)
        for name in set(CHOICES.values()):
            patch.setattr(Rematcher, name, counted(taken, name, getattr(Rematcher, name)))
        live_through(random.Random(5), lambda _patch: None, steps=2)
    assert set(taken) == {CHOICES[choice]}


def counted(taken: Counter[str], name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def call(*given: Any, **more: Any) -> Any:
        taken[name] += 1
        return method(*given, **more)

    return call


@examples(25)
@given(chances)
def test_changed_ties_are_covered_as_well_as_followed_one_by_one(chance):
    live_through(chance, lambda patch: patch.setattr(invalidation, "SINGLY", -1))


@examples(12)
@given(chances, st.sampled_from([1, 2, 5]), st.sampled_from([1, 3, 1000]))
def test_many_first_hops_are_partitioned_and_matched_piece_by_piece(chance, size, looked):
    def small(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(invalidation, "HOPS_SORTED", size)
        patch.setattr(invalidation, "HOPS_PARTITIONED", looked)
        for name in ("HOPS_A_SLICE", "ARCS_AT_ONCE", "ROWS_A_SLICE"):
            patch.setattr(rematch, name, looked)

    live_through(chance, small)


@examples(10)
@given(chances, st.sampled_from([1, 20]))
def test_questions_between_two_slices_disturb_nothing_and_answer_rightly(chance, arcs):
    crowd, both = crowd_of(chance), SideBySide(VOCABULARY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rematch, "ARCS_A_SLICE", arcs)
        patch.setattr(rematch, "ROWS_A_SLICE", 1)
        both.step(crowd.begin(), chance)
        for _ in range(6):
            burst = chance.choice(STEPS)(crowd)
            both.fast.ingest(burst)
            expected, day = both.plain.apply_all(burst), both.fast.state.today
            for slices, _ in enumerate(both.fast.update_in_slices()):
                if slices % 3 == 0 and both.plain.state.today == day:
                    ask_some(both, chance)
            both.compare(both.fast.take_changes(), expected)
        both.from_scratch()


def ask_some(both: SideBySide, chance: random.Random) -> None:
    """Questions that depend on nothing still to be matched: people, ties and jobs are as ingested."""
    state = both.plain.state
    name = chance.choice(sorted(state.people) or ["nobody"])
    company = VOCABULARY.company(chance.choice(SMALL_TOWN.companies), None)
    if name in state.people:
        assert paths(both.fast, name, company) == questions.paths(both.plain.network, state.people[name], company)
    both.fast.reach(chance.choice([*sorted(state.openings), "none"]))
    both.fast.ask_next(name, 3)
