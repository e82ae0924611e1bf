"""The right to write one partition of `suggestions.v1`, and what is still to be published there.

Kept true: nothing is written before the partition was claimed, which fences whoever had it, and read back to where it
ended then; after any failure both happen again, since the failed batch may have been written nevertheless.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from aiokafka import TopicPartition

from services.matching.rules.suggestions import Suggestion
from services.matching.stream.ledger import Ledger, Pending
from services.matching.stream.suggestion_record import RecordBuilder
from shared.messaging.kafka.settings import partition_id
from shared.messaging.publish.publisher import FencedPublisher, OutgoingRecord
from shared.messaging.topics.catalogue import SUGGESTIONS
from shared.messaging.traces import published
from shared.observability.metric_list import SUGGESTION_SECONDS, SUGGESTIONS_PUBLISHED

BATCH: Final = 500
"""Suggestions of one transaction."""

TIMEOUT_S: Final = 30.0
"""A batch that the broker takes longer for is given up; then the partition is claimed and read back again."""

LookUp = Callable[[Sequence[Pending]], Awaitable[list[Suggestion | None]]]
"""What the engine says of each now; runs on the engine's thread."""

for _kind in ("said", "withdrawn"):
    SUGGESTIONS_PUBLISHED.labels(_kind)  # there from the start, at 0


class PartitionPublisher:
    """One owned partition."""

    def __init__(self, bootstrap: str, partition: int) -> None:
        self.place = TopicPartition(SUGGESTIONS.name, partition)
        self._publisher = FencedPublisher(bootstrap, partition_id(SUGGESTIONS.name, partition))
        self._pending: dict[str, Pending] = {}
        self._records = RecordBuilder()
        self.claimed = False
        self.readback_end = 0
        """Where the partition ended when it was claimed. It must be read up to there before anything is published."""

    async def claim(self, end: Callable[[], Awaitable[int]]) -> None:
        """Fence whoever had the partition, then note its `end`. Raises Fenced, or KafkaError when no broker answers."""
        await self._publisher.start()
        self.readback_end = await end()
        self.claimed = True

    def enqueue(self, key: str, pending: Pending) -> None:
        """A suggestion may differ from the topic. One that an opening's own event caused keeps that cause."""
        held = self._pending.get(key)
        if held is None or held.cause == "network":
            self._pending[key] = pending

    def enqueue_withdrawal(self, key: str) -> None:
        """The topic holds a suggestion that the engine knows nothing of: of nobody, for no opening."""
        self.enqueue(key, Pending("", "", self.place.partition, "network"))

    @property
    def pending(self) -> Mapping[str, Pending]:
        """What is still to be published, by key."""
        return self._pending

    @property
    def idle(self) -> bool:
        """Whether there is nothing to publish."""
        return not self._pending

    async def publish(self, look_up: LookUp, ledger: Ledger) -> None:
        """Publish what differs from the topic, in batches. What could not be written stays pending.

        Raises Fenced for good. After any other error the partition is no longer claimed.
        """
        while self._pending:
            batch = list(islice(self._pending.items(), BATCH))
            found = await look_up([pending for _, pending in batch])
            await self._write(list(self._drafts(batch, found, ledger)), ledger)
            for key, _ in batch:
                del self._pending[key]

    def _drafts(
        self, batch: Sequence[tuple[str, Pending]], found: Sequence[Suggestion | None], ledger: Ledger
    ) -> Iterator[tuple[OutgoingRecord, Pending]]:
        """The records that make the topic say what was found, where it does not."""
        now = datetime.now(UTC)
        for (key, pending), suggestion in zip(batch, found, strict=True):
            content = None if suggestion is None else self._records.content(key, suggestion)
            record = ledger.draft(key, content, pending, now)
            if record is not None:
                yield record, pending

    async def _write(self, records: Sequence[tuple[OutgoingRecord, Pending]], ledger: Ledger) -> None:
        begun = time.time_ns()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self._publisher.publish([record for record, _ in records])
        except BaseException:
            self.claimed = False
            raise
        published([record for record, _ in records], begun)
        now = time.time()
        for record, pending in records:
            ledger.published(record)
            SUGGESTIONS_PUBLISHED.labels("withdrawn" if record.value is None else "said").inc()
            if pending.caused_at is not None and record.value is not None:
                SUGGESTION_SECONDS.observe(max(0.0, now - pending.caused_at.timestamp()))

    async def close(self) -> None:
        """Give the partition up."""
        self.claimed = False
        await self._publisher.stop()
