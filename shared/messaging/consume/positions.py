"""Where a group goes on reading: what its database says, once its partitions are known.

Kept true: a database restored from a backup is read up to date again, whatever Kafka's committed offsets say; a topic
that was made anew begins at its beginning.
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
"""A blocked rebalance listener gets a member evicted, so it may not take long."""


class KnownTopics:
    """Topics' ids, asked of the cluster once and remembered."""

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
        """Disconnect and forget."""
        admin, self._admin = self._admin, None
        self._known.clear()
        if admin is not None:
            await admin.close()

    async def get(self, topic: str, *, afresh: bool = False) -> uuid.UUID:
        """The topic's id. Raises KafkaError, or TopicError for a topic that is not there."""
        if self._admin is None:
            raise ConnectionError("the topics' admin client is not running")
        if afresh or topic not in self._known:
            self._known |= await ids(self._admin, [topic])
        return self._known[topic]


class StartWhereProcessed(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Moves newly assigned partitions to the database's position.

    When the database does not answer in time, Kafka's committed offsets hold: they are never ahead of the database's,
    unless it was restored from a backup.
    """

    def __init__(self, group: str, pool: Pool, known: KnownTopics, consumer: Callable[[], AIOKafkaConsumer]) -> None:
        self._group, self._pool, self._known, self._consumer = group, pool, known, consumer

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing to do: what is still in hand is fenced by the database's rows."""

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Seek each partition."""
        try:
            await self.seek(assigned)
        except Exception as error:  # noqa: BLE001 - reading must go on; see the class
            log.warning("positions_not_read", group=self._group, error=error)

    async def seek(self, assigned: Iterable[TopicPartition]) -> None:
        """Move partitions to the database's position; one the group has never applied begins at its beginning.

        Raises KafkaError, TopicError, TimeoutError or the database's errors; then nothing has moved.
        """
        async with asyncio.timeout(LISTEN_SECONDS):
            topic_ids = {
                topic: await self._known.get(topic, afresh=True) for topic in {each.topic for each in assigned}
            }
            async with self._pool.acquire() as conn:
                found = await processed.positions(conn, self._group)
        consumer = self._consumer()
        for each in assigned:
            # Below the first record that is still there, the fetch is reset to the earliest.
            consumer.seek(each, found.get((topic_ids[each.topic], each.partition), 0))
