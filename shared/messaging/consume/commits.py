"""Commits a group's offsets to Kafka about once a second: for tools that show lag, not to resume from.

Invariant: an offset is committed only after everything below it was applied. Where to resume the database says.
"""

import time
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka.message import KafkaAckableMessage, KafkaMessage

from shared.observability.logs import get_logger

log = get_logger(__name__)

EVERY_SECONDS = 1.0
"""While records keep coming; after an empty poll the commit is immediate."""


class OffsetCommitter:
    """The offsets that one process has applied and not yet committed."""

    def __init__(self) -> None:
        self._next_offsets: dict[TopicPartition, int] = {}
        self._committed_at = 0.0

    def mark_applied(self, records: Sequence[ConsumerRecord]) -> None:
        """These records, in order within each partition, are applied."""
        self._next_offsets |= {TopicPartition(each.topic, each.partition): each.offset + 1 for each in records}

    async def commit_if_due(self, consumer: AIOKafkaConsumer, *, idle: bool) -> None:
        """Commit if there is anything new and it is time. A failed commit is not retried: the next one covers it."""
        if not self._next_offsets or not (idle or time.monotonic() - self._committed_at > EVERY_SECONDS):
            return
        self._committed_at = time.monotonic()
        ours = consumer.assignment()
        offsets = {each: offset for each, offset in self._next_offsets.items() if each in ours}
        self._next_offsets.clear()
        try:
            if offsets:
                await consumer.commit(offsets)
        except KafkaError as error:
            log.info("offsets_not_committed", error=error)


class PolledBatch(KafkaAckableMessage):
    """A poll's records as a FastStream message: ack marks them as applied, nack seeks back as FastStream's does."""

    def __init__(
        self, records: tuple[ConsumerRecord, ...], consumer: AIOKafkaConsumer, committer: OffsetCommitter
    ) -> None:
        super().__init__(body=b"", raw_message=records, consumer=consumer)
        self.batch_headers = []
        self._committer = committer

    async def ack(self) -> None:
        """Mark the records as applied."""
        if not self.committed:
            self._committer.mark_applied(self.raw_message)
        await super(KafkaMessage, self).ack()
