"""`warmpath topics watch` against a broker."""

import asyncio
import time
from datetime import UTC, datetime
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from shared.events.envelope import seal
from shared.events.ties import TieV1
from shared.messaging.publish.outbox import outgoing_record
from shared.messaging.publish.publisher import FencedPublisher
from shared.messaging.topics.catalogue import TIES
from shared.testing.wait import until

HOUR_MS = 3_600_000


def tie(person, contact, version=1):
    value = TieV1(person_id=person, contact_id=contact, version=version)
    return outgoing_record(TIES, f"{person}:{contact}", value, version, source="profiles")


async def publish(bootstrap, *records):
    publisher = FencedPublisher(bootstrap, f"test.{uuid4()}")
    await publisher.start()
    await publisher.publish(records)
    await publisher.stop()


async def test_watching_until_now_shows_filters_and_marks(topics, warmpath, lines):
    person = str(uuid4())
    await publish(
        topics.bootstrap,
        tie(person, "a"),
        tie(person, "b"),
        outgoing_record(TIES, f"{person}:a", None, 2, source="profiles"),
    )
    bad = seal(TIES.name, f"{person}:b", 2, "profiles")
    async with AIOKafkaProducer(bootstrap_servers=topics.bootstrap) as producer:
        await producer.send_and_wait(TIES.name, b'{"person_id": 5}', f"{person}:b".encode(), headers=bad)
    whole = ["topics", "watch", TIES.name, "--until-now", "--json"]

    first = lines(await warmpath(*whole, "--key", f"{person}:a"))
    assert [(each["version"], each["value"] is None, each["violation"]) for each in first] == [
        (1, False, None),
        (2, True, None),
    ]
    assert first[0]["type"] == "warmpath.ties.v1"
    assert 0 <= first[0]["age_s"] < 60

    second = lines(await warmpath(*whole, "--key", f"{person}:b"))
    assert second[1]["violation"].startswith("person_id: string_type")

    by_value = lines(await warmpath(*whole, "--where", f"person_id={person}", "--where", "contact_id=a"))
    assert [each["key"] for each in by_value] == [f"{person}:a"]  # its tombstone has no such field

    said = await warmpath("topics", "watch", TIES.name, "--until-now", "--from-beginning", "--key", f"{person}:b")
    assert "violates the contract: person_id: string_type" in said.stdout


async def test_watching_from_a_time_skips_older_records_in_every_partition(topics, warmpath, lines):
    person, then = str(uuid4()), int(time.time() * 1000) - 2 * HOUR_MS
    async with AIOKafkaProducer(bootstrap_servers=topics.bootstrap) as producer:
        # As of writers whose clocks differ, or who write an old record again: one that is old after one that is not.
        for contact, at in (("oldest", then - 1), ("new", None), ("old", then), ("newest", None)):
            record = tie(person, contact)
            place = {"partition": 3, "timestamp_ms": at, "headers": record.headers}
            await producer.send_and_wait(TIES.name, record.value, record.key.encode(), **place)
    whole = ["topics", "watch", TIES.name, "--until-now", "--json", "--where", f"person_id={person}"]

    async def seen(start):
        return [each["value"]["contact_id"] for each in lines(await warmpath(*whole, "--from", start))]

    assert await seen("1h") == ["new", "newest"]
    assert await seen(datetime.fromtimestamp(then / 1000, UTC).isoformat()) == ["new", "old", "newest"]
    assert await seen("3h") == ["oldest", "new", "old", "newest"]
    assert await seen("latest") == []


async def test_invalid_options_are_refused_with_an_example(warmpath):
    wrong = await warmpath("topics", "watch", TIES.name, "--from", "noon")
    assert wrong.exit_code == 2
    assert "15m" in wrong.stderr
    assert (await warmpath("topics", "watch", TIES.name, "--where", "x")).exit_code == 2
    assumed = await warmpath("topics", "watch", TIES.name, "--from", "2026-01-01T10:00", "--until-now", "--limit", "1")
    assert "taken as UTC" in assumed.stderr


async def test_records_are_shown_as_they_arrive(topics, warmpath, lines):
    person, version = str(uuid4()), 0
    key = f"{person}:a"
    await publish(topics.bootstrap, tie(person, "a", 1))
    watching = asyncio.create_task(warmpath("topics", "watch", TIES.name, "--key", key, "--limit", "2", "--json"))

    async def seen():
        """Nothing tells when the command has begun to look."""
        nonlocal version
        version += 1
        await publish(topics.bootstrap, tie(person, "a", 1 + version))
        return watching.done()

    await until(seen)
    versions = [each["version"] for each in lines(await watching)]
    assert versions[0] > 1, "from where the topic ended"
    assert versions[1] == versions[0] + 1
