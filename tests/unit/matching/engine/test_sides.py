"""An opening is worked out from the seekers' side or from the insiders'; whichever is taken, the rows are the same.

And questions that are asked between two slices of a settling neither see half a row nor disturb it.
"""

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine import invalidation, rematch, settle
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


def from_seekers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rematch, "LINKS_A_WORKER", -1)
    patch.setattr(rematch, "SEEKER_COSTS", -FAR)


def from_seekers_unsifted(patch: pytest.MonkeyPatch) -> None:
    from_seekers(patch)
    patch.setattr(rematch, "SIFTED_FROM", -1)


def from_insiders(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rematch, "LINKS_A_WORKER", -1)
    patch.setattr(rematch, "SEEKER_COSTS", FAR)
    patch.setattr(rematch, "SIFTED_FROM", 1)


def from_each_seeker(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rematch, "LINKS_A_WORKER", FAR)


COUNTED = {
    from_seekers: "seekers",
    from_seekers_unsifted: "seekers",
    from_insiders: "insiders",
    from_each_seeker: "each",
}
"""The side that is taken, by how it is brought about."""


@examples(12)
@given(chances)
@pytest.mark.parametrize("side", COUNTED)
def test_every_side_gives_what_the_rules_say(side, chance):
    sides = live_through(chance, side).fast.sides
    assert all(not count for name, count in sides.items() if name not in {COUNTED[side], "each"})


@examples(12)
@given(chances)
def test_a_choice_that_is_wrong_every_time_changes_no_answer(chance):
    def either(patch: pytest.MonkeyPatch) -> None:
        chance.choice(list(COUNTED))(patch)

    live_through(chance, either)


@examples(8)
@given(chances, st.sampled_from([0, 1 << 20]))
def test_concerned_seekers_are_worked_out_one_by_one_or_by_opening(chance, most):
    live_through(chance, lambda patch: patch.setattr(settle, "BY_OPENING_FROM", most))


@examples(25)
@given(chances)
def test_changed_ties_are_covered_as_well_as_followed_one_by_one(chance):
    live_through(chance, lambda patch: patch.setattr(invalidation, "SINGLY", -1))


@examples(12)
@given(chances, st.sampled_from([1, 2, 5]), st.sampled_from([1, 3, 1000]))
def test_many_steps_are_parted_and_worked_along_piece_by_piece(chance, size, looked):
    def small(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(invalidation, "SORTED", size)
        patch.setattr(invalidation, "PARTED", looked)
        for name in ("FOUND", "PIECE", "FEW_ROWS"):
            patch.setattr(rematch, name, looked)

    live_through(chance, small)


@pytest.mark.parametrize("side", COUNTED)
def test_each_side_is_taken_somewhere(side):
    sides = live_through(random.Random(5), side, steps=2).fast.sides
    assert sides[COUNTED[side]] > 0


@examples(10)
@given(chances, st.sampled_from([1, 20]))
def test_questions_between_two_slices_disturb_nothing_and_answer_rightly(chance, arcs):
    crowd, both = crowd_of(chance), SideBySide(VOCABULARY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rematch, "SLICE", arcs)
        patch.setattr(rematch, "FEW_ROWS", 1)
        both.step(crowd.begin(), chance)
        for _ in range(6):
            burst = chance.choice(STEPS)(crowd)
            both.fast.absorb(burst)
            expected, day = both.plain.apply_all(burst), both.fast.state.today
            for slices, _ in enumerate(both.fast.settling()):
                if slices % 3 == 0 and both.plain.state.today == day:
                    ask_some(both, chance)
            both.compare(both.fast.take_changes(), expected)
        both.from_scratch()


def ask_some(both: SideBySide, chance: random.Random) -> None:
    """Questions that hang on nothing still to be settled: people, ties and jobs are as absorbed."""
    state = both.plain.state
    name = chance.choice(sorted(state.people) or ["nobody"])
    company = VOCABULARY.company(chance.choice(SMALL_TOWN.companies), None)
    if name in state.people:
        assert paths(both.fast, name, company) == questions.paths(both.plain.network, state.people[name], company)
    both.fast.reach(chance.choice([*sorted(state.openings), "none"]))
    both.fast.ask_next(name, 3)
