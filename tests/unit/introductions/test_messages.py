"""Which messages are still to be said, to whom, in each state."""

from typing import get_args

import pytest

from services.introductions.messages import Kind, is_to_be_said
from services.introductions.transitions import Origin, Outcome, State, Who
from tests.unit.introductions.test_transitions import PEOPLE, town_in
from tests.unit.introductions.town import day

SEEKER, INTRODUCER, TARGET = PEOPLE
EVERYBODY = {("introduced", who) for who in PEOPLE}
ENDED = {("ended", SEEKER), ("ended", INTRODUCER)}


@pytest.mark.parametrize(
    ("state", "origin", "said"),
    [
        (State.REQUESTED, Origin.ASK, set()),
        (State.REQUESTED, Origin.OFFER, {("offer", SEEKER)}),
        (State.ASKED, Origin.ASK, {("introduction_asked", INTRODUCER)}),
        (State.ACCEPTED, Origin.ASK, {("target_asked", TARGET), ("agreed", SEEKER)}),
        (State.ACCEPTED, Origin.OFFER, {("target_asked", TARGET), ("agreed", INTRODUCER)}),
        (State.INTRODUCED, Origin.ASK, EVERYBODY | {("outcome_question", SEEKER)}),
        (State.CLOSED, Origin.ASK, {("outcome", INTRODUCER), ("outcome", TARGET)}),
        (State.EXPIRED, Origin.ASK, ENDED | {("ended", TARGET)}),
        (State.DECLINED, Origin.ASK, {("ended", SEEKER), ("ended", TARGET)}),
        (State.DECLINED, Origin.OFFER, {("ended", INTRODUCER), ("ended", TARGET)}),
    ],
)
def test_what_is_to_be_said_in_each_state(state: State, origin: Origin, said: set[tuple[str, Who]]):
    town, one = town_in(state, origin)
    found = {(kind, who) for kind in get_args(Kind) for who in PEOPLE if is_to_be_said(town[one], who, kind, town.now)}
    assert found == said


def test_who_has_answered_quietly_is_told_nothing_more_and_others_the_same():
    town, one = town_in(State.ACCEPTED)
    before = {who: is_to_be_said(town[one], who, "agreed", day(1)) for who in PEOPLE}
    town.answer(one, TARGET, "no")
    assert not is_to_be_said(town[one], TARGET, "target_asked", day(1))
    assert not is_to_be_said(town[one], TARGET, "reminder", day(5))
    assert {who: is_to_be_said(town[one], who, "agreed", day(1)) for who in PEOPLE} == before
    town.tick(day(8))
    assert not is_to_be_said(town[one], TARGET, "ended", day(8))
    assert is_to_be_said(town[one], SEEKER, "ended", day(8))


def test_the_writer_is_reminded_in_place_of_who_is_written_to():
    town, one = town_in(State.ASKED, leg="hand")
    town.answer(one, INTRODUCER, "not_now", quietly=True)
    reminded = {who for who in PEOPLE if is_to_be_said(town[one], who, "reminder", day(4))}
    assert reminded == {SEEKER}
    assert town[one].outcome is not Outcome.UNKNOWN


def test_nobody_is_reminded_while_a_yes_waits_for_room():
    town, one = town_in(State.ASKED)
    assert is_to_be_said(town[one], INTRODUCER, "reminder", day(4))
    assert not is_to_be_said(town[one], INTRODUCER, "reminder", day(3.99))
    town.limits["ida"] = type(town.person("mei").limits)(asks_a_month=0)
    town.answer(one, INTRODUCER, "yes")
    assert not is_to_be_said(town[one], INTRODUCER, "reminder", day(4))
