"""Section 6: paths into a company without an opening, and why a suggestion is there or not."""

from typing import Any

import pytest

from services.matching.rules.paths import Path
from services.matching.rules.questions import Explanation, LeftThere, explain, paths
from tests.records import address, blocked, closeness, connected, messages
from tests.unit.matching.rules.test_records import told
from tests.unit.matching.rules.worlds import World, ago, between, direct, job


def asked(world: World, person: str = "s", company: str = "Initech") -> tuple[list[Path], list[LeftThere]]:
    engine = told(world)
    found = paths(engine.network, engine.state.people[person], company.casefold())
    assert engine.paths(person, company.casefold()) == found
    return found


def left_there(world: World) -> list[str]:
    found, left = asked(world)
    assert not found
    return [one.person for one in left]


def explained(world: World, seeker: str = "s", posting: str = "p") -> Explanation:
    return explain(told(world).network, seeker, posting)


def test_paths_need_no_opening_and_the_role_is_one() -> None:
    world = World().person("s").contact("i", job(title="baker")).tie("s", "i", closeness(4))
    (path,), left = asked(world)
    assert (path.introducer, path.insider, path.score) == ("i", "i", 0.75 * 0.75 * 0.5 * 1.0)
    assert left == []


def test_paths_know_no_hiring_contact() -> None:
    world = World().person("s").contact("i", job("Acme")).tie("s", "i", closeness(4)).posting(hiring_contact="i")
    assert asked(world)[0] == []


def test_paths_may_be_only_possible_also_with_one_between() -> None:
    (path,), _ = asked(between().tie("j", "i", connected()))
    assert (path.label, path.score) == ("possible", 0.5 * 0.75 * 0.75 * 0.5 * (0.2 * 1.0))


def test_paths_are_one_for_each_introducer_and_all_of_them() -> None:
    world = World().person("s")
    for person in "abcde":
        world.contact(person, job()).tie("s", person, closeness(3))
    found, _ = asked(world)
    assert [path.introducer for path in found] == list("abcde")


def test_discretion_holds_for_somebody_who_seeks_nothing() -> None:
    world = between().person("s", job("Acme")).person("j", job("Acme"), introduces=True)
    assert asked(world)[0] == []
    assert asked(world.person("j", job("Globex"), introduces=True))[0]


@pytest.mark.parametrize("discreet", [True, False])
def test_nobody_at_a_blocked_company_is_on_a_path_of_paths(*, discreet: bool) -> None:
    world = between().person("j", job("Acme"), introduces=True).seeker(blocked_companies=["Acme"], discreet=discreet)
    assert asked(world)[0] == []


LONG_AGO = ago(1110)
"""37 periods of 30 days: more than three years."""


def knows(*jobs: Any) -> World:
    """`s` has own evidence about `c`, a contact with these jobs."""
    return World().person("s").contact("c", *jobs).tie("s", "c", connected())


def test_without_a_path_those_are_named_who_left_more_than_three_years_ago() -> None:
    assert left_there(knows(job(end=LONG_AGO))) == ["c"]
    assert left_there(knows(job("Acme", end=LONG_AGO))) == []
    assert asked(knows(job(end=ago(1109))))[1] == []  # 36 periods: a path still


def test_who_is_there_again_or_left_lately_did_not_leave_long_ago() -> None:
    for again in (job(), job(end=ago(300))):
        assert asked(knows(job(end=LONG_AGO), again))[1] == []
    assert left_there(knows(job(end=LONG_AGO), job(start=ago(-10)))) == ["c"]  # there again from next week on
    assert left_there(knows(job(start=ago(-10), end=LONG_AGO))) == []  # was never there yet


def test_whoever_left_last_comes_first_then_the_smaller_id_and_five_at_most() -> None:
    world = World().person("s")
    for name, days in (("f", 1200), ("b", 2000), ("a", 2000), ("e", 3000), ("d", 2500), ("c", 2500)):
        world.contact(name, job(end=ago(4000)), job(end=ago(days))).tie("s", name, connected())
    assert left_there(world) == ["f", "a", "b", "c", "d"]


@pytest.mark.parametrize("others", [[], [address()], [closeness(5)]])
def test_only_people_are_named_about_whom_one_has_own_evidence(others: list[Any]) -> None:
    world = World().person("s").person("c", job(end=LONG_AGO), introduces=True).tie("s", "c", messages(3, 0))
    assert left_there(world.tie("c", "s", *others)) == []
    assert left_there(world.tie("s", "c", messages(3, 1))) == ["c"]


def test_nobody_from_anothers_address_book_is_named() -> None:
    world = World().person("s").person("j", introduces=True).both("s", "j").contact("c", job(end=LONG_AGO), of="j")
    assert left_there(world.tie("j", "c", closeness(5))) == []
    assert left_there(World().person("s").contact("c", job(end=LONG_AGO))) == []  # no evidence of any kind


@pytest.mark.parametrize("said", [1, 2, None])
def test_who_states_a_1_or_2_or_blocks_is_not_named(said: int | None) -> None:
    world = World().person("s").person("c", job(end=LONG_AGO)).tie("s", "c", closeness(4))
    assert left_there(world) == ["c"]
    assert left_there(world.tie("c", "s", blocked() if said is None else closeness(said))) == []


def test_who_is_hidden_is_not_named() -> None:
    world = knows(job(end=LONG_AGO), job("Acme"))
    assert left_there(world) == ["c"]
    assert left_there(world.person("s", job("Acme"))) == []
    assert left_there(world.seeker("s", job("Acme"), discreet=False)) == ["c"]
    assert left_there(world.seeker(blocked_companies=["Acme"], discreet=False)) == []


def test_explain_gives_the_suggestion_with_its_numbers() -> None:
    found = explained(direct())
    assert found.suggestion is not None
    assert (found.rule, found.suggestion.fit, found.suggestion.paths[0].score) == (None, 1.0, 0.75 * 0.75 * 0.5 * 1.0)


@pytest.mark.parametrize(
    ("posting", "seeking", "rule"),
    [
        ({"status": "closed", "valid_through": "2020-01-01"}, {}, "closed"),  # the first of two
        ({"valid_through": "2020-01-01", "vouched": False}, {}, "expired"),
        ({"vouched": False}, {"workplace": ["remote"]}, "not_vouched"),
        ({}, {"workplace": ["remote"], "locations": ["Paris"]}, "workplace"),
        ({"locations": ["Berlin"]}, {"locations": ["Paris"]}, "place"),
        ({}, {"blocked_companies": ["Initech"]}, "blocked_company"),
        ({"seniority": "lead"}, {"seniority": "intern"}, "level"),
        ({"salary": {"max": 1, "currency": "EUR"}}, {"salary": {"min": 2, "currency": "EUR"}}, "pay"),
        ({"title": "poet"}, {}, "opening_names_nothing"),
        ({}, {"titles": ["poet"]}, "seeker_names_nothing"),
        ({}, {"titles": ["baker"]}, "fit"),
    ],
)
def test_explain_names_the_first_rule_that_ruled_it_out(
    posting: dict[str, Any], seeking: dict[str, Any], rule: str
) -> None:
    found = explained(direct().seeker(**seeking).posting(**posting))
    assert (found.suggestion, found.rule) == (None, rule)


def test_explain_names_the_own_employer() -> None:
    assert explained(direct().seeker("s", job())).rule == "own_employer"


def test_explain_says_where_there_is_no_path() -> None:
    assert explained(direct().tie("s", "i")).rule == "no_path"


def test_explain_says_who_seeks_nothing() -> None:
    assert explained(direct().person("s")).rule == "not_seeking"


@pytest.mark.parametrize(
    ("seeker", "posting", "rule"),
    [("x", "p", "unknown_member"), ("i", "p", "unknown_member"), ("s", "x", "unknown_opening")],
)
def test_explain_says_what_is_not_known(seeker: str, posting: str, rule: str) -> None:
    assert explained(direct(), seeker, posting).rule == rule
