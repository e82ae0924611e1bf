"""The whole service on Kafka: records in, inbox, stream and mail out; restarted, redelivered, poisoned."""

import asyncio
import time
from datetime import timedelta

import httpx2
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.notifications.app import make_app
from shared.events.envelope import seal
from shared.messaging.topics.catalogue import PEOPLE, SUGGESTIONS, dead_letters
from shared.testing import wait

from .conftest import direct, erasure, listening, record, served, suggestion, token
from .test_notices import ASKED, MESSAGE, introduction
from .test_notices import record as of_introduction

RECORD_TIME = f'warmpath_consumer_record_timestamp_seconds{{group="notifications",topic="{SUGGESTIONS.name}"}}'


async def publish(world, *records):
    """Puts records on their topics as their writers do."""
    producer = AIOKafkaProducer(bootstrap_servers=world.settings.kafka_bootstrap_servers, enable_idempotence=True)
    await producer.start()
    try:
        for each in records:
            sent = each.envelope
            times = {"cause_time": sent.cause_time, "now": sent.time}
            headers = seal(each.topic, each.key, each.version, "test", cause=sent.cause, **times)
            value = None if each.value is None else each.value.to_json()
            await producer.send_and_wait(each.topic, value, key=each.key.encode(), headers=headers)
    finally:
        await producer.stop()


async def dead(bootstrap, count):
    """The first dead letters: key, and the topic they stood on."""
    topic = dead_letters("notifications").name
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    found = []
    try:
        async with asyncio.timeout(20):
            while len(found) < count:
                each = await consumer.getone()
                found.append((each.key, dict(each.headers)["dlq_topic"]))
    finally:
        await consumer.stop()
    return found


async def shown(running):
    """Each sample of `/metrics` with its value."""
    answer = await running.http.get("/metrics", headers={"Authorization": "Bearer operator-" + "o" * 20})
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def size(world, member):
    return len(await world.inbox(member, limit=200))


async def test_a_suggestion_goes_all_the_way(running):
    assert (await running.http.get("/ready")).status_code == 200, (await running.http.get("/ready")).text
    made, before = suggestion("ada"), await shown(running)
    async with listening(running, "ada") as stream:
        await stream.next()
        await publish(running, record(made, posted=timedelta(seconds=30)))
        assert (await stream.next())[0] == "suggestion"
        await wait.until(lambda: len(running.mail.tries) == 1)
        await publish(running, record(made.suggestion_id))
        assert (await stream.next())[0] == "withdrawn"
    assert await size(running, "ada") == 0
    after = await shown(running)
    took = {name: after[name] - before.get(name, 0.0) for name in after}
    assert took['warmpath_emails_total{outcome="sent"}'] == 1
    for metric in ("delivered", "emailed"):
        assert 30 < took[f'warmpath_{metric}_seconds_sum{{since="posted"}}'] < 90
    assert took['warmpath_delivered_seconds_sum{since="suggested"}'] < 30
    assert 0 <= time.time() - after[RECORD_TIME] < 60
    assert after['warmpath_ready{check="consumer"}'] == 1


async def test_a_hundred_from_an_import_are_one_mail_and_one_summary(running):
    made = [record(suggestion("ada", f"p{n}"), cause="network") for n in range(100)]
    async with listening(running, "ada") as stream:
        await stream.next()
        await publish(running, *made, *made[:20])
        kind, seq, data = await stream.next()
        assert (kind, seq, data["count"]) == ("summary", 1, 100)
    assert await size(running, "ada") == 100
    await wait.until(lambda: len(running.mail.tries) == 1)
    assert await running.events("ada") == ["summary"]


async def test_a_bad_record_is_put_aside_and_its_neighbours_arrive(running):
    bootstrap = running.settings.kafka_bootstrap_servers
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    good = [record(suggestion("ada", f"p{n}"), cause="network") for n in range(40)]
    try:
        await publish(running, *good[:20])
        headers = seal(SUGGESTIONS.name, "bad", 1, "test")
        await producer.send_and_wait(SUGGESTIONS.name, b"not json", key=b"bad", headers=headers)
        await producer.send_and_wait(PEOPLE.name, None, key=b"bad", headers=[("ce_id", b"\xff")])
        await publish(running, *good[20:], erasure("bob"))
    finally:
        await producer.stop()

    async def arrived():
        return await size(running, "ada") == 40

    await wait.until(arrived)
    assert sorted(await dead(bootstrap, 2)) == [(b"bad", b"people.v1"), (b"bad", b"suggestions.v1")]


async def test_after_a_restart_nothing_is_lost_and_nobody_is_told_twice(running):
    await publish(running, record(suggestion("ada", "p1")))
    await wait.until(lambda: len(running.mail.tries) == 1)
    await publish(running, record(suggestion("ada", "p2", direct("ben"))))
    again = make_app(running.settings)
    async with served(again) as url, httpx2.AsyncClient(base_url=url, trust_env=False) as http:
        await publish(running, record(suggestion("ada", "p3")))

        async def there():
            answer = await http.get("/v1/inbox", headers={"Authorization": f"Bearer {token('ada')}"})
            return len(answer.json()["items"]) == 3

        await wait.until(there, timeout=30)
        await wait.until(lambda: len(running.mail.tries) == 3)
    assert await running.events("ada") == ["suggestion"] * 3


async def test_an_introduction_is_told_once_through_a_restart_and_read_twice(running):
    running.introductions.says["ada", "introduction_asked"] = MESSAGE
    first, second = of_introduction(introduction(*ASKED)), of_introduction(introduction(*ASKED, key="i2"))
    async with listening(running, "ada") as stream:
        await stream.next()
        await publish(running, first)
        assert (await stream.next())[0] == "introduction_asked"
        await wait.until(lambda: len(running.mail.tries) == 1)
    async with served(make_app(running.settings)):
        await publish(running, first, second)
        await wait.until(lambda: len(running.mail.tries) == 2)
    assert await running.events("ada") == ["introduction_asked"] * 2
