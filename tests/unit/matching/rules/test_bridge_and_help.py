"""Section 2, the end: how much mutual contacts and an introducer's record help."""

import pytest

from tests.unit.matching.rules.worlds import World, ago, closeness, direct, job


def crowd(mutual: int, *, of_s: int = 29, of_i: int = 29) -> World:
    """Members `s` and `i` (an insider) who know each other, and so many more members, some of them known to both."""
    world = World().seeker().person("i", job()).posting().both("s", "i")
    for n in range(of_s):
        world.person(f"m{n:02}").tie("s", f"m{n:02}", closeness(3))
    first = of_s - mutual
    for n in range(first, first + of_i):
        world.person(f"m{n:02}").tie(f"m{n:02}", "i", closeness(3))
    return world


@pytest.mark.parametrize(
    ("mutual", "bridge"),
    [
        (0, 0.6128),  # x = 1/11: 0.5 + 0.5 · 0.090909 · e^0.909091 = 0.5 + 0.5 · 0.225637
        (10, 1.0),  # x = 1
        (21, 0.8679),  # x = 2: 0.5 + e^-1
        (29, 0.7424),  # x = 30/11: 0.5 + 0.5 · 2.727273 · e^-1.727273 = 0.5 + 0.5 · 0.484787
    ],
)
def test_help_peaks_near_ten_mutual_contacts_and_falls_on_both_sides(mutual: int, bridge: float) -> None:
    # 29 others and each other: 30 ties with members at both ends
    path = next(p for p in crowd(mutual).one()["paths"] if p["introducer_id"] == "i")
    assert path["score"] == 0.75 * bridge * 0.5 * 1.0


@pytest.mark.parametrize(("of_s", "of_i"), [(28, 29), (29, 28)])
def test_under_30_ties_with_members_at_either_end_mutual_contacts_say_little(of_s: int, of_i: int) -> None:
    assert crowd(10, of_s=of_s, of_i=of_i).path()["score"] == 0.75 * 0.75 * 0.5 * 1.0


def test_ties_with_contacts_do_not_count_among_the_30() -> None:
    world = crowd(10, of_s=28)
    for n in range(5):
        world.contact(f"c{n}").tie("s", f"c{n}", closeness(3))
    assert world.path()["score"] == 0.75 * 0.75 * 0.5 * 1.0


def test_only_members_count_as_mutual() -> None:
    # m28 is tied to both, and turns out to be no member: 9 mutual members and 29 ties each.
    world = crowd(10, of_s=30, of_i=30)
    before = next(p for p in world.one()["paths"] if p["introducer_id"] == "i")["score"]
    world.person("m29", member=False)
    after = next(p for p in world.one()["paths"] if p["introducer_id"] == "i")["score"]
    # x = 10/11: 0.5 + 0.5 · 0.909091 · e^0.090909 = 0.5 + 0.5 · 0.995609 = 0.997805
    assert (before, after) == (0.75 * 1.0 * 0.5, 0.75 * 0.9978 * 0.5)


def test_where_an_end_is_no_member_mutual_contacts_say_little() -> None:
    world = crowd(10).contact("i", job())
    assert world.path()["score"] == 0.75 * 0.75 * 0.5 * 1.0


def test_help_is_a_half_without_history() -> None:
    assert direct().path()["score"] == 0.75 * 0.75 * 0.5 * 1.0


def test_an_ask_that_led_to_an_introduction_raises_help() -> None:
    # r = 1: 2/3 -> 0.6667
    world = direct().ask("n", "i", ("asked", ago(9)), ("accepted", ago(5)), ("introduced", ago(0)))
    assert world.path()["score"] == 0.75 * 0.75 * 0.6667 * 1.0


def test_it_counts_once_when_the_introduction_is_closed() -> None:
    world = direct().ask("n", "i", ("asked", ago(9)), ("introduced", ago(3)), ("closed", ago(0)))
    assert world.path()["score"] == 0.75 * 0.75 * 0.6667 * 1.0


def test_an_ask_that_ran_out_unanswered_lowers_help() -> None:
    # s = 2: 1/4
    world = direct()
    for name in ("n", "o"):
        world.ask(name, "i", ("asked", ago(9)), ("expired", ago(0)))
    assert world.path()["score"] == 0.75 * 0.75 * 0.25 * 1.0


@pytest.mark.parametrize("ending", ["declined", "accepted", "asked"])
def test_a_declined_or_pending_ask_costs_nothing(ending: str) -> None:
    assert direct().ask("n", "i", ("asked", ago(9)), (ending, ago(0))).path()["score"] == 0.75 * 0.75 * 0.5 * 1.0


def test_an_ask_that_was_answered_and_then_ran_out_costs_nothing() -> None:
    world = direct().ask("n", "i", ("asked", ago(9)), ("accepted", ago(5)), ("expired", ago(0)))
    assert world.path()["score"] == 0.75 * 0.75 * 0.5 * 1.0


def test_asks_fade_by_half_a_year() -> None:
    # 6 years: s = 1/64, H = 1/(2 + 1/64) = 64/129 = 0.496124 -> 0.4961
    world = direct().ask("n", "i", ("asked", ago(2195)), ("expired", ago(2190)))
    assert world.path()["score"] == 0.75 * 0.75 * 0.4961 * 1.0


def test_good_and_bad_asks_are_weighed_together() -> None:
    # r = 2, s = 1: 3/5
    world = direct().ask("n", "i", ("introduced", ago(0))).ask("o", "i", ("introduced", ago(3)))
    world.ask("q", "i", ("asked", ago(9)), ("expired", ago(0)))
    assert world.path()["score"] == 0.75 * 0.75 * 0.6 * 1.0


def test_only_the_introducers_own_asks_count() -> None:
    world = direct().ask("n", "somebody", ("asked", ago(9)), ("expired", ago(0)))
    assert world.path()["score"] == 0.75 * 0.75 * 0.5 * 1.0


def test_a_withdrawn_ask_counts_no_more() -> None:
    world = direct().ask("n", "i", ("introduced", ago(0))).gone("introductions.v1", "n")
    assert world.path()["score"] == 0.75 * 0.75 * 0.5 * 1.0
