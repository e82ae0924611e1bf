"""Section 7.2: duplicates, stale records and tombstones; and the step in which a change is told."""

import numpy as np
import pytest

from services.matching.engine.columns import store
from services.matching.engine.engine import Engine, Event
from services.matching.rules import bridge
from services.matching.rules.numbers import two_digits, whole_percent
from tests.records import Json, blocked, closeness, event, event_of, events_of, job, opening, person, tie
from tests.unit.matching.engine.histories import TODAY, VOCABULARY

OPENING = opening("o")
SEEKER = person("s", seeking={"titles": ["Developer"]})
INSIDER = person("i", job(), introduces=True)
TIE = tie("s", "i", closeness(4))
FIRST = events_of(OPENING, SEEKER, INSIDER, TIE, version=5)


def engine() -> Engine:
    made = Engine(VOCABULARY, today=TODAY)
    [change] = made.apply_all(FIRST)
    assert change.cause == "opening"
    return made


def score(made: Engine) -> float | None:
    found = made.suggestion("s", "o")
    return None if found is None else found.paths[0].score


CHANGES: list[tuple[str, str, Json | None]] = [
    ("people.v1", "i", None),
    ("people.v1", "i", {**INSIDER, "employments": []}),
    ("people.v1", "s", {**SEEKER, "seeking": None}),
    ("ties.v1", "s:i", None),
    ("ties.v1", "s:i", tie("s", "i", blocked())),
    ("postings.v1", "o", None),
    ("postings.v1", "o", {**OPENING, "status": "closed"}),
]


@pytest.mark.parametrize(("topic", "key", "value"), CHANGES)
def test_only_a_newer_version_counts_and_then_in_the_same_step(topic, key, value):
    made = engine()
    for version in (4, 5):
        assert made.apply(event(topic, key, value, version)) == []
    [change] = made.apply(event(topic, key, value, 6))
    assert (change.seeker, change.posting) == ("s", "o")
    assert made.current([change]) == [None]
    assert change.cause == ("opening" if topic == "postings.v1" else "network")


@pytest.mark.parametrize("original", FIRST, ids=lambda one: one.topic)
def test_a_tombstone_of_a_higher_version_is_final_for_older_ones(original: Event):
    made = engine()
    made.apply(Event(original.topic, original.key, None, 7))
    for version in (5, 6, 7):
        assert made.apply(Event(original.topic, original.key, original.value, version)) == []
    [change] = made.apply(Event(original.topic, original.key, original.value, 8))
    assert made.current([change]) != [None]


def test_a_stale_tombstone_is_dropped():
    made = engine()
    assert made.apply(Event("people.v1", "i", None, 5)) == []
    assert score(made) is not None


def test_the_day_only_moves_forward():
    made = engine()
    made.apply(event_of({"day": "2026-04-01"}, 1))
    made.apply(event_of({"day": "2026-03-15"}, 2))
    assert made.state.today.isoformat() == "2026-04-01"


def test_a_bonus_changes_nothing():
    made = engine()
    assert made.apply(event_of(opening("o", referral_bonus="10000 EUR"), 6)) == []


def test_nothing_is_said_before_the_day_is_known_and_all_when_it_comes():
    made = Engine(VOCABULARY)
    assert made.apply_all(FIRST) == []
    [change] = made.apply(event_of({"day": "2026-03-01"}))
    assert made.current([change]) != [None]


def test_a_value_under_a_foreign_key_is_refused():
    with pytest.raises(ValueError, match="the key is not the id in the value"):
        engine().apply(event("people.v1", "x", SEEKER, 9))


@pytest.mark.parametrize(
    ("score", "shown"),
    [(0.28125, 0.28), (0.125, 0.12), (0.375, 0.38), (0.0625, 0.062), (0.999, 1.0), (0.00012345, 0.00012)],
)
def test_scores_are_shown_to_two_significant_digits_half_to_even(score, shown):
    assert two_digits(score) == shown


@pytest.mark.parametrize(("fit", "shown"), [(0.505, 50), (0.515, 52), (0.8125, 81), (0.5051, 51), (1.0, 100)])
def test_fit_is_shown_in_whole_percents_half_to_even(fit, shown):
    assert whole_percent(fit) == shown


def test_how_many_people_know_both_changes_a_suggestion_from_step_to_step_only(monkeypatch):
    """Where the score stays: with the same B for any m."""
    monkeypatch.setattr(bridge, "FEW_TIES", 1)
    monkeypatch.setattr(store, "BRIDGES", np.full(4, 7500, np.uint16))
    made, changed_at = engine(), []
    for m in range(1, 23):
        known = events_of(person(f"m{m}"), *(tie(one, f"m{m}", closeness(4)) for one in "si"))
        changed_at += [m] if made.apply_all(known) else []
    assert changed_at == [1, 5, 10, 20]
    assert made.suggestion("s", "o").paths[0].reasons[-1] == "20 or more people know you both"
