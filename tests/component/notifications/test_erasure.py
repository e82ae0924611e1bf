"""A member's tombstone leaves nothing of theirs, and nothing of theirs comes back."""

from datetime import timedelta

import pytest

from services.notifications import store
from services.notifications.handlers import IGNORED
from shared.events.envelope import seal, unseal
from shared.events.people import PersonV1
from shared.events.suggestions import suggestion_id
from shared.messaging.consume.decoding import Record
from shared.messaging.topics.catalogue import PEOPLE

from .conftest import VERSIONS, direct, erasure, record, suggestion, token

TABLES = ("members", "items", "events", "digests", "deliveries", "preferences", "unsubscribe_links", "hidden_people")


async def holdings(world, words):
    """Every row of every table that holds one of the words."""
    found = []
    for table in TABLES:
        rows = [str(dict(row)) for row in await world.pool.fetch(f"SELECT * FROM {table}")]  # noqa: S608 - our own names
        found += [(table, row) for row in rows if any(f"'{word}'" in row or f'"{word}"' in row for word in words)]
    return found


async def fill(world, member):
    await world.apply(record(suggestion(member, "p1")), record(suggestion(member, "p2"), cause="network"))
    headers = {"Authorization": f"Bearer {token(member)}"}
    await world.http.put("/v1/preferences", headers=headers, json={})
    while await world.sender().send_one():
        pass
    await world.http.put("/v1/hidden/people/mallory", headers=headers)
    for mark in ("saved", "hidden"):
        await world.http.put(f"/v1/inbox/{suggestion_id(member, 'p1')}/{mark}", headers=headers)


@pytest.mark.parametrize("chunk", [store.CHUNK_ROWS, 1])
async def test_erasure_leaves_nothing(world, monkeypatch, chunk):
    monkeypatch.setattr(store, "CHUNK_ROWS", chunk)
    await fill(world, "ada")
    await fill(world, "bob")
    others = await holdings(world, {"bob"})
    assert {table for table, _ in await holdings(world, {"ada"})} == set(TABLES)
    await world.apply(erasure("ada"))
    assert await holdings(world, {"ada", "p1 of ada"}) == []
    assert await holdings(world, {"bob"}) == others
    left = await world.pool.fetch("SELECT * FROM items WHERE NOT live")
    assert len(left) == 2
    for row in left:
        kept = {key for key, value in dict(row).items() if value not in (None, False, 0)}
        assert kept == {"suggestion_id", "version", "status", "posted_at", "created_at", "updated_at"}
    assert await world.inbox("ada") == []


async def test_what_was_under_way_does_not_come_back(world):
    await fill(world, "ada")
    late = suggestion("ada", "p3")
    await world.apply(erasure("ada"), record(late), record(suggestion("ada", "p1", direct("ben"))))
    headers = {"Authorization": f"Bearer {token('ada')}"}
    assert (await world.http.put("/v1/preferences", headers=headers, json={})).status_code == 404
    assert await holdings(world, {"ada"}) == []


async def test_an_older_record_of_the_person_does_not_undo_it_and_a_newer_one_does(world):
    gone = erasure("ada")
    await world.apply(gone)

    def person(version):
        value = PersonV1(person_id="ada", version=version, member=True)
        return Record(
            PEOPLE.name, 0, 0, "ada", value, version, unseal(seal(PEOPLE.name, "ada", version, "profiles")), 0
        )

    await world.apply(person(gone.version - 1), record(suggestion("ada")))
    assert await world.inbox("ada") == []
    await world.apply(person(next(VERSIONS)), record(suggestion("ada")))
    assert len(await world.inbox("ada")) == 1


def test_records_of_contacts_are_ignored_and_those_of_members_and_erasures_are_not():
    def person(value):
        sealed = unseal(seal(PEOPLE.name, "ada", 1, "profiles"))
        return Record(PEOPLE.name, 0, 0, "ada", value, 1, sealed, 0)

    member, contact = (PersonV1(person_id="ada", version=1, member=member) for member in (True, False))
    assert [IGNORED[PEOPLE.name](person(value)) for value in (member, contact, None)] == [False, True, False]


async def test_what_nobody_needs_any_longer_is_forgotten(world):
    made = suggestion("ada", "p1")
    await world.apply(record(made), record(suggestion("ada", "p2")), record(made.suggestion_id), erasure("bob"))
    await store.delete_old(world.pool, versions=timedelta(days=1), events=timedelta(days=1), links=timedelta(days=1))
    assert await world.pool.fetchval("SELECT count(*) FROM items") == 2
    await store.delete_old(world.pool, versions=timedelta(0), events=timedelta(0), links=timedelta(0))
    assert [row["posting_id"] for row in await world.pool.fetch("SELECT * FROM items")] == ["p2"]
    for table in ("erased", "events"):
        assert await world.pool.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608 - our own names
    assert await world.deliveries("ada") == [("suggestion", "queued")] * 2
