"""`job_referral` against the same question in SQL, and the cases that are easy to get wrong."""

import sqlite3
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.domain import State
from services.matching.engine.engine import Engine
from services.matching.rules.strength import tie_between
from tests.records import Json, blocked, connected, event_of, events_of, job, opening, person, tie
from tests.tiers import examples
from tests.unit.matching.engine.histories import PEOPLE, TODAY, VOCABULARY, histories
from tests.unit.matching.engine.job_referral import Referral, job_referral

Row = tuple[Any, ...]

TABLES = """
CREATE TABLE person (id TEXT);
CREATE TABLE tie (one TEXT, other TEXT);
CREATE TABLE work (person TEXT, company TEXT, start_year INTEGER, start_day TEXT);
CREATE TABLE located (company TEXT, country TEXT);
"""
QUESTION = """
WITH near AS (
    SELECT other AS id FROM tie WHERE one = $start
    UNION
    SELECT far.other FROM tie AS first JOIN tie AS far ON far.one = first.other WHERE first.one = $start
)
SELECT DISTINCT work.person, work.company, work.start_year
FROM near
JOIN work ON work.person = near.id
WHERE near.id <> $start
  AND work.start_year < $year
  AND work.start_day <= $today
  AND EXISTS (SELECT 1 FROM located WHERE located.company = work.company AND located.country = $country)
ORDER BY work.start_year, work.person, work.company DESC
LIMIT 10
"""


def rows(state: State) -> dict[str, list[Row]]:
    """The state as tables; every pair of people is asked for its tie, so that no index of ours is believed."""
    pairs = combinations(sorted(state.people), 2)
    tied = [pair for pair in pairs if tie_between(state, *pair) is not None]
    jobs = [(p.id, job) for p in state.people.values() for job in p.jobs if job.start is not None]
    return {
        "person": [(name,) for name in state.people],
        "tie": [*tied, *((b, a) for a, b in tied)],
        "work": [(name, job.company, job.start.year, job.start.isoformat()) for name, job in jobs],
        "located": [(o.company, place.country) for o in state.openings.values() for place in o.places],
    }


def sql(connection: Any, state: State, questions: list[tuple[str, str, int]]) -> list[list[Referral]]:
    """The answers of a database to several questions over one state."""
    for statement in TABLES.split(";\n")[:4]:
        connection.execute(statement)
    for table, values in rows(state).items():
        if values:
            marks = ", ".join("?" * len(values[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 - our own names
    answers = []
    for start, country, year in questions:
        given = {"start": start, "country": country, "year": year, "today": TODAY.isoformat()}
        if state.today is not None:
            given["today"] = state.today.isoformat()
        answers.append([Referral(*row) for row in connection.execute(QUESTION, given).fetchall()])
    connection.close()
    return answers


def duck() -> Any:
    return pytest.importorskip("duckdb", reason="DuckDB is not installed").connect(":memory:")


@st.composite
def worlds(draw: st.DrawFn) -> State:
    """Histories of any kind, with dated employments and openings in countries on top."""
    engine = Engine(VOCABULARY)
    engine.apply_all(draw(histories()))
    years = st.sampled_from([2010, 2011, 2012])
    jobs = st.fixed_dictionaries({
        "company": st.sampled_from(["Initech", "Globex", "Hooli"]),
        "start": st.tuples(years, st.integers(1, 12)).map(lambda at: f"{at[0]}-{at[1]:02d}-01"),
    })  # fmt: skip
    for name in PEOPLE:
        engine.ingest([event_of(person(name, *draw(st.lists(jobs, max_size=4)), member=name[0] == "m"), 9)])
    for number, place in enumerate(draw(st.lists(st.sampled_from(["Berlin", "Germany", "Paris"]), max_size=4))):
        name = draw(st.sampled_from(["Initech", "Globex", "Hooli"]))
        engine.ingest([event_of(opening(f"q{number}", name, locations=[place]), 9)])
    return engine.state


@examples(60)
@given(worlds(), st.sampled_from([2011, 2012, 2099]))
@pytest.mark.parametrize("database", [lambda: sqlite3.connect(":memory:"), duck], ids=["sqlite", "duckdb"])
def test_it_is_what_sql_answers(database: Callable[[], Any], state: State, year: int):
    questions = [(name, country, year) for name in PEOPLE for country in ("de", "fr")]
    known = [one for one in questions if one[0] in state.people]
    assert [job_referral(state, *one) for one in known] == sql(database(), state, known)


@pytest.mark.long
def test_the_worlds_have_answers_of_every_length():
    """The comparison would prove little on empty answers."""
    seen: set[int] = set()
    wanted = {0, 1, 5, 9, 10}

    @settings(max_examples=60, derandomize=True)
    @given(worlds())
    def look(state):
        if wanted <= seen:
            return
        seen.update(len(job_referral(state, name, "de", 2099)) for name in PEOPLE)

    look()
    assert wanted <= seen


JOB = job(start="2015-06-01")
GERMAN = opening("o", locations=["Berlin"])


def asked(*records: Json, country: str = "de", year: int = 2020) -> list[tuple[str, str, int]]:
    engine = Engine(VOCABULARY, today=TODAY)
    engine.apply_all(events_of(GERMAN, *records))
    return [(row.person, row.company, row.since_year) for row in job_referral(engine.state, "s", country, year)]


def known(one: str, other: str) -> Json:
    return tie(one, other, connected())


def chain(*jobs: Json) -> list[Json]:
    """s - a - b - c; everybody has the jobs."""
    return [*(person(name, *jobs) for name in "sabc"), known("s", "a"), known("b", "a"), known("b", "c")]


def test_one_and_two_ties_away_from_either_side_and_never_the_start():
    assert asked(*chain(JOB)) == [("a", "initech", 2015), ("b", "initech", 2015)]


def test_whoever_is_near_in_two_ways_is_there_once():
    assert asked(*chain(JOB), known("s", "b")) == [(name, "initech", 2015) for name in "abc"]


def test_a_block_is_no_tie_and_a_contact_may_stand_between():
    assert asked(*chain(JOB), tie("a", "b", blocked())) == [("a", "initech", 2015)]
    contact_between = [person("a", JOB, member=False), person("s"), person("b", JOB), known("s", "a"), known("b", "a")]
    assert [row[0] for row in asked(*contact_between)] == ["a", "b"]


@pytest.mark.parametrize(("year", "found"), [(2015, 0), (2016, 2)])
def test_the_year_is_strict(year, found):
    assert len(asked(*chain(JOB), year=year)) == found


def test_a_job_without_a_start_or_not_yet_begun_does_not_count_and_one_that_ended_does():
    assert asked(*chain(job(), job(start="2026-03-02")), year=2099) == []
    assert len(asked(*chain({**JOB, "end": "2016-01-01"}))) == 2


def test_several_jobs_are_several_rows_and_two_starts_in_one_year_one():
    jobs = [JOB, {**JOB, "start": "2015-11-01"}, {**JOB, "start": "2009-01-01"}, {**JOB, "company": "Globex"}]
    there = opening("p", "Globex", locations=["Paris", "Germany"])
    expected = [("a", "initech", 2009), ("a", "initech", 2015), ("a", "globex", 2015)]
    assert asked(person("s"), person("a", *jobs), known("s", "a"), there) == expected


def test_a_company_is_where_any_of_its_openings_is_even_a_closed_one():
    closed = opening("p", "Globex", locations=["Paris"], status="closed", valid_through="2020-01-01")
    told = [*chain({**JOB, "company": "Globex"}), closed, opening("q", "Hooli")]
    assert len(asked(*told, country="fr")) == 2
    assert asked(*told) == asked(*told, country="none") == []


def test_ten_at_most_the_earliest_first():
    people = [person(f"p{n:02d}", {**JOB, "start": f"{2015 - n}-01-01"}) for n in range(12)]
    found = asked(person("s"), *people, *(known("s", f"p{n:02d}") for n in range(12)))
    assert [row[2] for row in found] == list(range(2004, 2014))


def test_nobody_is_near_somebody_unknown_or_before_the_day_is_known():
    assert asked(person("a", JOB), known("s", "a")) == []
    engine = Engine(VOCABULARY)
    engine.apply_all(events_of(GERMAN, *chain(JOB)))
    assert job_referral(engine.state, "s", "de", 2020) == []
