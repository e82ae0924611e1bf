"""What a service gives the consumer: a handler a topic, and what it may raise."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiokafka.errors import KafkaError

from shared.messaging.consume.decoding import Record
from shared.observability import trace
from shared.storage.errors import is_transient
from shared.storage.pool import Connection

Handler = Callable[[Connection, Record], Awaitable[None]]
"""Writes a record's effect in the transaction that also moves the group's offset."""

Ignored = Callable[[Record], bool]
"""Whether a record means nothing to its topic's handler: it is validated and counted, and costs no savepoint."""


@dataclass(frozen=True, slots=True)
class TracedRecord:
    """A record and the `traceparent` of the span in which it is processed."""

    record: Record
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class BatchHandler:
    """A handler of many records at once, in order. When it raises for a batch, it is called for each record alone."""

    handle: Callable[[Connection, Sequence[TracedRecord]], Awaitable[None]]

    async def __call__(self, connection: Connection, record: Record) -> None:
        """Handle one record, in the current trace."""
        await self.handle(connection, [TracedRecord(record, trace.current_traceparent())])


class Permanent(Exception):  # noqa: N818 - handlers raise it; the shorter word reads better
    """A handler cannot process this record, now or later. The reason goes into the dead letter: no input in it."""


class Transient(Exception):  # noqa: N818 - handlers raise it; the shorter word reads better
    """A handler cannot process this record now. Its partition waits and retries."""


def is_retryable(error: BaseException) -> bool:
    """Whether the same records may succeed later."""
    return isinstance(error, KafkaError | Transient) or is_transient(error)
