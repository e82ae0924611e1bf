"""Who may be asked how often, by whom, and whose turn it is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.introductions import commands, limits
from services.introductions.domain import LimitError, NotPossibleError
from services.introductions.limits import Approach, Limits, Person, Waiting
from services.introductions.transitions import Outcome, State, Who
from tests.unit.introductions.town import OPENING, Town, day, opening

APPROACH = Approach(frozenset({"amara"}), "initech", 0.4, direct=False)


@pytest.mark.parametrize(
    ("theirs", "approach", "through"),
    [
        (Limits(), {}, True),
        (Limits(), {"firmness": 0.3}, True),
        (Limits(), {"firmness": 0.29}, False),
        (Limits(), {"firmness": 0.0, "direct": True}, True),
        (Limits(asked_from="any"), {"firmness": 0.0}, True),
        (Limits(asked_from="close"), {"firmness": 0.59, "direct": True}, False),
        (Limits(asked_from="close"), {"firmness": 0.6}, True),
        (Limits(never_companies=frozenset({"initech"})), {}, False),
        (Limits(never_members=frozenset({"amara"})), {}, False),
        (Limits(never_members=frozenset({"kai"})), {}, True),
    ],
)
def test_who_lets_what_through(theirs: Limits, approach: dict, through: bool):
    assert limits.lets_through(theirs, replace(APPROACH, **approach)) == through


def test_room_is_counted_over_720_hours():
    moments = [day(1), day(2)]
    assert limits.room(Limits(), moments, day(31) - timedelta(seconds=1)) == 2
    assert limits.room(Limits(), moments, day(31)) == 3
    assert limits.room(Limits(), [day(40)] * 5, day(31)) == 0
    assert limits.room(Limits(quiet_until=day(5)), [], day(5) - timedelta(seconds=1)) == 0
    assert limits.room(Limits(quiet_until=day(5)), [], day(5)) == 4


def test_the_turn_goes_by_value_over_what_was_delivered_then_age_then_id():
    a, b = Waiting("a", 900, 2, day(1)), Waiting("b", 400, 0, day(1))
    c, d, e = Waiting("c", 800, 1, day(2)), Waiting("d", 400, 0, day(1)), Waiting("e", 100, 0, day(0))
    assert [one.id for one in limits.in_turn([a, b, c, d, e])] == ["b", "d", "c", "a", "e"]
    person = Person(Limits(asks_a_month=2), [], (a, b, c, d))
    assert [one.id for one in (a, b, c, d) if limits.has_turn(person, one, day(3))] == ["b", "d"]


@pytest.mark.parametrize(
    "theirs",
    [
        Limits(asks_a_month=0),
        Limits(quiet_until=day(100)),
        Limits(never_companies=frozenset({"initech"})),
        Limits(never_members=frozenset({"amara"})),
        Limits(asked_from="close"),
    ],
)
def test_all_limits_of_an_introducer_look_alike(theirs: Limits):
    town = Town(limits={"mei": theirs})
    town.path("amara", "mei", firmness=0.5)
    one = town.ask("amara", "mei")
    assert (one.state, one.due_at) == (State.REQUESTED, day(15))
    town.tick(day(15))
    assert (town[one].outcome, town[one].ended_at) == (Outcome.NO_ROOM, day(15))


def test_raising_a_limit_admits_at_once_and_lowering_it_recalls_nothing():
    town = Town(limits={"mei": Limits(asks_a_month=0)})
    for name in ("s1", "s2"):
        town.path(name, "mei")
    first, second = town.ask("s1", "mei"), town.ask("s2", "mei")
    town.limits["mei"] = Limits(asks_a_month=1)
    town.tick()
    assert [town[one].state for one in (first, second)] == [State.ASKED, State.REQUESTED]
    town.limits["mei"] = Limits(asks_a_month=0)
    town.tick()
    assert town[first].state == State.ASKED


def test_who_was_refused_by_a_limit_of_their_own_does_not_keep_others_from_their_turn():
    town = Town(limits={"mei": Limits(asks_a_month=1, never_members=frozenset({"s1"}))})
    for name, value in (("s1", 900), ("s2", 100)):
        town.path(name, "mei", value=value)
    first, second = town.ask("s1", "mei"), town.ask("s2", "mei")
    assert [town[one].state for one in (first, second)] == [State.REQUESTED, State.ASKED]


def asks_of(town: Town, count: int) -> None:
    for number in range(count):
        about = opening(f"x{number}")
        town.path("amara", f"i{number}", about=about)
        town.ask("amara", f"i{number}", about=about)


def test_five_live_are_the_most():
    town = Town()
    asks_of(town, 5)
    town.path("amara", "mei")
    with pytest.raises(LimitError):
        town.ask("amara", "mei")
    town.do(commands.withdraw, next(iter(town.introductions.values())), Who.SEEKER)
    assert town.ask("amara", "mei").state == State.ASKED


def test_one_live_for_each_opening_and_each_introducer():
    town = Town()
    for about in (OPENING, opening("o2")):
        for introducer in ("mei", "kai"):
            town.path("amara", introducer, about=about)
    town.ask("amara", "mei")
    with pytest.raises(LimitError):
        town.ask("amara", "kai")
    with pytest.raises(LimitError):
        town.ask("amara", "mei", about=opening("o2"))
    assert town.ask("amara", "kai", about=opening("o2")).state == State.ASKED


def test_not_the_same_introducer_within_30_days_and_never_for_the_same_opening():
    town = Town()
    for about in (OPENING, opening("o2")):
        town.path("amara", "mei", about=about)
    one = town.ask("amara", "mei")
    town.answer(one, Who.INTRODUCER, "not_now")
    town.now = day(31) - timedelta(seconds=1)
    with pytest.raises(LimitError):
        town.ask("amara", "mei", about=opening("o2"))
    town.now = day(31)
    assert town.ask("amara", "mei", about=opening("o2")).state == State.ASKED
    town.tick(day(400))
    with pytest.raises(LimitError):
        town.ask("amara", "mei")


def test_what_never_reached_the_introducer_counts_for_nothing():
    town = Town(limits={"mei": Limits(asks_a_month=0)})
    town.path("amara", "mei")
    town.do(commands.withdraw, town.ask("amara", "mei"), Who.SEEKER)
    assert town.ask("amara", "mei").state == State.REQUESTED


def test_three_offers_wait_and_three_are_sent_a_day():
    town = Town()
    for number in range(5):
        town.path("amara", f"i{number}")
        town.path(f"s{number}", "mei")
    for number in range(3):
        town.offer(f"i{number}", "amara")
        town.offer("mei", f"s{number}")
    with pytest.raises(LimitError):
        town.offer("i3", "amara")
    with pytest.raises(LimitError):
        town.offer("mei", "s3")
    town.now = day(2)
    assert town.offer("mei", "s3").is_open


def test_an_offer_made_again_is_the_same_and_one_that_ended_is_not_made_again():
    town = Town()
    town.path("amara", "mei")
    offered = town.offer("mei", "amara")
    assert town.offer("mei", "amara") == offered
    town.answer(offered, Who.SEEKER, "no")
    with pytest.raises(LimitError):
        town.offer("mei", "amara")


def test_an_own_ask_makes_no_offer_fail():
    town = Town()
    asks_of(town, 5)
    town.path("amara", "i0")
    offered = town.offer("i0", "amara")
    assert offered.state == State.REQUESTED
    assert len(town.case("amara").live()) == 5


def test_there_must_be_a_path_between_people_who_do_not_keep_each_other_off():
    town = Town()
    with pytest.raises(NotPossibleError):
        town.ask("amara", "mei")
    town.path("amara", "mei")
    town.blocked.add(("amara", "mei"))
    with pytest.raises(NotPossibleError):
        town.ask("amara", "mei")
