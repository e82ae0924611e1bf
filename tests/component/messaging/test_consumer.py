"""The consumer wrapper on a real broker and database: what is good is applied once, what is bad is kept aside."""

import asyncio
import random
import time

import pytest
from aiokafka import TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from faststream.middlewares import AckPolicy

from shared.messaging.consume.consumer import Consumer
from shared.messaging.consume.handlers import BatchHandler, Permanent, Transient
from shared.messaging.dead_letters.poison_guard import PoisonGuard
from shared.messaging.dead_letters.writer import Fault
from shared.messaging.topics import cluster
from shared.observability.metric_list import (
    CONSUMER_DEAD_LETTERS,
    CONSUMER_LAG,
    CONSUMER_RECORD_TIME,
    CONSUMER_RETRIES,
)
from shared.testing.wait import until


def good(stage, count, start=0):
    return [stage.person(f"p{number:03}") for number in range(start, start + count)]


def bad_records(stage):
    """One of each kind, by reason."""
    whole = stage.person("bad")
    clock = {"topic": stage.clock.name, "key": b"day"}
    return {
        "body: json_invalid": whole | {"key": b"b1", "value": b"{not json \xff"},
        "member: missing": whole | {"key": b"b2", "value": b'{"person_id": "b2", "version": 1}'},
        "member: bool_parsing": whole | {"key": b"b3", "value": b'{"person_id":"b3","version":1,"member":"Zoe Quux"}'},
        f"a tombstone does not belong on {stage.clock.name}": clock | {"value": None, "headers": whole["headers"]},
        "header other is not UTF-8": whole | {"key": b"b5", "headers": [*whole["headers"], ("other", b"\xff\xfe")]},
        "the key is not UTF-8": whole | {"key": b"\xff\x00"},
        "header ce_id is missing": whole | {"key": b"b7", "headers": []},
        "the body's version is not that of the header ce_version": whole
        | {"key": b"b8", "value": b'{"person_id": "b8", "version": 9, "member": true}'},
    }


async def test_settings_of_every_subscriber(stage):
    async with stage.consuming() as consumer:
        assert len(consumer.broker.subscribers) == 1, "one group join, so that starting is quick"
        for subscriber in consumer.broker.subscribers:
            assert subscriber.ack_policy is AckPolicy.NACK_ON_ERROR
            assert subscriber._no_reply
            options = subscriber._connection_args
            assert options["auto_offset_reset"] == "earliest"
            assert options["enable_auto_commit"] is False
            assert options["isolation_level"] == "read_committed"
            assert StickyPartitionAssignor not in options["partition_assignment_strategy"]
            assert "max_workers" not in options
            client = subscriber.consumer
            assert client._group_id == stage.group
            assert client._enable_auto_commit is False
            assert client._auto_offset_reset == "earliest"
            assert client._isolation_level == "read_committed"
            assert client._max_poll_interval_ms >= 300_000
            assert {each.topic for each in client.assignment()} == {each.name for each in stage.all[:3]}
        assert consumer.broker.config.allow_auto_create_topics is False


async def test_bad_records_among_good_ones(stage, caplog):
    bad = bad_records(stage)
    records = good(stage, 40)
    for place, record in enumerate(bad.values()):
        records.insert(place * 5 + 2, record)
    await stage.send(*records)
    async with stage.consuming() as consumer:
        letters = await stage.read(stage.dlq, len(bad))
        await until(lambda: all_applied(stage, 40))
        assert consumer.healthy
    assert sorted(await stage.effects()) == [f"p{number:03}" for number in range(40)]
    assert await stage.count(stage.dlq) == len(bad)
    found = {dict(letter.headers)["dlq_reason"].decode(): letter for letter in letters}
    assert set(found) == set(bad)
    for reason, sent in bad.items():
        letter, headers = found[reason], dict(found[reason].headers)
        assert (letter.key, letter.value) == (sent["key"], sent["value"]), "byte for byte"
        assert [each for each in letter.headers if not each[0].startswith("dlq_")] == list(sent["headers"])
        assert headers["dlq_topic"].decode() == sent["topic"]
        assert headers["dlq_attempts"] == b"1"
        assert headers["dlq_first_at"] == headers["dlq_last_at"]
    await until(lambda: _dead_letters(stage, stage.people) == {"contract": 7, "refused": 0, "failed": 0})
    await until(lambda: _dead_letters(stage, stage.clock) == {"contract": 1, "refused": 0, "failed": 0})
    assert "Zoe Quux" not in caplog.text
    assert "Zoe Quux" not in str(letters[0].headers)


def _dead_letters(stage, topic):
    """How many are counted, by whose matter they are."""
    found = {fault: CONSUMER_DEAD_LETTERS.labels(stage.group, topic.name, fault) for fault in Fault}
    return {fault.value: metric._value.get() for fault, metric in found.items()}


async def all_applied(stage, count):
    return len(await stage.effects()) >= count


async def test_what_a_handler_refuses_is_kept_and_its_effect_undone(stage):
    async def handler(conn, record):
        await conn.execute("INSERT INTO effects (key) VALUES ($1)", record.key)
        if record.key == "p003":
            raise Permanent("no such member")
        if record.key == "p005":
            await conn.execute("INSERT INTO effects (seq, key) VALUES (NULL, $1)", record.key)
        if record.key == "p007":
            raise ValueError(record.key + " Zoe Quux")

    await stage.send(*good(stage, 10))
    async with stage.consuming(handler):
        letters = await stage.read(stage.dlq, 3)
        await until(lambda: all_applied(stage, 7))
    assert set(await stage.effects()) == {f"p{number:03}" for number in (0, 1, 2, 4, 6, 8, 9)}
    reasons = {letter.key: dict(letter.headers)["dlq_reason"].decode() for letter in letters}
    assert reasons[b"p003"] == "no such member"
    assert reasons[b"p005"].startswith("NotNullViolationError: 23502 effects seq")
    assert reasons[b"p007"].startswith("ValueError at test_consumer.py:")
    assert dict(letters[0].headers)["dlq_error"] in {b"Permanent", b"NotNullViolationError", b"ValueError"}
    await until(lambda: _dead_letters(stage, stage.people) == {"contract": 0, "refused": 1, "failed": 2})


async def test_what_cannot_be_taken_together_is_taken_one_by_one(stage):
    calls = []

    async def several(conn, taken):
        calls.append(len(taken))
        for each in taken:
            await conn.execute("INSERT INTO effects (key) VALUES ($1)", each.record.key)
            if each.record.key == "p003":
                raise Permanent("no such member")

    records = [*good(stage, 10), *list(bad_records(stage).values())[:2], *good(stage, 5, start=20)]
    await stage.send(*records)
    async with stage.consuming(BatchHandler(several)):
        letters = await stage.read(stage.dlq, 3)
        await until(lambda: all_applied(stage, 14))
    assert sorted(await stage.effects()) == [f"p{number:03}" for number in (0, 1, 2, *range(4, 10), *range(20, 25))]
    assert "no such member" in {dict(letter.headers)["dlq_reason"].decode() for letter in letters}
    assert max(calls) > 1
    await until(lambda: _dead_letters(stage, stage.people) == {"contract": 2, "refused": 1, "failed": 0})


async def test_what_passes_gives_all_back_that_was_taken_together(stage):
    tries = []

    async def several(conn, taken):
        tries.append(len(taken))
        await conn.executemany("INSERT INTO effects (key) VALUES ($1)", [(each.record.key,) for each in taken])
        if len(tries) == 1:
            raise Transient("not yet")

    await stage.send(*good(stage, 10))
    async with stage.consuming(BatchHandler(several)):
        await until(lambda: all_applied(stage, 10))
    assert sorted(await stage.effects()) == [f"p{number:03}" for number in range(10)]
    assert await stage.count(stage.dlq) == 0


async def test_what_is_redelivered_is_skipped(stage):
    await stage.send(*good(stage, 20))
    async with stage.consuming() as consumer:
        await until(lambda: all_applied(stage, 20))
        subscriber = consumer.broker.subscribers[0]
        await subscriber.consumer.seek_to_beginning()
        await stage.send(*good(stage, 5, start=100))
        await until(lambda: all_applied(stage, 25))
    assert len(await stage.effects()) == len(set(await stage.effects())) == 25


async def test_a_transient_error_is_retried_in_place_and_blocks_its_partition_only_as_long_as_it_lasts(stage):
    tries = []

    async def handler(conn, record):
        await conn.execute("INSERT INTO effects (key) VALUES ($1)", record.key)
        if record.key == "p004" and len(tries) < 4:
            tries.append(record.offset)
            raise Transient("away") if len(tries) % 2 else ConnectionResetError

    await stage.send(*[record | {"partition": 0} for record in good(stage, 10)])
    async with stage.consuming(handler) as consumer:
        await until(lambda: all_applied(stage, 10))
        assert consumer.healthy
    assert await stage.effects() == [f"p{number:03}" for number in range(10)], "in order, once"
    assert len(tries) == 4
    assert await stage.count(stage.dlq) == 0


async def test_a_letter_is_in_kafka_before_its_record_counts_as_done(stage, monkeypatch):
    await stage.send(
        *[record | {"partition": 0} for record in [*good(stage, 3), bad_records(stage)["member: missing"]]]
    )
    consumer = stage.consumer()
    write, failures = consumer._letters.write, []

    async def fails_twice(letters):
        if len(failures) < 2:
            failures.append(await stage.effects())
            raise TimeoutError
        await write(letters)

    monkeypatch.setattr(consumer._letters, "write", fails_twice)
    await consumer.start()
    try:
        await until(lambda: all_applied(stage, 3))
    finally:
        await consumer.stop()
    assert failures == [[], []], "nothing was committed while the letter was not in Kafka"
    assert await stage.count(stage.dlq) == 1


async def test_the_largest_record_is_kept_whole(stage):
    large = stage.person("large") | {"value": random.Random(1).randbytes(1_048_000)}  # with its headers, the most
    await stage.send(large | {"partition": 0}, stage.person("p000") | {"partition": 0})
    async with stage.consuming():
        await until(lambda: all_applied(stage, 1))
    (letter,) = await stage.read(stage.dlq, 1)
    assert letter.key == b"large"
    assert letter.value == large["value"]


async def test_a_letter_that_kafka_refuses_is_kept_without_its_end(stage, monkeypatch):
    monkeypatch.setattr("shared.messaging.dead_letters.writer.MAX_LETTER_BYTES", 100_000)
    await stage.send(stage.person("large") | {"value": b"x" * 200_000})
    async with stage.consuming():
        (letter,) = await stage.read(stage.dlq, 1)
    assert letter.value == b"x" * 64 * 1024
    assert dict(letter.headers)["dlq_truncated"] == b"200000"
    assert dict(letter.headers)["dlq_topic"].decode() == stage.people.name


async def test_too_many_bad_records_stop_the_group_loudly_and_drain_nothing(stage):
    wrong = bad_records(stage)["member: missing"]
    await stage.send(*[wrong | {"partition": 0} for _ in range(30)])
    async with stage.consuming(guard=PoisonGuard(max_bad=10)) as consumer:
        await until(lambda: not consumer.healthy)
        assert "most" in (consumer.problem or "") or "could not be processed" in (consumer.problem or "")
        await until(lambda: not any(each.running for each in consumer.broker.subscribers))
    assert await stage.count(stage.dlq) == 0
    assert await stage.pool.fetchval("SELECT count(*) FROM processed WHERE next > 0") == 0


async def test_a_retried_record_reaches_its_own_group_and_no_other(stage):
    refused = {"p001"}

    async def handler(conn, record):
        if record.key in refused:
            raise Permanent("not yet")
        await conn.execute("INSERT INTO effects (topic, key) VALUES ($1, $2)", record.topic, record.key)

    others = []

    async def other(_conn, record):
        others.append(record.key)

    neighbour = stage.neighbour()
    await cluster.ensure(stage.bootstrap, [neighbour.retry, neighbour.dlq])
    await stage.send(*good(stage, 3))
    async with stage.consuming(handler), neighbour.consuming(other):
        (letter,) = await stage.read(stage.dlq, 1)
        await until(lambda: len(others) == 3)
        refused.clear()
        replay = {"topic": stage.retry.name, "key": letter.key, "value": letter.value, "headers": list(letter.headers)}
        await stage.send(replay, replay | {"headers": stage.person("p001")["headers"]})
        await until(lambda: all_applied(stage, 3))
        (_, lost) = await stage.read(stage.dlq, 2)
        assert dict(lost.headers)["dlq_reason"] == b"the header dlq_topic names no topic of this group"
    assert sorted(await stage.effects()) == ["p000", "p001", "p002"]
    assert {row["topic"] for row in await stage.pool.fetch("SELECT topic FROM effects")} == {stage.people.name}
    assert sorted(others) == ["p000", "p001", "p002"], "once each: the neighbour never saw the retry"


async def test_a_reply_is_never_sent(stage):
    target = stage.dlq.name
    record = stage.person("p000")
    record["headers"] = [*record["headers"], ("reply_to", target.encode()), ("correlation_id", b"1")]
    await stage.send(record)
    async with stage.consuming():
        await until(lambda: all_applied(stage, 1))
    assert await stage.count(stage.dlq) == 0


async def test_two_processes_share_a_group_and_one_takes_over(stage):
    await stage.send(*good(stage, 30))
    async with stage.consuming() as first:
        await until(lambda: all_applied(stage, 30))
        async with stage.consuming() as second:
            await until(lambda: _assigned(first) and _assigned(second))
            await stage.send(*good(stage, 30, start=100))
            await until(lambda: all_applied(stage, 60))
        await until(lambda: len(_assigned(first)) == 7)
        await stage.send(*good(stage, 30, start=200))
        await until(lambda: all_applied(stage, 90))
    assert len(await stage.effects()) == len(set(await stage.effects())) == 90


def _assigned(consumer) -> set[TopicPartition]:
    return consumer.broker.subscribers[0].consumer.assignment()


async def test_without_a_broker_it_starts_later(stage):
    consumer = stage.consumer(bootstrap="127.0.0.1:1")
    await consumer.start(wait=0.5)
    assert consumer.problem == "the consumer is not running"
    await consumer.stop()


async def test_lag_counts_what_is_not_applied(stage):
    release = asyncio.Event()

    async def handler(_conn, _record):
        if not release.is_set():
            raise Transient("away")

    await stage.send(*[record | {"partition": 0} for record in good(stage, 8)])
    async with stage.consuming(handler) as consumer:
        place = (stage.people.name, 0)
        await until(lambda: consumer.lag.get(place) == 8)
        await until(lambda: CONSUMER_LAG.labels(stage.group, stage.people.name, "0")._value.get() == 8)
        applied = CONSUMER_RECORD_TIME.labels(stage.group, stage.people.name)
        assert applied._value.get() == 0
        await until(lambda: CONSUMER_RETRIES.labels(stage.group, stage.people.name)._value.get() > 0)
        release.set()
        await until(lambda: consumer.lag.get(place) == 0)
        await until(lambda: 0 <= time.time() - applied._value.get() < 60)


async def test_a_handler_for_a_topic_outside_the_catalogue_is_an_error(stage):
    with pytest.raises(KeyError, match="nonsense"):
        Consumer(service="postings", pool=stage.pool, bootstrap=stage.bootstrap, handlers={"nonsense": note_nothing})


async def note_nothing(_conn, _record):
    """Applies nothing."""
