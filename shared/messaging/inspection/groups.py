"""Which groups read which partitions, how far behind each is, and how old its oldest unread record is.

Invariant: transaction markers and compacted offsets at a partition's end are no lag. Positions are those committed to
Kafka; a group with a database resumes from its `processed` rows, which are never behind these.
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
"""The time limit for finding one group's oldest unread records."""
POLL_MS = 20
PAUSE_MS = 10
"""How long aiokafka waits for each topic that it meets for the first time."""

FETCH_BYTES = 16 * 1024
FETCH_MS = 20
"""A waiting fetch delays every other request on its connection."""
COORDINATOR_SECONDS = 15.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadingGroup:
    """A group and the partitions it must read. `joins`: False for a matcher, which only commits its positions."""

    name: str
    partitions: tuple[TopicPartition, ...]
    joins: bool = True


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """One group's offsets on one partition. `lag`: from the oldest unread record to the end, markers included.

    `committed` None: never. `oldest_ms` None: nothing is unread, or it was not found in time.
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


def reading_groups(existing: Iterable[str]) -> list[ReadingGroup]:
    """The catalogue's groups and the matchers, whose shard counts follow from the cluster's `existing` groups."""
    return [consumer_group(name) for name in CONSUMER_GROUPS] + [
        matcher_group(index, count) for index, count in _shards(existing)
    ]


def consumer_group(name: ServiceName) -> ReadingGroup:
    """The group of a service that consumes with commits."""
    return ReadingGroup(name, _places((*CONSUMER_GROUPS[name], retries(name))))


def _shards(existing: Iterable[str]) -> list[tuple[int, int]]:
    names = set(existing)
    counts = {int(match[2]) for name in names if (match := _SHARD.fullmatch(name))}
    whole = [(0, 1)] if MATCHING in names or not counts else []
    return whole + [(index, count) for count in sorted(counts) for index in range(count)]


def matcher_group(index: int, count: int) -> ReadingGroup:
    """The group of matcher `index` of `count`."""
    own = [place for place in _places([SUGGESTIONS]) if place.partition % count == index]
    group = MATCHING if count == 1 else f"{MATCHING}-{index}-of-{count}"
    return ReadingGroup(group, (*_places(t for t in STATE_TOPICS if MATCHING in t.readers), *own), joins=False)


def _places(topics: Iterable[Topic]) -> tuple[TopicPartition, ...]:
    return tuple(TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions))


@dataclass(slots=True)
class GroupInspector:
    """Measures lag repeatedly over the same connections: `async with GroupInspector(bootstrap) as inspector`."""

    bootstrap: str
    _admin: AIOKafkaAdminClient = field(init=False)
    _offsets: AIOKafkaConsumer = field(init=False)
    _records: AIOKafkaConsumer = field(init=False)
    """Two, since one that reads forgets the topics that it does not read, and has to ask for each of them again."""

    async def __aenter__(self) -> Self:
        """Connect. Raises KafkaConnectionError when no broker answers."""
        options = consumer_options(self.bootstrap, client_id="lag")
        self._offsets = AIOKafkaConsumer(**options, retry_backoff_ms=PAUSE_MS)
        self._records = AIOKafkaConsumer(**options, max_partition_fetch_bytes=FETCH_BYTES, fetch_max_wait_ms=FETCH_MS)
        self._admin = AIOKafkaAdminClient(**client_options(self.bootstrap, "lag"))
        try:
            await self._offsets.start()
            await self._records.start()
            await self._admin.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await close_consumer(self._offsets)
        await close_consumer(self._records)
        await self._admin.close()

    async def groups(self) -> list[str]:
        """The groups the cluster knows. Raises KafkaError."""
        return [name for name, *_ in await self._admin.list_consumer_groups()]

    async def partition_lags(self, group: ReadingGroup) -> list[PartitionLag]:
        """The group's lag on each of its partitions that exist. Raises KafkaError."""
        existing = await self._offsets.topics()
        places = [place for place in group.partitions if place.topic in existing]
        if not places:
            return []
        held = await self._member_partitions(group.name) if group.joins else None
        # Positions before ends, so that no lag is negative.
        committed_at = await _retry_until_coordinated(lambda: self._admin.list_consumer_group_offsets(group.name))
        committed = {place: at.offset for place, at in committed_at.items() if at.offset >= 0}
        first = await self._offsets.beginning_offsets(places)
        ends = await self._offsets.end_offsets(places)
        froms = {place: max(committed.get(place, 0), first[place]) for place in places}
        oldest = await self._oldest({place: at for place, at in froms.items() if at < ends[place]}, ends)
        found = []
        for place in places:
            behind, oldest_ms = oldest.get(place, (0, None))
            member = None if held is None else place in held
            found.append(
                PartitionLag(
                    group.name,
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

    async def _member_partitions(self, group: str) -> Collection[TopicPartition]:
        """The partitions of the group's live members."""
        described = await _retry_until_coordinated(lambda: self._described(group))
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
        """The lag from the first record at or after each offset, and its timestamp; no entry if there is no record.

        If it is not found in time, the lag counts from the offset: too large rather than missing.
        """
        consumer, found = self._records, dict[TopicPartition, tuple[int, int | None]]()
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


async def _retry_until_coordinated(ask: Callable[[], Awaitable[T]]) -> T:
    """Retry while the cluster creates its offsets topic, which it does on the first request about any group."""
    async with asyncio.timeout(COORDINATOR_SECONDS):
        for delay in delays(cap=1.0):
            try:
                return await ask()
            except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError):
                await asyncio.sleep(delay)
    raise AssertionError  # delays never end


@dataclass(frozen=True, slots=True)
class TopicLag:
    """A group's lag on a topic. `without_member`: partitions that no live member has."""

    group: str
    topic: str
    partitions: int
    lag: int
    oldest_ms: int | None
    without_member: int
    never_committed: bool


def sum_by_topic(lags: Sequence[PartitionLag]) -> list[TopicLag]:
    """Lags summed by group and topic, in their order."""
    found: dict[tuple[str, str], list[PartitionLag]] = {}
    for each in lags:
        found.setdefault((each.group, each.topic), []).append(each)
    return [
        TopicLag(
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
