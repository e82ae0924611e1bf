"""The histories that were worked out by hand."""

import pytest

from services.introductions import balance, commands, disclosure
from services.introductions.domain import LimitError, NotPossibleError
from services.introductions.limits import Limits
from services.introductions.transitions import Outcome, State, Who
from tests.unit.introductions.town import Town, day, opening

SEEKER, INTRODUCER, TARGET = Who.SEEKER, Who.INTRODUCER, Who.TARGET


def seen_by_seeker(town: Town, seeker: str = "amara") -> list[object]:
    mine = [one for one in town.introductions.values() if one.seeker_id == seeker]
    return [
        (
            one.id,
            disclosure.state_for(one, SEEKER),
            disclosure.sentence(one, SEEKER),
            sorted(disclosure.shown(one, SEEKER)),
            [step.at for step in one.history],
            one.due_at,
            commands.possible(one, SEEKER, town.now),
        )
        for one in mine
    ]


def asked_mei_then_kai() -> tuple[Town, object]:
    town = Town()
    town.path("amara", "mei")
    town.path("amara", "kai")
    town.path("amara", "mei", about=opening("o2"))
    return town, town.ask("amara", "mei", "kai")


def test_a_quiet_decline_is_silent_until_its_deadline_and_then_the_next_is_asked():
    quiet, ask = asked_mei_then_kai()
    silent, _ = asked_mei_then_kai()
    quiet.now = silent.now = day(2)
    quiet.answer(ask, INTRODUCER, "not_now", quietly=True)
    for number in (2, 4.5, 7.9):
        quiet.tick(day(number))
        silent.tick(day(number))
        assert quiet[ask].state == State.ASKED
        assert seen_by_seeker(quiet) == seen_by_seeker(silent)
        for town in (quiet, silent):
            with pytest.raises(LimitError):
                town.ask("amara", "mei", about=opening("o2"))
            with pytest.raises(LimitError):
                town.ask("amara", "kai")
    assert commands.possible(quiet[ask], INTRODUCER, quiet.now) == ()
    quiet.tick(day(8))
    silent.tick(day(8))
    assert quiet.states() == [("mei", State.DECLINED), ("kai", State.ASKED)]
    assert silent.states() == [("mei", State.EXPIRED), ("kai", State.ASKED)]
    assert seen_by_seeker(quiet) == seen_by_seeker(silent)


def test_an_introduction_that_went_well():
    town = Town()
    town.path("amara", "mei")
    ask = town.ask("amara", "mei")
    town.now = day(2)
    town.answer(ask, INTRODUCER, "yes")
    town.now = day(3)
    town.answer(ask, TARGET, "yes", contact="ida@initech.example")
    assert town[ask].state == State.INTRODUCED
    town.now = day(24)
    town.do(commands.tell, ask, SEEKER, Outcome.TALKED)
    town.now = day(200)
    town.do(commands.tell, ask, SEEKER, Outcome.HIRED)
    town.now = day(201)
    with pytest.raises(NotPossibleError):
        town.do(commands.tell, ask, SEEKER, Outcome.TALKED)
    town.do(commands.tell, ask, SEEKER, Outcome.HIRED)  # said again
    assert town[ask].outcome == Outcome.HIRED
    assert balance.given(town.introductions.values(), "mei", "amara") == 1
    assert balance.given(town.introductions.values(), "amara", "mei") == 0


def test_one_ask_a_month_with_the_edge_and_the_clock_set_back():
    town = Town(limits={"mei": Limits(asks_a_month=1)})
    for seeker in ("s1", "s2", "s3"):
        town.path(seeker, "mei", f"target of {seeker}")
    first = town.ask("s1", "mei")
    town.now = day(20)
    second = town.ask("s2", "mei")
    assert town[first].state == State.ASKED
    assert town[second].state == State.REQUESTED
    town.tick(day(30.999))
    assert town[second].state == State.REQUESTED
    town.tick(day(31.5))
    assert town[second].state == State.ASKED
    town.now = day(31)  # the clock was set back to where the first one no longer counts
    third = town.ask("s3", "mei")
    town.tick()
    assert town[third].state == State.REQUESTED


def test_two_of_six_wait_in_vain_and_may_ask_again():
    town = Town()
    asks = []
    for number in range(6):
        town.path(f"s{number}", "mei", f"target {number}", value=6 - number)
        asks.append(town.ask(f"s{number}", "mei"))
    assert [town[one].state for one in asks] == [State.ASKED] * 4 + [State.REQUESTED] * 2
    town.tick(day(14.99))
    assert [town[one].state for one in asks[4:]] == [State.REQUESTED] * 2
    town.tick(day(15))
    assert [town[one].outcome for one in asks[4:]] == [Outcome.NO_ROOM] * 2
    assert not any(disclosure.is_visible(town[one], INTRODUCER) for one in asks[4:])
    again = town.ask("s4", "mei")
    assert town[again].state == State.REQUESTED


def test_a_closed_opening_and_an_erased_seeker():
    town = Town()
    town.path("amara", "mei")
    ask = town.ask("amara", "mei", note="my words")
    town.now = day(2)
    town.answer(ask, INTRODUCER, "yes")
    town.closed_at["o1"] = day(3)
    town.tick(day(5.5))
    assert town[ask].state == State.ACCEPTED
    town.now = day(6)
    town.answer(ask, TARGET, "yes")
    erased = commands.erase(town[ask], "amara", "fresh", day(7))
    assert (erased.state, erased.outcome, erased.seeker_id) == (State.CLOSED, Outcome.ERASED, "fresh")
    assert "amara" not in repr(erased)
    assert erased.note is None
