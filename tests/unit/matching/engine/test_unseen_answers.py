"""What others said of somebody cannot be read off that person's ranking, whatever the person varies themself.

What a member may vary is their own closeness; what may not show is the closeness that the other stated, but for the
veto, nor how the introducer treated one ask. All that the member can read of the matcher is compared.
"""

import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.answers import explanation_view, paths_view
from services.matching.engine.engine import Engine, Event
from services.matching.rules import bridge
from services.matching.rules.plain.engine import Engine as PlainEngine
from tests.records import (
    Json,
    address,
    closeness,
    connected,
    introduction,
    job,
    messages,
    opening,
    person,
    tie,
)
from tests.tiers import examples
from tests.unit.matching.engine.crowds import SMALL_TOWN, Crowd
from tests.unit.matching.engine.histories import VOCABULARY
from tests.unit.matching.engine.side_by_side import asked_next, explain, paths
from tests.unit.matching.stream.reference_record import record_of

CLOSENESS = [None, 1, 2, 3, 4, 5]
UNSEEN = [None, 3, 4, 5]
VETOES = [1, 2]
SEEKER, OTHER, THIRD = "m05", "m06", "c00"
ADDRESS = address()
"""So that either has own evidence about the other, whatever they say: that is no secret of the ranking."""

chances = st.integers(0, 2**32 - 1).map(random.Random)
engines = pytest.mark.parametrize("engine", [Engine, PlainEngine])


@pytest.fixture(scope="module", autouse=True)
def _small_circles() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge, "FEW_TIES", 3)
        yield


def crowd_around(chance: random.Random) -> Crowd:
    """A crowd in which the other knows the seeker, introduces, and knows insiders; one of them is the third."""
    crowd = Crowd(chance, SMALL_TOWN)
    crowd.settle_in(members=12, contacts=8, openings=6, ties_each=5)
    crowd.people[OTHER] |= {"introduces": True}
    crowd.people[SEEKER] |= {"seeking": {"titles": SMALL_TOWN.titles, "discreet": False}, "employments": []}
    crowd.people[THIRD]["employments"] = [job(company, title="Developer") for company in SMALL_TOWN.companies[:2]]
    crowd.ties[f"{OTHER}:{SEEKER}"] = said(OTHER, SEEKER, 4)
    for contact in (THIRD, "c01", "c02"):
        crowd.ties[f"{OTHER}:{contact}"] = crowd.a_tie(f"{OTHER}:{contact}")
    return crowd


def said(one: str, other: str, value: int | None, *more: Json) -> Json:
    return tie(one, other, *more, *([] if value is None else [closeness(value)]))


def readable(engine: Any, person: str) -> list[bytes]:
    """Everything that the matcher tells a member: their suggestions' records, paths, explanations and whom to rate."""
    known = engine.state.people[person]
    records = [
        record_of(found, 0).to_json() for (seeker, _), found in sorted(engine.suggestions().items()) if seeker == person
    ]
    for company in map(VOCABULARY.company, SMALL_TOWN.companies, [None] * 4):
        found = paths(engine, known.id, company)
        records.append(paths_view(engine.network, person, company, found, numbers=False).model_dump_json().encode())
    for posting in sorted(engine.state.openings):
        found = explain(engine, person, posting)
        records.append(explanation_view(person, posting, found, numbers=False).model_dump_json().encode())
    return [*records, repr([each.contact for each in asked_next(engine, person, 20)]).encode()]


@engines
@examples(8)
@given(chance=chances)
def test_my_own_closeness_finds_out_no_more_of_theirs_than_a_veto(engine: Callable[..., Any], chance: random.Random):
    crowd = crowd_around(chance)
    known = crowd.a_tie(f"{OTHER}:{SEEKER}")["evidence"]
    shown = [ADDRESS, *(one for one in known if one["kind"] not in {"closeness", "blocked"})]
    whole = engine(VOCABULARY)
    whole.apply_all(crowd.begin())
    for mine in CLOSENESS:
        whole.apply(crowd.put("ties.v1", f"{SEEKER}:{OTHER}", said(SEEKER, OTHER, mine, ADDRESS)))
        for alike in (UNSEEN, VETOES):
            found = []
            for theirs in alike:
                whole.apply(crowd.put("ties.v1", f"{OTHER}:{SEEKER}", said(OTHER, SEEKER, theirs, *shown)))
                found.append(readable(whole, SEEKER))
            assert all(one == found[0] for one in found)


ANSWERS = ["asked", "accepted", "declined", "expired", "introduced"]


def told_of(before: int, crowd: Crowd) -> list[Event]:
    """A seeker whose only path is through an introducer who kept silent so many times last month."""
    crowd.people = {
        SEEKER: person(SEEKER, seeking={"titles": ["Developer"]}),
        OTHER: person(OTHER, job(title="Developer"), introduces=True),
    }
    crowd.ties = {f"{SEEKER}:{OTHER}": said(SEEKER, OTHER, 4)}
    crowd.openings = {"o": opening("o")}
    crowd.asks = {f"i{number}": an_ask(f"i{number}", "expired", "2026-02-20T12:00:00Z") for number in range(before)}
    return crowd.begin()


def an_ask(name: str, status: str, at: str) -> Json:
    history = [{"status": "asked", "at": "2026-02-19T12:00:00Z"}, {"status": status, "at": at}]
    return introduction(name, OTHER, *history, seeker_id="m01")


@engines
@pytest.mark.parametrize("before", range(4))
def test_one_answer_shows_in_no_ranking_until_the_month_is_over_nor_below_three(
    engine: Callable[..., Any], before: int
):
    month: set[tuple[bytes, ...]] = set()
    afterwards: dict[str, list[float]] = {}
    for answer in ANSWERS:
        crowd, whole = Crowd(random.Random(1), SMALL_TOWN, date(2026, 3, 9)), engine(VOCABULARY)
        whole.apply_all(told_of(before, crowd))
        assert whole.suggestion(SEEKER, "o") is not None
        month.add(tuple(readable(whole, SEEKER)))
        told = crowd.put("introductions.v1", "new", an_ask("new", answer, "2026-03-10T09:00:00Z"))
        assert whole.apply_all([told, *crowd.today(1)]) == []
        for _ in range(21):
            month.add(tuple(readable(whole, SEEKER)))
            assert whole.apply_all(crowd.today(1)) == []
        assert crowd.day == date(2026, 3, 31)
        month.add(tuple(readable(whole, SEEKER)))
        whole.apply_all(crowd.today(1))
        afterwards[answer] = [round(found.paths[0].score / 0.75 / 0.75, 4) for found in whole.suggestions().values()]
    assert len(month) == 1
    counted = [answer for answer in ("expired", "introduced") if before + 1 >= bridge.FEW_STEPS]
    others = [afterwards[answer] for answer in ANSWERS if answer not in counted]
    assert all(one == others[0] for one in others)
    assert all(afterwards[answer] != others[0] for answer in counted)


SHOWN: dict[str, list[Json]] = {
    "firm": [messages(9, 9, "2026-01-01")],
    "weak": [connected()],
    "none": [],
}
"""What else an introducer shows of somebody, by whether it makes a warm tie."""


def to_everybody_else(engine: Any, crowd: Crowd) -> list[list[bytes]]:
    return [readable(engine, person) for person, known in crowd.people.items() if known["member"] and person != OTHER]


@engines
@pytest.mark.parametrize("shown", SHOWN)
@examples(6)
@given(chance=chances)
def test_what_an_introducer_said_of_a_third_person_shows_to_nobody_else(
    engine: Callable[..., Any], shown: str, chance: random.Random
):
    crowd = crowd_around(chance)
    crowd.ties[f"{SEEKER}:{OTHER}"] = said(SEEKER, OTHER, 4)
    whole = engine(VOCABULARY)
    whole.apply_all(crowd.begin())
    # Where other evidence makes the tie warm it does not show either whether anything was said.
    for alike in ([None, 3, 4, 5] if shown == "firm" else [3, 4, 5], VETOES):
        found = []
        for value in alike:
            whole.apply(crowd.put("ties.v1", f"{OTHER}:{THIRD}", said(OTHER, THIRD, value, *SHOWN[shown])))
            found.append(to_everybody_else(whole, crowd))
        assert all(one == found[0] for one in found)
