"""Kill -9 of each service, once or twice, in the middle of its work: nothing accepted is lost, nobody is told twice."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
from aiokafka import AIOKafkaProducer

from infra.local.ports import free_port
from infra.local.service import ServiceProcess
from shared.messaging.kafka.settings import BATCH_RECORDS
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import SUGGESTIONS
from shared.testing.processes import environment, service
from shared.testing.reading import latest
from shared.testing.wait import until
from tests.fault.mail import suggested
from tests.fault.storm import TOLD_TWICE, Mortal
from tests.integration.cluster import expected, operator, running
from tests.integration.histories import Event, World

TODAY = date(2026, 11, 23)
CLOCK = Event("clock.v1", "day", 1, {"day": TODAY.isoformat(), "version": 1})
OPENING = {"company": {"name": "Lumenforge"}, "title": "Backend Engineer", "workplace": "remote", "skills": ["Python"]}


@asynccontextmanager
async def one(name: str, bootstrap: str, database: Any):
    """One service alone on an empty broker, and a client that speaks as an operator."""
    await cluster.ensure(bootstrap)
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(service(name, environment(bootstrap, database.dsn(name))))
        client = httpx2.AsyncClient(base_url=process.url, headers=operator(), timeout=20)
        yield process, await stack.enter_async_context(client)


async def persist(send: Callable[[], Awaitable[httpx2.Response]], what: str) -> httpx2.Response:
    """Send until there is an answer, as a client does that wants its request to count."""

    async def answered() -> httpx2.Response | None:
        try:
            answer = await send()
        except httpx2.TransportError:
            return None
        return None if answer.status_code == 503 else answer

    answer = await until(answered, timeout=60, every=0.05, what=what)
    assert answer.is_success, answer.text
    return answer


async def kill_at(process: ServiceProcess, done: Callable[[], int], *marks: int) -> None:
    """Kill the process each time that so much is done, and start it again."""
    for mark in marks:
        await until(lambda: done() >= mark, timeout=60, every=0.001)  # noqa: B023 - awaited here
        await process.kill()
        await process.start()


async def test_killing_postings_loses_no_accepted_opening_and_makes_none_twice(clean_kafka, database):
    async with one("postings", clean_kafka.bootstrap, database) as (process, client):
        made = (await client.post("/internal/v1/organisations", json={"name": "Fault"})).json()
        recruiter = {"Authorization": f"Bearer {made['api_key']}"}
        versions: dict[str, int] = {}

        async def post(number: int) -> None:
            headers = recruiter | {"Idempotency-Key": f"opening-{number}"}
            opening = OPENING | {"title": f"Engineer {number}"}
            answer = await persist(
                lambda: client.post("/v1/postings", json=opening, headers=headers), f"opening {number}"
            )
            versions[answer.json()["posting_id"]] = answer.json()["version"]

        async def work(numbers: range) -> None:
            for number in numbers:
                await post(number)

        killing = asyncio.create_task(kill_at(process, lambda: len(versions), 40, 100))
        await asyncio.gather(*(work(range(start, 160, 8)) for start in range(8)))
        await killing
        assert len(versions) == 160

        async def published() -> bool:
            held = await latest(clean_kafka.bootstrap, "postings.v1")
            assert {key: version for key, (version, _) in held.items()} == versions
            return True

        await until(published, timeout=30, every=0.2)


async def test_killing_profiles_loses_no_accepted_address_book(clean_kafka, database):
    header = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
    async with one("profiles", clean_kafka.bootstrap, database) as (process, client):
        done: list[str] = []

        async def join(number: int) -> None:
            person = {"name": f"Member {number}", "email": f"m{number}@people.example"}
            made = (await client.post("/internal/v1/members", json=person)).json()
            rows = [
                f"A{row},B{number},https://www.linkedin.com/in/warmpath-fault-{number}-{row},,Lumenforge,Engineer,"
                for row in range(80)
            ]
            data = "\n".join([header, *rows]).encode()
            headers = {"Authorization": f"Bearer {made['token']}", "Content-Type": "text/csv"}
            members.append((data, headers))

        async def bring(number: int) -> None:
            data, headers = members[number]
            path = "/v1/contacts/import?source=linkedin"
            answer = await persist(lambda: client.post(path, content=data, headers=headers), f"book {number}")
            done.append(answer.text)

        members: list[tuple[bytes, dict[str, str]]] = []
        for number in range(12):
            await join(number)
        killing = asyncio.create_task(kill_at(process, lambda: len(done), 2, 4, 6, 8))
        for number in range(12):
            await bring(number)
        await killing
        await _says_what_the_tables_say(clean_kafka.bootstrap, database)


async def _says_what_the_tables_say(bootstrap: str, database: Any) -> None:
    connection = await asyncpg.connect(database.admin_dsn)
    try:
        members = await connection.fetch("SELECT member_id AS key, version FROM profiles.members")
        contacts = await connection.fetch("SELECT contact_id AS key, person_version AS version FROM profiles.contacts")
        ties = await connection.fetch(
            "SELECT owner_id || ':' || contact_id AS key, tie_version AS version FROM profiles.contacts"
        )
    finally:
        await connection.close()
    assert (len(members), len(contacts)) == (12, 12 * 80)

    async def published() -> bool:
        for topic, rows in (("people.v1", [*members, *contacts]), ("ties.v1", ties)):
            held = await latest(bootstrap, topic)
            assert {key: version for key, (version, _) in held.items()} == {r["key"]: r["version"] for r in rows}
        return True

    await until(published, timeout=60, every=0.2)


@pytest.mark.parametrize("victim", ["matching", "notifications"])
async def test_killing_a_reader_mid_work_ends_in_the_right_inboxes_and_nobody_is_told_twice(
    clean_kafka, database, victim
):
    world = World(11, "k-", TODAY, people=40, openings=30)
    async with running(clean_kafka.bootstrap, database, shards=1) as cluster:
        process = cluster.matchers[0] if victim == "matching" else cluster.notifications
        history = [CLOCK, *world.beginning()]
        await cluster.publish(history)
        await until(cluster.inboxes, timeout=60, what="the first suggestions")
        published = 0

        async def go_on() -> None:
            nonlocal published
            for _ in range(20):
                burst = world.draw(20)
                history.extend(burst)
                await cluster.publish(burst)
                published += 1

        working = asyncio.create_task(go_on())
        await kill_at(process, lambda: published, 5)
        await working
        wanted = expected(history, TODAY)
        assert len(wanted) > 30

        async def same() -> bool:
            assert await cluster.inboxes() == wanted
            return True

        await until(same, timeout=60)
        told = "SELECT suggestion_id FROM notifications.events WHERE kind = 'suggestion' GROUP BY 1 HAVING count(*) > 1"
        assert await cluster.database.fetch(told) == []


@pytest.mark.parametrize("batch", [1, pytest.param(3, marks=pytest.mark.long)])
async def test_killing_notifications_within_a_batch_leaves_none_of_it_unread(clean_kafka, database, tmp_path, batch):
    """Where part of a batch's effects are written: an offset that was committed before them would leave them out."""
    seekers = 3 * BATCH_RECORDS
    await cluster.ensure(clean_kafka.bootstrap)
    async with _doomed(clean_kafka.bootstrap, database, tmp_path) as notifications:
        await _suggest(clean_kafka.bootstrap, seekers)
        notifications.launch_doomed(f"halfway through writing suggestions:{batch}")
        await notifications.until_dead()
        await notifications.start()
        connection = await asyncpg.connect(database.admin_dsn)
        try:

            async def all_are_told() -> bool:
                query = "SELECT count(*) FROM notifications.items WHERE kind = 'suggestion' AND told_at IS NOT NULL"
                told = await connection.fetchval(query)
                assert told == seekers, told
                return True

            await until(all_are_told, timeout=60)
            assert await connection.fetch(TOLD_TWICE) == []
            assert await connection.fetchval("SELECT count(*) FROM notifications.events") == seekers
        finally:
            await connection.close()


@asynccontextmanager
async def _doomed(bootstrap: str, database: Any, folder: Path):
    """Notifications, not yet started."""
    env = environment(bootstrap, database.dsn("notifications"))
    process = Mortal("notifications", free_port(), env, log=folder / "notifications.log")
    try:
        yield process
    finally:
        await process.kill()


async def _suggest(bootstrap: str, seekers: int) -> None:
    """A suggestion for each of so many seekers, told at once."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        for number in range(seekers):
            key, value, headers = suggested(number)
            await producer.send(SUGGESTIONS.name, value, key, headers=headers)
        await producer.flush()
    finally:
        await producer.stop()
