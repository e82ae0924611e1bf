"""Bad records of every kind on every topic, among forty good ones, with the real services reading.

The good ones have their effect. A group keeps the bad ones in its dead letters with the reason; the matcher, which
reads every topic from its beginning at every start, counts and skips them.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.events.envelope import Headers, seal
from shared.events.suggestions import suggestion_id
from shared.messaging.topics.catalogue import dead_letters
from shared.testing.broker import Broker, empty
from shared.testing.database import Database
from shared.testing.processes import environment, service
from shared.testing.wait import until
from tests.integration.cluster import Cluster, expected, operator, ready, running
from tests.integration.histories import Event, World

TODAY = date(2026, 11, 23)
CLOCK = Event("clock.v1", "day", 1, {"day": TODAY.isoformat(), "version": 1})
Raw = tuple[str, bytes, bytes | None, Headers]
"""Topic, key, value, headers: a record as it is."""


def poison(topic: str) -> dict[str, Raw]:
    """One bad record of each kind, by what its reason must say."""

    def headers(key: str) -> Headers:
        return seal(topic, key, 5, "test")

    records: dict[str, Raw] = {
        "body: json_invalid": (topic, b"bad-json", b"{not json", headers("bad-json")),
        "missing": (topic, b"bad-missing", b'{"version": 5}', headers("bad-missing")),
        "version: int": (topic, b"bad-type", b'{"version": "five"}', headers("bad-type")),
        "header other is not UTF-8": (topic, b"bad-header", b"{}", [*headers("bad-header"), ("other", b"\xff\xfe")]),
    }
    if topic == "clock.v1":
        return records | {"tombstone does not belong": (topic, b"day", None, headers("day"))}
    without_version = [header for header in headers("bad-tombstone") if header[0] != "ce_version"]
    return records | {"ce_version is missing": (topic, b"bad-tombstone", None, without_version)}


async def spoil(cluster: Cluster, good: list[Event], bad: list[Raw]) -> None:
    """Publish the good records with the bad ones spread among them."""
    for number, event in enumerate(good):
        await cluster.publish([event])
        for topic, key, value, headers in bad[number // 5 : number // 5 + 1] if number % 5 == 2 else []:
            await cluster.producer.send_and_wait(topic, value, key, headers=headers)


async def letters(bootstrap: str, group: Any, count: int) -> list[ConsumerRecord]:
    """The first `count` dead letters of a group, and no more come in a second look."""
    topic = dead_letters(group)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic.name, number) for number in range(topic.partitions)])
        found: list[ConsumerRecord] = []

        async def enough() -> bool:
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found.extend(batch)
            return len(found) >= count

        await until(enough, timeout=30, what=f"{count} dead letters of {group}")
        await enough()
        return found
    finally:
        await consumer.stop()


def kept_as_they_were(found: list[ConsumerRecord], bad: dict[str, Raw]) -> None:
    reasons = {record.key: dict(record.headers)["dlq_reason"].decode() for record in found}
    assert len(found) == len(bad)
    for said, (_, key, value, _) in bad.items():
        letter = next(record for record in found if record.key == key)
        assert said in reasons[key], f"{key!r}: {reasons[key]}"
        assert letter.value == value, "byte for byte"


def suggested(number: int) -> Event:
    """A suggestion for a member of its own."""
    seeker, posting = f"s{number}", f"o{number}"
    path = {"introducer_id": "i", "insider_id": "i", "score": 0.2, "label": "warm", "ask": "app", "reasons": []}
    key = suggestion_id(seeker, posting)
    value = {"suggestion_id": key, "seeker_id": seeker, "posting_id": posting, "version": 5, "fit": 80, "paths": [path]}
    return Event("suggestions.v1", key, 5, value)


async def test_bad_suggestions_and_people_reach_the_dead_letters_of_each_group_and_stop_nobody(clean_kafka, database):
    async with running(clean_kafka.bootstrap, database, shards=0) as cluster, AsyncExitStack() as stack:
        env = environment(clean_kafka.bootstrap, database.dsn("postings"))
        postings = await stack.enter_async_context(service("postings", env))
        bad = poison("suggestions.v1")
        await spoil(cluster, [suggested(number) for number in range(40)], list(bad.values()))
        await until(lambda: _inboxes_are(cluster, 40), timeout=30)
        kept_as_they_were(await letters(clean_kafka.bootstrap, "notifications", len(bad)), bad)

        await _forty_openings_name_contacts(cluster, postings.url)
        bad_people = poison("people.v1")
        erased = [Event("people.v1", f"s{number}", 9, None) for number in range(40)]
        await spoil(cluster, erased, list(bad_people.values()))
        await until(lambda: _inboxes_are(cluster, 0), timeout=30)
        named = "SELECT count(*) FROM postings.postings WHERE hiring_contact IS NOT NULL"
        await until(lambda: _is_zero(cluster, named), timeout=30)
        kept_as_they_were(await letters(clean_kafka.bootstrap, "postings", len(bad_people)), bad_people)
        both = await letters(clean_kafka.bootstrap, "notifications", len(bad) + len(bad_people))
        assert len(both) == len(bad) + len(bad_people)
        assert await ready(postings)
        assert await ready(cluster.notifications)


async def _inboxes_are(cluster: Cluster, count: int) -> bool:
    return len(await cluster.inboxes()) == count


async def _is_zero(cluster: Cluster, query: str) -> bool:
    return bool(await cluster.database.fetchval(query) == 0)


async def _forty_openings_name_contacts(cluster: Cluster, url: str) -> None:
    async with httpx2.AsyncClient(base_url=url, headers=operator(), timeout=20) as client:
        made = (await client.post("/internal/v1/organisations", json={"name": "Poison"})).json()
        agrees = {"member": True, "version": 5, "hiring_contact_for": [made["organisation_id"]]}
        people = [(f"s{number}", agrees | {"person_id": f"s{number}"}) for number in range(40)]
        await cluster.publish([Event("people.v1", key, 5, person) for key, person in people])
        agreed = "SELECT count(*) = 40 FROM postings.hiring_consents"
        await until(lambda: cluster.database.fetchval(agreed), timeout=30)
        opening = {"company": {"name": "Lumenforge"}, "title": "Engineer", "workplace": "remote"}
        rows = [opening | {"hiring_contact": f"s{number}"} for number in range(40)]
        headers = {"Authorization": f"Bearer {made['api_key']}"}
        answer = await client.post("/v1/postings/bulk", json=rows, headers=headers)
        assert answer.json()["created"] == 40, answer.text


@dataclass
class Told:
    """A matcher at work, and all that it was told so far."""

    cluster: Cluster
    world: World
    history: list[Event]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(own_kafka: Broker, module_database: Database) -> AsyncIterator[Told]:
    await empty(own_kafka)
    world = World(21, "p-", TODAY)
    async with running(own_kafka.bootstrap, module_database, shards=1) as cluster:
        history = [CLOCK, *world.beginning()]
        await cluster.publish(history)
        yield Told(cluster, world, history)


@pytest.mark.parametrize("topic", ["postings.v1", "people.v1", "ties.v1", "introductions.v1", "clock.v1"])
async def test_the_matcher_counts_and_skips_what_it_cannot_read(told, topic):
    cluster, good, bad = told.cluster, told.world.draw(40), list(poison(topic).values())
    told.history.extend(good)
    await spoil(cluster, good, bad)
    wanted = expected(told.history, TODAY)
    assert len(wanted) > 10

    async def same() -> bool:
        assert await cluster.inboxes() == wanted
        return True

    await until(same, timeout=60)
    await until(lambda: _skipped(cluster, topic, len(bad)), timeout=20)
    assert await ready(cluster.matchers[0])
    log = cluster.matchers[0].log.read_text()
    skipped = [json.loads(line) for line in log.splitlines() if '"record_skipped"' in line]
    places = [(line["partition"], line["offset"]) for line in skipped if line["topic"] == topic]
    assert len(places) == len(bad)
    assert min(map(min, places)) >= 0


async def _skipped(cluster: Cluster, topic: str, count: int) -> bool:
    async with httpx2.AsyncClient(headers=operator()) as client:
        metrics = (await client.get(f"{cluster.matchers[0].url}/metrics")).text
    line = next((line for line in metrics.splitlines() if "records_unreadable" in line and topic in line), "x 0")
    await asyncio.sleep(0)
    return float(line.rsplit(" ", 1)[1]) == count
