"""A start from a snapshot: it reads only what came after, and says what a start from nothing would say, no more."""

import shutil
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.matching.stream import memory
from shared.messaging.topics.catalogue import POSTINGS, SUGGESTIONS, TIES
from shared.observability.metric_list import MATCHER_RECORDS, MATCHER_STARTS
from shared.testing.wait import until
from tests.component.matching.plain_engine_with_snapshots import SnapshotablePlainEngine
from tests.component.matching.world import matcher, read

NEVER = 10_000.0


@pytest.fixture(autouse=True)
def _keeping(monkeypatch):
    monkeypatch.setattr(memory, "Engine", SnapshotablePlainEngine)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "kept"


def starts(source):
    return MATCHER_STARTS.labels(source)._value.get()


@asynccontextmanager
async def started(world, folder, source, every=NEVER, **more):
    """A matcher that began from this source. With a short `every` it keeps on writing snapshots."""
    before = starts(source)
    async with matcher(world.bootstrap, snapshot=folder, snapshot_seconds=every, **more) as running:
        assert starts(source) == before + 1
        yield running


async def kept(folder, name="matching"):
    """Waits for a snapshot that was begun from now on."""
    path = Path(folder) / f"{name}.snapshot"
    before = [path.stat().st_mtime_ns] * 2 if path.exists() else []

    def twice():
        found = path.stat().st_mtime_ns if path.exists() else 0
        if found and found not in before:
            before.append(found)
        return len(before) >= 4 or None

    await until(twice, timeout=30)
    return path


async def a_first_one(world, folder):
    """Everything is there, said, and kept."""
    await world.everything()
    async with started(world, folder, "topics", every=0.05):
        await world.hears(1)
        await kept(folder)


async def test_only_what_came_after_is_read_and_only_what_changed_is_said(world, folder):
    await a_first_one(world, folder)
    before = {topic.name: MATCHER_RECORDS.labels(topic.name)._value.get() for topic in (TIES, POSTINGS, SUGGESTIONS)}
    await world.tie("ann", "bob", 1)
    async with started(world, folder, "snapshot"):
        (_, _, first), (_, headers, after) = await world.hears(2)
        assert first.paths[0].score > after.paths[0].score
        assert headers["ce_cause"] == b"network"
        assert MATCHER_RECORDS.labels(TIES.name)._value.get() - before[TIES.name] == 1
        assert MATCHER_RECORDS.labels(POSTINGS.name)._value.get() == before[POSTINGS.name]
        await world.opening("later")
        await world.hears(1, world.suggestion("later"))


async def test_a_second_start_repeats_nothing(world, folder):
    await a_first_one(world, folder)
    for _ in range(2):
        async with started(world, folder, "snapshot"):
            await world.opening("later")
            await world.hears(1, world.suggestion("later"))
            await world.hears(1)


async def test_what_was_said_after_an_old_snapshot_is_neither_repeated_nor_left_standing(world, folder):
    await a_first_one(world, folder)
    old = folder.rename(folder.with_name("old"))
    async with started(world, folder, "topics"):
        await world.tie("ann", "bob", 1)
        await world.hears(2)
        await world.opening("new")
        await world.hears(1, world.suggestion("new"))
    shutil.copytree(old, folder, dirs_exist_ok=True)
    async with started(world, folder, "snapshot"):
        await world.opening("later")
        await world.hears(1, world.suggestion("later"))
        await world.hears(2)
        await world.hears(1, world.suggestion("new"))
    await world.tie("ann", "bob", 4)  # as it was when the snapshot was taken: to the engine nothing changed
    async with started(world, folder, "snapshot"):
        first, _, last = await world.hears(3)
        assert first[2].paths == last[2].paths
        *_, (_, headers, _) = await world.hears(2, world.suggestion("new"))
        assert headers["ce_cause"] == b"network"  # its opening came after the snapshot, and was told long ago


async def test_a_consent_withdrawn_meanwhile_is_not_revived(world, folder):
    await a_first_one(world, folder)
    await world.person("bob")
    async with started(world, folder, "snapshot"):
        await world.hears(2)
        *_, (_, headers, gone) = await world.hears(2)
        assert (headers["ce_cause"], gone) == (b"network", None)
    async with started(world, folder, "snapshot"):
        await world.opening("later")
        assert (await world.hears(2))[-1][2] is None


async def test_an_opening_that_went_meanwhile_is_withdrawn(world, folder):
    await a_first_one(world, folder)
    await world.put(POSTINGS, world.id("opening"), None)
    async with started(world, folder, "snapshot"):
        assert (await world.hears(2))[-1][2] is None


def cut(whole):
    return whole[: len(whole) // 2]


def spoilt(whole):
    return whole[:100] + bytes([whole[100] ^ 1]) + whole[101:]


@pytest.mark.parametrize("damage", [cut, spoilt])
async def test_a_damaged_one_is_refused_and_the_topics_are_read(world, folder, damage):
    await a_first_one(world, folder)
    path = folder / "matching.snapshot"
    path.write_bytes(damage(path.read_bytes()))
    await world.tie("ann", "bob", 1)
    async with started(world, folder, "topics"):
        await world.hears(2)


async def test_one_of_other_rules_is_refused(world, folder, monkeypatch):
    await a_first_one(world, folder)
    monkeypatch.setattr("services.matching.snapshots.matcher_state._code", lambda: "other")
    async with started(world, folder, "topics"):
        await world.hears(1)


async def test_shards_begin_from_the_whole_ones_snapshot_and_back(world, folder):
    await world.day()
    await world.people()
    names = [f"opening{number}" for number in range(8)]
    for name in names:
        await world.opening(name)
    async with started(world, folder, "topics", every=0.05):
        for name in names:
            await world.hears(1, world.suggestion(name))
        await kept(folder)
    await world.tie("ann", "bob", 1)
    async with (
        started(world, folder, "snapshot", shard="0/2", every=0.05) as even,
        started(world, folder, "snapshot", shard="1/2") as odd,
    ):
        for name in names:
            await world.hears(2, world.suggestion(name))
        mine = [{key for key in each.engine.suggestions() if key[0] == world.id("ann")} for each in (even, odd)]
        assert [len(mine[0] & mine[1]), len(mine[0] | mine[1])] == [0, len(names)]
        await kept(folder, "matching-0-of-2")
    (folder / "matching.snapshot").unlink()
    await world.tie("ann", "bob", 4)
    async with started(world, folder, "snapshot"):
        for name in names:
            await world.hears(3, world.suggestion(name))


async def test_a_folder_of_none_writes_none(world, tmp_path):
    await world.everything()
    before = starts("topics")
    async with matcher(world.bootstrap, snapshot_seconds=0.01):
        await world.hears(1)
    assert starts("topics") == before + 1
    assert not list(tmp_path.iterdir())


async def test_a_planted_fault_is_found_in_the_stream_and_said_right_again(world):
    await world.everything()
    async with matcher(world.bootstrap, check_seconds=0.1) as running:
        await world.hears(1)

        def plant(engine):
            del engine._live[world.id("opening")]

        await running.ask(plant)
        await until(lambda: running.ask(lambda engine: engine.suggestion(world.id("ann"), world.id("opening"))))
        assert len(await read(world.bootstrap, SUGGESTIONS)) > 0
        await world.hears(1)  # the topic said right all along
