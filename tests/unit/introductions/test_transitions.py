"""Each row of the table, and everything that it does not have."""

from datetime import timedelta
from itertools import product

import pytest

from services.introductions import commands, domain
from services.introductions.domain import LimitError, NotPossibleError, UnknownError
from services.introductions.introduction import Introduction
from services.introductions.limits import Limits
from services.introductions.transitions import (
    DEADLINES,
    ENDED,
    OPEN,
    TOLD,
    TRANSITIONS,
    Action,
    Origin,
    Outcome,
    State,
    Who,
    deadline_of,
    find,
)
from tests.unit.introductions.town import Town, day, opening

SEEKER, INTRODUCER, TARGET = Who.SEEKER, Who.INTRODUCER, Who.TARGET
PEOPLE = (SEEKER, INTRODUCER, TARGET)


def town_in(
    state: State, origin: Origin = Origin.ASK, outcome: Outcome | None = None, **path
) -> tuple[Town, Introduction]:
    """A town with one introduction in this state."""
    town = Town()
    town.path("amara", "mei", **path)
    if origin == Origin.OFFER:
        one = town.offer("mei", "amara")
    else:
        town.limits["mei"] = Limits(asks_a_month=0 if state == State.REQUESTED else 4)
        one = town.ask("amara", "mei")
    towards = {
        State.REQUESTED: [],
        State.ASKED: [],
        State.DECLINED: [
            (SEEKER if origin == Origin.OFFER else INTRODUCER, "no" if origin == Origin.OFFER else "not_now")
        ],
        State.ACCEPTED: [(SEEKER if origin == Origin.OFFER else INTRODUCER, "yes")],
    }
    towards[State.INTRODUCED] = [*towards[State.ACCEPTED], (TARGET, "yes")]
    towards[State.CLOSED] = towards[State.INTRODUCED]
    for who, said in towards.get(state, []):
        town.answer(one, who, said)
    if state == State.EXPIRED:
        town.tick(day(9))
    if state == State.CLOSED:
        town.do(commands.tell, one, SEEKER, outcome or Outcome.TALKED)
    assert town[one].state == state
    return town, one


STATES = [(state, origin) for state, origin in product(State, Origin) if (state, origin) != (State.ASKED, Origin.OFFER)]
STATES.remove((State.EXPIRED, Origin.OFFER))  # reached by way of accepted only


@pytest.mark.parametrize(("state", "origin"), STATES)
@pytest.mark.parametrize("who", PEOPLE)
def test_the_table_says_what_each_may_do(state: State, origin: Origin, who: Who):
    actions = {
        Action.YES: lambda town, one: town.answer(one, who, "yes"),
        Action.NO: lambda town, one: town.answer(one, who, "not_now" if who == INTRODUCER else "no"),
        Action.WITHDRAW: lambda town, one: town.do(commands.withdraw, one, who),
        Action.OUTCOME: lambda town, one: town.do(commands.tell, one, who, Outcome.HIRED),
    }
    for action, do in actions.items():
        town, one = town_in(state, origin)
        before = town[one]
        row = find(action, who, state, origin)
        try:
            after = do(town, one)
        except (NotPossibleError, UnknownError):
            assert row is None, (action, who, state, origin)
            assert town[one] == before
            continue
        if row is None:  # said before, so that nothing changed
            assert after == before
        elif action == Action.NO and who == TARGET:
            assert (after.state, len(after.sealed)) == (state, 1)
        else:
            assert after.state == row.to


@pytest.mark.parametrize(("state", "origin"), STATES)
@pytest.mark.parametrize("who", PEOPLE)
def test_what_is_said_to_be_possible_is_what_is_taken(state: State, origin: Origin, who: Who):
    """No yes is offered where the table has none, and nothing that is taken is kept from anybody."""
    answers = sorted({answer for each in commands.ANSWERS.values() for answer in each})
    for said in answers:
        town, one = town_in(state, origin)
        before, offered = town[one], commands.possible(town[one], who, town.now)
        try:
            taken = town.answer(one, who, said) != before
        except (NotPossibleError, UnknownError):
            taken = False
        assert (said in offered) == taken, (said, offered)
        if said == "yes" and find(Action.YES, who, state, origin) is None:
            assert said not in offered


@pytest.mark.parametrize("origin", Origin)
def test_while_a_yes_waits_for_room_no_second_one_is_offered(origin: Origin):
    town = Town(limits={"ida": Limits(asks_a_month=0)})
    town.path("amara", "mei")
    who = SEEKER if origin == Origin.OFFER else INTRODUCER
    one = town.offer("mei", "amara") if origin == Origin.OFFER else town.ask("amara", "mei")
    town.answer(one, who, "yes")
    assert town[one].state in {State.REQUESTED, State.ASKED}
    assert "yes" not in commands.possible(town[one], who, town.now)


@pytest.mark.parametrize(("state", "origin"), [each for each in STATES if each[0] in OPEN])
def test_each_open_state_ends_at_its_deadline(state: State, origin: Origin):
    town, one = town_in(state, origin)
    deadline = deadline_of(state, origin)
    assert deadline is not None
    assert town[one].due_at == town.now + deadline.lasts
    town.tick(town.now + deadline.lasts - timedelta(seconds=1))
    assert town[one].state == state
    town.tick(town.now + timedelta(seconds=1))
    assert (town[one].state, town[one].outcome) == (deadline.to, deadline.outcome)
    assert town[one].due_at is None


def test_every_state_has_a_deadline_or_has_ended():
    for state, origin in product(State, Origin):
        assert (deadline_of(state, origin) is None) == (state in ENDED)
    assert {each.to for each in DEADLINES} <= ENDED
    assert {row.to for row in TRANSITIONS} == set(State)


@pytest.mark.parametrize("state", [State.REQUESTED, State.ASKED, State.ACCEPTED, State.INTRODUCED])
def test_an_opening_closed_for_48_hours_ends_what_has_not_been_accepted(state: State):
    town, one = town_in(state)
    town.closed_at["o1"] = town.now
    town.tick(town.now + timedelta(hours=47.9))
    assert town[one].state == state
    town.tick(town.now + timedelta(hours=0.1))
    ended = state in {State.REQUESTED, State.ASKED}
    assert (town[one].outcome == Outcome.OPENING_CLOSED) == ended
    assert (town[one].state == State.CLOSED) == ended


@pytest.mark.parametrize("state", [State.REQUESTED, State.ASKED, State.ACCEPTED, State.INTRODUCED])
@pytest.mark.parametrize("how", ["introducer", "target", "block"])
def test_without_consent_it_is_no_longer_possible(state: State, how: str):
    town, one = town_in(state)
    town.unwilling |= {"introducer": {"mei"}, "target": {"ida"}}.get(how, set())
    if how == "block":
        town.blocked.add(("amara", "ida"))
    town.tick()
    assert (town[one].outcome == Outcome.NO_LONGER_POSSIBLE) == (state != State.INTRODUCED)


def test_a_contact_who_is_written_to_by_hand_need_not_agree_to_be_asked():
    town, one = town_in(State.ASKED, leg="hand", target_leg="hand")
    town.unwilling |= {"mei", "ida"}
    town.tick()
    assert town[one].state == State.ASKED


def test_a_path_that_is_gone_ends_it_when_it_would_be_delivered():
    town, one = town_in(State.REQUESTED)
    town.paths.clear()
    town.tick()
    assert town[one].state == State.REQUESTED
    town.limits["mei"] = Limits()
    town.tick()
    assert town[one].outcome == Outcome.NO_LONGER_POSSIBLE


def test_a_direct_path_leads_from_yes_to_an_introduction():
    town = Town()
    town.path("amara", "mei", "mei")
    one = town.ask("amara", "mei")
    with pytest.raises(UnknownError):
        town.answer(one, TARGET, "yes")
    town.answer(one, INTRODUCER, "yes", contact="call me")
    assert [step.state for step in town[one].history] == [
        State.REQUESTED,
        State.ASKED,
        State.ACCEPTED,
        State.INTRODUCED,
    ]
    assert town[one].contact == "call me"
    assert town.reached("mei") == [day(1)]


def test_a_yes_waits_for_the_targets_room():
    town, one = town_in(State.ASKED)
    town.limits["ida"] = Limits(asks_a_month=0)
    town.answer(one, INTRODUCER, "yes")
    assert (town[one].state, town[one].due_at) == (State.ASKED, day(8))
    town.answer(one, INTRODUCER, "yes")
    town.tick(day(5))
    town.limits["ida"] = Limits()
    town.tick()
    assert (town[one].state, town[one].due_at) == (State.ACCEPTED, day(12))
    assert town.reached("ida") == [day(5)]


@pytest.mark.parametrize("origin", Origin)
def test_a_yes_without_room_at_the_target_ends_as_no_room(origin: Origin):
    town, one = town_in(State.ASKED) if origin == Origin.ASK else town_in(State.REQUESTED, origin)
    town.limits["ida"] = Limits(asks_a_month=0)
    town.answer(one, INTRODUCER if origin == Origin.ASK else SEEKER, "yes")
    before = town[one].state
    town.tick(day(15))
    assert before in {State.ASKED, State.REQUESTED}
    assert town[one].outcome == Outcome.NO_ROOM


def test_who_said_yes_may_still_decline_while_it_waits():
    town, one = town_in(State.ASKED)
    town.limits["ida"] = Limits(asks_a_month=0)
    town.answer(one, INTRODUCER, "yes")
    assert commands.possible(town[one], INTRODUCER, town.now) == ("not_now", "not_well")
    town.answer(one, INTRODUCER, "not_now", quietly=True)
    town.limits["ida"] = Limits()
    town.tick()
    assert town[one].state == State.ASKED


def test_by_hand_the_days_run_from_when_it_was_sent():
    town, one = town_in(State.ASKED, leg="hand", target_leg="hand")
    assert town[one].reached_at is None
    assert "sent" in commands.possible(town[one], SEEKER, town.now)
    with pytest.raises(NotPossibleError):
        town.do(commands.sent, one, INTRODUCER)
    town.now = day(6)
    town.do(commands.sent, one, SEEKER)
    assert town[one].due_at == day(13)
    town.now = day(7)
    town.do(commands.sent, one, SEEKER)
    assert town[one].due_at == day(13)
    town.answer(one, INTRODUCER, "yes")
    assert town[one].due_at == day(14)
    with pytest.raises(NotPossibleError):
        town.do(commands.sent, one, SEEKER)
    town.now = day(13)
    town.do(commands.sent, one, INTRODUCER)
    assert town[one].due_at == day(20)
    town.tick(day(20))
    assert town[one].state == State.EXPIRED


def test_a_draft_that_was_never_sent_expires():
    town, one = town_in(State.ASKED, leg="hand")
    town.tick(day(8))
    assert town[one].state == State.EXPIRED


@pytest.mark.parametrize("first", [*TOLD, None])
@pytest.mark.parametrize("later", TOLD)
def test_later_outcomes_only_go_on(first: Outcome | None, later: Outcome):
    town, one = town_in(State.INTRODUCED)
    if first is None:
        town.tick(day(61))
    else:
        town.do(commands.tell, one, SEEKER, first)
    ended_at = town[one].ended_at
    goes_on = first is None or TOLD.index(later) >= TOLD.index(first)
    try:
        town.do(commands.tell, one, SEEKER, later)
        assert goes_on
    except NotPossibleError:
        assert not goes_on
    assert town[one].outcome == (later if goes_on else first)
    assert town[one].ended_at == ended_at


def test_outcomes_may_be_told_for_a_year():
    town, one = town_in(State.CLOSED, outcome=Outcome.TALKED)
    town.now = day(366)
    with pytest.raises(NotPossibleError):
        town.do(commands.tell, one, SEEKER, Outcome.HIRED)
    assert commands.possible(town[one], SEEKER, town.now) == ()
    assert commands.possible(town[one], SEEKER, day(365.9)) == ("outcome",)


def test_introducer_and_target_say_that_they_talked():
    town, one = town_in(State.INTRODUCED)
    with pytest.raises(NotPossibleError):
        town.do(commands.talked, one, SEEKER)
    town.do(commands.talked, one, TARGET)
    town.do(commands.talked, one, TARGET)
    town.do(commands.talked, one, INTRODUCER)
    assert town[one].talked_by == ("ida", "mei")


def test_accepting_an_offer_withdraws_the_seekers_own_asks():
    town = Town()
    town.path("amara", "mei")
    town.path("amara", "kai")
    town.path("amara", "mei", about=opening("o2"))
    about_it, to_her = town.ask("amara", "kai", "mei"), town.ask("amara", "mei", about=opening("o2"))
    offered = town.offer("mei", "amara")
    town.answer(offered, SEEKER, "yes")
    assert [town[one].outcome for one in (about_it, to_her)] == [Outcome.WITHDRAWN] * 2
    assert town[offered].state == State.ACCEPTED
    assert len(town.introductions) == 3


def test_with_five_live_an_offer_cannot_be_accepted():
    town = Town()
    for number in range(5):
        town.path("amara", f"i{number}", about=opening(f"o{number + 2}"))
        town.ask("amara", f"i{number}", about=opening(f"o{number + 2}"))
    town.path("amara", "mei")
    offered = town.offer("mei", "amara")
    with pytest.raises(LimitError) as refused:
        town.answer(offered, SEEKER, "yes")
    assert refused.value.possible == ("yes", "no")


@pytest.mark.parametrize("end", [State.DECLINED, State.EXPIRED, Outcome.NO_ROOM, Outcome.NO_LONGER_POSSIBLE])
def test_the_next_introducer_is_asked(end: State | Outcome):
    town = Town(limits={"mei": Limits(asks_a_month=0)} if end == Outcome.NO_ROOM else {})
    for introducer in ("mei", "kai", "lea"):
        town.path("amara", introducer)
    one = town.ask("amara", "mei", "kai", "lea", note="hello")
    del town.paths["amara", one.opening.key]["kai"]  # no path through Kai any more
    if end == State.DECLINED:
        town.answer(one, INTRODUCER, "not_well")
    elif end == Outcome.NO_LONGER_POSSIBLE:
        town.unwilling.add("mei")
        town.tick()
    town.tick(day(15))
    [_, after] = town.introductions.values()
    assert (after.path.introducer_id, after.note, after.then) == ("lea", "hello", ())


def test_nobody_is_asked_next_after_21_days_or_a_withdrawal():
    for late in (True, False):
        town = Town()
        town.path("amara", "mei")
        town.path("amara", "kai")
        one = town.ask("amara", "mei", "kai")
        if late:
            town.tick(day(22.1))
        else:
            town.do(commands.withdraw, one, SEEKER)
            town.tick(day(20))
        assert len(town.introductions) == 1


def test_a_target_who_refuses_is_silent_until_the_deadline():
    town, one = town_in(State.ACCEPTED)
    town.answer(one, TARGET, "no")
    town.answer(one, TARGET, "no")
    with pytest.raises(NotPossibleError):
        town.answer(one, TARGET, "yes")
    assert town[one].state == State.ACCEPTED
    town.tick(day(8))
    assert (town[one].state, town[one].answers[TARGET]) == (State.DECLINED, "no")


def test_a_withdrawal_wins_over_a_quiet_answer():
    town, one = town_in(State.ASKED)
    town.answer(one, INTRODUCER, "not_well", quietly=True)
    town.do(commands.withdraw, one, SEEKER)
    assert (town[one].outcome, town[one].sealed, dict(town[one].answers)) == (Outcome.WITHDRAWN, (), {})


def test_an_answer_by_a_link_counts_once_it_is_known_whose_it_is():
    town, one = town_in(State.ASKED)
    town.answer(one, INTRODUCER, "yes", counts=False)
    town.answer(one, TARGET, "yes")
    assert [town[one].counts(step) for step in town[one].history] == [True, True, False, True]
    assert not town[one].was_introduced
    town.do(commands.verified, one, INTRODUCER)
    assert town[one].was_introduced


def test_a_command_first_carries_out_what_is_due():
    town, one = town_in(State.ASKED)
    town.now = day(8)
    with pytest.raises(NotPossibleError) as refused:
        town.answer(one, INTRODUCER, "yes")
    assert refused.value.possible == ()
    assert town[one].state == State.EXPIRED


def test_a_row_that_is_not_in_the_table_cannot_be_taken():
    town, one = town_in(State.DECLINED)
    with pytest.raises(ValueError, match="no row"):
        town[one].moved(State.ACCEPTED, town.now)
    assert domain.deadline_of(State.DECLINED, Origin.ASK) is None
