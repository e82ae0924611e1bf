"""Section 5, the rest: what the record says and what people see of it."""

import json
from typing import Any
from uuid import UUID, uuid5

import pytest

from services.matching.answers import band
from services.matching.engine.engine import Engine
from services.matching.engine.replay import Reader
from services.matching.rules.numbers import whole_percent
from services.matching.rules.suggestions import Suggestion
from shared.events.suggestions import SUGGESTIONS, suggestion_id
from tests.records import address, closeness, connected, introduced, messages, worked
from tests.unit.matching.rules.test_bridge_and_help import crowd
from tests.unit.matching.rules.worlds import TODAY, WORDS, World, between, direct, job
from tests.unit.matching.stream.reference_record import record_of


def told(world: World) -> Engine:
    engine, reader = Engine(WORDS, today=TODAY), Reader()
    engine.apply_all([reader.event(line) for line in world.lines])
    return engine


def only(world: World) -> Suggestion:
    (suggestion,) = told(world).suggestions().values()
    return suggestion


def record(world: World) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(record_of(only(world), 1).to_json())
    return value


def why(world: World) -> tuple[str, ...]:
    return only(world).paths[0].reasons


def reasons(world: World) -> str:
    return "; ".join(why(world))


def test_the_id_is_a_uuid5_of_seeker_and_posting() -> None:
    assert record(direct())["suggestion_id"] == str(uuid5(SUGGESTIONS, "s/p")) == suggestion_id("s", "p")
    assert UUID(suggestion_id("s", "p")).version == 5


@pytest.mark.parametrize(("skills", "fit", "percent"), [(3, 0.7353, 74), (2, 0.6471, 65)])
def test_the_record_says_the_fit_in_whole_percents(skills: int, fit: float, percent: int) -> None:
    # 5 of 8: (0.375 + 0.25)/0.85 = 0.735294; 4 of 8: 0.647058
    named = [f"skill {n}" for n in range(8)]
    world = direct().seeker(has=tuple(named[: skills + 2])).posting(skills=named)
    assert (only(world).fit, record(world)["fit"]) == (fit, percent)


def test_a_half_percent_goes_to_the_even_one() -> None:
    # half way between 52 and 53, and between 53 and 54
    assert (whole_percent(0.525), whole_percent(0.535), whole_percent(0.5349)) == (52, 54, 53)
    # (0.60 · 0.5 + 0.25 · 0.5 + 0.15 · 2/3) = 0.525 -> 52
    world = direct().seeker(has=("js", "x"), titles=["fitter"], seniority="mid")
    world.posting(skills=["js", "welding", "x", "y"], seniority="junior")
    assert (only(world).fit, record(world)["fit"]) == (0.525, 52)


def test_the_record_says_scores_to_two_significant_digits() -> None:
    # 0.75 · 0.75 · 0.5 = 0.28125 -> 0.28; 0.1 · 0.75 · 0.5 = 0.0375 -> 0.038
    assert record(direct())["paths"][0]["score"] == 0.28
    assert record(direct(address()))["paths"][0]["score"] == 0.038


def test_half_a_digit_of_a_score_goes_to_the_even_one() -> None:
    # ten mutual contacts, both say 3, left today: 0.5 · 1.0 · 0.5 · 0.5 = 0.125 exactly -> 0.12
    world = crowd(10).both("s", "i", 3).person("i", job(end=TODAY.isoformat()))
    assert only(world).paths[0].score == 0.125
    assert record(world)["paths"][0]["score"] == 0.12


def test_the_record_holds_introducers_in_order_with_label_and_how_to_ask() -> None:
    world = direct().contact("h", job()).tie("s", "h", connected())
    paths = record(world)["paths"]
    assert [(p["introducer_id"], p["label"], p["ask"]) for p in paths] == [
        ("i", "warm", "hand"),
        ("h", "possible", "hand"),
    ]


def test_nothing_new_is_said_when_only_more_digits_differ() -> None:
    # 0.2 · 0.375 = 0.075; over a list of 501: 0.1998 · 0.375 = 0.0749, and both read 0.075
    assert record(direct(connected(500)))["paths"] == record(direct(connected(501)))["paths"]


def test_nothing_left_to_say_is_a_withdrawal() -> None:
    world = direct()
    engine, reader = Engine(WORDS, today=TODAY), Reader()
    engine.apply_all([reader.event(line) for line in world.lines])
    already = len(world.lines)
    world.posting(status="closed")
    changes = engine.apply_all([reader.event(line) for line in world.lines[already:]])
    assert [(c.seeker, c.posting) for c in changes] == [("s", "p")]
    assert engine.current(changes) == [None]


def test_reasons_say_how_long_two_worked_together_and_where() -> None:
    assert why(direct(worked(26, stated=True))) == ("worked with you at Acme for 26 months",)


def test_reasons_tell_months_and_counts_only_where_they_are_in_the_readers_own_evidence() -> None:
    world = World().seeker().person("i", job(), introduces=True).posting().tie("s", "i", address())
    world.tie("i", "s", worked(26, stated=True), messages(9, 8), introduced(2), connected())
    assert why(world) == (
        "worked with you at Acme",
        "wrote to each other",
        "an introduction between you went well",
        "connected with you on LinkedIn",
        "you have their address",
    )
    world.tie("s", "i", worked(26), messages(3, 5), introduced(1), connected())
    assert why(world) == (
        "worked with you at Acme",  # what both employments overlap by, the reader did not state
        "wrote to each other, 3 messages or more each way",
        "1 introduction between you went well",
        "connected with you on LinkedIn",
    )


def test_what_the_reader_states_is_told_whatever_weighs_more() -> None:
    # or, varying their own months, they would see where the other's begin to count
    world = World().seeker().person("i", job(), introduces=True).posting()
    world.tie("i", "s", worked(20, stated=True) | {"company": "Globex"})
    for months in (1, 19, 21):
        world.tie("s", "i", worked(months, stated=True), worked(40) | {"company": "Hooli"})
        assert why(world) == (f"worked with you at Acme for {months} month{'s' * (months > 1)}",)
    for months in (1, 40):  # nor by varying their own employments
        world.tie("s", "i", worked(0, stated=True), worked(months) | {"company": "Hooli"})
        assert why(world) == ("worked with you at Hooli",)
    world.tie("s", "i", worked(0, stated=True), address())
    assert why(world)[0] == "worked with you at Globex"


@pytest.mark.parametrize(
    ("m", "words"),
    [
        (0, None),
        (1, "1 to 4"),
        (4, "1 to 4"),
        (5, "5 to 9"),
        (9, "5 to 9"),
        (10, "10 to 19"),
        (19, "10 to 19"),
        (20, "20 or more"),
    ],
)
def test_reasons_say_in_steps_how_many_people_know_both(m: int, words: str | None) -> None:
    world = World().seeker().person("i", job()).posting().both("s", "i")
    for n in range(29):
        world.person(f"m{n}").tie("s", f"m{n}", closeness(3))
        world.person(f"m{n}").tie("i", f"m{n}" if n < m else f"n{n}", closeness(3)).person(f"n{n}")
    assert why(world)[1:] == (() if words is None else (f"{words} people know you both",))


def test_reasons_say_nothing_of_mutual_contacts_where_they_did_not_count() -> None:
    world = World().seeker().person("i", job()).posting().both("s", "i")
    for n in range(28):  # with each other 29 ties: one too few
        world.person(f"m{n}").tie("s", f"m{n}", closeness(3)).tie("i", f"m{n}", closeness(3))
    assert len(why(world)) == 1


def test_reasons_name_only_what_was_used() -> None:
    said = reasons(direct(worked(0, stated=True), messages(4, 0), address()))
    assert "worked" not in said
    assert "wrote" not in said


def test_nobody_learns_anothers_closeness() -> None:
    # Whatever j says of s and of i, s reads the same words, as long as the path is there.
    told_by = {reasons(between().tie("j", "s", closeness(v), introduced(2))) for v in (3, 4, 5)}
    told_of = {reasons(between(j_i=v)) for v in (3, 4, 5)}
    assert len(told_by) == len(told_of) == 1


def test_reasons_of_a_path_with_one_between_say_nothing_of_the_insider() -> None:
    known = between().tie("j", "i", closeness(4), worked(26, stated=True), messages(9, 9), introduced(2))
    assert reasons(known) == reasons(between())


@pytest.mark.parametrize(
    ("score", "word"),
    [(0.15, "strong"), (0.9, "strong"), (0.1499, "good"), (0.05, "good"), (0.0499, "faint"), (0.0001, "faint")],
)
def test_people_see_bands(score: float, word: str) -> None:
    assert band(score) == word


def test_a_referral_bonus_changes_no_byte_of_the_record() -> None:
    assert record(direct().posting(referral_bonus="5000 EUR")) == record(direct())
