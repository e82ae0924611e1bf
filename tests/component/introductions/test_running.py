"""The whole service on Kafka: records in, an introduction out, and nobody left in it who was erased."""

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from services.introductions.app import make_app
from shared.events.envelope import seal
from shared.events.introductions import IntroductionV1
from shared.events.people import PersonV1
from shared.events.ties import Blocked, TieV1
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import INTRODUCTIONS
from shared.testing.broker import Broker
from shared.testing.database import Database
from shared.testing.reading import latest
from shared.testing.wait import until
from tests.component.notifications.conftest import served

from .conftest import Clock, Entries, Matcher, Profiles, World, settings
from .test_departures import INTRODUCER, SEEKER, TARGET
from .test_mirror import opening, record, suggestion

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest_asyncio.fixture(loop_scope="session")
async def running(database: Database, clean_kafka: Broker) -> AsyncIterator[World]:
    """The service with all its loops, on a broker of its own."""
    await cluster.ensure(clean_kafka.bootstrap)
    clock, profiles, matcher, entries = Clock(), Profiles(), Matcher(), Entries()
    async with served(entries.add_to(profiles.app())) as profiles_url, served(matcher.app()) as matching_url:
        chosen = settings(database, profiles_url, matching_url)
        app = make_app(chosen.model_copy(update={"kafka_bootstrap_servers": clean_kafka.bootstrap}), clock)
        transport = httpx2.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url="http://introductions.test") as http,
        ):
            yield World(app, http, clock, profiles, matcher, entries)


async def publish(bootstrap, *records):
    """Puts records on their topics as their writers do."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
    await producer.start()
    try:
        for each in records:
            headers = seal(each.topic, each.key, each.version, "test", now=each.envelope.time)
            value = None if each.value is None else each.value.to_json()
            await producer.send_and_wait(each.topic, value, key=each.key.encode(), headers=headers)
    finally:
        await producer.stop()


async def test_an_ask_rests_on_what_was_heard_and_ends_when_somebody_is_erased(running, clean_kafka):
    people = [
        PersonV1(person_id=each, version=0, member=True, introduces=True) for each in (SEEKER, INTRODUCER, TARGET)
    ]
    running.entries.now |= {each.person_id: each.person_id for each in people}
    await publish(
        clean_kafka.bootstrap,
        *(record("people.v1", each.person_id, each) for each in people),
        record("postings.v1", "o", opening()),
        record("suggestions.v1", "s", suggestion(INTRODUCER)),
        record("ties.v1", "kai:tom", TieV1(person_id="kai", contact_id="tom", version=0, evidence=(Blocked(),))),
    )
    kept = (
        "SELECT (SELECT count(*) FROM people) = 3 AND (SELECT count(*) FROM blocks) = 1"
        " AND (SELECT count(*) FROM openings JOIN suggestions USING (posting_id)) = 1"
    )
    await until(lambda: running.pool.fetchval(kept))
    running.matcher.paths[SEEKER, "o"] = [
        {"introducer_id": INTRODUCER, "insider_id": TARGET, "score": 0.2, "ask": "app", "target_ask": "app",
         "firmness": 0.5, "target_firmness": 0.5},
    ]  # fmt: skip
    body = {"suggestion_id": "s", "introducer_ids": [INTRODUCER], "known_as_looking": True}
    key = (await running.post("/v1/introductions", SEEKER, body, 201))["id"]

    async def said() -> IntroductionV1 | None:
        _, value = (await latest(clean_kafka.bootstrap, INTRODUCTIONS.name)).get(key, (0, None))
        return None if value is None else IntroductionV1.model_validate(value)

    first = await until(said)
    assert [step.status for step in first.history] == ["requested", "asked"]
    del running.entries.now[TARGET]
    await publish(clean_kafka.bootstrap, record("people.v1", TARGET, None))

    async def is_erased() -> bool:
        value = await said()
        return value is not None and TARGET not in value.model_dump_json() and value.history[-1].outcome == "erased"

    await until(is_erased)
    checks = (await running.http.get("/ready")).json()
    assert (await running.http.get("/ready")).status_code == 200, checks
