"""Section 2: what a tie is worth on other people's paths, and that nobody's closeness can be read off them."""

import pytest

from tests.records import Json, closeness, connected, introduced, messages, worked
from tests.unit.matching.rules.worlds import between, job


def test_the_insiders_word_of_the_introducer_is_a_veto_or_nothing() -> None:
    # i, a member, says 3, 5 or nothing of j, who says 4; a 2 is a veto
    world = between().person("i", job(), introduces=True)
    for theirs in ([], [closeness(3)], [closeness(5)]):
        assert world.tie("i", "j", *theirs).path()["score"] == 0.5 * 0.75 * 0.75 * 0.5 * (0.3 * 1.0)
    assert not world.tie("i", "j", closeness(2)).found()


@pytest.mark.parametrize("word", [3, 4, 5])
@pytest.mark.parametrize(
    ("shown", "onward"),
    [
        ([], 0.3),
        ([connected()], 0.3),
        ([worked(30, company_size=50)], 0.5),
        ([introduced(1)], 0.3),
        ([worked(24, stated=True), connected()], 0.6),
    ],
)
def test_a_3_or_more_of_the_introducers_makes_the_tie_just_warm_and_no_stronger(
    word: int, shown: list[Json], onward: float
) -> None:
    path = between().tie("j", "i", *shown, closeness(word)).path()
    assert (path["score"], path["label"]) == (0.5 * 0.75 * 0.75 * 0.5 * (onward * 1.0), "warm")


@pytest.mark.parametrize("shown", [introduced(1), worked(24, stated=True), messages(9, 9)])
def test_where_a_tie_is_warm_without_it_the_introducers_word_shows_nowhere(shown: Json) -> None:
    said = between().tie("j", "i", shown, closeness(5)).one()
    assert said == between().tie("j", "i", shown).one()


@pytest.mark.parametrize("word", [1, 2])
def test_who_is_said_to_be_hardly_known_is_nobody_to_introduce_to(word: int) -> None:
    assert not between().tie("j", "i", closeness(word), introduced(3)).found()
    # as a seeker of their own j does ask i
    world = between().seeker("j", introduces=True).tie("j", "i", closeness(word), introduced(3))
    assert [(one["seeker_id"], one["paths"][0]["score"]) for one in world.found()] == [
        ("j", {1: 0.1, 2: 0.3}[word] * 0.75 * 0.5 * 1.0)
    ]


def test_introducers_whose_word_is_known_do_not_tell_anothers() -> None:
    # k3, k4 and k5 say so much of i, to find j's word between theirs; all stand alike, in the order of their ids
    for word in (3, 4, 5):
        world = between(j_i=word)
        for known in (3, 4, 5):
            world.person(f"k{known}", introduces=True).both("s", f"k{known}").tie(f"k{known}", "i", closeness(known))
        assert world.introducers() == ["j", "k3", "k4"]
        assert len({path["score"] for path in world.one()["paths"]}) == 1
