"""Section 2, the end: how much mutual contacts and an introducer's record help."""

from datetime import date

import pytest

from tests.records import Json, closeness
from tests.unit.matching.rules.worlds import LAST_MONTH, TODAY, World, ago, at_noon, direct, job


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


def test_a_tie_with_a_veto_is_still_a_mutual_one() -> None:
    # of 10 known to both, one says 1 of `i`: m stays 10 and B 1.0
    world = crowd(10).tie("m20", "i", closeness(1))
    path = next(p for p in world.one()["paths"] if p["introducer_id"] == "i")
    assert path["score"] == 0.75 * 1.0 * 0.5 * 1.0


def test_where_an_end_is_no_member_mutual_contacts_say_little() -> None:
    world = crowd(10).contact("i", job())
    assert world.path()["score"] == 0.75 * 0.75 * 0.5 * 1.0


def test_help_is_a_half_without_history() -> None:
    assert direct().path()["score"] == 0.75 * 0.75 * 0.5 * 1.0


def helped(world: World, today: date = TODAY) -> float:
    """H of `i`, of a path whose score is 0.75 · 0.75 · H · 1.0."""
    return round(world.path(today)["score"] / (0.75 * 0.75), 6)


def test_introductions_that_came_of_a_yes_raise_help() -> None:
    # r = 3: 4/5
    world = direct().record("i", led=3)
    assert world.path()["score"] == 0.75 * 0.75 * 0.8 * 1.0


def test_they_count_once_when_they_are_closed() -> None:
    world = direct().record("i", led=2)
    world.ask("n", "i", ("asked", ago(20)), ("introduced", LAST_MONTH), at_noon("closed", LAST_MONTH, outcome="talked"))
    assert helped(world) == 0.8


def test_asks_that_ran_out_unanswered_lower_help() -> None:
    # s = 3: 1/5
    assert helped(direct().record("i", silent=3)) == 0.2


@pytest.mark.parametrize("ending", ["declined", "accepted", "asked"])
def test_a_declined_or_pending_ask_costs_nothing(ending: str) -> None:
    world = direct().record("i", led=3).ask("n", "i", ("asked", ago(40)), (ending, LAST_MONTH))
    assert helped(world) == 0.8


@pytest.mark.parametrize("answer", ["accepted", "declined"])
def test_an_ask_that_was_answered_and_then_ran_out_costs_nothing(answer: str) -> None:
    world = direct().record("i", led=3)
    world.ask("n", "i", ("asked", ago(40)), (answer, ago(30)), ("expired", LAST_MONTH))
    assert helped(world) == 0.8


@pytest.mark.parametrize("few", [0, 1, 2])
def test_below_three_a_record_says_nothing(few: int) -> None:
    assert helped(direct().record("i", silent=few)) == 0.5
    assert helped(direct().record("i", led=few)) == 0.5
    assert helped(direct().record("i", led=few, silent=3 - few)) == round((few + 1) / 5, 4)


def test_three_are_counted_undecayed() -> None:
    # 6 years before the first of the month: s = 3/64, H = 1/(2 + 3/64) = 64/131 = 0.488550
    assert helped(direct().record("i", silent=3, when=ago(2190))) == 0.4885


def test_what_happens_this_month_counts_from_the_first_of_the_next() -> None:
    world = direct().record("i", silent=3, when="2026-06-02")
    assert [helped(world, date(2026, 6, day)) for day in (1, 2, 3, 30)] == [0.5, 0.5, 0.5, 0.5]
    assert helped(world, date(2026, 7, 1)) == 0.2


def test_help_ages_with_the_month_and_not_with_the_day() -> None:
    # from the 20th of May: 11 days to the 1st of June; 41 days, so 30/365 years, to the 1st of July
    world = direct().record("i", silent=3)
    assert [helped(world, date(2026, 6, day)) for day in (1, 19, 30)] == [0.2, 0.2, 0.2]
    assert helped(world, date(2026, 7, 1)) == round(1 / (2 + 3 * 2 ** (-30 / 365)), 4) == 0.2069


def test_a_step_belongs_to_its_day_in_utc() -> None:
    steps = [{"status": "expired", "at": "2026-06-01T01:30:00+02:00"}]  # half past eleven, on the last of May
    world = direct()
    for name in "nop":
        world.ask(name, "i", ("asked", ago(9)), *steps)
    assert helped(world) == 0.2


def test_introductions_and_silence_are_weighed_together() -> None:
    # r = 2, s = 1: 3/5
    assert helped(direct().record("i", led=2, silent=1)) == 0.6


def test_an_introduction_counts_unless_its_step_says_that_it_does_not() -> None:
    yes, no = (at_noon("introduced", LAST_MONTH, counts=counts) for counts in (True, False))
    world = direct().record("i", led=2)
    assert helped(world.ask("n", "i", ("asked", ago(40)), no)) == 0.5
    assert helped(world.ask("n", "i", ("asked", ago(40)), yes)) == 0.8


def test_an_answer_that_does_not_count_is_no_silence_either() -> None:
    world = direct().record("i", silent=3)
    for number in range(3):
        world.ask(f"n{number}", "i", at_noon("introduced", LAST_MONTH, counts=False), ("expired", LAST_MONTH))
    assert helped(world) == 0.2


def test_an_offer_that_led_to_an_introduction_counts_and_one_that_ran_out_does_not() -> None:
    world = direct().record("i", led=2).ask("n", "i", ("introduced", LAST_MONTH), origin="offer")
    assert helped(world) == 0.8
    assert helped(world.ask("o", "i", ("requested", ago(40)), ("expired", LAST_MONTH), origin="offer")) == 0.8


@pytest.mark.parametrize(
    ("more", "help_"),
    [
        ({}, 0.2),
        ({"origin": "ask", "legs": {"introducer": "app", "target": "hand"}}, 0.2),
        ({"legs": {"introducer": "hand"}}, 0.5),  # the draft was never sent
        ({"legs": {"introducer": "hand"}, "sent_at": "2026-05-10T10:00:00Z"}, 0.2),
    ],
)
def test_silence_is_held_against_those_alone_who_were_asked(more: Json, help_: float) -> None:
    world = direct().record("i", silent=2).ask("n", "i", ("asked", ago(40)), ("expired", LAST_MONTH), **more)
    assert helped(world) == help_


def test_only_the_introducers_own_asks_count() -> None:
    assert helped(direct().record("somebody", silent=3)) == 0.5


def test_an_introduction_that_is_gone_counts_no_more() -> None:
    assert helped(direct().record("i", led=3).gone("introductions.v1", "i-yes-0")) == 0.5
