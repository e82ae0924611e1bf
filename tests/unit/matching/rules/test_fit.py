"""Section 4: whom an opening fits, and how well."""

from typing import Any

import pytest

from tests.unit.matching.rules.worlds import TODAY, World, ago, direct, job


def fits(seeking: dict[str, Any] | None = None, posting: dict[str, Any] | None = None, *employments: Any) -> bool:
    """Whether a welder with these wishes is suggested an opening for one, to which there is a path."""
    return bool(direct().seeker("s", *employments, **(seeking or {})).posting(**(posting or {})).found())


def fit(skills: tuple[str, ...], seeking: dict[str, Any], posting: dict[str, Any], *employments: Any) -> float | None:
    found = direct().seeker("s", *employments, has=skills, **seeking).posting(**posting).found()
    return found[0]["fit"] if found else None


# What must hold


def test_the_opening_is_open() -> None:
    assert fits()
    assert not fits(posting={"status": "closed"})


def test_an_opening_that_was_deleted_is_none() -> None:
    assert not direct().gone("postings.v1", "p").found()


def test_the_opening_is_not_past_valid_through() -> None:
    assert fits(posting={"valid_through": TODAY.isoformat()})
    assert not fits(posting={"valid_through": ago(1)})


@pytest.mark.parametrize("vouched", [True, False, None])
@pytest.mark.parametrize("discreet", [True, False])
def test_a_discreet_seeker_needs_it_vouched(*, discreet: bool, vouched: bool | None) -> None:
    assert fits({"discreet": discreet}, {"vouched": vouched}) == (not discreet or vouched is True)


@pytest.mark.parametrize(("accepted", "expected"), [([], True), (["remote", "onsite"], True), (["remote"], False)])
def test_its_workplace_is_one_the_seeker_accepts_none_named_is_any(accepted: list[str], expected: bool) -> None:
    assert fits({"workplace": accepted}, {"workplace": "onsite"}) is expected


@pytest.mark.parametrize(
    ("sought", "offered", "workplace", "expected"),
    [
        ([], ["Berlin"], "onsite", True),  # either names none
        (["Berlin"], [], "onsite", True),
        (["Berlin"], ["Berlin"], "onsite", True),
        (["Berlin"], ["Hamburg"], "onsite", False),
        (["Berlin"], ["Hamburg"], "hybrid", False),
        (["Berlin"], ["Hamburg"], "remote", True),  # same country is enough
        (["Berlin"], ["Paris"], "remote", False),
        (["Berlin"], ["Germany"], "onsite", True),  # the same city only where both name one
        (["Germany"], ["Hamburg"], "onsite", True),
        (["Germany"], ["Germany"], "onsite", True),
        (["Germany"], ["France"], "onsite", False),
        (["Berlin", "Paris"], ["Hamburg", "Paris"], "onsite", True),  # one that agrees is enough
    ],
)
def test_a_place_agrees(sought: list[str], offered: list[str], workplace: str, expected: bool) -> None:
    assert fits({"locations": sought}, {"locations": offered, "workplace": workplace}) is expected


def test_not_the_seekers_current_employer() -> None:
    assert not fits({"discreet": False}, None, job("INITECH"))
    assert fits({"discreet": False}, None, job("INITECH", end=ago(0)))


def test_not_a_company_they_blocked() -> None:
    assert not fits({"discreet": False, "blocked_companies": ["initech inc."]})


@pytest.mark.parametrize("blocked", ["Acme", "Acme Labs", "Acme Holding"])
def test_a_blocked_company_means_its_family(blocked: str) -> None:
    # the hiring contact works elsewhere, so that it is the opening that is ruled out and not the path
    world = direct().person("i", job("Globex")).posting(company={"name": "Acme"}, hiring_contact="i")
    assert world.seeker(discreet=False).found()
    assert not world.seeker(discreet=False, blocked_companies=[blocked]).found()


def test_the_current_employer_is_one_company_and_not_its_family() -> None:
    world = direct(employment=job("Acme")).posting(company={"name": "Acme"})
    assert world.seeker("s", job("Acme Labs"), discreet=False).found()
    assert not world.seeker("s", job("Acme"), discreet=False).found()


@pytest.mark.parametrize(
    ("sought", "offered", "expected"),
    [
        ("intern", "senior", False),  # three apart
        ("executive", "senior", False),
        ("junior", "senior", True),
        ("director", "senior", True),
        (None, "executive", True),  # either names none
        ("intern", None, True),
    ],
)
def test_levels_are_less_than_three_apart(sought: str | None, offered: str | None, expected: bool) -> None:
    assert fits({"seniority": sought}, {"seniority": offered}) is expected


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        ({"max": 50, "currency": "EUR"}, True),  # the top is the least
        ({"max": 49, "currency": "EUR"}, False),
        ({"min": 10, "currency": "EUR"}, True),  # no top named
        ({"max": 49, "currency": "USD"}, True),  # not one currency
        ({"max": 49, "currency": "EUR", "period": "hour"}, True),  # not one period
        (None, True),
    ],
)
def test_the_openings_top_is_at_least_the_seekers_least(offered: dict[str, Any] | None, expected: bool) -> None:
    assert fits({"salary": {"min": 50, "currency": "EUR", "period": "year"}}, {"salary": offered}) is expected


def test_who_names_no_pay_takes_any() -> None:
    assert fits(None, {"salary": {"max": 1, "currency": "EUR"}})


@pytest.mark.parametrize(("field", "value"), [("seniority", "wizard"), ("workplace", "moon")])
def test_a_level_or_workplace_outside_the_lists_is_refused_where_it_enters(field: str, value: str) -> None:
    world = direct()
    world.posting("q", **{field: value})
    with pytest.raises(AssertionError):
        world.found()


# How well


def test_fit_weighs_skills_title_and_level() -> None:
    # skills 2 of 4; title of the same group 0.5; level two apart 1 - 2/3
    # 0.60 · 0.5 + 0.25 · 0.5 + 0.15 · 0.333333 = 0.475, below 0.50: nothing; one apart 0.525
    seeking = {"titles": ["fitter"], "seniority": "senior"}
    posting = {"skills": ["js", "welding", "maths", "x"], "seniority": "junior"}
    assert fit(("js", "maths"), seeking, posting) is None
    assert fit(("js", "maths"), seeking, {**posting, "seniority": "mid"}) == 0.525


def test_what_the_opening_does_not_name_is_left_out() -> None:
    # title alone: 0.25 / 0.25; skills alone: 0.40 / 0.60; skills and level: (0.60 · 2/3 + 0.15 · 2/3) / 0.75
    assert fit((), {}, {}) == 1.0
    both = ("js", "maths")
    assert fit(both, {}, {"title": "poet", "skills": ["js", "maths", "x"]}) == 0.6667
    # 0.50 / 0.75 = 0.66666…
    seeking = {"seniority": "senior"}
    assert fit(both, seeking, {"title": "poet", "skills": [*both, "x"], "seniority": "lead"}) == 0.6667


def test_what_the_seeker_does_not_name_counts_a_half() -> None:
    # no level: (0.25 + 0.15 · 0.5) / 0.40 = 0.8125
    assert fit((), {}, {"seniority": "lead"}) == 0.8125
    # no skills: half of what all of them give: (0.60 · 0.5 + 0.25) / 0.85 = 0.647058…; of one 0.60 · 0.5/3
    assert fit((), {}, {"skills": ["js", "x", "y"]}) == 0.6471
    assert fit((), {"titles": ["welder"]}, {"skills": ["js"], "seniority": "mid"}) is None
    # no title: (0.60 + 0.25 · 0.5) / 0.85 = 0.852941…
    three = ("js", "x", "y")
    assert fit(three, {"titles": []}, {"skills": list(three)}) == 0.8529


def test_skills_are_counted_over_eight_named_at_most() -> None:
    named = [f"skill {n}" for n in range(10)]
    # six of ten: 6/8 = 0.75; eight of ten: 1; nine of ten: 1
    for have, share in ((6, 0.75), (8, 1.0), (9, 1.0)):
        assert fit(tuple(named[:have]), {}, {"title": "poet", "skills": named}) == share


@pytest.mark.parametrize(("named", "share"), [(1, None), (2, 0.6667), (3, 1.0), (4, 1.0)])
def test_one_or_two_skills_prove_little(named: int, share: float | None) -> None:
    # All of them are found: 1/3 is below a half, 2/3, 3/3, 4/4.
    skills = [f"skill {n}" for n in range(named)]
    assert fit(tuple(skills), {}, {"title": "poet", "skills": skills}) == share


def test_skills_are_distinct() -> None:
    # js and JavaScript are one: 2 of 4, not 3 of 5
    posting = {"title": "poet", "skills": ["js", "JavaScript", "welding", "x", "y"]}
    assert fit(("js", "javascript", "welding"), {}, posting) == 0.5


def test_skills_are_those_of_the_profile_and_of_the_search() -> None:
    posting = {"title": "poet", "skills": ["js", "welding", "x"]}
    assert fit(("js",), {"skills": ["welding", "x"]}, posting) == 1.0


@pytest.mark.parametrize(("titles", "expected"), [(["master welder"], 1.0), (["fitter"], 0.5), (["baker"], None)])
def test_title_is_occupation_1_group_half_else_0(titles: list[str], expected: float | None) -> None:
    assert fit((), {"titles": titles}, {}) == expected


def test_title_is_the_best_over_those_sought() -> None:
    assert fit((), {"titles": ["baker", "fitter", "welder"]}, {}) == 1.0


def test_titles_not_known_do_not_count_against_a_seeker() -> None:
    assert fit((), {"titles": ["poet", "welder"]}, {}) == 1.0


def test_title_held_now_counts_only_when_the_list_sought_is_empty() -> None:
    held = job("Acme", "welder")
    assert fit((), {"titles": []}, {}, held) == 1.0
    assert fit((), {"titles": ["baker"]}, {}, held) is None
    # a list of unknown titles is not empty: nothing is known, 0.5 with the skills: (0.60 + 0.125) / 0.85
    three = ("js", "x", "y")
    assert fit(three, {"titles": ["poet"]}, {"skills": list(three)}, held) == 0.8529


def test_a_title_held_before_does_not_count() -> None:
    assert fit((), {"titles": []}, {}, job("Acme", "welder", end=ago(0))) is None


@pytest.mark.parametrize(("sought", "level"), [("senior", 1.0), ("lead", 2 / 3), ("junior", 1 / 3)])
def test_level_is_one_minus_a_third_for_each_step_apart(sought: str, level: float) -> None:
    # (0.25 + 0.15 · level) / 0.40: 1.0, 0.875, 0.75
    expected = {1.0: 1.0, 2 / 3: 0.875, 1 / 3: 0.75}[level]
    assert fit((), {"seniority": sought}, {"seniority": "senior"}) == expected


def test_an_opening_without_skills_and_known_title_fits_nothing() -> None:
    assert fit(("js",), {"seniority": "lead"}, {"title": "poet", "seniority": "lead"}) is None


def test_a_seeker_without_skills_and_known_titles_fits_nothing() -> None:
    # 0.5 all over would be 0.50
    assert fit((), {"titles": ["poet"]}, {"skills": ["js"], "seniority": "lead"}) is None
    assert fit((), {"titles": []}, {"skills": ["js"], "seniority": "lead"}) is None


def test_fits_from_a_half_up() -> None:
    assert fit((), {"titles": ["fitter"]}, {}) == 0.5
    # 3 of 7 skills and the title: (0.60 · 3/7 + 0.25) / 0.85 = 0.5966; 1 of 4: 0.4706
    assert fit(("js",), {}, {"skills": ["js", "a", "b", "c"]}) is None


def test_only_a_member_who_seeks_is_a_seeker() -> None:
    assert not direct().person("s", skills=["js"]).found()
    assert not direct().person("s", member=False, seeking={"titles": ["welder"]}).found()


def test_a_posting_names_its_company_by_its_domain_first() -> None:
    world = World().seeker().contact("i", job("initech inc.")).posting(company={"name": "I", "domain": "initech.com"})
    assert world.tie("s", "i", {"kind": "closeness", "value": 4}).found()
