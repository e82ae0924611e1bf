"""Matchers that overtake each other, in real processes on a real broker: every opening has one writer, always.

What must be true in the end is in `shards.py`: the topic says what the plain rules say of all that was told, and
nothing was said twice.
"""

import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from aiokafka.errors import KafkaConnectionError

from infra.local.postgres import Postgres
from infra.local.service import ServiceProcess
from services.matching.snapshots.snapshot_file import MAX_AGE_S
from shared.events.suggestions import suggestion_id
from shared.messaging.publish.publisher import FencedPublisher, OutgoingRecord
from shared.testing.broker import running_broker
from shared.testing.database import fresh_database
from shared.testing.wait import until
from tests.fault.half_written import damage, kill_while_it_writes, rewrite, unsaid_in
from tests.fault.shards import Found, Shards, introducers, live, logged, number, shards, version_and_value
from tests.integration.cluster import Cluster, Inboxes, running
from tests.integration.histories import Event


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cluster(postgres: Postgres) -> AsyncIterator[Cluster]:
    """One broker and one inbox for all worlds of this file."""
    async with (
        running_broker(own=True) as broker,
        fresh_database(postgres) as database,
        running(broker.bootstrap, database, shards=0) as made,
    ):
        yield made


async def gives_up(world: Shards, *older: ServiceProcess) -> None:
    """Go on until each of them has tried to say something, and ended because it may not."""

    async def ended() -> bool:
        if any(each.running for each in older):
            await world.publish(*world.world.draw(4))
            return False
        return True

    await until(ended, timeout=60, every=0.2, what="the older ones to end")
    for each in older:
        assert each.exit_code == 1, each.exit_report()
        assert "fenced" in logged(each, "matcher_stopped")[0]["reason"]


def signalled(process: ServiceProcess, number: signal.Signals) -> None:
    """Send a process a signal, if it is there."""
    if process.pid is not None:
        os.kill(process.pid, number)


@pytest.mark.long  # by day the older ones of another number of shards, and a relay that sleeps (test_zombies)
@pytest.mark.parametrize(
    "paused",
    [
        pytest.param(False, id="both run"),
        pytest.param(True, id="the older one sleeps meanwhile"),
    ],
)
async def test_the_older_of_two_that_answer_for_the_same_writes_nothing_more(cluster, paused):
    async with shards(cluster, f"double{paused:d}-", 21 + paused) as world:
        [older] = await world.start("0/1")
        async with world.traffic():
            if paused:
                signalled(older, signal.SIGSTOP)
            [newer] = await world.start("0/1")
        try:
            await world.settled()
            before = await world.written_by_others(newer)
        finally:
            signalled(older, signal.SIGCONT)
        await gives_up(world, older)
        await world.ends_well(newer)
        assert await world.written_by_others(newer) == before


@pytest.mark.parametrize(
    ("counts", "kept"),
    [
        pytest.param((1, 2), False, id="1 to 2 without snapshots"),
        pytest.param((2, 3), True, id="2 to 3 with snapshots", marks=pytest.mark.long),
        pytest.param((3, 1), True, id="3 to 1 with snapshots", marks=pytest.mark.long),
    ],
)
async def test_another_number_of_shards_under_traffic(cluster, tmp_path, counts, kept):
    prefix = "shards{}{}-".format(*counts)
    async with shards(cluster, prefix, 30 + counts[0], tmp_path / "kept" if kept else None) as world:
        serving: list[ServiceProcess] = []
        for count in counts:
            older = serving
            async with world.traffic():
                serving = await world.start(*(f"{n}/{count}" for n in range(count)), every=0.3)
                await gives_up(world, *older)
            await world.settled()
            if kept:
                assert all(bool(logged(each, "matcher_resumes")) == bool(older) for each in serving)
                await until(lambda: list((tmp_path / "kept").glob("*.snapshot")))
            before = await world.written_by_others(*serving)
            told = [await number(each, "suggestions_published_total") for each in serving]
            await world.publish(*(world.world._opening(opening) for opening in world.world.openings))
            await world.settled()
            assert await world.written_by_others(*serving) == before
            now = [await number(each, "suggestions_published_total") for each in serving]
            assert all(after > first for after, first in zip(now, told, strict=True)), "each has something to say"
        await world.ends_well(*serving)


def newest(world: Shards, topic: str, key: str) -> Event | None:
    """What was last told under a key."""
    told = [each for each in world.history if (each.topic, each.key) == (topic, key)]
    return max(told, key=lambda each: each.version, default=None)


class Withdrawals:
    """A consent, a tie and an opening that suggestions lean on are taken back; what may not come back after that."""

    def __init__(self, world: Shards) -> None:
        asking = [(key, path) for key, (_, paths) in sorted(world.wanted().items()) for path in paths]
        (_, self.opening), _ = asking[0]
        (self.seeker, _), (self.contact, *_) = next(each for each in asking if each[0][1] != self.opening)
        taken = {self.contact, self.seeker}
        self.introducer = next(
            p[0] for key, p in asking if p[2] == "app" and p[0] not in taken and key[1] != self.opening
        )
        person, opening = newest(world, "people.v1", self.introducer), newest(world, "postings.v1", self.opening)
        assert person is not None
        assert opening is not None
        blocked = {"person_id": self.seeker, "contact_id": self.contact, "evidence": [{"kind": "blocked"}]}
        make = world.world._event
        self.events = [
            make("people.v1", person.key, {**(person.value or {}), "introduces": False}),
            make("ties.v1", f"{self.seeker}:{self.contact}", blocked),
            make("postings.v1", opening.key, {**(opening.value or {}), "status": "closed"}),
        ]

    def check(self, records: list[Found]) -> None:
        """None of these records says again what was taken back."""
        for value in filter(None, (version_and_value(each)[1] for each in records)):
            asks = {(introducer, ask) for introducer, _, ask in introducers(value)}
            assert value["posting_id"] != self.opening
            assert (self.introducer, "app") not in asks
            assert value["seeker_id"] != self.seeker or self.contact not in {one for one, _ in asks}


async def whole(folder: Path, name: str = "matching.snapshot") -> Path:
    """A snapshot that was begun from now on: not the one that is there, nor the next, which may be under way."""
    path, seen = folder / name, set[int]()

    def twice() -> bool:
        if path.exists():
            seen.add(path.stat().st_mtime_ns)
        return len(seen) > 2

    await until(twice, timeout=30)
    return path


async def test_a_takeover_on_an_older_snapshot_loses_repeats_and_revives_nothing(cluster, tmp_path):
    folder = tmp_path / "kept"
    async with shards(cluster, "older-", 41, folder) as world:
        [first] = await world.start("0/1", every=0.1)
        await world.settled()
        older = (await whole(folder)).read_bytes()
        said = Withdrawals(world)
        await world.publish(*said.events, *world.world.draw_ties(20))
        await world.settled()
        await first.kill()
        unsaid = Withdrawals(world)
        await world.publish(*unsaid.events)
        before = await world.records()
        assert any(said.events[2].key == posting for _, posting in live(before)) is False
        (folder / "matching.snapshot").write_bytes(older)
        [second] = await world.start("0/1")
        [resumed] = logged(second, "matcher_resumes")
        assert resumed["file"] == "matching.snapshot"
        assert logged(second, "matcher_reads")[0]["records"] < len(world.history)
        after = [each for each in await world.settled() if (each.partition, each.offset) not in places(before)]
        assert after, "what was taken back while nobody ran is still to be said"
        said.check(after)
        unsaid.check(after)
        await world.ends_well(second)


def places(records: list[Found]) -> set[tuple[int, int]]:
    """Where records stand."""
    return {(each.partition, each.offset) for each in records}


async def cut_off(_publisher: FencedPublisher, records: Sequence[OutgoingRecord]) -> None:
    """In the place of publishing, while the way to the broker is cut."""
    if records:
        raise KafkaConnectionError


async def test_what_could_not_be_written_yet_is_kept_and_said_by_the_next(cluster, tmp_path, monkeypatch):
    folder = tmp_path / "kept"
    async with shards(cluster, "unsaid-", 61, folder) as world, AsyncExitStack() as first:
        await first.enter_async_context(world.inside())
        before = await world.settled()
        monkeypatch.setattr(FencedPublisher, "publish", cut_off)
        await world.publish(*map(world.world._opening, world.world.openings))
        wanted = changed(before, world.wanted())
        assert wanted
        await until(lambda: unsaid_in(folder / "matching.snapshot") >= wanted, timeout=60, every=0.1)
        await first.aclose()
        assert places(await world.records()) == places(before)
        [second] = await world.start("0/1")
        assert logged(second, "matcher_resumes")
        after = [each for each in await world.settled() if (each.partition, each.offset) not in places(before)]
        assert wanted <= {(each.key or b"").decode() for each in after}
        await world.ends_well(second)


def changed(records: list[Found], wanted: Inboxes) -> set[str]:
    """The keys under which these records do not say what is wanted."""
    held = live(records)
    return {suggestion_id(*key) for key in held.keys() | wanted.keys() if held.get(key) != wanted.get(key)}


@pytest.mark.long
async def test_a_half_written_snapshot_leaves_the_old_one_and_a_bad_one_is_refused(cluster, tmp_path):
    folder = tmp_path / "kept"
    async with shards(cluster, "bad-", 51, folder) as world:
        [first] = await world.start("0/1", every=0.02)
        await world.settled()
        path = await whole(folder)
        await kill_while_it_writes(first, folder)
        await world.publish(*world.world.draw(40))
        [second] = await world.start("0/1")
        assert [each["file"] for each in logged(second, "matcher_resumes")] == [path.name]
        await world.settled()
        await second.stop()

        rewrite(path, folder / "matching-0-of-2.snapshot", cluster="another")
        rewrite(path, folder / "matching-1-of-2.snapshot", older_s=MAX_AGE_S)
        damage(path)
        await world.publish(*world.world.draw(40))
        [third] = await world.start("0/1")
        refused = {each["file"]: each["reason"] for each in logged(third, "snapshot_refused")}
        assert refused == {
            "matching.snapshot": "damaged",
            "matching-0-of-2.snapshot": "foreign",
            "matching-1-of-2.snapshot": "too_old",
        }
        assert logged(third, "matcher_resumes") == []
        await world.ends_well(third)
