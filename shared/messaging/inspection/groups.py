"""Who reads which partitions, how far each reader has come, and how old the oldest record is that it has not read.

Kept true: what only transaction markers or compacted offsets separate from the end is no lag. Positions are those
committed to Kafka; a group with a database is at least as far as that by its `processed` rows, which are the truth.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
    for_code,
)

from shared.messaging.kafka.assignments import partitions_of
from shared.messaging.kafka.closing import close_consumer
from shared.messaging.kafka.settings import client_options, consumer_options
from shared.messaging.topics.catalogue import CONSUMER_GROUPS, STATE_TOPICS, SUGGESTIONS, Topic, retries
from shared.service_kit.backoff import delays
from shared.services import ServiceName

MATCHING: ServiceName = "matching"
_SHARD = re.compile(r"matching-(\d{1,3})-of-([1-9]\d{0,2})")
OLDEST_SECONDS = 5.0
"""So long the oldest unread records of one reader are looked for."""
POLL_MS = 100
FETCH_BYTES = 16 * 1024
FETCH_MS = 20
"""A fetch that waits holds up every other question on its connection."""
COORDINATOR_SECONDS = 15.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader:
    """A group and what it must read. `joins` is False for a matcher, which only commits its positions."""

    group: str
    places: tuple[TopicPartition, ...]
    joins: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """One reader on one partition; offsets. `lag` counts from the oldest unread record on, markers among them.

    `committed` None: nothing was ever. `oldest_ms` None: nothing is unread, or it was not found in time.
    `member`: whether a live member of the group has the partition; None for a reader that joins no group.
    """

    group: str
    topic: str
    partition: int
    committed: int | None
    end: int
    lag: int
    oldest_ms: int | None
    member: bool | None


def readers(there: Iterable[str]) -> list[Reader]:
    """Every group of the catalogue, and the matchers that `there` (the cluster's groups) shows, with missing shards."""
    found = [Reader(group, _places((*topics, retries(group)))) for group, topics in CONSUMER_GROUPS.items()]
    return found + [_matcher(index, count) for index, count in _shards(there)]


def _shards(there: Iterable[str]) -> list[tuple[int, int]]:
    names = set(there)
    counts = {int(match[2]) for name in names if (match := _SHARD.fullmatch(name))}
    whole = [(0, 1)] if MATCHING in names or not counts else []
    return whole + [(index, count) for count in sorted(counts) for index in range(count)]


def _matcher(index: int, count: int) -> Reader:
    own = [place for place in _places([SUGGESTIONS]) if place.partition % count == index]
    group = MATCHING if count == 1 else f"{MATCHING}-{index}-of-{count}"
    return Reader(group, (*_places(t for t in STATE_TOPICS if MATCHING in t.readers), *own), joins=False)


def _places(topics: Iterable[Topic]) -> tuple[TopicPartition, ...]:
    return tuple(TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions))


@dataclass(slots=True)
class Looker:
    """Looks at readers again and again over the same connections: `async with Looker(bootstrap) as looker`."""

    bootstrap: str
    _admin: AIOKafkaAdminClient = field(init=False)
    _consumer: AIOKafkaConsumer = field(init=False)

    async def __aenter__(self) -> Self:
        """Connect. Raises KafkaConnectionError when no broker answers."""
        options = consumer_options(self.bootstrap, client_id="lag")
        self._consumer = AIOKafkaConsumer(**options, max_partition_fetch_bytes=FETCH_BYTES, fetch_max_wait_ms=FETCH_MS)
        self._admin = AIOKafkaAdminClient(**client_options(self.bootstrap, "lag"))
        try:
            await self._consumer.start()
            await self._admin.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await close_consumer(self._consumer)
        await self._admin.close()

    async def groups(self) -> list[str]:
        """The groups the cluster knows. Raises KafkaError."""
        return [name for name, *_ in await self._admin.list_consumer_groups()]

    async def look(self, reader: Reader) -> list[Standing]:
        """Where the reader stands on each of its partitions that exist. Raises KafkaError."""
        existing = await self._consumer.topics()
        places = [place for place in reader.places if place.topic in existing]
        if not places:
            return []
        held = await self._held(reader.group) if reader.joins else None
        # Positions before ends, so that nothing read in between looks like less than nothing.
        held_at = await _once_there_is_a_coordinator(lambda: self._admin.list_consumer_group_offsets(reader.group))
        committed = {place: at.offset for place, at in held_at.items() if at.offset >= 0}
        first = await self._consumer.beginning_offsets(places)
        ends = await self._consumer.end_offsets(places)
        froms = {place: max(committed.get(place, 0), first[place]) for place in places}
        oldest = await self._oldest({place: at for place, at in froms.items() if at < ends[place]}, ends)
        found = []
        for place in places:
            behind, oldest_ms = oldest.get(place, (0, None))
            member = None if held is None else place in held
            found.append(
                Standing(
                    reader.group,
                    place.topic,
                    place.partition,
                    committed.get(place),
                    ends[place],
                    behind,
                    oldest_ms,
                    member=member,
                )
            )
        return found

    async def _held(self, group: str) -> Collection[TopicPartition]:
        """The partitions that live members of the group have."""
        described = await _once_there_is_a_coordinator(lambda: self._described(group))
        return {place for member in described["members"] for place in partitions_of(member["member_assignment"])}

    async def _described(self, group: str) -> dict[str, Any]:
        (answer,) = await self._admin.describe_consumer_groups([group])
        described: dict[str, Any] = answer.to_object()["groups"][0]
        if described["error_code"]:
            raise for_code(described["error_code"])(f"group {group}")
        return described

    async def _oldest(
        self, froms: dict[TopicPartition, int], ends: dict[TopicPartition, int]
    ) -> dict[TopicPartition, tuple[int, int | None]]:
        """The lag from the first record at or after each offset, and its timestamp; no entry where there is none.

        One that is not found in time counts from the offset on: rather too much lag than none.
        """
        consumer, found = self._consumer, dict[TopicPartition, tuple[int, int | None]]()
        left = set(froms)
        if left:
            consumer.assign(list(left))
        for place, offset in froms.items():
            consumer.seek(place, offset)
        try:
            async with asyncio.timeout(OLDEST_SECONDS):
                while left:
                    for place, records in (await consumer.getmany(*left, timeout_ms=POLL_MS)).items():
                        if records[0].offset < ends[place]:
                            found[place] = (ends[place] - records[0].offset, records[0].timestamp)
                        left.discard(place)
                    left = {place for place in left if await consumer.position(place) < ends[place]}
        except TimeoutError:
            found |= {place: (ends[place] - froms[place], None) for place in left}
        return found


async def _once_there_is_a_coordinator(ask: Callable[[], Awaitable[T]]) -> T:
    """A cluster makes its topic of positions when a group is first asked for; until then it refuses."""
    async with asyncio.timeout(COORDINATOR_SECONDS):
        for delay in delays(cap=1.0):
            try:
                return await ask()
            except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError):
                await asyncio.sleep(delay)
    raise AssertionError  # delays never end


@dataclass(frozen=True, slots=True)
class Summary:
    """A reader on a whole topic. `unread_by`: partitions that no live member has; `never`: nothing ever committed."""

    group: str
    topic: str
    partitions: int
    lag: int
    oldest_ms: int | None
    unread_by: int
    never: bool


def summed(standings: Sequence[Standing]) -> list[Summary]:
    """Standings by reader and topic, in their order."""
    found: dict[tuple[str, str], list[Standing]] = {}
    for each in standings:
        found.setdefault((each.group, each.topic), []).append(each)
    return [
        Summary(
            group,
            topic,
            len(parts),
            sum(part.lag for part in parts),
            min((part.oldest_ms for part in parts if part.oldest_ms is not None), default=None),
            sum(part.member is False for part in parts),
            all(part.committed is None for part in parts),
        )
        for (group, topic), parts in found.items()
    ]
