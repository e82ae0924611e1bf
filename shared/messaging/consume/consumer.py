"""One consumer group of a service: FastStream batch subscribers around `batches.py`.

Kept true: a batch is acknowledged only when all of it is applied; transient errors are retried in place with capped
backoff; the database, not Kafka's committed offsets, says where to go on; nothing FastStream does can lose a record.
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
from shared.messaging.consume.batches import (
    Batches,
    Handler,
    Ignored,
    Permanent,
    Place,
    Taken,
    Together,
    Transient,
    passes,
)
from shared.messaging.consume.commits import Acknowledged, Batch
from shared.messaging.consume.positions import KnownTopics, StartWhereProcessed
from shared.messaging.dead_letters.writer import BadShare, DeadLetters, TooManyBad
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

__all__ = ["Consumer", "Handler", "Ignored", "Permanent", "Taken", "Together", "Transient"]

log = get_logger(__name__)

START_SECONDS = 10.0
STALE_SECONDS = 30.0
MOVED_SECONDS = 90.0
"""With records waiting, something is applied within this, or the loop hangs."""


class Consumer:
    """Reads a group's topics and its `.retry` topic, and hands each record to its topic's handler."""

    def __init__(
        self,
        service: ServiceName,
        pool: Pool,
        bootstrap: str,
        handlers: Mapping[str, Handler],
        *,
        catalogue: Sequence[Topic] | None = None,
        share: BadShare | None = None,
        ignored: Mapping[str, Ignored] | None = None,
    ) -> None:
        known = {topic.name: topic for topic in (all_topics() if catalogue is None else catalogue)}
        topics = {name: known[name] for name in handlers}
        self._group = service
        self._letters = DeadLetters(bootstrap, service)
        self._ids = KnownTopics(bootstrap)
        share = share or BadShare()
        self._batches = Batches(service, pool, topics, handlers, self._ids, self._letters, share, ignored or {})
        self._broker = _broker(bootstrap, service)
        self._positions = StartWhereProcessed(service, pool, self._ids, self._aiokafka)
        self._subscriber = self._broker.subscriber(
            *topics,
            retries(service).name,
            listener=self._positions,
            parser=self._parse,
            decoder=_raw_records,
            **subscriber_options(service),
        )
        self._subscriber(self._on_batch)
        self._subscriber.get_msg = self._poll  # there is no setting for it
        for topic in (*topics, retries(service).name):
            CONSUMER_RETRIES.labels(service, topic)  # there from the start, at 0
        self._acknowledged = Acknowledged()
        self._loop = Loop("consumer", self._round, every_s=lag.EVERY_SECONDS, expected=(KafkaError, TopicError))
        self._stopping, self._joined = asyncio.Event(), asyncio.Event()
        self._halt: asyncio.Task[None] | None = None
        self._in_hand: dict[tuple[str, int], int] = {}
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
        """It reads, has its partitions, and is not stuck."""
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
        """Finish the batch in hand if that is quick, and leave the group. What is not applied is read again."""
        self._stopping.set()
        await self._loop.stop()
        if self._halt is not None:
            await asyncio.gather(self._halt, return_exceptions=True)
        await self._disconnect()

    async def _round(self) -> None:
        """Join the group where that is still to be done, then measure the lag."""
        if self._stopping.is_set():
            return  # for good: see _stop_loudly
        if not self._joined.is_set():
            await self._join()
        self.lag = await lag.measure(self._aiokafka(), self._in_hand, self.lag, self._group)
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
            except Exception as error:  # noqa: BLE001 - leaving in disorder costs a rebalance, nothing else
                log.warning("consumer_left_in_disorder", group=self._group, error=error)

    async def _parse(self, records: tuple[ConsumerRecord, ...]) -> KafkaAckableMessage:
        """Instead of FastStream's parser, which fails for a whole batch on one bad header."""
        return Batch(records, self._aiokafka(), self._acknowledged)

    async def _poll(self, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        """Instead of FastStream's: that one sleeps after an empty poll, which would be a part of each latency.

        Where aiokafka raises (for a checksum that is wrong, say), its positions are past records of other partitions
        that it gives nobody. So reading starts again where the database says before it goes on.
        """
        if self._poll_failed:
            await self._seek_again(consumer)
        self._poll_failed = True
        records = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_RECORDS)
        self._poll_failed = False
        await self._acknowledged.tell(consumer, idle=not records)
        return tuple(chain.from_iterable(records.values()))

    async def _seek_again(self, consumer: AIOKafkaConsumer) -> None:
        try:
            await self._positions.seek(consumer.assignment())
        except Exception as error:
            raise KafkaError("the positions to read from are not known") from error  # FastStream tries again then

    def _aiokafka(self) -> AIOKafkaConsumer:
        consumer = self._subscriber.consumer
        if consumer is None:
            raise ConnectionError("the consumer is not running")
        return consumer

    async def _on_batch(self, records: Sequence[ConsumerRecord]) -> None:
        """Apply a batch, or give it back: raising NackMessage rewinds its partitions without acknowledging."""
        partitions = _by_partition(records)
        self._in_hand = {(each.topic, each.partition): group[0].offset for each, group in partitions.items()}
        sent: set[Place] = set()
        if await self._apply_swiftly(partitions, sent):
            self._in_hand.clear()
            return
        for each, group in partitions.items():
            await self._apply(each, group, sent)
            del self._in_hand[each.topic, each.partition]

    async def _apply_swiftly(
        self, partitions: Mapping[TopicPartition, Sequence[ConsumerRecord]], sent: set[Place]
    ) -> bool:
        """Try all of it at once, as it nearly always goes. What hinders one of them is to hinder only that one."""
        records = list(chain.from_iterable(partitions[each] for each in sorted(partitions)))
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                await self._batches.apply(records, sent, careful=False)
        except Exception as error:  # noqa: BLE001 - nothing was applied; each partition meets its own errors now
            log.info("partitions_are_taken_one_by_one", group=self._group, records=len(records), error=error)
            return False
        self._fine()
        return True

    def _fine(self) -> None:
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
            except TooManyBad as error:
                self._stop_loudly(partition, str(error))
                raise NackMessage from None
            except Exception as error:  # noqa: BLE001 - nothing was applied; a record's own errors do not come here
                self._waiting(partition, records, error, delay)
            else:
                self._fine()
                return
            await self._pause(delay)
            if time.monotonic() - since > HOLD_SECONDS:
                raise NackMessage  # poll again in between, so that the group keeps us; then go on trying

    def _waiting(
        self, partition: TopicPartition, records: Sequence[ConsumerRecord], error: Exception, delay: float
    ) -> None:
        self._stuck_since = self._stuck_since or time.monotonic()
        CONSUMER_RETRIES.labels(self._group, partition.topic).inc()
        log.log(
            logging.WARNING if passes(error) else logging.ERROR,
            "batch_is_retried",
            topic=partition.topic,
            partition=partition.partition,
            offset=records[0].offset,
            records=len(records),
            error=error,
            retry_in_s=round(delay, 1),
        )

    def _stop_loudly(self, partition: TopicPartition, why: str) -> None:
        """Stop reading for good: an operator looks, mends, and starts the process again."""
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
    """Without argument injection, which would copy every record through pydantic, and with a quiet logger."""
    return KafkaBroker(
        **broker_options(bootstrap, group),
        apply_types=False,
        graceful_timeout=STOP_SECONDS,
        # Not FastStream's own logger: that one writes past ours.
        logger=logging.getLogger("shared.messaging.faststream"),
        log_level=logging.DEBUG,
    )


async def _raw_records(message: KafkaAckableMessage) -> Any:
    """Instead of FastStream's decoder: the handler gets the records as Kafka gave them."""
    return message.raw_message


def _by_partition(records: Sequence[ConsumerRecord]) -> dict[TopicPartition, list[ConsumerRecord]]:
    found: dict[TopicPartition, list[ConsumerRecord]] = {}
    for record in records:
        found.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
    return found
