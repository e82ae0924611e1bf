"""Whoever was erased is in no introduction any more, whatever part they had; who moved is known by the new id."""

import json
from datetime import timedelta
from typing import Any

import pytest

from services.introductions import departures
from services.introductions.departures import ERASED
from shared.events.people import PersonV1
from shared.web.problems import Problem

from .test_mirror import hear, record

SEEKER, INTRODUCER, TARGET = "amara", "mei", "ida"
PARTS = {SEEKER: "seeker_id", INTRODUCER: "introducer_id", TARGET: "insider_id"}
STATES = ("requested", "asked", "accepted", "introduced", "declined", "closed")


async def arrive(world, *people: str) -> None:
    for person in people:
        world.entries.now[person] = person
        await hear(
            world, record("people.v1", person, PersonV1(person_id=person, version=0, member=True, introduces=True))
        )


async def leave(world, *people: str) -> None:
    """Their tombstones come, and profiles has forgotten them."""
    for person in people:
        world.entries.now.pop(person, None)
        await hear(world, record("people.v1", person, None))
    await departures.carry_out(world.deps)


async def an_introduction(world, state: str = "asked", **path: Any) -> str:
    """Amara asks Mei, who knows Ida; as far as `state`. Its id."""
    await arrive(world, SEEKER, INTRODUCER, TARGET)
    await world.path(SEEKER, INTRODUCER, path.pop("target", TARGET), **path)
    if state == "requested":
        await world.pool.execute("INSERT INTO limits (person_id, asks_a_month) VALUES ($1, 0)", INTRODUCER)
    one = await world.ask(SEEKER, INTRODUCER, note="Amara's own words")
    if state == "declined":
        await world.answer(one, INTRODUCER, "not_now", tell="now")
    if state in ("accepted", "introduced", "closed"):
        await world.answer(one, INTRODUCER, "yes")
    if state in ("introduced", "closed"):
        await world.agrees(one, TARGET, contact="ida at work")
    if state == "closed":
        await world.post(f"/v1/introductions/{one['id']}/outcome", SEEKER, {"outcome": "talked"})
    assert await world.pool.fetchval("SELECT state FROM introductions") == state
    return str(one["id"])


async def tables_with(world, word: str) -> set[str]:
    """The tables in which a word stands, but for the audit and who was erased."""
    tables = await world.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'introductions'")
    found = set()
    for (table,) in tables:
        query = f"SELECT count(*) FROM {table} t WHERE strpos(t::text, $1) > 0"  # noqa: S608 - names from the catalogue
        if await world.pool.fetchval(query, word):
            found.add(table)
    return found - {"erased"}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("person", PARTS)
async def test_an_erased_person_is_nowhere_and_a_fresh_id_stands_in_their_place(world, person, state):
    key = await an_introduction(world, state)
    await leave(world, person)
    assert await tables_with(world, person) <= {"suggestions"}, "those are withdrawn by the matcher"
    said = (await world.records())[key]
    assert person not in json.dumps(said)
    row = await world.pool.fetchrow("SELECT * FROM introductions")
    assert row[PARTS[person]].startswith(ERASED)
    assert row["note"] is None
    others = set(PARTS) - {person}
    assert {row[PARTS[other]] for other in others} == others
    ended_before = state in ("declined", "closed")
    assert row["outcome"] == {"declined": None, "closed": "talked"}.get(state, "erased")
    assert row["due_at"] is None
    assert said["history"][-1].get("outcome") == row["outcome"] or ended_before


async def test_others_learn_that_it_is_no_longer_possible(world):
    key = await an_introduction(world)
    await leave(world, INTRODUCER)
    shown = await world.get(f"/v1/introductions/{key}", SEEKER)
    assert (shown["state"], shown["sentence"]) == ("ended", "This introduction is no longer possible.")


async def test_each_introduction_has_a_fresh_id_of_its_own(world):
    await an_introduction(world)
    await world.path(SEEKER, INTRODUCER, posting_id="o2", target="tom")
    await world.path("kai", INTRODUCER, target="tom")
    await arrive(world, "kai")
    await world.ask("kai", INTRODUCER)
    await leave(world, INTRODUCER)
    ids = [row["introducer_id"] for row in await world.pool.fetch("SELECT introducer_id FROM introductions")]
    assert len(ids) == len(set(ids)) == 2


async def test_of_which_nobody_is_left_a_tombstone_is_left(world):
    key = await an_introduction(world, "introduced")
    await leave(world, SEEKER, TARGET)
    assert (await world.records())[key] is not None
    await leave(world, INTRODUCER)
    assert (await world.records())[key] is None
    assert await world.pool.fetchval("SELECT count(*) FROM introductions") == 0
    later = await world.pool.fetchval("SELECT not_before - now() FROM outbox WHERE not_before IS NOT NULL")
    assert later > timedelta(days=7), "published again after the topic's segment.ms, or a quiet partition keeps the old"


async def test_somebody_to_ask_next_goes_from_the_list(world):
    await arrive(world, SEEKER, INTRODUCER, "kai")
    await world.path(SEEKER, INTRODUCER)
    await world.path(SEEKER, "kai", target="tom")
    await world.ask(SEEKER, INTRODUCER, "kai")
    await leave(world, "kai")
    assert await world.pool.fetchval("SELECT next_introducers FROM introductions") == []
    assert await world.pool.fetchval("SELECT state FROM introductions") == "asked"


async def test_a_contact_who_turns_out_to_be_a_member_keeps_the_introduction(world):
    key = await an_introduction(world, ask="hand", target=INTRODUCER)
    world.entries.now[INTRODUCER] = "mei-the-member"
    await hear(world, record("people.v1", INTRODUCER, None))
    world.entries.away = True
    with pytest.raises(Problem):
        await departures.carry_out(world.deps)
    world.entries.away = False
    await departures.carry_out(world.deps)
    row = await world.pool.fetchrow("SELECT * FROM introductions")
    assert (row["introducer_id"], row["insider_id"], row["state"]) == ("mei-the-member", "mei-the-member", "asked")
    assert (await world.records())[key]["introducer_id"] == "mei-the-member"
    assert await world.pool.fetchval("SELECT count(*) FROM departures") == 0


async def test_two_who_turn_out_to_be_one_are_asked_once(world):
    await an_introduction(world, ask="hand", target=INTRODUCER)
    await world.path(SEEKER, "kai", target="kai", posting_id="o2")
    await world.ask(SEEKER, "kai", posting_id="o2")
    await hear(world, record("people.v1", INTRODUCER, None))
    world.entries.now[INTRODUCER] = "kai"
    await departures.carry_out(world.deps)
    rows = await world.pool.fetch("SELECT introducer_id, state, outcome FROM introductions ORDER BY state")
    assert [tuple(row) for row in rows] == [("kai", "asked", None), ("kai", "closed", "no_longer_possible")]


async def test_who_left_while_it_began_is_found_later(world):
    await an_introduction(world)
    await world.pool.execute("DELETE FROM people WHERE person_id = $1", INTRODUCER)
    del world.entries.now[INTRODUCER]
    await departures.carry_out(world.deps)
    assert await world.pool.fetchval("SELECT state FROM introductions") == "asked"
    await departures.look_again(world.deps)
    await departures.carry_out(world.deps)
    assert await world.pool.fetchval("SELECT outcome FROM introductions") == "erased"
