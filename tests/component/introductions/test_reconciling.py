"""After a restore the topic is compared with the table, and what had ended meanwhile does not come to life again."""

import json

import pytest

from services.introductions import store
from services.introductions.reconciling import owners
from shared.events.introductions import IntroductionV1
from shared.messaging.publish.reconciling import TableRow, TopicEntry, compare, digest
from shared.messaging.topics.catalogue import INTRODUCTIONS

from .test_departures import INTRODUCER, SEEKER, an_introduction


def owner(world):
    return owners(world.deps)[INTRODUCTIONS.name]


async def the_row(world) -> TableRow:
    [page] = [page async for page in owner(world).pages(world.pool)]
    [row] = page
    return row


async def on_topic(world, key: str) -> tuple[IntroductionV1, TopicEntry]:
    """What the topic holds once the outbox is published."""
    value = IntroductionV1.model_validate_json(json.dumps((await world.records())[key]))
    entry = TopicEntry(value.version, value.version, digest(value), owner(world).revokes(value))
    return value, entry


async def republish(world, key: str, entry: TopicEntry) -> None:
    async with world.pool.acquire() as conn, conn.transaction():
        await owner(world).republish(conn, {key: entry})


@pytest.mark.parametrize("state", ["requested", "asked", "accepted", "introduced", "declined", "closed"])
async def test_table_and_topic_agree_on_what_was_published(world, state):
    key = await an_introduction(world, state)
    value, entry = await on_topic(world, key)
    assert compare(await the_row(world), entry) is None
    assert entry.revokes is (state in ("declined", "closed"))
    assert value.history[-1].status == state


async def test_a_quiet_answer_makes_no_difference(world):
    key = await an_introduction(world)
    await world.answer({"id": key}, INTRODUCER, "not_now")
    _, entry = await on_topic(world, key)
    assert compare(await the_row(world), entry) is None


async def test_what_the_topic_lacks_is_published_above_its_version(world):
    key = await an_introduction(world)
    _, entry = await on_topic(world, key)
    newer = TopicEntry(entry.version + 10**9, entry.version + 10**9, b"other")
    assert compare(await the_row(world), newer) == "different"
    await republish(world, key, newer)
    value, entry = await on_topic(world, key)
    assert value.version > newer.version
    assert value.history[-1].status == "asked"
    assert compare(await the_row(world), entry) is None


@pytest.mark.parametrize(
    ("state", "then"), [("asked", ("closed", "no_longer_possible")), ("introduced", ("introduced", None))]
)
async def test_a_live_one_that_had_ended_since_the_backup_ends(world, state, then):
    key = await an_introduction(world, state)
    _, entry = await on_topic(world, key)
    await republish(world, key, entry._replace(version=entry.version + 1, last_version=entry.version + 1, revokes=True))
    found = await store.find(world.pool, key)
    assert (found.state, found.outcome) == then
    assert (await world.get(f"/v1/introductions/{key}", SEEKER))["state"] == (
        "ended" if then[0] == "closed" else "introduced"
    )


async def test_what_no_table_has_is_withdrawn_and_what_is_there_stays(world):
    key = await an_introduction(world)
    async with world.pool.acquire() as conn, conn.transaction():
        await owner(world).withdraw(conn, {"lost": 5, key: 5})
    said = await world.records()
    assert said["lost"] is None
    assert said[key]["introduction_id"] == key


async def test_every_page_is_read(world, monkeypatch):
    monkeypatch.setattr("services.introductions.reconciling.PAGE_ROWS", 2)
    await an_introduction(world)
    for number in range(2, 5):
        await world.path(SEEKER, f"who{number}", posting_id=f"o{number}")
        await world.ask(SEEKER, f"who{number}", posting_id=f"o{number}")
    pages = [page async for page in owner(world).pages(world.pool)]
    assert [len(page) for page in pages] == [2, 2]
    ids = {row["introduction_id"] for row in await world.pool.fetch("SELECT introduction_id FROM introductions")}
    assert {row.key for page in pages for row in page} == ids
