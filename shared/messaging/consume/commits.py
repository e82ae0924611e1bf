"""Telling Kafka how far a group is: for those who look on, now and then instead of after every batch.

Kept true: Kafka is told of nothing that is not applied. Where the group goes on reading its database says.
"""

import time
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka.message import KafkaAckableMessage, KafkaMessage

from shared.observability.logs import get_logger

log = get_logger(__name__)

EVERY_SECONDS = 1.0
"""While records keep coming; when none do, Kafka is told at once."""


class Acknowledged:
    """What one process has applied and not yet told of."""

    def __init__(self) -> None:
        self._following: dict[TopicPartition, int] = {}
        self._told = 0.0

    def note(self, records: Sequence[ConsumerRecord]) -> None:
        """These are applied; they are in order within each partition."""
        self._following |= {TopicPartition(each.topic, each.partition): each.offset + 1 for each in records}

    async def tell(self, consumer: AIOKafkaConsumer, *, idle: bool) -> None:
        """Commit, if there is anything new and it is time. That it fails costs nothing: the next time says more."""
        if not self._following or not (idle or time.monotonic() - self._told > EVERY_SECONDS):
            return
        self._told = time.monotonic()
        ours = consumer.assignment()
        offsets = {each: offset for each, offset in self._following.items() if each in ours}
        self._following.clear()
        try:
            if offsets:
                await consumer.commit(offsets)
        except KafkaError as error:
            log.info("offsets_not_committed", error=error)


class Batch(KafkaAckableMessage):
    """A poll's records. To acknowledge them is only to note it; to give them back rewinds, as FastStream does it."""

    def __init__(self, records: tuple[ConsumerRecord, ...], consumer: AIOKafkaConsumer, applied: Acknowledged) -> None:
        super().__init__(body=b"", raw_message=records, consumer=consumer)
        self.batch_headers = []
        self._applied = applied

    async def ack(self) -> None:
        """They are applied."""
        if not self.committed:
            self._applied.note(self.raw_message)
        await super(KafkaMessage, self).ack()
