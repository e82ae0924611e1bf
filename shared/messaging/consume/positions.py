"""Where a group resumes reading: at the offsets in its database, once partitions are assigned.

Invariants: after a restore from a backup, the database is brought up to date again whatever Kafka's committed offsets
say; a topic that was deleted and created again is read from its beginning.
"""

import asyncio
import uuid
from collections.abc import Callable, Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.admin import AIOKafkaAdminClient

from shared.messaging.consume import processed
from shared.messaging.kafka.settings import client_options
from shared.messaging.topics.cluster import ids
from shared.observability.logs import get_logger
from shared.storage.pool import Pool

log = get_logger(__name__)

LISTEN_SECONDS = 5.0
"""Short, because a member whose rebalance listener blocks is evicted from the group."""


class TopicIdCache:
    """Topics' ids, remembered after the first request."""

    def __init__(self, bootstrap: str) -> None:
        self._options = client_options(bootstrap, "topic-ids")
        self._admin: AIOKafkaAdminClient | None = None
        self._known: dict[str, uuid.UUID] = {}

    async def start(self) -> None:
        """Connect. Raises KafkaConnectionError when no broker answers."""
        admin = AIOKafkaAdminClient(**self._options)
        try:
            await admin.start()
        except BaseException:
            await admin.close()
            raise
        self._admin = admin

    async def stop(self) -> None:
        """Disconnect and forget all ids."""
        admin, self._admin = self._admin, None
        self._known.clear()
        if admin is not None:
            await admin.close()

    async def get(self, topic: str, *, refresh: bool = False) -> uuid.UUID:
        """The topic's id. Raises KafkaError, or TopicError for a topic that is not there."""
        if self._admin is None:
            raise ConnectionError("the topics' admin client is not running")
        if refresh or topic not in self._known:
            self._known |= await ids(self._admin, [topic])
        return self._known[topic]


class ProcessedOffsetListener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Seeks newly assigned partitions to the offsets in the database.

    If the database or Kafka does not answer in time, they stay `unread`: nothing that is polled may be applied before
    `seek` has worked. Kafka's committed offsets, where aiokafka would go on, are ahead of a database that was restored.
    """

    def __init__(self, group: str, pool: Pool, known: TopicIdCache, consumer: Callable[[], AIOKafkaConsumer]) -> None:
        self._group, self._pool, self._known, self._consumer = group, pool, known, consumer
        self.unread = False
        """Whether partitions were assigned whose offsets in the database are not known yet."""

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing to do: records still being applied are fenced by the locked rows of `processed`."""

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Seek each partition."""
        self.unread = True
        try:
            await self.seek(assigned)
        except Exception as error:  # noqa: BLE001 - the next poll tries again
            log.warning("positions_not_read", group=self._group, error=error)

    async def seek(self, assigned: Iterable[TopicPartition]) -> None:
        """Seek partitions to the offsets in the database, or to 0 where the group has applied nothing.

        Raises KafkaError, TopicError, TimeoutError or the database's errors; then no partition was moved.
        """
        async with asyncio.timeout(LISTEN_SECONDS):
            topic_ids = {
                topic: await self._known.get(topic, refresh=True) for topic in {each.topic for each in assigned}
            }
            async with self._pool.acquire() as conn:
                found = await processed.positions(conn, self._group)
        consumer = self._consumer()
        for each in assigned:
            # An offset below the first record that is left is reset to the earliest.
            consumer.seek(each, found.get((topic_ids[each.topic], each.partition), 0))
        self.unread = False
