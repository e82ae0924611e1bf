"""Messages on both sides: what notifications plans by the record alone is said, unless somebody answered."""

from datetime import timedelta
from typing import get_args

import pytest

from services.introductions import commands, disclosure, rows
from services.introductions.messages import Kind, is_to_be_said
from services.introductions.transitions import ENDED, Origin, State, Who
from services.introductions.views import IntroductionView
from services.notifications.introductions_client import Message
from services.notifications.notices import NoticeKind, notices
from tests.unit.introductions.test_transitions import PEOPLE, STATES, town_in
from tests.unit.introductions.town import Town, day

SEEKER, INTRODUCER, TARGET = PEOPLE
KINDS = get_args(Kind)


def planned(one) -> list[tuple[str, Who, object]]:
    """(kind, to whom, when) as notifications plans it."""
    who = {one.person(each): each for each in PEOPLE}
    return [(each.kind, who[each.member_id], each.due_at) for each in notices(rows.record(one, 1))]


def said(town: Town, one) -> set[tuple[str, Who]]:
    """All that may be said now, to who may know that it is there."""
    there = [who for who in PEOPLE if disclosure.is_visible(town[one], who)]
    return {(kind, who) for kind in KINDS for who in there if is_to_be_said(town[one], who, kind, town.now)}


@pytest.mark.parametrize(("state", "origin"), STATES)
def test_what_is_planned_is_said_when_it_is_due_but_to_who_ended_it(state: State, origin: Origin):
    town, one = town_in(state, origin)
    for kind, who, due_at in planned(town[one]):
        ended_it = kind == "ended" and town[one].answers.get(who) not in {None, "yes"}
        assert is_to_be_said(town[one], who, kind, due_at) != ended_it, (kind, who)
        assert kind != "reminder" or not is_to_be_said(town[one], who, kind, due_at - timedelta(minutes=2))


@pytest.mark.parametrize(("state", "origin"), STATES)
def test_what_has_ended_calls_for_news_alone(state: State, origin: Origin):
    town, one = town_in(state, origin)
    news = {"outcome", "ended"}
    assert all((kind in news) == (state in ENDED) for kind, _ in said(town, one))


def asked() -> tuple[Town, object]:
    town = Town()
    town.path("amara", "mei")
    return town, town.ask("amara", "mei")


def test_a_quiet_answer_ends_what_is_said_to_the_answerer_and_changes_nothing_else():
    quiet, one = asked()
    silent, _ = asked()
    quiet.now = silent.now = day(2)
    quiet.answer(one, INTRODUCER, "not_now", quietly=True)
    for number in (2, 4.5, 7.9):
        quiet.tick(day(number))
        silent.tick(day(number))
        here, there = said(quiet, one), said(silent, one)
        assert {each for each in here if each[1] != INTRODUCER} == {each for each in there if each[1] != INTRODUCER}
        assert not {each for each in here if each[1] == INTRODUCER}
        assert ("introduction_asked", INTRODUCER) in there
        assert planned(quiet[one]) == planned(silent[one])
    quiet.tick(day(8))
    silent.tick(day(8))
    assert said(quiet, one) == {("ended", SEEKER)}
    assert said(silent, one) == {("ended", SEEKER), ("ended", INTRODUCER)}


def test_the_targets_quiet_no_looks_like_silence_to_the_others():
    worlds = []
    for quietly in (True, False):
        town, one = asked()
        town.now = day(2)
        town.answer(one, INTRODUCER, "yes")
        town.now = day(3)
        if quietly:
            town.answer(one, TARGET, "no")
        worlds.append((town, one))
    for number in (3, 5.5, 8.9, 9):
        seen = []
        for town, one in worlds:
            town.tick(day(number))
            seen.append({each for each in said(town, one) if each[1] != TARGET})
        assert seen[0] == seen[1]
    assert said(*worlds[0]) == {("ended", SEEKER), ("ended", INTRODUCER)}


def test_how_did_it_go_is_not_asked_once_it_was_told():
    town, one = town_in(State.INTRODUCED, Origin.ASK)
    assert ("outcome_question", SEEKER) in said(town, one)
    town.do(commands.tell, one, SEEKER, commands.TOLD[1])
    assert said(town, one) == {("outcome", INTRODUCER), ("outcome", TARGET)}


def test_who_withdrew_is_not_told_that_it_has_ended():
    town, one = asked()
    town.do(commands.withdraw, one, SEEKER)
    assert said(town, one) >= {("ended", INTRODUCER)}
    assert SEEKER not in {who for _, who, _ in planned(town[one])}


def test_both_sides_know_the_same_kinds_and_what_is_read_is_in_the_view():
    assert {*get_args(Kind)} == {*get_args(NoticeKind)} - {"keep_in_touch"}
    assert Message.model_fields.keys() - {"people"} <= IntroductionView.model_fields.keys()
