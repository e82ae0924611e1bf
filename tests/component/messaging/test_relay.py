"""Outbox and relay on a real database and broker: what commits is published, in order, by one process at a time."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest

from shared.events.people import PersonV1
from shared.messaging.publish.outbox import Lane, enqueue, enqueue_many, outgoing_record
from shared.messaging.publish.publisher import Fenced, FencedPublisher, OutgoingRecord, Refused
from shared.messaging.publish.relay import Relay
from shared.observability.metric_list import OUTBOX_DEPTH, OUTBOX_FENCED, OUTBOX_OLDEST, OUTBOX_PARKED
from shared.storage.errors import is_transient
from shared.storage.pool import open_pool
from shared.testing.wait import until

NEVER = 3600.0


@asynccontextmanager
async def relaying(stage, pool=None, **more):
    relay = Relay(pool or stage.pool, stage.bootstrap, stage.group, **more)
    await relay.start()
    try:
        yield relay
    finally:
        await relay.stop()


async def put_person(stage, key, version=1, **more):
    async with stage.pool.acquire() as conn, conn.transaction():
        value = PersonV1(person_id=key, version=version, member=True)
        await enqueue(conn, stage.people, key, value, version, source="profiles", **more)


async def waiting(stage):
    return await stage.pool.fetchval("SELECT count(*) FROM outbox WHERE parked_at IS NULL")


async def empty(stage):
    return await waiting(stage) == 0


def seen(records):
    return [(record.key.decode(), int(dict(record.headers)["ce_version"])) for record in records]


async def test_what_commits_is_published_and_what_rolls_back_is_not(stage):
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is what is tested
        async with stage.pool.acquire() as conn, conn.transaction():
            await enqueue(conn, stage.people, "ghost", None, 1, source="profiles")
            raise ZeroDivisionError
    await put_person(stage, "a", 5)
    async with relaying(stage):
        (record,) = await stage.read(stage.people, 1)
        await until(lambda: empty(stage))
    assert record.key == b"a"
    assert PersonV1.model_validate_json(record.value).version == 5
    assert dict(record.headers)["ce_type"] == f"warmpath.{stage.people.name}".encode()
    assert await stage.count(stage.people) == 1


async def test_rows_leave_in_order_and_nothing_is_lost_over_restarts(stage):
    keys = [f"k{number:03}" for number in range(90)]
    for key in keys[:30]:
        await put_person(stage, key)
    for part in (keys[30:60], keys[60:]):
        async with relaying(stage, batch=7):
            for key in part:
                await put_person(stage, key)
    async with relaying(stage):
        await until(lambda: empty(stage))
    records = await stage.read(stage.people, 90)
    assert sorted(record.key.decode() for record in records) == keys
    for partition in range(3):
        there = [record.key.decode() for record in records if record.partition == partition]
        assert there == sorted(there), "sequence order within a partition"
        assert there


async def test_the_relay_is_woken_at_commit(stage):
    async with relaying(stage, poll_seconds=NEVER) as relay:
        await until(lambda: relay.relaying)
        await put_person(stage, "a")
        await until(lambda: empty(stage))
        async with stage.pool.acquire() as conn, conn.transaction():
            await enqueue_many(
                conn, [outgoing_record(stage.people, "b", None, 2, source="profiles")], source="profiles"
            )
        await until(lambda: empty(stage))
    assert await stage.count(stage.people) == 2


async def test_people_go_before_bulk(stage):
    for number in range(20):
        await put_person(stage, f"bulk{number}", lane=Lane.BULK)
    await put_person(stage, "prompt")
    async with relaying(stage, batch=1):
        await until(lambda: empty(stage))
    records = await stage.read(stage.people, 21)
    first = min(records, key=lambda record: record.timestamp)
    assert first.key == b"prompt"


async def test_an_older_version_is_never_published_last(stage):
    """A bulk row waits behind a prompt one of the same key: compaction would keep the older for ever."""
    await put_person(stage, "a", 1, lane=Lane.BULK)
    await put_person(stage, "a", 2, lane=Lane.PROMPT)
    await put_person(stage, "b", 1)
    async with relaying(stage):
        await until(lambda: empty(stage))
    assert seen(sorted(await stage.read(stage.people, 2), key=lambda record: record.key)) == [("a", 2), ("b", 1)]
    assert await stage.count(stage.people) == 2


@pytest.mark.parametrize("many", [False, True])
async def test_a_tombstone_is_published_again_later_unless_the_key_came_back(stage, many):
    async with stage.pool.acquire() as conn, conn.transaction():
        for key in ("gone", "back"):
            later = timedelta(seconds=1.5)
            if many:
                record = outgoing_record(stage.people, key, None, 3, source="profiles")
                await enqueue_many(conn, [record], source="profiles", republish_after=later)
            else:
                await enqueue(conn, stage.people, key, None, 3, source="profiles", republish_after=later)
    async with relaying(stage, poll_seconds=0.05):
        await until(lambda: stage_has(stage, 2))
        await put_person(stage, "back", 4)
        await until(lambda: empty(stage))
    records = await stage.read(stage.people, 4)
    assert [each for each in seen(records) if each[0] == "gone"] == [("gone", 3)] * 2
    assert [each for each in seen(records) if each[0] == "back"] == [("back", 3), ("back", 4)]
    assert all(record.value is None for record in records if record.key == b"gone")


async def stage_has(stage, rows):
    return await waiting(stage) == rows


async def test_a_row_that_cannot_be_published_steps_aside(stage):
    huge = OutgoingRecord(stage.people.name, "huge", b"x" * 2_000_000, [("ce_source", b"/warmpath/profiles")])
    nowhere = OutgoingRecord(stage.people.name, "nowhere", b"{}", [], partition=77)
    await put_person(stage, "before")
    async with stage.pool.acquire() as conn, conn.transaction():
        await enqueue_many(conn, [huge, nowhere], lane=Lane.PROMPT)
    await put_person(stage, "after")
    async with relaying(stage) as relay:
        await until(lambda: empty(stage))
        assert relay.healthy
        await put_person(stage, "later")
        await until(lambda: empty(stage))
    assert {key for key, _ in seen(await stage.read(stage.people, 3))} == {"before", "after", "later"}
    parked = await stage.pool.fetch("SELECT key, parked_reason FROM outbox ORDER BY seq")
    assert [tuple(row) for row in parked] == [
        ("huge", "Kafka refused it: MessageSizeTooLargeError"),
        ("nowhere", "Kafka refused it: InvalidTopicError"),
    ]


async def test_put_many_keeps_the_last_row_of_a_key(stage):
    rows = [outgoing_record(stage.people, f"k{n % 1000:04}", None, n + 1, source="profiles") for n in range(2500)]
    async with stage.pool.acquire() as conn, conn.transaction():
        await enqueue_many(conn, rows[:500], source="profiles")
        await enqueue_many(conn, rows, source="profiles")
        await enqueue_many(conn, [], source="profiles")
        with pytest.raises(ValueError, match="another source"):
            await enqueue_many(conn, rows, source="postings")
    assert await waiting(stage) == 1000
    async with relaying(stage):
        await until(lambda: empty(stage))
    versions = dict(seen(await stage.read(stage.people, 1000)))
    assert (versions["k0000"], versions["k0499"], versions["k0500"], versions["k0999"]) == (2001, 2500, 1501, 2000)


async def test_a_second_publisher_fences_the_first(stage):
    first = FencedPublisher(stage.bootstrap, f"{stage.group}.publisher")
    second = FencedPublisher(stage.bootstrap, f"{stage.group}.publisher")
    try:
        await first.start()
        await first.publish([outgoing_record(stage.people, "a", None, 1, source="profiles")])
        await second.start()
        with pytest.raises(Fenced):
            await first.publish([outgoing_record(stage.people, "a", None, 2, source="profiles")])
        with pytest.raises(RuntimeError, match="not been started"):
            await first.publish([outgoing_record(stage.people, "a", None, 3, source="profiles")])
        await second.publish([outgoing_record(stage.people, "a", None, 4, source="profiles")])
    finally:
        await first.stop()
        await second.stop()
    assert seen(await stage.read(stage.people, 2)) == [("a", 1), ("a", 4)]
    assert await stage.count(stage.people) == 2


async def test_a_batch_is_published_whole_or_not_at_all(stage):
    publisher = FencedPublisher(stage.bootstrap, f"{stage.group}.publisher")
    fine = outgoing_record(stage.people, "a", None, 1, source="profiles")
    try:
        await publisher.start()
        with pytest.raises(Refused):
            await publisher.publish([fine, OutgoingRecord(stage.people.name, "huge", b"x" * 2_000_000, [])])
        await publisher.start()
        await publisher.publish([fine])
    finally:
        await publisher.stop()
    assert await stage.count(stage.people) == 1


async def test_one_process_relays_and_another_takes_over(stage):
    other_pool = await open_pool(stage.dsn, schema="profiles")
    try:
        async with relaying(stage) as first:
            await until(lambda: first.relaying)
            async with relaying(stage, other_pool, poll_seconds=0.05) as second:
                await put_person(stage, "a")
                await until(lambda: empty(stage))
                assert second.healthy
                assert not second.relaying
                await first.stop()
                await until(lambda: second.relaying)
                await put_person(stage, "b")
                await until(lambda: empty(stage))
    finally:
        await other_pool.close()
    assert await stage.count(stage.people) == 2


SESSION = """
SELECT ARRAY(SELECT pg_listening_channels()), current_setting('enable_seqscan'), current_setting('enable_bitmapscan'),
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())
"""


async def test_a_relay_leaves_nothing_of_itself_in_the_session_it_gives_back(stage):
    pool = await open_pool(stage.dsn, schema="profiles", max_size=1)
    try:
        relay = Relay(pool, stage.bootstrap, stage.group)
        await relay.start()
        await until(lambda: relay.relaying)
        await relay.stop()
        assert tuple(await pool.fetchrow(SESSION)) == ([], "on", "on", 0)
    finally:
        await pool.close()


def fenced(stage):
    return OUTBOX_FENCED.labels(stage.group)._value.get()


async def test_a_fenced_relay_stops_and_takes_the_id_back_only_with_the_lock(stage):
    usurper = FencedPublisher(stage.bootstrap, f"outbox.{stage.group}")
    async with relaying(stage) as relay:
        await put_person(stage, "a")
        await until(lambda: empty(stage))
        await usurper.start()
        lock = await asyncpg.connect(stage.dsn, server_settings={"search_path": "profiles"})
        try:
            await put_person(stage, "b")
            await until(lambda: not relay.healthy or not relay.relaying)
            await until(lambda: relay.relaying)
            await until(lambda: empty(stage))
        finally:
            await lock.close()
        assert fenced(stage) == 1
    await usurper.stop()
    assert await stage.count(stage.people) == 2


HOLDER = """SELECT pg_terminate_backend(pid, 5000) FROM pg_locks
WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


async def test_that_it_was_fenced_is_said_although_its_connection_is_lost_too(stage, database, monkeypatch, caplog):
    """As when a machine comes back to a network where its lock and its id have gone to another one."""
    usurper = FencedPublisher(stage.bootstrap, f"outbox.{stage.group}")
    admin = await asyncpg.connect(database.admin_dsn)
    try:
        async with relaying(stage) as relay:
            await put_person(stage, "a")
            await until(lambda: empty(stage))
            publish = relay._publisher.publish
            ended = []

            async def cut_off(records):
                monkeypatch.undo()
                await usurper.start()
                ended.extend(row[0] for row in await admin.fetch(HOLDER))
                await publish(records)

            monkeypatch.setattr(relay._publisher, "publish", cut_off)
            await put_person(stage, "b")
            await until(lambda: ended and relay.relaying and relay.healthy)
            await until(lambda: empty(stage))
            assert ended == [True]
            assert fenced(stage) == 1
    finally:
        await admin.close()
        await usurper.stop()
    assert "relay_fenced" in caplog.text
    assert sorted(seen(await stage.read(stage.people, 2))) == [("a", 1), ("b", 1)]
    assert await stage.count(stage.people) == 2


async def test_it_survives_the_loss_of_its_connection(stage, database):
    admin = await asyncpg.connect(database.admin_dsn)
    try:
        async with relaying(stage) as relay:
            await until(lambda: relay.relaying)
            await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'profiles'")
            await until(lambda: no_error(put_person(stage, "a")))
            await until(lambda: relay.relaying and relay.healthy)
            await until(lambda: empty(stage))
    finally:
        await admin.close()
    assert await stage.count(stage.people) == 1


async def no_error(work):
    try:
        await work
    except Exception as error:
        if not is_transient(error):
            raise
        return False
    return True


async def test_two_relays_and_many_writers_lose_nothing(stage):
    async def write(number):
        for version in range(1, 6):
            await put_person(stage, f"k{number}", version)

    async with relaying(stage, batch=5), relaying(stage, batch=5):
        await asyncio.gather(*(write(number) for number in range(20)))
        await until(lambda: empty(stage))
    last = dict(seen(sorted(await stage.read(stage.people, 20), key=lambda record: record.offset)))
    assert await stage.count(stage.people) <= 100
    everything = await stage.read(stage.people, await stage.count(stage.people))
    last = dict(seen(sorted(everything, key=lambda record: record.offset)))
    assert last == {f"k{number}": 5 for number in range(20)}


async def test_the_outbox_is_measured_above_all_while_nothing_can_be_published(stage, monkeypatch):
    monkeypatch.setattr("shared.messaging.publish.relay.GAUGE_SECONDS", 0.05)
    monkeypatch.setattr("shared.messaging.publish.relay.COUNTED_ROWS", 3)
    depth, oldest, parked = (each.labels(stage.group) for each in (OUTBOX_DEPTH, OUTBOX_OLDEST, OUTBOX_PARKED))
    await put_person(stage, "a")
    await put_person(stage, "later", republish_after=timedelta(hours=1))
    await put_person(stage, "aside")
    await stage.pool.execute("UPDATE outbox SET parked_at = now(), parked_reason = 'x' WHERE key = 'aside'")
    await stage.pool.execute("UPDATE outbox SET created_at = now() - interval '1 minute' WHERE key = 'a'")
    relay = Relay(stage.pool, "127.0.0.1:1", stage.group)
    await relay.start()
    try:
        await until(lambda: depth._value.get() == 2)
        assert oldest._value.get() >= 60
        assert parked._value.get() == 1
        for number in range(4):
            await put_person(stage, f"more{number}")
        await until(lambda: depth._value.get() == 4)  # more than are counted
    finally:
        await relay.stop()
    async with relaying(stage):
        await until(lambda: depth._value.get() == 0)
        assert oldest._value.get() == 0
