"""people.v1 and ties.v1 against tables that came from a backup."""

import asyncio
import time

from services.profiles import reconciling
from services.profiles.reconciling import People, Ties
from shared.messaging.publish.outbox import outgoing_record
from shared.messaging.publish.publisher import FencedPublisher
from shared.messaging.publish.reconciling import reconcile
from shared.messaging.topics.catalogue import PEOPLE, TIES
from shared.testing.reading import latest
from shared.testing.wait import until

OPERATOR = "operator-" + "o" * 20
TABLES = ("members", "tokens", "contacts", "contact_sources", "erased")


async def said(bootstrap, topic):
    return await latest(bootstrap, topic)


async def reconciled(service, topic, **how):
    params = {"topic": topic, "dry_run": "false", **how}
    return await service.ok("POST", "/internal/v1/reconcile", OPERATOR, params=params)


async def back_up(pool):
    for table in TABLES:
        await pool.execute(f"CREATE TABLE old_{table} AS TABLE {table}")


async def restore(pool):
    """The tables as they were; the topics know nothing of it."""
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("TRUNCATE members, tokens, proofs, contacts, contact_sources, introduced, erased, outbox")
        for table in TABLES:
            await conn.execute(f"INSERT INTO {table} TABLE old_{table}")


async def published(pool):
    await until(lambda: pool.fetchval("SELECT count(*) = 0 FROM outbox WHERE not_before IS NULL"))


async def tables_say(pool):
    """(version, content's key) of what both topics should hold, live."""
    people = await pool.fetch("SELECT member_id AS key, version FROM members")
    people += await pool.fetch(
        "SELECT contact_id AS key, person_version AS version FROM contacts WHERE member_id IS NULL"
    )
    ties = await pool.fetch(
        "SELECT owner_id || ':' || coalesce(member_id, contact_id) AS key, tie_version AS version FROM contacts"
    )
    return [{row["key"]: row["version"] for row in rows} for rows in (people, ties)]


async def topics_say(bootstrap):
    found = [await latest(bootstrap, name) for name in ("people.v1", "ties.v1")]
    return [{key: version for key, (version, value) in topic.items() if value is not None} for topic in found]


async def test_after_a_restore_the_topics_say_what_the_tables_say(alone):
    service, bootstrap = alone
    pool = service.pool
    dana = await service.member("Dana", "dana@example.org", verified=True)
    erin = await service.member("Erin", "erin@example.org", verified=True)
    await service.bring(dana, "Ann,A,,ann@x.test,Initech,Engineer,", "Erin,E,,erin@example.org,Initech,Cook,")
    await service.bring(erin, "Gone,G,,gone@x.test,Hooli,Cook,")
    await published(pool)
    await back_up(pool)

    fresh = await service.member("Fresh", "fresh@example.org")  # in no table after the restore
    await service.bring(
        dana, "Ann,A,,ann@x.test,Hooli,Boss,", "New,N,,new@x.test,Hooli,Cook,"
    )  # changed, added, removed
    await service.ok("DELETE", "/v1/me", erin)  # erased: must not come back by itself
    await published(pool)
    await restore(pool)
    await pool.execute("UPDATE contacts SET company = 'Never said', person_digest = NULL WHERE name = 'Ann A'")

    dry = [await reconciled(service, topic, dry_run="true") for topic in ("people.v1", "ties.v1")]
    assert [each["dry_run"] for each in dry] == [True, True]
    assert await pool.fetchval("SELECT count(*) FROM outbox WHERE not_before IS NULL") == 0
    real = [await reconciled(service, topic) for topic in ("people.v1", "ties.v1")]
    counts = ("different", "missing", "unknown", "revived")
    assert [[each[name] for name in counts] for each in dry] == [[each[name] for name in counts] for each in real]
    people, ties = real
    assert people["different"] >= 1
    assert {"key": fresh.id, "kind": "unknown"} in people["examples"]
    assert {"key": erin.id, "kind": "revived"} in people["examples"]
    assert ties["unknown"] >= 1
    await published(pool)
    assert erin.id not in (await topics_say(bootstrap))[0], "who was erased stays erased"

    for topic in ("people.v1", "ties.v1"):
        await reconciled(service, topic, revive="true")
    await published(pool)
    assert await topics_say(bootstrap) == await tables_say(pool)
    ann = await pool.fetchval("SELECT contact_id FROM contacts WHERE name = 'Ann A'")
    assert (await latest(bootstrap, "people.v1"))[ann][1]["employments"][0]["company"] == "Never said"
    for topic in ("people.v1", "ties.v1"):
        again = await reconciled(service, topic, dry_run="true")
        assert [again[name] for name in counts] == [0, 0, 0, 0], again


async def test_what_changes_meanwhile_is_not_lost(alone, monkeypatch):
    """A profile changes after the topic was read, and a contact comes back just before it would be withdrawn."""
    service, bootstrap = alone
    pool, calendar = service.pool, service.calendar
    dana = await service.member("Dana", "dana2@example.org")
    erin = await service.member("Erin", "erin2@example.org", verified=True)
    await service.bring(dana, "Erin,E,,erin2@example.org,Initech,Cook,")
    await published(pool)
    key = f"{dana.id}:{erin.id}"
    await pool.execute("DELETE FROM contacts WHERE owner_id = $1", dana.id)
    await pool.execute("UPDATE members SET books = '{}', version = 1, digest = NULL WHERE member_id = $1", dana.id)

    real_republish, real_withdraw = People.republish, Ties.withdraw

    async def republish(self, conn, rows):
        await service.ok("PATCH", "/v1/me", dana, json={"skills": ["Welding"]})
        await real_republish(self, conn, rows)

    async def withdraw(self, conn, keys):
        assert key in keys
        await service.bring(dana, "Erin,E,,erin2@example.org,Initech,Cook,")
        await real_withdraw(self, conn, keys)

    monkeypatch.setattr(reconciling.People, "republish", republish)
    monkeypatch.setattr(reconciling.Ties, "withdraw", withdraw)
    for owner in (
        People(service.app.state.dependencies.republish_after),
        Ties(calendar, service.app.state.dependencies.republish_after),
    ):
        await reconcile(pool, bootstrap, owner, dry_run=False, revive=False)
    await published(pool)
    assert (await latest(bootstrap, "people.v1"))[dana.id][1]["skills"] == ["Welding"]
    assert (await latest(bootstrap, "ties.v1"))[key][1] is not None
    assert await topics_say(bootstrap) == await tables_say(pool)


async def test_imports_that_go_on_meanwhile_are_not_lost(alone):
    service, bootstrap = alone
    pool = service.pool
    people = [await service.member(f"M{n}", f"m{n}@example.org") for n in range(3)]
    for person in people:
        await service.bring(person, *(f"C{n},C,,c{n}@x.test,Initech,Cook," for n in range(20)))
    await published(pool)
    await pool.execute("DELETE FROM contacts WHERE owner_id = $1", people[0].id)
    await pool.execute("UPDATE members SET imported = NULL")
    await pool.execute("UPDATE contacts SET tie_version = 1, person_version = 1 WHERE name < 'C5'")

    async def importing():
        for turn in range(6):
            for person in people:
                await service.bring(person, *(f"C{n},C,,c{n}@x.test,Company {turn},Cook," for n in range(turn, 20)))

    async def reconciling_on():
        for _ in range(3):
            for topic in ("people.v1", "ties.v1"):
                await reconciled(service, topic)

    await asyncio.gather(importing(), reconciling_on())
    await published(pool)
    assert await topics_say(bootstrap) == await tables_say(pool)


async def test_what_is_published_goes_above_the_topic_whose_writer_s_clock_was_ahead(alone):
    service, bootstrap = alone
    dana = await service.member("Dana", "dana3@example.org")
    await service.bring(dana, "Ann,A,,ann@x.test,Initech,Engineer,")
    await published(service.pool)
    future = int(time.time() * 1000) + 3_600_000
    publisher = FencedPublisher(bootstrap, "test.ahead")
    await publisher.start()
    for topic in (PEOPLE, TIES):
        for key, (_, value) in (await latest(bootstrap, topic.name)).items():
            record = topic.model.model_validate(value | {"version": future})
            await publisher.publish([outgoing_record(topic, key, record, future, source="profiles")])
    await publisher.stop()
    for topic in ("people.v1", "ties.v1"):
        await reconciled(service, topic)
    await published(service.pool)
    people, ties = await topics_say(bootstrap)
    assert {*people.values(), *ties.values()} == {future + 1}
    assert [people, ties] == await tables_say(service.pool)


async def test_only_operators_may_and_only_topics_of_the_service(service):
    assert (
        await service.call("POST", "/internal/v1/reconcile?topic=people.v1", "service-" + "s" * 20)
    ).status_code == 403
    answer = await service.call("POST", "/internal/v1/reconcile?topic=postings.v1", OPERATOR)
    assert answer.status_code == 404


async def test_a_tombstone_that_came_too_late_hides_nothing(alone):
    """A restored outbox published an old tombstone again: readers hold what came before it, and no table knows it."""
    service, bootstrap = alone
    publisher = FencedPublisher(bootstrap, "test.late")
    await publisher.start()
    person = PEOPLE.model(person_id="lost", version=9, member=False)
    await publisher.publish([outgoing_record(PEOPLE, "lost", person, 9, source="profiles")])
    await publisher.publish([outgoing_record(PEOPLE, "lost", None, 5, source="profiles")])
    await publisher.stop()
    assert (await reconciled(service, "people.v1"))["unknown"] == 1
    await published(service.pool)
    version, value = (await latest(bootstrap, "people.v1"))["lost"]
    assert (version > 9, value) == (True, None)
    assert (await reconciled(service, "people.v1"))["unknown"] == 0
