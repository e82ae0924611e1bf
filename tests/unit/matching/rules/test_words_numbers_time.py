"""Section 1: names are resolved first; numbers are exact; time is counted in whole periods."""

from datetime import date

import pytest

from tests.records import closeness, connected, introduced, messages, worked
from tests.unit.matching.rules.worlds import World, ago, direct, job


def test_rules_compare_companies_as_resolved_by_name() -> None:
    world = direct(employment=job("INITECH  Inc."))
    assert world.path()["introducer_id"] == "i"


def test_rules_compare_companies_as_resolved_by_domain() -> None:
    world = direct().posting(company={"name": "A name of no use", "domain": "initech.com"})
    assert world.path()["introducer_id"] == "i"


def test_a_company_that_is_not_known_is_its_own_normalised_text() -> None:
    world = direct(employment=job(" Umbrella ")).posting(company={"name": "UMBRELLA"})
    assert world.path()["introducer_id"] == "i"
    assert not direct(employment=job("Umbrella Ltd")).posting(company={"name": "Umbrella"}).found()


def test_a_skill_that_is_not_known_is_its_own_normalised_text() -> None:
    world = (
        direct().seeker(titles=[], has=("Falconry", "Sailing")).posting(title="poet", skills=["FALCONRY ", "sailing"])
    )
    assert world.one()["fit"] == 0.6667


def test_a_title_that_is_not_known_is_nothing() -> None:
    # Not even equal to itself: an opening for a poet without skills fits nobody.
    assert not direct().seeker(titles=["poet"]).posting(title="poet").found()


def test_a_place_that_is_not_known_is_its_own_normalised_text() -> None:
    world = direct().seeker(locations=["Atlantis"]).posting(locations=["ATLANTIS"])
    assert world.found()
    assert not world.posting(locations=["Lemuria"]).found()


def test_strength_is_a_whole_number_of_ten_thousandths() -> None:
    # e = 0.20 · √(500/800) = 0.158113… -> 0.1581
    assert direct(connected(800)).path()["score"] == 0.1581 * 0.75 * 0.5 * 1.0


def test_help_is_a_whole_number_of_ten_thousandths() -> None:
    # four asks ran out last month: H = 1/6 -> 0.1667
    assert direct().record("i", silent=4).path()["score"] == 0.75 * 0.75 * 0.1667 * 1.0


def test_standing_is_a_whole_number_of_ten_thousandths() -> None:
    # left 360 days ago: y = 12 · 30/365 = 0.98630, 0.5 · 2^-y = 0.252385 -> 0.2524
    assert direct(employment=job(end=ago(360))).path()["score"] == 0.75 * 0.75 * 0.5 * 0.2524


def test_fit_is_a_whole_number_of_ten_thousandths() -> None:
    # two of three skills: 0.60 · 2/3 = 0.40, the title 0.25; 0.65/0.85 = 0.764705… -> 0.7647
    world = direct().seeker(has=("js", "welding")).posting(skills=["javascript", "welding", "maths"])
    assert world.one()["fit"] == 0.7647


def test_a_half_is_rounded_up_although_the_machine_holds_a_little_less() -> None:
    # worked 3 of 24 months, nothing stated, 200 people: 0.50 · 0.125 · √(50/200) = 0.03125 -> 0.0313
    assert direct(worked(3, company_size=200)).path()["score"] == 0.0313 * 0.75 * 0.5 * 1.0


def test_limits_are_compared_with_rounded_values() -> None:
    # worked 12 months, stated: 0.25; one message each way: 0.70 · (1 - e^-0.1) = 0.066614
    # 1 - 0.75 · 0.933386 = 0.299960 -> 0.3000, and 0.30 is warm
    path = direct(worked(12, stated=True), messages(1, 1)).path()
    assert path == {**path, "score": 0.3 * 0.75 * 0.5 * 1.0, "label": "warm"}


def test_today_is_the_engines_and_moves_by_a_record_on_the_clock() -> None:
    world = direct().posting(valid_through="2026-06-10")
    assert world.found(date(2026, 6, 10))
    assert not world.found(date(2026, 6, 11))
    assert not world.day("2026-06-11").found(date(2026, 6, 1))


@pytest.mark.parametrize(("days", "e"), [(0, 0.4425), (29, 0.4425), (30, 0.4301), (59, 0.4301), (60, 0.418)])
def test_ages_are_whole_periods_of_30_days(days: int, e: float) -> None:
    # 10 each way: 0.70 · (1 - e^-1) = 0.442484; one period: 2^(-(30/365)/2) = 0.971918, so 0.430058; two: 0.417981
    assert direct(messages(10, 10, ago(days))).path()["score"] == e * 0.75 * 0.5 * 1.0


def test_ages_are_never_negative() -> None:
    assert direct(messages(10, 10, ago(-400))).path()["score"] == 0.4425 * 0.75 * 0.5 * 1.0


def test_years_are_periods_of_30_days_over_365() -> None:
    # 2,190 days are 73 periods are 6 years: 0.442484 · 2^-3 = 0.055311 -> 0.0553
    assert direct(messages(10, 10, ago(2190))).path()["score"] == 0.0553 * 0.75 * 0.5 * 1.0


def test_a_date_given_as_a_month_is_its_first_day() -> None:
    # The first of May is 31 days back: one period. Were it the last day, none would have passed.
    assert direct(messages(10, 10, "2026-05")).path()["score"] == 0.4301 * 0.75 * 0.5 * 1.0


def test_a_start_in_the_future_does_not_count_yet() -> None:
    assert not direct(employment=job(start=ago(-1))).found()
    assert direct(employment=job(start=ago(0))).found()


def test_no_start_has_started() -> None:
    assert direct(employment=job()).path()["score"] == 0.75 * 0.75 * 0.5 * 1.0


def test_no_end_or_an_end_after_today_is_current() -> None:
    assert direct(employment=job(end=ago(-1))).path()["score"] == 0.75 * 0.75 * 0.5 * 1.0


def test_an_end_today_is_past() -> None:
    # left 0 years ago: 0.5
    assert direct(employment=job(end=ago(0))).path()["score"] == 0.75 * 0.75 * 0.5 * 0.5


def test_products_are_taken_in_the_order_written() -> None:
    # 1 - 0.7^1 -> 0.3; ((0.3 · 0.75) · 0.5) · 0.85, bit for bit
    path = direct(introduced(1), employment=job(title="fitter")).path()
    assert path["score"] == ((0.3 * 0.75) * 0.5) * 0.85


def test_scores_do_not_depend_on_the_order_of_events() -> None:
    forth = World().seeker().contact("i", job()).posting().tie("s", "i", closeness(4), connected(800), worked(7))
    back = World().tie("s", "i", worked(7), connected(800), closeness(4)).posting().contact("i", job()).seeker()
    assert forth.found() == back.found()
