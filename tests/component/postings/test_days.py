"""The day on clock.v1, the end of openings past their last day, and the forgetting of erased people."""

import asyncio
from datetime import UTC, date, datetime, timedelta

from services.postings import store, timers
from services.postings.handlers import handlers
from shared.events.people import PersonV1
from shared.messaging.consume.decoding import Record
from shared.testing.wait import until

OPENING = {"company": {"name": "Initech"}, "title": "Engineer", "workplace": "remote"}


async def posted(service, key: str, **changes) -> str:
    answer = await service.call("POST", "/v1/postings", key, json=OPENING | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()["posting_id"]


async def days(service) -> list[tuple[str, int]]:
    return [(value["day"], value["version"]) for topic, _, _, value in await service.events() if topic == "clock.v1"]


async def test_the_day_is_written_once(service):
    for _ in range(3):
        await timers.tick(service.pool, service.clock)
    service.clock.moment += timedelta(hours=8)
    await timers.tick(service.pool, service.clock)
    assert [day for day, _ in await days(service)] == ["2026-03-10"]


async def test_days_that_were_missed_are_caught_up_and_the_day_never_goes_back(service):
    await timers.tick(service.pool, service.clock)
    first = (await days(service))[0][1]
    service.clock.moment += timedelta(days=40)
    await timers.tick(service.pool, service.clock)
    [(day, version)] = await days(service)
    assert (day, version > first) == ("2026-04-19", True)
    service.clock.moment -= timedelta(days=10)
    await timers.tick(service.pool, service.clock)
    assert await days(service) == [(day, version)]


async def test_two_processes_write_one_day(service):
    await asyncio.gather(*(timers.tick(service.pool, service.clock) for _ in range(5)))
    assert len(await days(service)) == 1
    assert await service.pool.fetchval("SELECT count(*) FROM clock") == 1


async def test_the_clock_pauses_until_midnight_but_a_quarter_of_an_hour_at_most(service):
    service.clock.moment = datetime(2026, 3, 10, 23, 59, 30, tzinfo=UTC)
    assert await timers.tick(service.pool, service.clock) == 30.0
    service.clock.moment = datetime(2026, 3, 11, tzinfo=UTC)
    assert await timers.tick(service.pool, service.clock) == timers.LONGEST_PAUSE_S


async def test_a_day_that_could_not_be_written_is_written_once_that_is_possible(service):
    loop = timers.loops(service.pool, service.clock)["clock"]
    await service.pool.execute("ALTER TABLE clock RENAME TO away")
    await loop.start()
    try:
        await until(lambda: loop.failure)
        await service.pool.execute("ALTER TABLE away RENAME TO clock")
        await until(lambda: days(service))
        assert [day for day, _ in await days(service)] == ["2026-03-10"]
    finally:
        await loop.stop()


async def test_an_opening_is_closed_the_day_after_its_last_day(service, key, monkeypatch):
    monkeypatch.setattr(timers, "CLOSED_AT_ONCE", 2)
    ending = [await posted(service, key, valid_through="2026-03-10") for _ in range(5)]
    staying = [await posted(service, key), await posted(service, key, valid_through="2026-03-11")]
    before = {posting_id: await service.event_of(posting_id) for posting_id in ending}
    await timers.tick(service.pool, service.clock)
    assert {posting_id: await service.event_of(posting_id) for posting_id in ending} == before
    service.clock.moment = datetime(2026, 3, 11, 0, 0, 0, 1, tzinfo=UTC)
    await timers.tick(service.pool, service.clock)
    for posting_id in ending:
        version, value = await service.event_of(posting_id)
        assert value["status"] == "closed"
        assert version > before[posting_id][0]
        view = (await service.call("GET", f"/v1/postings/{posting_id}", key)).json()
        assert (view["status"], view["version"]) == ("closed", version)
    for posting_id in staying:
        assert (await service.event_of(posting_id))[1]["status"] == "open"


async def test_an_expired_opening_can_be_opened_again(service, key):
    posting_id = await posted(service, key, valid_through="2026-03-10")
    service.clock.moment += timedelta(days=1)
    await timers.tick(service.pool, service.clock)
    path = f"/v1/postings/{posting_id}"
    expired = (await service.call("GET", path, key)).json()
    again = await service.call("PUT", path, key, json=expired | {"status": "open"})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "valid_through")
    renewed = await service.call("PUT", path, key, json=expired | {"status": "open", "valid_through": "2026-03-20"})
    assert renewed.json()["status"] == "open"


def record(person_id: str, value: PersonV1 | None) -> Record:
    return Record("people.v1", 0, 1, person_id, value, 5, None, 0)  # the handler reads key and value


async def test_an_erased_contact_is_forgotten_everywhere(service, key, other_key):
    await service.agrees("person-1", *service.keys)
    await service.agrees("person-2", service.keys[0])
    named = [
        await posted(service, key, hiring_contact="person-1"),
        await posted(service, other_key, hiring_contact="person-1", status="closed"),
    ]
    other = await posted(service, key, hiring_contact="person-2")
    before = {posting_id: (await service.event_of(posting_id))[0] for posting_id in [*named, other]}
    handle = handlers(service.clock)["people.v1"]
    person = PersonV1(person_id="person-1", version=4, member=True)
    async with service.pool.acquire() as conn, conn.transaction():
        await handle(conn, record("person-1", person))
    assert {posting_id: (await service.event_of(posting_id))[0] for posting_id in before} == before
    async with service.pool.acquire() as conn, conn.transaction():
        await handle(conn, record("person-1", None))
        await handle(conn, record("person-1", None))
        await handle(conn, record("person-9", None))
    for posting_id in named:
        version, value = await service.event_of(posting_id)
        assert version > before[posting_id]
        assert "hiring_contact" not in value
    assert (await service.event_of(other))[1]["hiring_contact"] == "person-2"
    for table in ("postings", "outbox", "idempotency", "hiring_consents"):
        rows = await service.pool.fetch(f"SELECT to_jsonb(t)::text AS whole FROM {table} t")  # noqa: S608 - names from above
        assert not any("person-1" in row["whole"] for row in rows)
        assert not any(b"person-1".hex() in row["whole"] for row in rows)
    later = await service.pool.fetch("SELECT key FROM outbox WHERE not_before > now() + interval '7 days'")
    assert {row["key"] for row in later} == set(named), "a quiet partition compacts only when it is written to again"


async def test_the_clock_moves_by_itself_only_forward(service):
    async with service.pool.acquire() as conn, conn.transaction():
        assert await store.advance_clock(conn, date(2026, 3, 10))
        assert not await store.advance_clock(conn, date(2026, 3, 10))
        assert not await store.advance_clock(conn, date(2026, 3, 9))
