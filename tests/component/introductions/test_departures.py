"""Whoever was erased is in no introduction any more, whatever part they had; who moved is known by the new id."""

import json
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from services.introductions import departures
from services.introductions.introduction import ERASED
from shared.events.people import PersonV1
from shared.observability.metric_list import INTRODUCTION_STEPS_FAILED
from shared.web.problems import Problem

from .conftest import NAMES, SERVICE
from .test_mirror import hear, record

SEEKER, INTRODUCER, TARGET = "amara", "mei", "ida"
PARTS = {SEEKER: "seeker_id", INTRODUCER: "introducer_id", TARGET: "insider_id"}
STATES = ("requested", "asked", "accepted", "introduced", "declined", "expired", "closed", "unknown")
LATEST = {"declined": None, "expired": None, "closed": "talked", "unknown": "unknown"}
"""What is said last of those that had ended before; all others end with their departure."""


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
    if state in ("accepted", "introduced", "closed", "unknown"):
        await world.answer(one, INTRODUCER, "yes")
    if state in ("introduced", "closed", "unknown"):
        await world.agrees(one, TARGET, contact="ida at work")
    if state == "closed":
        await world.post(f"/v1/introductions/{one['id']}/outcome", SEEKER, {"outcome": "talked"})
    if state in ("expired", "unknown"):
        await world.tick({"expired": 8, "unknown": 61}[state])
    assert await world.pool.fetchval("SELECT state FROM introductions") == {"unknown": "closed"}.get(state, state)
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
    assert row["outcome"] == LATEST.get(state, "erased")
    assert row["due_at"] is None
    assert said["history"][-1].get("outcome") == row["outcome"]


@pytest.mark.parametrize(("person", "others"), [(SEEKER, {INTRODUCER: [], TARGET: []}), (INTRODUCER, {SEEKER: []})])
async def test_nothing_is_offered_to_do_for_whoever_is_gone(world, person, others):
    key = await an_introduction(world, "closed")
    left = {SEEKER: ["outcome"], INTRODUCER: ["talked"], TARGET: ["talked"]}
    for other, possible in left.items():
        assert (await world.get(f"/v1/introductions/{key}", other))["possible"] == possible
    await leave(world, person)
    for other, possible in (left | others).items():
        if other != person:
            shown = await world.get(f"/v1/introductions/{key}", other)
            assert shown["possible"] == possible
            assert {"seeker": SEEKER, "introducer": INTRODUCER}.keys() & shown.keys() == (
                {SEEKER: {"introducer"}, INTRODUCER: {"seeker"}}[person] if other == TARGET else set()
            )
    for other, command, body in ((SEEKER, "outcome", {"outcome": "hired"}), (INTRODUCER, "talked", None)):
        if others.get(other) == []:
            await world.post(f"/v1/introductions/{key}/{command}", other, body, 409)


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


async def quiet(world, state: str) -> str:
    """As far as `state`, and then a quiet no of whoever is asked; or a yes that waits for the target's room."""
    await arrive(world, SEEKER, INTRODUCER, TARGET)
    await world.path(SEEKER, INTRODUCER)
    if state == "yes, no room":
        await world.call("PUT", "/v1/limits", TARGET, json={"asks_a_month": 0})
    one = await world.ask(SEEKER, INTRODUCER, note="Amara's own words")
    if state == "quietly declined":
        await world.answer(one, INTRODUCER, "not_now", tell="quietly")
    else:
        await world.answer(one, INTRODUCER, "yes")
    if state == "quietly refused":
        await world.agrees(one, TARGET, "no")
    return str(one["id"])


async def offered(world, state: str) -> str:
    """Mei offers to introduce Amara to Ida; as far as `state`."""
    await arrive(world, SEEKER, INTRODUCER, TARGET)
    await world.member(SEEKER, looks_openly=True)
    await world.path(SEEKER, INTRODUCER)
    body = {"posting_id": "o1", "seeker_id": SEEKER, "note": "Mei's own words"}
    one = await world.post("/v1/offers", INTRODUCER, body, 201)
    if state != "offered":
        await world.answer(one, SEEKER, "no" if state == "offer declined" else "yes")
    return str(one["id"])


MADE = {
    "quietly declined": quiet, "quietly refused": quiet, "yes, no room": quiet,
    "offered": offered, "offer accepted": offered, "offer declined": offered,
}  # fmt: skip


@pytest.mark.parametrize("state", MADE)
@pytest.mark.parametrize("person", PARTS)
async def test_an_erasure_leaves_no_quiet_answer_no_note_and_nothing_that_waits(world, person, state):
    key = await MADE[state](world, state)
    await leave(world, person)
    assert await tables_with(world, person) <= {"suggestions"}
    row = await world.pool.fetchrow("SELECT * FROM introductions")
    assert row[PARTS[person]].startswith(ERASED)
    assert (row["note"], row["due_at"], row["waits_for"]) == (None, None, None)
    assert row["outcome"] == (None if state == "offer declined" else "erased")
    assert await world.pool.fetchval("SELECT count(*) FROM sealed_answers") == 0
    assert person not in json.dumps((await world.records())[key])
    await world.tick(100)
    assert (await world.pool.fetchrow("SELECT * FROM introductions"))["outcome"] == row["outcome"]


CONTACTS = {
    "not answered": ("asked", None), "yes by the link": ("introduced", "yes"), "quiet no by the link": ("asked", "no"),
    "no that is told, by the link": ("declined", "no"),
}  # fmt: skip


@pytest.mark.parametrize("said", CONTACTS)
@pytest.mark.parametrize(
    ("leg", "person"), [*product(["target"], PARTS), *product(["introducer"], [SEEKER, INTRODUCER])]
)
async def test_an_erasure_after_an_answer_by_a_link_takes_the_link_and_the_contact_along(world, leg, person, said):
    """Of a contact, of the writer, and of the third of them."""
    state, answer = CONTACTS[said]
    if leg == "target" and state == "declined":
        state = "accepted"  # a target's no is always quiet
    key, token = await _by_link(world, leg)
    if answer is not None:
        await _say(world, token, leg, answer, tell="now" if state == "declined" else "quietly")
    there = await world.pool.fetchval("SELECT state FROM introductions")
    assert there == ("accepted" if (leg, state) == ("target", "asked") else state)
    await leave(world, person)
    assert await tables_with(world, person) <= {"suggestions"}
    row = await world.pool.fetchrow("SELECT * FROM introductions")
    assert (row["note"], row["due_at"]) == (None, None)
    assert row["outcome"] == (None if there == "declined" else "erased")
    contact = INTRODUCER if leg == "introducer" else TARGET
    if person == contact:
        assert row["contact"] is None
        assert await world.pool.fetchval("SELECT count(*) FROM links") == 0
    if person != SEEKER:
        text = (await world.call("GET", f"/v1/introductions/{key}", SEEKER)).text
        assert person not in text
        assert NAMES[person] not in text
    assert person not in json.dumps((await world.records())[key])
    assert (await _opened(world, token))[0] in (404, 409)


async def _by_link(world, leg: str) -> tuple[str, str]:
    """An introduction one leg of which goes by hand, and the token of its link."""
    members = {SEEKER, INTRODUCER} if leg == "target" else {SEEKER}
    await arrive(world, *members)
    world.entries.now |= {each: each for each in PARTS}
    direct = {"target": INTRODUCER, "ask": "hand", "target_ask": "hand"}
    await world.path(SEEKER, INTRODUCER, **(direct if leg == "introducer" else {"target_ask": "hand"}))
    one = await world.ask(SEEKER, INTRODUCER, note="Amara's own words")
    if leg == "target":
        await world.answer(one, INTRODUCER, "yes")
    writer = INTRODUCER if leg == "target" else SEEKER
    await world.post(f"/v1/introductions/{one['id']}/sent", writer)
    made = await world.post(f"/v1/introductions/{one['id']}/link", writer, expected=201)
    return str(one["id"]), str(made["url"]).rpartition("/")[2]


async def _opened(world, token: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {SERVICE}"}
    answer = await world.http.post(f"/v1/answers/{token}/open", headers=headers, json={"source": "192.0.2.1"})
    return answer.status_code, answer.json()


async def _say(world, token: str, leg: str, answer: str, tell: str) -> None:
    word = {"no": "not_now"}.get(answer, answer) if leg == "introducer" else answer
    body = {"form_token": (await _opened(world, token))[1]["form_token"], "answer": word, "tell": tell}
    body |= {"contact": "call me at work"} if answer == "yes" else {}
    headers = {"Authorization": f"Bearer {SERVICE}"}
    assert (await world.http.post(f"/v1/answers/{token}", headers=headers, json=body)).status_code == 200


@pytest.mark.parametrize("state", ["introduced", "closed"])
@pytest.mark.parametrize("person", PARTS)
async def test_who_is_left_after_an_introduction_reads_a_sentence_and_of_a_departure_no_outcome(world, person, state):
    key = await an_introduction(world, state)
    await leave(world, person)
    for other in set(PARTS) - {person}:
        shown = await world.get(f"/v1/introductions/{key}", other)
        left = ("ended", "This introduction is no longer possible.", None)
        told = ("ended", None, "talked")
        assert (shown["state"], shown.get("sentence"), shown.get("outcome")) == (
            left if state == "introduced" else told
        )
        assert shown["possible"] == ([] if state == "introduced" else shown["possible"])
        messages = {kind: await _message(world, key, other, kind) for kind in ("outcome", "ended", "outcome_question")}
        wanted = {"outcome": state == "closed" and other != SEEKER, "ended": state == "introduced"}
        assert messages == wanted | {"outcome_question": False}


async def _message(world, key: str, member: str, kind: str) -> bool:
    where = f"/internal/v1/introductions/{key}/message?member={member}&kind={kind}"
    return (await world.http.get(where, headers={"Authorization": f"Bearer {SERVICE}"})).status_code == 200


async def test_one_persons_trouble_keeps_no_other_departure_waiting(world, monkeypatch):
    await an_introduction(world)
    await arrive(world, "kai")
    await world.path("kai", "lea", "tom", posting_id="o2")
    await world.ask("kai", "lea", posting_id="o2")
    erase, failed = departures.erase, INTRODUCTION_STEPS_FAILED._value.get()

    async def fails_for_one(deps, person_id):
        if person_id == INTRODUCER:
            raise RuntimeError("its row cannot be read")
        await erase(deps, person_id)

    monkeypatch.setattr(departures, "erase", fails_for_one)
    await leave(world, INTRODUCER, "kai")
    rows = dict(await world.pool.fetch("SELECT seeker_id, outcome FROM introductions"))
    assert rows.pop(SEEKER) is None
    assert list(rows.values()) == ["erased"], "Kai's"
    assert [row[0] for row in await world.pool.fetch("SELECT person_id FROM departures")] == [INTRODUCER]
    assert INTRODUCTION_STEPS_FAILED._value.get() == failed + 1
    monkeypatch.undo()
    await departures.carry_out(world.deps)
    assert await world.pool.fetchval("SELECT count(*) FROM departures") == 0
    assert set(dict(await world.pool.fetch("SELECT introduction_id, outcome FROM introductions")).values()) == {
        "erased"
    }
