"""Along a changed step, case by case: what is looked at again, and what the live suggestion is merged to.

The random histories go by here too; each case is one that they may miss.
"""

from datetime import date
from typing import Any

import pytest

from services.matching.engine import rematch
from services.matching.engine.engine import Engine
from services.matching.rules import bridge
from services.matching.rules.suggestions import all_suggestions
from tests.records import Json, blocked, closeness, event, opening, person, tie
from tests.unit.matching.engine.histories import VOCABULARY

SEEKS = {"titles": ["Developer"], "discreet": False}


class World:
    """An engine, and records put into it one by one; each time it is held against the plain rules from scratch."""

    def __init__(self) -> None:
        self.engine, self._version = Engine(VOCABULARY), 0
        self.also: list[Engine] = []
        self.put("clock.v1", "day", {"day": "2026-03-01"})

    def put(self, topic: str, key: str, value: Json | None) -> None:
        self._version += 1
        for engine in (self.engine, *self.also):
            engine.apply(event(topic, key, value, self._version))
        if topic != "clock.v1":
            assert self.engine.suggestions() == all_suggestions(self.engine.state)

    def person(self, name: str, **more: Any) -> None:
        self.put("people.v1", name, person(name, **{"member": False, **more}))

    def contacts(self, *names: str) -> None:
        """At Initech."""
        for name in names:
            self.person(name, employments=[{"company": "Initech"}])

    def member(self, name: str, *, seeks: bool = False, introduces: bool = True, at: str | None = None) -> None:
        jobs = {"employments": [{"company": at}]} if at else {}
        self.person(name, member=True, introduces=introduces, **({"seeking": SEEKS} if seeks else {}), **jobs)

    def opening(self, company: str, **more: Any) -> None:
        self.put("postings.v1", company, opening(company, company, **more))

    def tie(self, one: str, other: str, said: int | Json | None) -> None:
        """What one says of the other: a closeness, or other evidence; nothing is a tombstone."""
        evidence = closeness(said) if isinstance(said, int) else said
        self.put("ties.v1", f"{one}:{other}", evidence and tie(one, other, evidence))

    def both(self, one: str, other: str) -> None:
        self.tie(one, other, 4)
        self.tie(other, one, 4)

    def asked(self, seeker: str, posting: str = "Initech") -> list[str]:
        """The introducers of a suggestion, best first."""
        found = self.engine.suggestion(seeker, posting)
        return [] if found is None else [path.introducer for path in found.paths]

    def score(self, seeker: str, posting: str) -> float:
        found = self.engine.suggestion(seeker, posting)
        assert found is not None
        return found.paths[0].score


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(("said", "third"), [(1, "c2"), (None, "c2"), (3, "c3")])
def test_who_was_fourth_comes_up_when_one_of_the_three_falls_back_or_goes(world, said, third):
    """`c5` comes to be worth 1, nothing, or as much as `c3`, who has the smaller id."""
    world.member("s", seeks=True)
    world.contacts("c2", "c3", "c4", "c5")
    world.opening("Initech")
    for value in (2, 3, 4, 5):
        world.tie("s", f"c{value}", value)
    assert world.asked("s") == ["c5", "c4", "c3"]
    world.tie("s", "c5", said)
    assert world.asked("s") == (["c4", "c3", "c5"] if third == "c3" else ["c4", "c3", "c2"])


@pytest.mark.parametrize("said", [1, 2, 4])
def test_an_introducer_stands_once_with_their_path_of_today(world, said):
    world.member("s", seeks=True)
    world.contacts("c3", "c5")
    world.opening("Initech")
    world.tie("s", "c3", 3)
    world.tie("s", "c5", 5)
    assert world.asked("s") == ["c5", "c3"]
    world.tie("s", "c5", said)
    assert world.asked("s") == (["c5", "c3"] if said == 4 else ["c3", "c5"])


def test_the_suggestion_goes_with_its_last_introducer(world):
    world.member("s", seeks=True)
    world.contacts("c5")
    world.opening("Initech")
    world.tie("s", "c5", 5)
    assert world.asked("s") == ["c5"]
    world.tie("s", "c5", None)
    assert world.asked("s") == []


def test_what_went_in_parts_and_came_back_stays_when_something_else_changes(world, monkeypatch):
    monkeypatch.setattr(rematch, "ROWS_A_SLICE", 1)
    world.member("s", seeks=True)
    world.person("c5", employments=[{"company": "Initech"}, {"company": "Globex"}])
    world.person("c3", employments=[{"company": "Hooli"}])
    for company in ("Initech", "Globex", "Hooli"):
        world.opening(company)
    for said in (5, None, 5):
        world.tie("s", "c5", said)
    world.tie("s", "c3", 3)
    assert [world.asked("s", company) for company in ("Initech", "Globex", "Hooli")] == [["c5"], ["c5"], ["c3"]]


@pytest.mark.parametrize("first", ["s", "i"])
@pytest.mark.parametrize("blocks", ["s", "i"])
def test_two_who_come_to_be_blocked_stand_on_no_path_of_either_until_they_cease_to_be(world, first, blocks):
    """`j` knows both, and each of them seeks where the other works; whoever is known `first` has the smaller number."""
    other = {"s": "i", "i": "s"}
    for name in (first, other[first]):
        world.member(name, seeks=True, at={"s": "Globex", "i": "Initech"}[name])
    world.member("j")
    for company in ("Initech", "Globex"):
        world.opening(company)
    world.both("s", "j")
    world.both("i", "j")
    assert (world.asked("s", "Initech"), world.asked("i", "Globex")) == (["j"], ["j"])
    world.tie(blocks, other[blocks], blocked())
    assert (world.asked("s", "Initech"), world.asked("i", "Globex")) == ([], [])
    world.tie(blocks, other[blocks], None)
    assert (world.asked("s", "Initech"), world.asked("i", "Globex")) == (["j"], ["j"])


@pytest.mark.parametrize("first", ["x", "y"])
def test_a_bridge_that_moves_is_worth_something_else_from_both_ends(world, first, monkeypatch):
    """`z`, who introduces nobody, comes to know both `x` and `y`."""
    monkeypatch.setattr(bridge, "FEW_TIES", 1)
    for name in (first, {"x": "y", "y": "x"}[first]):
        world.member(name, seeks=True, at={"x": "Globex", "y": "Initech"}[name])
    world.member("z", introduces=False)
    for company in ("Initech", "Globex"):
        world.opening(company)
    world.both("x", "y")
    world.both("x", "z")
    before = world.score("x", "Initech"), world.score("y", "Globex")
    world.both("z", "y")
    assert world.score("x", "Initech") > before[0]
    assert world.score("y", "Globex") > before[1]


def test_a_bridge_comes_to_count_from_both_ends(world, monkeypatch):
    """`x` comes to have enough ties with members for it."""
    monkeypatch.setattr(bridge, "FEW_TIES", 2)
    for name, company in (("x", "Globex"), ("y", "Initech")):
        world.member(name, seeks=True, at=company)
        world.opening(company)
    for name in ("z", "w"):
        world.member(name, introduces=False)
    world.both("x", "y")
    world.both("y", "z")
    before = world.score("x", "Initech"), world.score("y", "Globex")
    world.both("x", "w")
    assert world.score("x", "Initech") != before[0]
    assert world.score("y", "Globex") != before[1]


@pytest.mark.parametrize("between", [True, False])
def test_openings_are_led_to_by_their_hiring_contact_wherever_they_work(world, between):
    world.member("s", seeks=True)
    world.member("h")
    if between:
        world.member("j")
        world.tie("j", "h", 4)
        world.tie("j", "s", 4)
    introducer = "j" if between else "h"
    world.opening("Initech", hiring_contact="h")
    world.tie("s", introducer, 2)
    assert world.asked("s") == [introducer]
    before = world.score("s", "Initech")
    world.tie("s", introducer, 4)
    assert world.asked("s") == [introducer]
    assert world.score("s", "Initech") > before
    world.person("h")  # no member any more
    assert world.asked("s") == []
    world.member("h")
    assert world.asked("s") == [introducer]


@pytest.mark.parametrize("behind", [0, 1, 2, 4, 100])
@pytest.mark.parametrize("between", [True, False])
def test_an_introducer_with_many_openings_behind_leads_to_all_of_them(world, between, behind, monkeypatch):
    """However few of them are looked for from the introducer: with more, all that fit the seeker are looked at."""
    monkeypatch.setattr(rematch, "REACHABLE", behind)
    companies = [f"Company {number}" for number in range(4)]
    world.member("s", seeks=True)
    if between:
        world.member("j")
        world.tie("j", "s", 4)
        for number, company in enumerate(companies):
            world.person(f"x{number}", employments=[{"company": company}])
            world.both("j", f"x{number}")
    else:
        world.person("j", employments=[{"company": company} for company in companies])
    for company in companies:
        world.opening(company)
    for said in (3, 4):
        world.tie("s", "j", said)
        assert [world.asked("s", company) for company in companies] == 4 * [["j"]]
    world.tie("s", "j", None)


def test_only_openings_that_are_answered_for_are_led_to(world):
    """As in a shard, where the others' openings are known too."""
    shard = Engine(VOCABULARY, today=date(2026, 3, 1), answers_for=lambda posting: posting == "Initech")
    world.also.append(shard)
    world.member("s", seeks=True)
    world.person("c", employments=[{"company": "Initech"}, {"company": "Globex"}])
    for company in ("Initech", "Globex"):
        world.opening(company)
    for said in (3, 4):
        world.tie("s", "c", said)
        assert {posting for _, posting in world.engine.suggestions()} == {"Initech", "Globex"}
        assert {posting for _, posting in shard.suggestions()} == {"Initech"}
