"""A Kafka producer that can be fenced: whoever starts later with the same transactional id ends the earlier one.

Kept true: one transaction a batch, so readers see all of it or nothing; a process that was paused or cut off cannot
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
"""The last is what a broker says when somebody else's start ended the transaction between two of its batches."""

_REFUSED = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidTopicError, InvalidTimestampError)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to publish; `value` None is a tombstone, `partition` None leaves the choice to the key."""

    topic: str
    key: str
    value: bytes | None
    headers: Headers
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A record to publish as somebody else wrote it, whatever its key; None and `partition` as for `Outgoing`."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int | None = None


class Fenced(Exception):  # noqa: N818 - Kafka's own word
    """Another producer has taken this transactional id, or the transaction took longer than it may.

    Nothing was published. Whoever starts the publisher again takes the id back, so only its rightful owner may.
    """


class Refused(Exception):  # noqa: N818 - reads as what it is where it is caught
    """Kafka will never take this batch as it is (a record is too large, for instance). Nothing was published."""


def is_fenced(error: BaseException | None) -> bool:
    """Whether an error, or one that it was raised from, says that another producer has taken the transactional id.

    aiokafka wraps what its sender did not expect in a plain KafkaError. To take such a one for passing trouble would
    be to claim the id again, and so to fence the rightful successor.
    """
    while error is not None:
        if isinstance(error, _FENCED):
            return True
        error = error.__cause__
    return False


class FencedPublisher:
    """Publishes batches under one transactional id. After any error, `start` again before the next batch."""

    def __init__(self, bootstrap: str, transactional_id: str, *, max_bytes: int = MAX_REQUEST_BYTES) -> None:
        self.transactional_id = transactional_id
        self._options = producer_options(
            bootstrap, client_id=transactional_id, transactional_id=transactional_id, max_bytes=max_bytes
        )
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Fence whoever had the id before, ending what they left open. Raises KafkaError when no broker answers."""
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

    async def publish(self, records: Sequence[Outgoing | Verbatim]) -> None:
        """Publish all of `records`, in order within a key, or none.

        Waits while the broker is away. Raises Fenced, Refused, or aiokafka's KafkaError; cancelling it publishes
        nothing unless the commit was already on its way.
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
        """Let go of the id. What was not committed is never seen by readers."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_producer(producer)

    async def _aborted(self, producer: AIOKafkaProducer) -> bool:
        """End the transaction in order where that still works; True when that showed that we were fenced."""
        try:
            async with asyncio.timeout(ABORT_SECONDS):
                await producer.abort_transaction()
        except Exception as error:  # noqa: BLE001 - the next start, or the transaction's timeout, ends it as well
            if is_fenced(error):
                return True
            log.info("transaction_left_open", transactional_id=self.transactional_id, error=error)
        return False


async def _send(producer: AIOKafkaProducer, records: Sequence[Outgoing | Verbatim]) -> None:
    waiting: list[asyncio.Future[Any]] = []
    try:
        for record in records:
            key = record.key.encode() if isinstance(record.key, str) else record.key
            sent = producer.send(record.topic, record.value, key, record.partition, headers=record.headers)
            try:
                waiting.append(await sent)
            except AssertionError as error:  # aiokafka's word for a partition that the topic does not have
                raise InvalidTopicError(f"{record.topic} has no partition {record.partition}") from error
    finally:
        results = await asyncio.gather(*waiting, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
