"""`explain` and `paths` say what the suggestions say, and nothing about others that the rules keep."""

from typing import Any

from hypothesis import given

from services.matching.answers import NO_PATH, RULES, explanation_view, paths_view
from services.matching.engine.engine import Engine
from services.matching.rules import questions
from services.matching.rules.network import Network
from services.matching.rules.suggestions import all_suggestions
from tests.records import Json, address, closeness, events_of, introduced, job, opening, person, tie, worked
from tests.tiers import examples
from tests.unit.matching.engine.histories import COMPANIES, MEMBERS, OPENINGS, TODAY, VOCABULARY, histories


def engine(*records: Json, **about: Any) -> Engine:
    """`about`: the opening."""
    made = Engine(VOCABULARY, today=TODAY)
    made.apply_all(events_of(opening("o", **about), *records))
    return made


SEEKER = person("s", seeking={"titles": ["Developer"]})
INSIDER = person("i", job(title="Developer"), member=False)


@examples(40)
@given(histories())
def test_explain_gives_the_suggestion_or_a_rule_for_every_pair(history):
    made = Engine(VOCABULARY)
    made.apply_all(history)
    live = all_suggestions(made.state)
    for member in MEMBERS:
        for posting in OPENINGS:
            found = questions.explain(made.network, member, posting)
            assert found.suggestion == live.get((member, posting))
            assert (found.suggestion is None) == (
                found.rule in RULES or found.rule in {"unknown_opening", "unknown_member"}
            )


@examples(40)
@given(histories())
def test_paths_over_remembered_ties_equal_the_plain_ones(history):
    made = Engine(VOCABULARY)
    made.apply_all(history)
    plain = Network(made.state)
    for member in filter(made.state.people.get, MEMBERS):
        for name in COMPANIES:
            company = made.company(name, None)
            found = questions.paths(made.network, made.state.people[member], company)
            assert found == questions.paths(plain, made.state.people[member], company)


def test_each_rule_in_the_order_of_the_page():
    def rule(seeking: dict[str, Any] | None, **about: Any) -> str | None:
        made = engine(person("s", job("Hooli"), seeking=seeking), **about)
        return questions.explain(made.network, "s", "o").rule

    wants = {"titles": ["Developer"]}
    paid = {"min": 60, "currency": "EUR"}
    assert rule(None) == "not_seeking"
    assert rule({**wants, "workplace": ["onsite"]}, status="closed") == "closed"
    assert rule({**wants, "workplace": ["onsite"]}, valid_through="2026-02-28", vouched=False) == "expired"
    assert rule({**wants, "workplace": ["onsite"]}, vouched=False) == "not_vouched"
    assert rule({**wants, "workplace": ["onsite"], "discreet": False}, vouched=False) == "workplace"
    assert rule({**wants, "workplace": ["onsite"]}, valid_through="2026-03-01") == "workplace"
    assert rule({**wants, "locations": ["Paris"]}, locations=["Berlin"]) == "place"
    assert rule({**wants, "blocked_companies": ["Hooli"]}, company="Hooli") == "own_employer"
    assert rule({**wants, "blocked_companies": ["Initech"]}) == "blocked_company"
    assert rule({**wants, "seniority": "junior"}, seniority="lead") == "level"
    assert rule({**wants, "salary": paid}, salary={"max": 59, "currency": "EUR"}) == "pay"
    assert rule(wants, title="Unheard Of") == "opening_names_nothing"
    assert rule({"titles": ["Unheard Of"]}) == "seeker_names_nothing"
    assert rule({"titles": ["Recruiter"]}) == "fit"
    assert rule(wants) == "no_path"


def test_a_seeker_sees_bands_and_no_insider_behind_an_introducer():
    made = engine(
        SEEKER, INSIDER, person("j", introduces=True), tie("s", "j", closeness(4)), tie("j", "s", closeness(5)),
        tie("j", "i", introduced(3)),
    )  # fmt: skip
    found = questions.explain(made.network, "s", "o")
    mine = explanation_view("s", "o", found, numbers=False).model_dump_json(exclude_none=True)
    assert '"i"' not in mine
    assert "score" not in mine
    assert '"introducer_id":"j","direct":false,"band":"good"' in mine  # 0.5 x 0.75 x 0.75 x 0.5 x 0.657
    assert explanation_view("s", "o", found, numbers=True).suggestion.paths[0].insider_id == "i"


def test_reasons_never_tell_nor_show_what_the_other_said():
    evidence = worked(26, company="Initech", stated=True)

    def why(*theirs: dict[str, Any]) -> tuple[str, ...]:
        member = person("i", job(title="Developer"), introduces=True)
        made = engine(SEEKER, member, tie("s", "i", evidence, closeness(4)), tie("i", "s", *theirs))
        return made.suggestion("s", "o").paths[0].reasons

    expected = ("you said you know them well", "worked with you at Initech for 26 months")
    assert why() == expected
    assert why(closeness(3)) == why(closeness(5)) == expected
    assert why(address()) == expected


def test_without_a_path_a_member_reads_who_left_and_the_operator_when():
    made = engine(SEEKER, person("c", job(end="2020-05-01"), member=False), tie("s", "c", closeness(4)))
    found = questions.paths(made.network, made.state.people["s"], made.company("Initech", None))
    mine, operators = (paths_view(made.network, "s", "Initech", found, numbers=numbers) for numbers in (False, True))
    assert mine.reason == operators.reason == NO_PATH["left"]
    assert [one.model_dump(exclude_none=True) for one in mine.left_there] == [{"person_id": "c"}]
    assert [str(one.left) for one in operators.left_there] == ["2020-05-01"]


def test_discreet_holds_for_somebody_who_seeks_nothing():
    def found(**more: Any) -> int:
        made = engine(person("s", job(), **more), INSIDER, tie("s", "i", closeness(4)))
        return len(questions.paths(made.network, made.state.people["s"], made.company("Initech", None))[0])

    assert found() == found(seeking={}) == 0
    assert found(seeking={"discreet": False}) == 1


def test_a_seeker_reads_what_matches_and_what_is_missing_in_the_openings_words():
    made = engine(person("s", skills=["python"], seeking={"titles": ["Tester"]}), skills=["Python", "Kafka"])
    found, seen = questions.explain(made.network, "s", "o"), questions.beside(made.network, "s", "o")
    view = explanation_view("s", "o", found, seen, numbers=False)
    assert (view.opening.title, view.matched, view.missing) == ("Developer", ("Python",), ("Kafka",))
    assert questions.beside(made.network, "nobody", "o") is questions.beside(made.network, "s", "nothing") is None
