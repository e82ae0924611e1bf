"""Matchers as processes that come, go and overtake each other on one broker; what they wrote; what must be true of it.

Each test has a world of its own, told apart by the prefix of its ids.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import httpx2
from aiokafka import ConsumerRecord

from infra.local.service import ServiceProcess
from services.matching.stream.matcher import Matcher
from shared.events.suggestions import suggestion_id
from shared.messaging.topics.catalogue import POSTINGS, SUGGESTIONS
from shared.resolution import Vocabulary
from shared.testing.processes import environment, service
from shared.testing.reading import TopicReader, committed, version_and_value
from shared.testing.wait import until
from tests.component.matching.world import settings
from tests.integration.cluster import Cluster, Inboxes, expected, operator
from tests.integration.histories import COMPANIES, Event, World

TODAY = date(2026, 11, 23)
CLOCK = Event("clock.v1", "day", 1, {"day": TODAY.isoformat(), "version": 1})
NEVER = 10_000.0
PACE_S = 0.1
"""Between two bursts, so that a slow start does not pile up more than can be compared from scratch."""

Found = ConsumerRecord[bytes, bytes]


@dataclass
class Shards:
    """A world on the broker, all that was told of it, and the matchers that are to answer for it."""

    cluster: Cluster
    world: World
    prefix: str
    reader: TopicReader
    folder: Path | None = None
    keys: set[bytes] = field(default_factory=set)
    history: list[Event] = field(default_factory=list)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    started: list[ServiceProcess] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note the keys that suggestions of this world can have."""
        pairs = product(self.world.members, self.world.openings)
        self.keys = {suggestion_id(seeker, opening).encode() for seeker, opening in pairs}

    async def publish(self, *events: Event) -> None:
        """Tell the matchers."""
        self.history += events
        await self.cluster.publish(events)

    @asynccontextmanager
    async def traffic(self) -> AsyncIterator[None]:
        """Anything at all goes on meanwhile, one burst after another."""
        ended = asyncio.Event()

        async def go_on() -> None:
            while not ended.is_set():
                await self.publish(*self.world.draw(4))
                await asyncio.sleep(PACE_S)

        working = asyncio.create_task(go_on())
        try:
            yield
        finally:
            ended.set()
            await working

    async def start(self, *shards: str, every: float = NEVER) -> list[ServiceProcess]:
        """Start a matcher for each, side by side; ready when this returns."""
        env = environment(self.cluster.bootstrap, WARMPATH_CHECK_SECONDS="1", WARMPATH_SNAPSHOT_SECONDS=str(every))
        env |= {"WARMPATH_SNAPSHOT": str(self.folder)} if self.folder else {}
        made = [service("matching", env | {"MATCHER_SHARD": shard}, wait=False) for shard in shards]
        started = [await self.stack.enter_async_context(each) for each in made]
        self.started += started
        await asyncio.gather(*(each.until_ready() for each in started))
        return started

    @asynccontextmanager
    async def inside(self) -> AsyncIterator[Matcher]:
        """A matcher of all openings in this very process, where a test can come between it and the broker."""
        assert self.folder
        given = {"snapshot": self.folder, "snapshot_seconds": 0.1, "check_seconds": NEVER}
        made = Matcher(settings(self.cluster.bootstrap, **given), Vocabulary.default())
        await made.start()
        try:
            await until(lambda: made.answers, timeout=60)
            yield made
        finally:
            await made.stop()

    async def records(self) -> list[Found]:
        """All that any matcher ever wrote of this world."""
        return [each for each in await self.reader.records() if each.key in self.keys]

    def wanted(self) -> Inboxes:
        """What the plain rules say of everything that was told, from scratch."""
        return expected([CLOCK, *self.history], TODAY)

    async def settled(self) -> list[Found]:
        """Wait until the topic says what the plain rules say; all its records then."""
        wanted = self.wanted()
        assert len(wanted) > 20, "a world that suggests nothing shows nothing"

        async def same() -> list[Found]:
            records = await self.records()
            held = live(records)
            differing = [key for key in held.keys() | wanted.keys() if held.get(key) != wanted.get(key)]
            assert not differing, f"{len(differing)} of {len(wanted)} differ, such as {differing[:3]}"
            return records

        return list(await until(same, timeout=60, every=0.25))

    async def written_by_others(self, *matchers: ServiceProcess) -> int:
        """How many records stand there that none of these matchers wrote. To be asked when all is settled."""
        wrote = sum([await number(each, "suggestions_published_total") for each in matchers])
        return len(await self.records()) - int(wrote)

    async def ends_well(self, *matchers: ServiceProcess) -> None:
        """The topic says what it should, said nothing twice and in the right place; these matchers saw no difference
        from the rules; nobody was told twice."""
        records = await self.settled()
        nothing_is_repeated(records)
        homes = {each.key: each.partition for each in await committed(self.cluster.bootstrap, POSTINGS.name, 12)}
        pairs = self._pairs(records)
        assert all(each.partition == homes[pairs[each.key][1].encode()] for each in records if each.key in pairs)
        for each in matchers:
            assert await number(each, "matcher_repairs_total") == 0
        wanted = self.wanted()
        await until(lambda: self._inboxes_are(wanted), timeout=60, every=0.25)
        told = "SELECT suggestion_id FROM notifications.events WHERE kind = 'suggestion' GROUP BY 1 HAVING count(*) > 1"
        assert await self.cluster.database.fetch(told) == []

    def _pairs(self, records: Iterable[Found]) -> dict[bytes, tuple[str, str]]:
        values = ((each.key or b"", version_and_value(each)[1]) for each in records)
        return {key: (value["seeker_id"], value["posting_id"]) for key, value in values if value is not None}

    async def _inboxes_are(self, wanted: Inboxes) -> bool:
        inboxes = await self.cluster.inboxes()
        assert {key: held for key, held in inboxes.items() if key[0].startswith(self.prefix)} == wanted
        return True


@asynccontextmanager
async def shards(cluster: Cluster, prefix: str, seed: int, folder: Path | None = None) -> AsyncIterator[Shards]:
    """A world whose beginning is told; its matchers end with it. What fails in it shows what they said last."""
    companies = tuple(prefix + company for company in COMPANIES)
    world = World(seed, prefix, TODAY, people=36, openings=24, companies=companies)
    reader = TopicReader(cluster.bootstrap, SUGGESTIONS.name, SUGGESTIONS.partitions)
    made = Shards(cluster, world, prefix, reader, folder)
    async with made.stack, reader:
        await cluster.publish([CLOCK])
        await made.publish(*made.world.beginning())
        try:
            yield made
        except BaseException as error:
            for each in made.started:
                ended = "runs" if each.running else f"ended with {each.exit_code}"
                said = "\n".join(each.log.read_text().splitlines()[-12:])
                error.add_note(f"a matcher that {ended} said last:\n{said}")
            raise


def live(records: Iterable[Found]) -> Inboxes:
    """What the last record of each key says."""
    values = {each.key: version_and_value(each)[1] for each in records}
    return {
        (value["seeker_id"], value["posting_id"]): (value["fit"], introducers(value))
        for value in values.values()
        if value is not None
    }


def introducers(value: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Of each introducer the id, the label and how to ask."""
    return [(path["introducer_id"], path["label"], path["ask"]) for path in value["paths"]]


def nothing_is_repeated(records: Iterable[Found]) -> None:
    """No record says what the one before it under its key says, and versions only grow."""
    last: dict[bytes | None, tuple[int, Any]] = {}
    again: Counter[str] = Counter()
    for each in records:
        version, value = version_and_value(each)
        content = None if value is None else {**value, "version": 0}
        before, held = last.get(each.key, (-1, None))
        again["said again"] += held == content
        again["not newer"] += version <= before
        last[each.key] = version, content
    assert not +again, again


def logged(process: ServiceProcess, event: str) -> list[dict[str, Any]]:
    """The lines of a process's log about something."""
    lines = (line for line in process.log.read_text().splitlines() if f'"{event}"' in line)
    return [line for line in map(json.loads, lines) if line["event"] == event]


async def number(process: ServiceProcess, name: str) -> float:
    """A metric of a process, summed over its labels."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        answer = (await client.get(f"{process.url}/metrics", headers=operator())).raise_for_status()
    lines = [line for line in answer.text.splitlines() if line.startswith(f"warmpath_{name}")]
    assert lines, f"there is no metric {name}"
    return sum(float(line.rpartition(" ")[2]) for line in lines)
