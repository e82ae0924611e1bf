"""`ask_next`: the literal reading, and the quick one that must give the same to the last digit."""

from contextlib import contextmanager

import pytest
from hypothesis import given

from services.matching.engine.ask_next import Gains, ask_next
from services.matching.engine.engine import Engine
from services.matching.rules import ask_next as definition
from services.matching.rules import bridge
from services.matching.rules.ask_next import RatingCandidate, is_unrated
from services.matching.rules.suggestions import all_suggestions
from tests.records import (
    Json,
    blocked,
    closeness,
    connected,
    contact,
    event_of,
    events_of,
    introduced,
    job,
    opening,
    person,
    tie,
    worked,
)
from tests.tiers import examples
from tests.unit.matching.engine.histories import MEMBERS, PEOPLE, TODAY, VOCABULARY, histories

WANTS = {"seeking": {"titles": ["Developer"]}}


def asked(*records: Json, n: int = 10, whom: str = "s") -> list[RatingCandidate]:
    """What both readings say."""
    engine = Engine(VOCABULARY, today=TODAY)
    engine.apply_all(events_of(opening("o"), *records))
    found = ask_next(engine.network, whom, n)
    assert found == definition.ask_next(engine.state, whom, n)
    return found


def names(*records: Json, n: int = 10) -> list[str]:
    return [tap.contact for tap in asked(*records, n=n)]


def test_the_gain_is_fit_times_the_difference_of_the_best_scores():
    listed = asked(person("s", **WANTS), contact("c", job()), tie("s", "c", connected()))
    assert listed == [RatingCandidate("c", 0.75 * 0.75 * 0.5 * 0.6 - 0.2 * 0.75 * 0.5 * 0.6)]


def test_the_gains_of_openings_are_added_in_the_order_of_their_ids():
    """With 0.1 + 0.2 + 0.3 in another order the last digit would differ."""
    before = {"a": 0.3, "b": 0.2, "c": 0.1}
    assert definition.gain({}, before) == (0.3 + 0.2) + 0.1 != (0.1 + 0.2) + 0.3
    assert definition.gain(before, {"a": 0.3, "b": 0.4}) == (0.4 - 0.2) - 0.1


def test_people_of_whom_one_has_own_evidence_may_be_asked_about_and_nobody_else():
    others = [
        contact("mine", job()), tie("s", "mine", connected()),
        contact("unlisted", job()),
        contact("theirs", job(), of="x"), tie("x", "theirs", connected()),
        person("member", job()), tie("s", "member", connected()),
        person("silent", job()), tie("s", "silent", introduced(0)),
        person("stranger", job()), tie("stranger", "s", closeness(5)),
    ]  # fmt: skip
    assert names(person("s", **WANTS), person("x"), *others) == ["member", "mine"]


def test_whom_one_has_rated_or_blocked_is_not_asked_about():
    people = [contact(name, job()) for name in "abc"]
    ties = [tie("s", "a", closeness(1)), tie("s", "b", blocked()), tie("s", "c", connected())]
    assert names(person("s", **WANTS), *people, *ties) == ["c"]


def test_a_contact_who_helps_with_nothing_is_left_out():
    """Elsewhere, at one's own employer while discreet, or known better already than 4 would say."""
    known = [connected(), introduced(3), worked(99, stated=True)]
    told = [
        person("s", job("Hooli"), **WANTS), contact("a", job()), tie("s", "a", *known),
        contact("b", job("Globex")), tie("s", "b", connected()),
        contact("c", job("Hooli"), job()), tie("s", "c", connected()),
    ]  # fmt: skip
    assert names(*told) == []


def test_equal_gains_go_by_id_and_only_the_first_n_are_named():
    people = [each for name in "dacb" for each in (contact(name, job()), tie("s", name, connected()))]
    assert names(person("s", **WANTS), *people, n=3) == ["a", "b", "c"]
    assert names(person("s", **WANTS), *people, n=0) == []


def test_a_member_who_knows_an_insider_may_be_worth_more_than_a_stranger_there():
    both = [tie("s", "j", connected()), tie("j", "s", closeness(5)), tie("j", "i", closeness(5))]
    told = [person("s", **WANTS), person("j", introduces=True), contact("i", job(), of="j"), *both]
    assert [tap.contact for tap in asked(*told)] == ["j"]


def test_who_promises_most_comes_after_who_adds_more():
    """Of the two whom `m` knows, `i` is known better, and wants no path with `s`."""
    told = [
        person("s", **WANTS), person("m", introduces=True), tie("s", "m", connected()), tie("m", "s", closeness(5)),
        person("i", job(), introduces=True), tie("m", "i", worked(24, stated=True)), tie("i", "s", blocked()),
        contact("j", job(), of="m"), tie("m", "j", closeness(5)),
        opening("p", "Globex"), contact("c", job("Globex")), tie("s", "c", connected(), introduced(2)),
    ]  # fmt: skip
    first, second = asked(*told)
    assert (first.contact, second.contact) == ("c", "m")
    assert asked(*told, n=1) == [first]


@pytest.mark.parametrize("whom", ["nobody", "idle", "contact"])
def test_who_seeks_nothing_is_asked_nothing(whom):
    mine = [contact(f"c-{owner}", job(), of=owner) for owner in ("idle", "contact")]
    ties = [tie(owner, f"c-{owner}", connected()) for owner in ("idle", "contact")]
    assert asked(person("idle"), person("contact", member=False, **WANTS), *mine, *ties, whom=whom) == []


def test_before_the_day_is_known_nothing_is_asked():
    engine = Engine(VOCABULARY)
    engine.apply_all(events_of(opening("o"), person("s", **WANTS), contact("c", job()), tie("s", "c", connected())))
    assert ask_next(engine.network, "s", 9) == definition.ask_next(engine.state, "s", 9) == []


def test_who_is_tied_already_counts_in_bridges_before_and_after(monkeypatch):
    """`x` knows both; saying 4 moves the tie and not the bridge."""
    monkeypatch.setattr(bridge, "FEW_TIES", 2)
    told = [
        person("s", **WANTS), person("i", job()), tie("s", "i", connected()), person("x"), tie("i", "x", connected()),
        tie("s", "x", connected()),
    ]  # fmt: skip
    known = bridge.bridge(1)
    assert asked(*told) == [RatingCandidate("i", 0.75 * known * 0.5 * 0.6 - 0.2 * known * 0.5 * 0.6)]


def test_whom_a_veto_keeps_off_is_not_worth_rating():
    told = [person("s", **WANTS), person("m", job()), tie("s", "m", connected())]
    assert names(*told, tie("m", "s", closeness(3))) == ["m"]
    assert names(*told, tie("m", "s", closeness(2))) == []


@contextmanager
def engine_after(history):
    """An engine that has heard all of it, in a world where two ties are few."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge, "FEW_TIES", 2)
        engine = Engine(VOCABULARY)
        engine.apply_all(history)
        yield engine


@examples(60)
@given(histories())
def test_the_quick_reading_gives_what_the_literal_one_gives(history):
    with engine_after(history) as engine:
        for member in MEMBERS:
            everybody = definition.ask_next(engine.state, member, len(PEOPLE))
            for n in (1, 2, len(PEOPLE)):  # it stops early where fewer are wanted than there are
                assert ask_next(engine.network, member, n) == engine.ask_next(member, n) == everybody[:n]


@examples(60)
@given(histories())
def test_nobody_adds_more_than_what_they_are_looked_at_for(history):
    with engine_after(history) as engine:
        for seeker in [one for one in engine.state.people.values() if one.seeks and engine.state.today]:
            fitting = [(one, 1.0) for one in engine.state.openings.values()]
            gains = Gains(engine.network, seeker, fitting, engine.network.insiders)
            for one in gains.contacts():
                assert gains.most(one) >= gains.gain(one) or not is_unrated(engine.state, seeker.id, one)


@examples(40)
@given(histories())
def test_a_gain_is_what_the_suggestions_gain_once_the_word_is_said(history):
    """Not supposed, but told: the record with 4 in it, taken in by an engine."""
    engine = Engine(VOCABULARY)
    engine.apply_all(history)
    for tap in ask_next(engine.network, "m0", len(PEOPLE)):
        evidence = [*(one.model_dump() for one in engine.state.side("m0", tap.contact)), closeness(4)]
        said = Engine(VOCABULARY)
        said.apply_all([*history, event_of(tie("m0", tap.contact, *evidence), 99)])
        assert definition.gain(sums(engine), sums(said)) == tap.gain


def sums(engine: Engine) -> dict[str, float]:
    live = all_suggestions(engine.state)
    return {posting: s.fit * s.paths[0].score for (seeker, posting), s in live.items() if seeker == "m0"}
