"""Publishes suggestions: decides which ones may differ from the topic, and drives the publisher of each partition.

Kept true: after a start everything that may differ is enqueued before anything is published; a failure of one partition
holds up no other, and that partition is claimed and read back again before it is written.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.matching.events import Change
from services.matching.settings import Settings
from services.matching.stream.ledger import Pending
from services.matching.stream.memory import MatcherMemory
from services.matching.stream.opening_traces import OpeningTraces
from services.matching.stream.partition_publisher import LookUp, PartitionPublisher
from shared.events.suggestions import suggestion_id
from shared.messaging.publish.publisher import Fenced
from shared.messaging.topics.catalogue import SUGGESTIONS
from shared.observability.logs import get_logger

log = get_logger(__name__)

RETRY_S: Final = 0.5
TRANSIENT: Final = (KafkaError, OSError, TimeoutError)


class SuggestionPublisher:
    """The owned partitions of `suggestions.v1`."""

    def __init__(self, settings: Settings, traces: OpeningTraces) -> None:
        self.owned = [number for number in range(SUGGESTIONS.partitions) if settings.owns(number)]
        self._traces = traces
        self._partitions = {
            number: PartitionPublisher(settings.kafka_bootstrap_servers, number) for number in self.owned
        }

    @property
    def places(self) -> list[TopicPartition]:
        """The owned partitions as Kafka names them."""
        return [each.place for each in self._partitions.values()]

    @property
    def pending(self) -> dict[str, Pending]:
        """What is still to be published, by key."""
        return {key: each for partition in self._partitions.values() for key, each in partition.pending.items()}

    def restore(self, pending: Mapping[str, Pending]) -> None:
        """Enqueue what was pending in a snapshot. What caused it is no longer timed."""
        for key, each in pending.items():
            self._partitions[each.partition].enqueue(key, each._replace(caused_at=None, numbers=None))

    async def claim(self, consumer: AIOKafkaConsumer) -> None:
        """Claim all partitions, side by side since each takes a while. Raises Fenced before any other error."""
        claims = (self._claim(each, consumer) for each in self._partitions.values())
        claimed = await asyncio.gather(*claims, return_exceptions=True)
        if failed := [each for each in claimed if isinstance(each, BaseException)]:
            raise next((each for each in failed if isinstance(each, Fenced)), failed[0])

    async def pause_readback(self, consumer: AIOKafkaConsumer, read: Collection[TopicPartition]) -> None:
        """Stop reading back what was written here: it is known, and would cost a fetch of its own after each batch.

        `read`: the partitions of the last poll.
        """
        claimed = [each for each in self._partitions.values() if each.claimed]
        if not {each.place for each in claimed}.isdisjoint(read):
            consumer.pause(*[each.place for each in claimed if await _read_back(each, consumer)])

    def resume_readback(self, consumer: AIOKafkaConsumer) -> None:
        """Read the owned partitions on, now and then, so that their positions follow."""
        consumer.resume(*self.places)

    def enqueue_changes(self, memory: MatcherMemory, changes: Iterable[Change]) -> None:
        """What the engine changed is to be published. What an opening's own record caused is timed from that record."""
        for change in changes:
            self._enqueue(memory, change, timed=True)

    def enqueue_at_start(self, memory: MatcherMemory, changes: Sequence[Change]) -> None:
        """What may differ after a start: everything, or after a snapshot what changed on either side since."""
        since = memory.ledger.changed_since_snapshot()
        if since is None:
            self._enqueue_everything(memory)
            return
        announced = {posting for _, posting in since.values()}
        for change in changes:
            self._enqueue(memory, change._replace(cause="network") if change.posting in announced else change)
        for key, (seeker, posting) in since.items():
            partition = memory.ledger.partition(key)
            self._partitions[partition].enqueue(key, Pending(seeker, posting, partition, "network"))

    async def publish(self, memory: MatcherMemory, consumer: AIOKafkaConsumer, look_up: LookUp) -> None:
        """Publish what differs, in all partitions side by side. Raises Fenced; after other errors it stays pending."""
        partitions = self._partitions.values()
        await asyncio.gather(*(self._publish(each, memory, consumer, look_up) for each in partitions))

    async def close(self) -> None:
        """Let go of the partitions."""
        await asyncio.gather(*(each.close() for each in self._partitions.values()))

    async def _claim(self, partition: PartitionPublisher, consumer: AIOKafkaConsumer) -> None:
        consumer.resume(partition.place)

        async def end() -> int:
            return int((await consumer.end_offsets([partition.place]))[partition.place])

        await partition.claim(end)

    async def _publish(
        self, partition: PartitionPublisher, memory: MatcherMemory, consumer: AIOKafkaConsumer, look_up: LookUp
    ) -> None:
        if partition.idle:
            return
        try:
            if not partition.claimed:
                await self._claim(partition, consumer)
            if await _read_back(partition, consumer):
                await partition.publish(look_up, memory.ledger)
        except TRANSIENT as error:
            log.warning("publishing_interrupted", partition=partition.place.partition, error=error)
            await asyncio.sleep(RETRY_S)

    def _enqueue(self, memory: MatcherMemory, change: Change, *, timed: bool = False) -> None:
        partition, origin = memory.intake.partitions[change.posting], self._traces.origin(change.posting)
        pending = Pending(
            change.seeker,
            change.posting,
            partition,
            change.cause,
            self._traces.traceparent(change.posting),
            origin.at if timed and origin and change.cause == "opening" else None,
            change.numbers,
        )
        self._partitions[partition].enqueue(suggestion_id(change.seeker, change.posting), pending)

    def _enqueue_everything(self, memory: MatcherMemory) -> None:
        """Everything is compared with the topic. An opening of which nothing was ever published is new."""
        ledger = memory.ledger
        live = {suggestion_id(seeker, posting): (seeker, posting) for seeker, posting in memory.engine.keys()}  # noqa: SIM118 - no dict
        announced = {posting for key, (_, posting) in live.items() if ledger.ever_published(key)}
        for seeker, posting in live.values():
            self._enqueue(memory, Change(seeker, posting, "network" if posting in announced else "opening"))
        for key, partition in ledger.live():
            if key not in live:
                self._partitions[partition].enqueue_withdrawal(key)


async def _read_back(partition: PartitionPublisher, consumer: AIOKafkaConsumer) -> bool:
    """Whether the partition has been read to where it ended when it was claimed."""
    return int(await consumer.position(partition.place)) >= partition.readback_end
