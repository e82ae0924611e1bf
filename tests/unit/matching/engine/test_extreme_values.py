"""Records with whatever the contracts allow at their limits: the engine says what the plain one says.

With `NUMBA_BOUNDSCHECK=1` it also shows that none of these values leads outside an array.
"""

import random
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from services.matching.engine.engine import Event
from services.matching.events import Ties
from shared.events.ties import TieV1
from tests.records import event, event_of, tie
from tests.tiers import examples
from tests.unit.matching.engine.histories import (
    COMPANIES,
    TITLES,
    TODAY,
    VOCABULARY,
    maybe,
    mostly,
    rarely,
    record,
)
from tests.unit.matching.engine.side_by_side import SideBySide

PEOPLE = ["m", "n", "o", "p" * 200, "\U0001f9d1" * 200]
OPENINGS = ["a", "b" * 200]
WORDS = [f"w{number}" for number in range(700)]

days = st.sampled_from([date.min, date.min + timedelta(31), date(1970, 1, 1), date.max - timedelta(1), date.max]) | (
    st.integers(-900, 900).map(lambda n: TODAY + timedelta(n))
)
dates = days.map(date.isoformat)
moments = st.sampled_from(["0001-01-01T00:00:00Z", "2026-02-28T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"])
edges = [bit + more for bit in (0, 2**31, 2**32, 2**47, 2**48, 2**53, 2**63 - 3) for more in (-2, -1, 0, 1, 2)]
versions = st.sampled_from([edge for edge in edges if edge >= 0])
counts = st.sampled_from([0, 1, 2, 3, 4, 24, 255, 256, 65_535, 10_000_000])
sizes = st.sampled_from([1, 49, 50, 500, 501, *(2**bits + more for bits in (30, 31, 32, 62, 64) for more in (-1, 0))])
huge = sizes | st.just(10**300)
amounts = st.sampled_from([0, 5e-324, 1, 2**53 + 1, 1.7e308])
pay = {"currency": st.sampled_from(["AAA", "EUR", "ZZZ"]), "period": st.sampled_from(["hour", "year"])}


def many(values: list[str], most: int) -> st.SearchStrategy[list[str]]:
    """None, one, a few, or as many as the contract allows, some of them twice."""
    some = st.sampled_from([0, 1, 3, most])
    return some.flatmap(
        lambda size: st.sampled_from([0, 0, 1, 50]).map(
            lambda at: [values[(at + n) % len(values)] for n in range(size)]
        )
    )


evidence = st.one_of(
    record(kind=st.just("connected"), source=st.sampled_from(["x", "y" * 300]), on=maybe(dates), of=maybe(huge)),
    record(kind=st.just("address"), source=st.just("import")),
    record(
        kind=st.just("worked_together"),
        company=st.sampled_from([*COMPANIES, "c" * 300]),
        months=counts,
        ended=maybe(dates),
        company_size=maybe(huge),
        stated=st.booleans(),
    ),
    record(kind=st.just("messages"), sent=counts, received=counts, last=dates),
    record(kind=st.just("introduced"), times=counts),
    record(kind=st.just("closeness"), value=st.sampled_from([1, 2, 4, 5])),
)
sides = st.lists(evidence, min_size=1, max_size=3) | st.lists(evidence, min_size=50, max_size=50)
jobs = record(
    company=st.sampled_from(COMPANIES),
    title=maybe(st.sampled_from(TITLES)),
    start=rarely(dates),
    end=rarely(dates),
    seen=maybe(dates),
)
seeking = record(
    titles=many(TITLES, 50),
    skills=many(WORDS, 200),
    locations=rarely(many(["Berlin", "Germany", "Paris", "Atlantis"], 50)),
    workplace=maybe(st.just(["onsite", "hybrid", "remote"])),
    seniority=rarely(st.sampled_from(["intern", "executive"])),
    salary=rarely(record(min=amounts, **pay)),
    discreet=st.booleans(),
    blocked_companies=many([f"c{n}" for n in range(200)], 200),
)
people = record(
    member=st.sampled_from([True, True, True, False]),
    employments=st.lists(jobs, max_size=2) | st.lists(jobs, min_size=1, max_size=1).map(lambda one: one * 200),
    skills=many(WORDS, 500),
    seeking=mostly(seeking),
    introduces=st.sampled_from([True, True, True, False]),
)
openings = record(
    company=record(name=st.sampled_from(COMPANIES)),
    title=st.sampled_from(TITLES),
    skills=many(WORDS, 100),
    locations=rarely(many(["Berlin", "Germany", "Paris", "Atlantis"], 100)),
    workplace=st.sampled_from(["onsite", "hybrid", "remote"]),
    seniority=rarely(st.sampled_from(["intern", "executive"])),
    salary=rarely(record(max=maybe(amounts), **pay)),
    posted_at=moments,
    vouched=maybe(st.booleans()),
    valid_through=rarely(dates),
    hiring_contact=maybe(st.sampled_from([*PEOPLE, "nobody"])),
)
asks = record(
    seeker_id=st.sampled_from(PEOPLE),
    introducer_id=st.sampled_from(PEOPLE),
    history=st.lists(record(status=st.sampled_from(["asked", "expired", "introduced"]), at=moments), max_size=3),
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    version, value = draw(versions), dict[str, Any]()
    topic = draw(st.sampled_from(["people.v1", "ties.v1", "ties.v1", "postings.v1", "introductions.v1", "clock.v1"]))
    match topic:
        case "people.v1":
            key = draw(st.sampled_from(PEOPLE))
            value = {"person_id": key, **draw(people)}
        case "ties.v1":
            one, other = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(PEOPLE))
            key, value = f"{one}:{other}", tie(one, other, *draw(sides))
        case "postings.v1":
            key = draw(st.sampled_from(OPENINGS))
            value = {"posting_id": key, **draw(openings)}
        case "introductions.v1":
            key, value = "i", {"introduction_id": "i", **draw(asks)}
        case _:
            return event(topic, "day", {"day": draw(dates)}, version)
    return event(topic, key, None if draw(st.integers(0, 5)) == 0 else value, version)


@st.composite
def worlds(draw: st.DrawFn) -> list[Event]:
    """Everybody, all tied both ways, and two openings, so that paths exist."""
    made = [event("clock.v1", "day", {"day": draw(rarely(dates)) or TODAY.isoformat()}, 0)]
    made += [event("people.v1", each, {"person_id": each, **draw(people)}, 0) for each in PEOPLE]
    made += [event("postings.v1", each, {"posting_id": each, **draw(openings)}, 0) for each in OPENINGS]
    for one in PEOPLE:
        for other in PEOPLE:
            made.append(event_of(tie(one, other, *draw(sides)), 0))
    return made


@examples(30, *HealthCheck)
@given(worlds(), st.lists(events(), max_size=12), st.integers(0, 2**32).map(random.Random))
def test_values_at_the_limits_of_the_contracts(world, history, chance):
    both = SideBySide(VOCABULARY)
    both.step(world, chance)
    for each in history:
        both.step([each], chance)
        both.ask(chance, 1)
    both.from_scratch()


@examples(20, *HealthCheck)
@given(worlds(), st.lists(st.tuples(versions, maybe(sides)), min_size=1, max_size=8))
def test_versions_of_any_size_in_a_burst_of_ties(world, records):
    """As a batch of `ties.v1` brings them: in columns, those of one tie side by side."""
    both = SideBySide(VOCABULARY)
    both.step(world, random.Random(1))
    values = [
        found and TieV1.model_validate({"person_id": "m", "contact_id": "n", "version": version, "evidence": found})
        for version, found in records
    ]
    burst = Ties(
        ["m"] * len(records), ["n"] * len(records), [version for version, _ in records],
        [value.evidence if value else None for value in values],
    )  # fmt: skip
    both.fast.ingest_ties(burst)
    both.plain.ingest_ties(burst)
    both.compare(both.fast.update(), both.plain.update())
    assert both.fast.version("ties.v1", "m:n") == both.plain.version("ties.v1", "m:n")
