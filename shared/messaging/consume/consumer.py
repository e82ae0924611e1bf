"""One consumer group of a service: a FastStream batch subscriber around `batch_applier.py`.

Invariants: a batch is acknowledged only when all of it was applied; transient errors are retried in place with capped
backoff; the group resumes at the offsets in the database, not at Kafka's; nothing FastStream does can lose a record.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream.exceptions import NackMessage
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from shared.messaging.consume import lag
from shared.messaging.consume.batch_applier import BatchApplier, Place
from shared.messaging.consume.commits import OffsetCommitter, PolledBatch
from shared.messaging.consume.handlers import Handler, Ignored, is_retryable
from shared.messaging.consume.positions import ProcessedOffsetListener, TopicIdCache
from shared.messaging.dead_letters.poison_guard import PoisonGuard, TooManyBadRecords
from shared.messaging.dead_letters.writer import DeadLetterWriter
from shared.messaging.kafka.settings import (
    BATCH_RECORDS,
    HANDLER_SECONDS,
    HOLD_SECONDS,
    POLL_MS,
    STOP_SECONDS,
    broker_options,
    subscriber_options,
)
from shared.messaging.topics.catalogue import Topic, all_topics, retries
from shared.messaging.topics.cluster import TopicError
from shared.observability.logs import get_logger
from shared.observability.metric_list import CONSUMER_RETRIES, CONSUMER_STOPPED
from shared.service_kit.backoff import delays
from shared.service_kit.loop import Loop
from shared.services import ServiceName
from shared.storage.pool import Pool

log = get_logger(__name__)

START_SECONDS = 10.0
STALE_SECONDS = 30.0
MOVED_SECONDS = 90.0
"""If records are waiting and none is applied within this, the loop is considered hung."""


class Consumer:
    """Reads a group's topics and its `.retry` topic, and passes each record to its topic's handler."""

    def __init__(
        self,
        service: ServiceName,
        pool: Pool,
        bootstrap: str,
        handlers: Mapping[str, Handler],
        *,
        catalogue: Sequence[Topic] | None = None,
        guard: PoisonGuard | None = None,
        ignored: Mapping[str, Ignored] | None = None,
    ) -> None:
        known = {topic.name: topic for topic in (all_topics() if catalogue is None else catalogue)}
        topics = {name: known[name] for name in handlers}
        self._group = service
        self._letters = DeadLetterWriter(bootstrap, service)
        self._ids = TopicIdCache(bootstrap)
        guard = guard or PoisonGuard()
        self._batches = BatchApplier(service, pool, topics, handlers, self._ids, self._letters, guard, ignored or {})
        self._broker = _broker(bootstrap, service)
        self._positions = ProcessedOffsetListener(service, pool, self._ids, self._aiokafka)
        self._subscriber = self._broker.subscriber(
            *topics,
            retries(service).name,
            listener=self._positions,
            parser=self._parse,
            decoder=_raw_records,
            **subscriber_options(service),
        )
        self._subscriber(self._on_batch)
        self._subscriber.get_msg = self._poll  # FastStream has no setting for it
        for topic in (*topics, retries(service).name):
            CONSUMER_RETRIES.labels(service, topic)  # exported from the start, at 0
        self._committer = OffsetCommitter()
        self._loop = Loop("consumer", self._round, every_s=lag.EVERY_SECONDS, expected=(KafkaError, TopicError))
        self._stopping, self._joined = asyncio.Event(), asyncio.Event()
        self._halt: asyncio.Task[None] | None = None
        self._in_progress: dict[tuple[str, int], int] = {}
        self._stuck_since: float | None = None
        self._moved = time.monotonic()
        self._stopped_because: str | None = None
        self._poll_failed = False
        self.lag: dict[tuple[str, int], int] = {}
        """Records not yet applied, by topic and partition of this process; measured every few seconds."""

    @property
    def broker(self) -> KafkaBroker:
        """FastStream's broker, for tests that look at the subscribers."""
        return self._broker

    @property
    def healthy(self) -> bool:
        """Whether it reads and makes progress."""
        return self.problem is None

    @property
    def problem(self) -> str | None:
        """Why it is not healthy."""
        if self._stopped_because is not None:
            return f"the consumer has stopped: {self._stopped_because}"
        if not self._joined.is_set() or self._stopping.is_set():
            return "the consumer is not running"
        if not any(not task.done() for task in self._subscriber.tasks):
            return "the consumer's loop has ended"
        if self._stuck_since is not None and time.monotonic() - self._stuck_since > STALE_SECONDS:
            return f"the consumer has retried the same records for over {STALE_SECONDS:.0f} s"
        if time.monotonic() - self._moved > MOVED_SECONDS:
            return f"the consumer has applied nothing for {MOVED_SECONDS:.0f} s, or Kafka does not answer"
        return None

    async def check(self) -> str | None:
        """For `/ready`."""
        return self.problem

    async def start(self, wait: float = START_SECONDS) -> None:
        """Join the group, in the background if that takes longer than `wait` seconds (no broker, say)."""
        self._stopping.clear()
        CONSUMER_STOPPED.labels(self._group).set(0)
        await self._loop.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._joined.wait()

    async def stop(self) -> None:
        """Finish the current batch if that is quick, and leave the group. What was not applied will be read again."""
        self._stopping.set()
        await self._loop.stop()
        if self._halt is not None:
            await asyncio.gather(self._halt, return_exceptions=True)
        await self._disconnect()

    async def _round(self) -> None:
        """Join the group unless that is done, then measure the lag."""
        if self._stopping.is_set():
            return  # see _stop_for_good
        if not self._joined.is_set():
            await self._join()
        self.lag = await lag.measure(self._aiokafka(), self._in_progress, self.lag, self._group)
        if not any(self.lag.values()):
            self._moved = time.monotonic()

    async def _join(self) -> None:
        try:
            await self._letters.start()
            await self._ids.start()
            await self._broker.start()
        except Exception:
            await self._disconnect()
            raise
        self._moved = time.monotonic()
        self._joined.set()
        log.info("consumer_started", group=self._group)

    async def _disconnect(self) -> None:
        self._joined.clear()
        for stop in (self._broker.stop, self._letters.stop, self._ids.stop):
            try:
                async with asyncio.timeout(2 * STOP_SECONDS):
                    await stop()
            except Exception as error:  # noqa: BLE001 - an unclean leave costs only a rebalance
                log.warning("consumer_left_uncleanly", group=self._group, error=error)

    async def _parse(self, records: tuple[ConsumerRecord, ...]) -> KafkaAckableMessage:
        """In place of FastStream's parser, which fails for a whole batch on one bad header."""
        return PolledBatch(records, self._aiokafka(), self._committer)

    async def _poll(self, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        """In place of FastStream's, which sleeps after an empty poll and so adds to every latency.

        When `getmany` raises (for a wrong checksum, for instance), aiokafka has moved past records of other partitions
        that it then returns to nobody. So the next poll first seeks back to the offsets in the database. The same where
        partitions were assigned without their offsets, perhaps during this poll.
        """
        if self._poll_failed or self._positions.unread:
            await self._seek_again(consumer)
        self._poll_failed = True
        records = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_RECORDS)
        if self._positions.unread:
            return ()
        self._poll_failed = False
        await self._committer.commit_if_due(consumer, idle=not records)
        return tuple(chain.from_iterable(records.values()))

    async def _seek_again(self, consumer: AIOKafkaConsumer) -> None:
        try:
            await self._positions.seek(consumer.assignment())
        except Exception as error:
            raise KafkaError(
                "could not seek to the offsets in the database"
            ) from error  # FastStream retries on KafkaError

    def _aiokafka(self) -> AIOKafkaConsumer:
        consumer = self._subscriber.consumer
        if consumer is None:
            raise ConnectionError("the consumer is not running")
        return consumer

    async def _on_batch(self, records: Sequence[ConsumerRecord]) -> None:
        """Apply a batch. NackMessage gives it back: FastStream then seeks its partitions back to its beginning."""
        partitions = _by_partition(records)
        self._in_progress = {(each.topic, each.partition): group[0].offset for each, group in partitions.items()}
        sent: set[Place] = set()
        if await self._apply_all_at_once(partitions, sent):
            self._in_progress.clear()
            return
        for each, group in partitions.items():
            await self._apply(each, group, sent)
            del self._in_progress[each.topic, each.partition]

    async def _apply_all_at_once(
        self, partitions: Mapping[TopicPartition, Sequence[ConsumerRecord]], sent: set[Place]
    ) -> bool:
        """Apply all partitions in one transaction, which nearly always works. False: none was applied."""
        records = list(chain.from_iterable(partitions[each] for each in sorted(partitions)))
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                await self._batches.apply(records, sent, isolate=False)
        except Exception as error:  # noqa: BLE001 - nothing was applied; next each partition alone
            log.info("partitions_applied_one_by_one", group=self._group, records=len(records), error=error)
            return False
        self._note_progress()
        return True

    def _note_progress(self) -> None:
        self._stuck_since = None
        self._moved = time.monotonic()

    async def _apply(self, partition: TopicPartition, records: Sequence[ConsumerRecord], sent: set[Place]) -> None:
        since = time.monotonic()
        for delay in delays():
            if self._stopping.is_set():
                raise NackMessage
            try:
                async with asyncio.timeout(HANDLER_SECONDS):
                    await self._batches.apply(records, sent)
            except TooManyBadRecords as error:
                self._stop_for_good(partition, str(error))
                raise NackMessage from None
            except Exception as error:  # noqa: BLE001 - nothing was applied; errors of single records never get here
                self._note_retry(partition, records, error, delay)
            else:
                self._note_progress()
                return
            await self._pause(delay)
            if time.monotonic() - since > HOLD_SECONDS:
                raise NackMessage  # poll, so that the group does not evict this member; the records come again

    def _note_retry(
        self, partition: TopicPartition, records: Sequence[ConsumerRecord], error: Exception, delay: float
    ) -> None:
        self._stuck_since = self._stuck_since or time.monotonic()
        CONSUMER_RETRIES.labels(self._group, partition.topic).inc()
        log.log(
            logging.WARNING if is_retryable(error) else logging.ERROR,
            "batch_is_retried",
            topic=partition.topic,
            partition=partition.partition,
            offset=records[0].offset,
            records=len(records),
            error=error,
            retry_in_s=round(delay, 1),
        )

    def _stop_for_good(self, partition: TopicPartition, why: str) -> None:
        """Stop reading until an operator has found the cause and restarts the process."""
        self._stopped_because = why
        self._stopping.set()
        CONSUMER_STOPPED.labels(self._group).set(1)
        log.error("consumer_stopped", group=self._group, topic=partition.topic, partition=partition.partition, why=why)
        self._halt = asyncio.create_task(self._broker.stop(), name=f"halt {self._group}")

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()


def _broker(bootstrap: str, group: str) -> KafkaBroker:
    """A broker without argument injection, which would pass every record through pydantic, and with a quiet logger."""
    return KafkaBroker(
        **broker_options(bootstrap, group),
        apply_types=False,
        graceful_timeout=STOP_SECONDS,
        # FastStream's own logger bypasses our logging.
        logger=logging.getLogger("shared.messaging.faststream"),
        log_level=logging.DEBUG,
    )


async def _raw_records(message: KafkaAckableMessage) -> Any:
    """In place of FastStream's decoder: the handler gets the records as aiokafka returned them."""
    return message.raw_message


def _by_partition(records: Sequence[ConsumerRecord]) -> dict[TopicPartition, list[ConsumerRecord]]:
    found: dict[TopicPartition, list[ConsumerRecord]] = {}
    for record in records:
        found.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
    return found
