"""Who sees what, and what people owe each other."""

from dataclasses import replace
from itertools import product

import pytest

from services.introductions import balance, commands, disclosure, views
from services.introductions.balance import Incoming, Record
from services.introductions.disclosure import Phase, Shown
from services.introductions.introduction import Introduction
from services.introductions.transitions import Origin, Outcome, State
from services.introductions.views import Facts
from tests.unit.introductions.test_transitions import PEOPLE, STATES, town_in
from tests.unit.introductions.town import Town, day, opening

SEEKER, INTRODUCER, TARGET = PEOPLE


def test_the_target_is_shown_to_the_seeker_from_the_introduction_on_only():
    early = (Phase.OFFERED, Phase.REQUESTED, Phase.ASKED, Phase.ACCEPTED, Phase.ENDED)
    for phase in early:
        assert not disclosure.TABLE[SEEKER, phase] & {Shown.TARGET, Shown.CONTACT}
    assert Shown.TARGET in disclosure.TABLE[SEEKER, Phase.INTRODUCED]


@pytest.mark.parametrize(("state", "origin"), STATES)
def test_whoever_it_never_reached_is_shown_nothing(state: State, origin: Origin):
    town, one = town_in(state, origin)
    unasked = {
        INTRODUCER: state == State.REQUESTED and origin == Origin.ASK,
        TARGET: town[one].at(State.ACCEPTED) is None,
        SEEKER: False,
    }
    for who in PEOPLE:
        assert (not disclosure.shown(town[one], who)) == unasked[who]
        assert disclosure.is_visible(town[one], who) != unasked[who]


@pytest.mark.parametrize("quietly", [True, False], ids=["a quiet no", "nobody answers"])
def test_whom_a_seeker_named_next_changes_with_nothing_that_they_do_not_know(quietly: bool):
    town = Town()
    for introducer in ("mei", "kai", "lea"):
        town.path("amara", introducer)
    one = town.ask("amara", "mei", "kai", "lea")
    if quietly:
        town.answer(one, INTRODUCER, "not_well", quietly=True)

    def left() -> list[list[str]]:
        mine = sorted(town.introductions.values(), key=lambda each: each.begun_at)
        shown = [views.view(each, SEEKER, Facts(), town.now).next_introducers for each in mine]
        return [[person.id for person in people or ()] for people in shown]

    assert left() == [["kai", "lea"]]
    town.tick(day(7.9))
    assert left() == [["kai", "lea"]]
    town.tick(day(8.1))
    assert left() == [[], ["lea"]]
    town.now = day(22.1)
    assert left() == [[], []], "nobody is asked any more after three weeks"
    for who in (INTRODUCER, TARGET):
        assert all(views.view(each, who, Facts(), day(2)).next_introducers is None for each in [one, town[one]])


def test_every_phase_and_part_has_a_row_but_those_who_are_shown_nothing():
    missing = {pair for pair in product(PEOPLE, Phase) if pair not in disclosure.TABLE}
    assert missing == {
        (INTRODUCER, Phase.REQUESTED),
        (TARGET, Phase.OFFERED),
        (TARGET, Phase.REQUESTED),
        (TARGET, Phase.ASKED),
    }


def test_notes_and_records_are_gone_once_it_has_ended():
    for who, phase in product(PEOPLE, (Phase.ENDED, Phase.CLOSED)):
        assert not disclosure.TABLE[who, phase] & {Shown.NOTE, Shown.RECORD, Shown.WHY}


def test_a_hidden_offer_is_not_there_for_the_seeker():
    town, one = town_in(State.REQUESTED, Origin.OFFER)
    hidden = replace(town[one], hidden=True)
    assert disclosure.shown(hidden, SEEKER) == frozenset()
    assert disclosure.is_visible(hidden, INTRODUCER)


@pytest.mark.parametrize("state", [State.ASKED, State.ACCEPTED])
def test_ends_out_of_one_state_read_alike_for_the_seeker(state: State):
    def decline(town: Town, one: Introduction) -> None:
        town.answer(one, INTRODUCER, "not_well", quietly=True)

    def refuse(town: Town, one: Introduction) -> None:
        town.answer(one, TARGET, "no")

    def say_nothing(*_: object) -> None:
        pass

    ways = [decline, say_nothing, *([refuse] if state == State.ACCEPTED else [])]
    seen = []
    for way in ways:
        town, one = town_in(state)
        way(town, one)
        town.tick(day(8))
        now = town[one]
        seen.append(
            (
                disclosure.state_for(now, SEEKER),
                disclosure.sentence(now, SEEKER),
                disclosure.shown(now, SEEKER),
                now.ended_at,
            )
        )
    assert seen == [seen[0]] * len(ways)
    assert seen[0][1] == disclosure.ENDED_SENTENCE


def test_ends_by_the_system_name_no_reason():
    town, one = town_in(State.ASKED)
    town.unwilling.add("mei")
    town.tick()
    assert disclosure.sentence(town[one], SEEKER) == disclosure.NO_LONGER_SENTENCE
    assert disclosure.standing(town[one], SEEKER) == "it has ended"


def ended(town: Town, number: int, *, outcome: Outcome | None) -> None:
    """Another ask of Amara's that ended so; None: it expired."""
    about = opening(f"o{number}")
    town.path("amara", f"i{number}", about=about)
    one = town.ask("amara", f"i{number}", about=about)
    if outcome is not None:
        town.answer(one, INTRODUCER, "yes")
        town.answer(one, TARGET, "yes")
        if outcome != Outcome.UNKNOWN:
            town.do(commands.tell, one, SEEKER, outcome)


def test_a_seekers_record_looks_at_the_last_ten():
    town = Town()
    for number in range(8):
        town.now = day(1 + 10 * number)
        ended(town, number, outcome=None if number % 2 else Outcome.NOTHING)
        town.now = day(8 + 10 * number)
        town.tick()
    assert balance.record(town.introductions.values()) == Record(asks=8, introduced=4, closed=4, told=4)
    for number in range(8, 12):
        town.now = day(1 + 10 * number)
        ended(town, number, outcome=Outcome.UNKNOWN)
        town.tick(day(400 + 100 * number))
    assert balance.record(town.introductions.values()) == Record(asks=10, introduced=7, closed=7, told=3)
    assert not balance.record(town.introductions.values()).closes_well


def test_what_says_nothing_of_the_seeker_is_left_out_of_their_record():
    town = Town()
    for number, outcome in enumerate(
        (Outcome.OPENING_CLOSED, Outcome.ERASED, Outcome.NO_LONGER_POSSIBLE, Outcome.NO_ROOM)
    ):
        about = opening(f"o{number}")
        town.path("amara", f"i{number}", about=about)
        one = town.ask("amara", f"i{number}", about=about)
        if outcome != Outcome.NO_ROOM:
            town.introductions[one.id] = one.moved(State.CLOSED, town.now, outcome)
    town.path("amara", "mei")
    town.answer(town.ask("amara", "mei"), INTRODUCER, "yes", counts=False)
    assert balance.record(town.introductions.values()) == Record()
    assert Record().is_new


def test_the_ledger_counts_pairwise_and_only_what_is_known_to_be_their_own_word():
    town = Town()
    for number, counts in enumerate((True, False)):
        about = opening(f"o{number}")
        town.path("amara", "mei", about=about)
        town.now = day(1 + 100 * number)
        one = town.ask("amara", "mei", about=about)
        town.answer(one, INTRODUCER, "yes")
        town.answer(one, TARGET, "yes", counts=counts)
        town.tick(town.now + (day(70) - day(1)))
    assert balance.given(town.introductions.values(), "mei", "amara") == 1


def test_incoming_asks_are_ordered_by_what_both_gain():
    def ask(name: str, value: int, *good: bool) -> Incoming:
        gave, closes, introduces = (*good, False, False, False)[:3]
        return Incoming(name, value, gave, closes, introduces, day(8))

    asks = [ask("a", 1000), ask("b", 600, True), ask("c", 400, True, True), ask("d", 300, True, True, True)]
    assert [one.id for one in balance.in_order(asks)] == ["b", "c", "d", "a"]
    assert balance.in_order([ask("x", 0), replace(ask("y", 0), due_at=day(7))])[0].id == "y"
