"""A Kafka producer that is fenced by any later one with the same transactional id.

Invariants: one transaction a batch, so readers see all of it or nothing; a process that was paused or cut off cannot
write after its successor has started.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidProducerEpoch,
    InvalidTimestampError,
    InvalidTopicError,
    InvalidTxnState,
    MessageSizeTooLargeError,
    ProducerFenced,
    RecordListTooLargeError,
)

from shared.events.envelope import Headers
from shared.messaging.kafka.closing import close_producer
from shared.messaging.kafka.settings import MAX_REQUEST_BYTES, producer_options
from shared.messaging.kafka.transactions import causes
from shared.observability.logs import get_logger

log = get_logger(__name__)

ABORT_SECONDS = 3.0
_FENCED = (ProducerFenced, InvalidProducerEpoch, InvalidTxnState)
"""InvalidTxnState: another producer's start ended the transaction between two of its batches."""

_REFUSED = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidTopicError, InvalidTimestampError)


@dataclass(frozen=True, slots=True)
class OutgoingRecord:
    """A record to publish. `value` None: a tombstone; `partition` None: chosen by the key."""

    topic: str
    key: str
    value: bytes | None
    headers: Headers
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class ForwardedRecord:
    """A record to publish as somebody else wrote it, with any bytes as its key; otherwise as `OutgoingRecord`."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int | None = None


class Fenced(Exception):  # noqa: N818 - Kafka's own word
    """Another producer has taken this transactional id, or the transaction exceeded its timeout.

    Nothing was published. Starting the publisher again takes the id back, so only its rightful owner may do so.
    """


class Refused(Exception):  # noqa: N818 - reads as what it is where it is caught
    """Kafka will never accept this batch (for instance, a record is too large). Nothing was published."""


def is_fenced(error: BaseException | None) -> bool:
    """Whether an error, or one of its causes, says that another producer has taken the transactional id.

    aiokafka wraps errors that its sender did not expect in a plain KafkaError. Treating one as transient would claim
    the id again, and so fence the rightful successor.
    """
    while error is not None:
        if isinstance(error, _FENCED):
            return True
        error = error.__cause__
    return False


class FencedPublisher:
    """Publishes batches under one transactional id. After any error, call `start` before the next batch."""

    def __init__(self, bootstrap: str, transactional_id: str, *, max_bytes: int = MAX_REQUEST_BYTES) -> None:
        self.transactional_id = transactional_id
        self._options = producer_options(
            bootstrap, client_id=transactional_id, transactional_id=transactional_id, max_bytes=max_bytes
        )
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Fence the id's previous holder and abort its open transaction. Raises KafkaError when no broker answers."""
        await self.stop()
        producer = AIOKafkaProducer(**self._options)
        try:
            await producer.start()
        except BaseException as error:
            await close_producer(producer)
            if is_fenced(error):
                raise Fenced(self.transactional_id) from error
            raise
        self._producer = producer

    async def publish(self, records: Sequence[OutgoingRecord | ForwardedRecord]) -> None:
        """Publish all of `records`, in order within a key, or none.

        Waits while the broker is down. Raises Fenced, Refused, or aiokafka's KafkaError. Cancelling it publishes
        nothing unless the commit had been sent.
        """
        if not records:
            return
        producer = self._producer
        if producer is None:
            raise RuntimeError("the publisher has not been started")
        try:
            await producer.begin_transaction()
            await _send(producer, records)
            await producer.commit_transaction()
        except BaseException as error:
            fenced = is_fenced(error) or any(map(is_fenced, causes(producer)))
            if not fenced and isinstance(error, Exception):
                fenced = await self._aborted(producer)
            causes(producer)
            await self.stop()
            if fenced:
                raise Fenced(self.transactional_id) from error
            if isinstance(error, _REFUSED):
                raise Refused(type(error).__name__) from error
            raise

    async def stop(self) -> None:
        """Close the producer. Readers never see what was not committed."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_producer(producer)

    async def _aborted(self, producer: AIOKafkaProducer) -> bool:
        """Abort the transaction if that still works; True if that shows that this producer was fenced."""
        try:
            async with asyncio.timeout(ABORT_SECONDS):
                await producer.abort_transaction()
        except Exception as error:  # noqa: BLE001 - the next start, or the transaction's timeout, ends it as well
            if is_fenced(error):
                return True
            log.info("transaction_left_open", transactional_id=self.transactional_id, error=error)
        return False


async def _send(producer: AIOKafkaProducer, records: Sequence[OutgoingRecord | ForwardedRecord]) -> None:
    waiting: list[asyncio.Future[Any]] = []
    try:
        for record in records:
            key = record.key.encode() if isinstance(record.key, str) else record.key
            sent = producer.send(record.topic, record.value, key, record.partition, headers=record.headers)
            try:
                waiting.append(await sent)
            except AssertionError as error:  # what aiokafka raises for a partition that the topic does not have
                raise InvalidTopicError(f"{record.topic} has no partition {record.partition}") from error
    finally:
        results = await asyncio.gather(*waiting, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
