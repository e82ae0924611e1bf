"""Section 6: paths into a company without an opening, and why a suggestion is there or not."""

from typing import Any

import pytest

from services.matching.rules.paths import Path
from services.matching.rules.questions import Explanation, PotentialPath, explain, paths
from tests.unit.matching.rules.test_records import told
from tests.unit.matching.rules.worlds import World, ago, between, closeness, connected, direct, job


def asked(world: World, person: str = "s", company: str = "Initech") -> tuple[list[Path], list[PotentialPath]]:
    engine = told(world)
    return paths(engine.network, engine.state.people[person], company.casefold())


def ways(world: World) -> list[tuple[str, str]]:
    found, nearest = asked(world)
    assert not found
    return [(way.kind, way.person) for way in nearest]


def explained(world: World, seeker: str = "s", posting: str = "p") -> Explanation:
    return explain(told(world).network, seeker, posting)


def test_paths_need_no_opening_and_the_role_is_one() -> None:
    world = World().person("s").contact("i", job(title="baker")).tie("s", "i", closeness(4))
    (path,), nearest = asked(world)
    assert (path.introducer, path.insider, path.score) == ("i", "i", 0.75 * 0.75 * 0.5 * 1.0)
    assert nearest == []


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


def test_without_a_path_first_come_contacts_there_and_then_members_who_know_an_insider() -> None:
    world = World().person("s").contact("i", job()).contact("h", job(), seen=None)
    world.person("j", introduces=True).contact("k", job(), of="j").tie("j", "k", closeness(4)).tie(
        "s", "j", connected()
    )
    assert ways(world) == [("contact", "h"), ("contact", "i"), ("member", "j")]


def test_the_ways_are_at_most_five() -> None:
    world = World().person("s")
    for n in range(7):
        world.contact(f"c{n}", job())
    assert ways(world) == [("contact", f"c{n}") for n in range(5)]


def test_the_ways_go_by_the_score_the_path_would_have() -> None:
    # b has not been seen there for 6 years
    world = World().person("s").contact("b", job(seen=ago(2190))).contact("c", job())
    assert ways(world) == [("contact", "c"), ("contact", "b")]


def test_others_contacts_are_no_ways() -> None:
    assert ways(World().person("s").person("o").contact("i", job(), of="o")) == []


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


def test_explain_says_where_there_is_no_path_and_what_is_nearest() -> None:
    found = explained(direct().tie("s", "i"))
    assert found.rule == "no_path"
    assert [way.person for way in found.potential_paths] == ["i"]


def test_explain_says_who_seeks_nothing() -> None:
    assert explained(direct().person("s")).rule == "not_seeking"


@pytest.mark.parametrize(
    ("seeker", "posting", "rule"),
    [("x", "p", "unknown_member"), ("i", "p", "unknown_member"), ("s", "x", "unknown_opening")],
)
def test_explain_says_what_is_not_known(seeker: str, posting: str, rule: str) -> None:
    assert explained(direct(), seeker, posting).rule == rule
