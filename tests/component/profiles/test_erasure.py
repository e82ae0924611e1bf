"""Erasure leaves nothing, whatever goes on at the same time; and what the topics hold afterwards."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import asyncpg

from services.profiles import timers
from shared.testing.reading import latest
from shared.testing.wait import until

LINK = "https://www.linkedin.com/in/dana-okafor"


async def everything(database) -> dict[str, str]:
    """Each table of the database as one text."""
    conn = await asyncpg.connect(database.admin_dsn)
    try:
        tables = await conn.fetch("SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'profiles'")
        return {
            table["tablename"]: await conn.fetchval(
                f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM profiles.{table['tablename']} t"  # noqa: S608 - names from the catalogue
            )
            for table in tables
        }
    finally:
        await conn.close()


async def a_network(service) -> tuple[Any, Any, str]:
    """Dana and Eve know each other, Dana knows Ana; gives Dana, Eve and Ana's id."""
    dana = await service.member("Dana Okafor", "dana@example.org", profile_url=LINK, verified=True)
    eve = await service.member("Eve Stone", "eve@example.org", verified=True)
    await service.bring(dana, "Eve,Stone,,eve@example.org,,,", "Ana,Silvestre,,ana@example.net,Initech,,")
    await service.bring(eve, "D.,O.,,dana@example.org,Hooli,Friend,")
    ana = (await service.contacts(dana))["Ana Silvestre"]["id"]
    await service.ok("PUT", f"/v1/contacts/{dana.id}/closeness", eve, json={"value": 4})
    return dana, eve, ana


async def test_erasure_leaves_nothing_in_any_table(service, module_database):
    dana, eve, ana = await a_network(service)
    await service.ok("DELETE", "/v1/me", dana)
    tables = await everything(module_database)
    assert set(tables) >= {"members", "contacts", "tokens", "outbox", "idempotency", "erased"}
    for word in (dana.id, "Okafor", "dana-okafor", ana, "Silvestre", "ana@example.net"):
        found = {name for name, text in tables.items() if word in text}
        assert found <= {"outbox", "erased"}, word  # tombstones, and the versions of what was erased
    assert "dana@example.org" not in tables["members"]
    assert (await service.call("GET", "/v1/me", dana)).status_code == 401
    assert (await service.contacts(eve))["D. O."]["email"] == "dana@example.org"  # it was Eve's own entry


async def test_erasure_publishes_tombstones_and_again_later(service):
    dana, eve, ana = await a_network(service)
    await service.ok("DELETE", "/v1/me", dana)
    people, ties = await service.said("people.v1"), await service.said("ties.v1")
    gone = {("people.v1", dana.id), ("people.v1", ana)}
    gone |= {("ties.v1", f"{dana.id}:{ana}"), ("ties.v1", f"{dana.id}:{eve.id}"), ("ties.v1", f"{eve.id}:{dana.id}")}
    assert {("people.v1", key) for key, value in people.items() if value is None} | {
        ("ties.v1", key) for key, value in ties.items() if value is None
    } == gone
    later = await service.pool.fetch("SELECT * FROM outbox WHERE not_before IS NOT NULL")
    assert {(row["topic"], row["key"]) for row in later} == gone
    assert all(row["value"] is None and row["not_before"] - row["created_at"] > timedelta(days=7) for row in later)


async def test_others_keep_their_entry_under_an_id_that_leads_nowhere(service):
    dana, eve, _ana = await a_network(service)
    await service.ok("DELETE", "/v1/me", dana)
    entry = (await service.contacts(eve))["D. O."]
    assert entry["member"] is False
    assert entry["closeness"] == 4
    assert entry["id"] != dana.id
    event = (await service.said("people.v1"))[entry["id"]]
    assert (event["member"], event["imported_by"]) == (False, eve.id)
    assert set(await service.tie(eve, entry["id"])) == {"connected", "closeness"}


async def test_whoever_comes_back_is_somebody_new(service):
    dana, eve, _ana = await a_network(service)
    await service.ok("DELETE", "/v1/me", dana)
    again = await service.member("Dana Okafor", "dana@example.org", profile_url=LINK, verified=True)
    assert again.id != dana.id
    assert (await service.contacts(eve))["D. O."]["id"] == again.id


async def test_what_was_erased_is_forgotten_after_30_days(service):
    dana, _eve, _ana = await a_network(service)
    await service.ok("DELETE", "/v1/me", dana)
    await service.pool.execute("UPDATE erased SET erased_at = now() - interval '29 days 23 hours'")
    await timers.delete_old_erased(service.pool)
    assert await service.pool.fetchval("SELECT count(*) FROM erased") > 0
    await service.pool.execute("UPDATE erased SET erased_at = now() - interval '30 days 1 second'")
    await timers.delete_old_erased(service.pool)
    assert await service.pool.fetchval("SELECT count(*) FROM erased") == 0


async def test_an_import_that_meets_an_erasure_leaves_nothing(service, module_database):
    for number in range(6):
        dana = await service.member("Dana Okafor", "dana@example.org", verified=True)
        rows = [f"Ana{n},Silvestre,,ana{n}@example.net,Initech,," for n in range(300)]
        header = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
        imported = service.call("POST", "/v1/contacts/import", dana, content="\n".join([header, *rows]).encode())
        both = [imported, service.call("DELETE", "/v1/me", dana)]
        answers = await asyncio.gather(*(both if number % 2 else reversed(both)))
        assert sorted(a.status_code for a in answers if a.request.method == "DELETE") == [204]
        assert all(a.status_code in {200, 401, 404} for a in answers if a.request.method == "POST")
        tables = await everything(module_database)
        assert "Silvestre" not in tables["contacts"]
        assert dana.id not in tables["contacts"] + tables["members"] + tables["tokens"]
        assert all(value is None for value in (await service.said("people.v1")).values())
        assert all(value is None for value in (await service.said("ties.v1")).values())


async def test_everything_at_once_neither_deadlocks_nor_misses_a_member(service):
    open_ = {"verified": True, "discreet": False}  # colleagues find each other
    people = [await service.member(f"P{n}", f"p{n}@example.org", **open_) for n in range(4)]
    rows = [f"P{n},X,,p{n}@example.org,Initech,," for n in range(8)]
    jobs = {"employments": [{"company": "Initech", "start": "2020-01-01"}]}
    late, *answers = await asyncio.gather(
        asyncio.gather(*(service.member(f"P{n}", f"p{n}@example.org", **open_) for n in range(4, 8))),
        *(service.bring(one, *rows[:n], *rows[n + 1 :]) for n, one in enumerate(people)),
        *(service.ok("PATCH", "/v1/me", one, json=jobs) for one in people),
    )
    assert len(answers) == 8
    ids = {one.id for one in [*people, *late]}
    for one in people:
        contacts = await service.contacts(one)
        assert {contact["id"] for contact in contacts.values()} == ids - {one.id}
        for other in people:
            if other is not one:
                assert (await service.tie(one, other.id))["worked_together"]["months"] > 60


async def values_of(bootstrap: str, topic: str) -> dict[str, Any]:
    """The last value of each key on a topic."""
    return {key: value for key, (_, value) in (await latest(bootstrap, topic)).items()}


async def test_after_erasure_the_topics_hold_tombstones_and_nobodys_name(running, topics):
    dana, eve, ana = await a_network(running)
    await running.ok("DELETE", "/v1/me", dana)

    async def told() -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Both topics once they hold everything: the broker shows a transaction a moment after it is committed."""
        if await running.pool.fetchval("SELECT count(*) FROM outbox WHERE not_before IS NULL"):
            return None
        people, ties = await values_of(topics.bootstrap, "people.v1"), await values_of(topics.bootstrap, "ties.v1")
        return (people, ties) if {dana.id, ana} <= people.keys() and f"{eve.id}:{dana.id}" in ties else None

    people, ties = await until(told)
    assert people[dana.id] is None
    assert people[ana] is None
    assert ties[f"{eve.id}:{dana.id}"] is None
    assert people[eve.id]["member"] is True
    text = json.dumps([people, ties])
    values = json.dumps([v for v in [*people.values(), *ties.values()] if v])
    assert dana.id not in values
    assert not any(word in text for word in ("Okafor", "Silvestre", "example.org", "example.net", "linkedin.com"))
    assert (await running.call("GET", "/ready")).status_code == 200
