"""A tie is weighed from the side whose strength the score uses, from whichever end a search comes to it."""

from collections.abc import Callable
from itertools import product

import pytest

from services.matching.engine import invalidation, path_questions
from services.matching.rules import questions
from services.matching.rules.network import Network
from tests.records import Json, connected, introduced
from tests.unit.matching.engine.histories import VOCABULARY
from tests.unit.matching.engine.test_along import World
from tests.unit.matching.engine.test_search_choices import CHOICES

LISTED, MET = connected(), introduced(2)
SIDES: list[int | Json | None] = [5, 3, 1, LISTED, MET, None]
FIRM = (5, 3, MET)


def world_of_three() -> World:
    """`s` seeks, `j` introduces, `i` works at Initech; all are members, and `s` and `j` know each other well."""
    made = World()
    made.member("s", seeks=True)
    made.member("j")
    made.member("i", at="Initech")
    made.both("s", "j")
    made.opening("Initech")
    return made


def warm(mine: object, theirs: object) -> bool:
    """Whether a tie with this on one's own side, and that on the other's, is warm from one's own."""
    if theirs == 1 or mine == 1:
        return False
    return mine in FIRM or theirs == MET


@pytest.mark.parametrize("singly", [16, -1])
@pytest.mark.parametrize("choice", CHOICES)
def test_a_link_is_the_introducers_however_it_is_found(
    choice: Callable[[pytest.MonkeyPatch], None], singly: int, monkeypatch: pytest.MonkeyPatch
):
    """Along the changed tie, from the opening, and from the seeker: after each step all is as from scratch."""
    choice(monkeypatch)
    monkeypatch.setattr(invalidation, "SINGLY", singly)
    world = world_of_three()
    for mine, theirs in product(SIDES, repeat=2):
        expected = ["j"] if warm(mine, theirs) and mine is not None else []
        for step in (
            lambda mine=mine: world.tie("j", "i", mine),
            lambda theirs=theirs: world.tie("i", "j", theirs),
            lambda: world.opening("Initech", status="closed"),
            lambda: world.opening("Initech"),
            lambda: world.member("s"),
            lambda: world.member("s", seeks=True),
        ):
            step()
        assert world.asked("s") == expected, (mine, theirs)


@pytest.mark.parametrize("singly", [16, -1])
def test_the_first_tie_is_the_seekers(singly: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(invalidation, "SINGLY", singly)
    world = world_of_three()
    world.tie("j", "i", 4)
    for mine, theirs in product(SIDES, repeat=2):
        world.tie("j", "s", theirs)
        world.tie("s", "j", mine)
        expected = warm(mine, theirs) and mine is not None and theirs is not None
        assert world.asked("s") == (["j"] if expected else []), (mine, theirs)
        # What changes beyond them is followed from the introducer's arcs to the seekers.
        for step in (
            lambda: world.member("i"),
            lambda: world.member("i", at="Initech"),
            lambda: world.tie("j", "i", 5),
        ):
            step()
        assert world.asked("s") == (["j"] if expected else []), (mine, theirs)
        world.tie("j", "i", 4)


@pytest.mark.parametrize("arcs", [1 << 40, -1], ids=["hints", "an index"])
def test_so_it_is_in_the_answer_to_a_question(arcs: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(path_questions, "ARCS_A_WORKER", arcs)
    world, company = world_of_three(), VOCABULARY.company("Initech", None)
    for mine, theirs in product(SIDES, repeat=2):
        world.tie("j", "i", mine)
        world.tie("i", "j", theirs)
        state = world.engine.state
        found, _ = world.engine.paths("s", company)
        assert found == questions.paths(Network(state), state.people["s"], company)[0]
        assert [path.label for path in found] == (
            [] if mine in (None, 1) or theirs == 1 else ["warm" if warm(mine, theirs) else "possible"]
        )


def test_a_direct_path_goes_with_a_veto_and_comes_back_without():
    world = world_of_three()
    world.tie("s", "i", 5)
    for theirs, expected in ((None, ["i"]), (2, []), (3, ["i"]), (1, []), (LISTED, ["i"])):
        world.tie("i", "s", theirs)
        assert world.asked("s") == expected
        if expected:
            assert world.score("s", "Initech") == 0.95 * 0.75 * 0.5 * 0.6
