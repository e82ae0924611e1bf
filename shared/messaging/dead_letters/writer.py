"""Writes what a group could not process to `<group>.dlq`: byte for byte, with the reason.

A letter is replayed by sending it to `<group>.retry` as it is, headers included. Invariants: Kafka has acknowledged a
dead letter before its record counts as processed; none is too large to be kept; its reason repeats no input.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

from shared.messaging.consume.decoding import Bad, Raw
from shared.messaging.kafka.closing import close_producer
from shared.messaging.kafka.settings import MAX_LETTER_BYTES, producer_options
from shared.messaging.topics.catalogue import dead_letters
from shared.services import ServiceName

PREFIX = "dlq_"
SEND_SECONDS = 10.0
"""Below the database's limit for idle transactions: letters are sent while the batch's transaction is open."""

TRUNCATED_VALUE_BYTES = 64 * 1024
TRUNCATED_KEY_BYTES = 1024
_LONGEST_NUMBER = 6
Headers = list[tuple[str, bytes]]


class Fault(StrEnum):
    """Why a record became a dead letter."""

    CONTRACT = "contract"
    """It breaks its topic's contract."""
    REFUSED = "refused"
    """It keeps the contract, and the service cannot use it."""
    FAILED = "failed"
    """ProcessSpans it raised an error that a retry would not mend."""


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record as it was read, and what is wrong with it."""

    raw: Raw
    bad: Bad
    fault: Fault = Fault.CONTRACT


def retry_origin(raw: Raw) -> str | None:
    """The topic that a retried record came from first; None if the header is missing or unreadable."""
    found = dict(raw.headers).get(f"{PREFIX}topic")
    try:
        return found.decode() if found else None
    except UnicodeDecodeError:
        return None


def letter_headers(rejected: RejectedRecord, group: str, now: datetime) -> Headers:
    """The original headers, then reason, origin, attempts, times. A retried record keeps its first origin and time."""
    raw, bad = rejected.raw, rejected.bad
    earlier = {name: value or b"" for name, value in raw.headers if name.startswith(PREFIX)}
    if raw.topic != f"{group}.retry":
        earlier = {}  # anybody may send such headers; only on `.retry` are they ours
    moment = now.isoformat(timespec="milliseconds").encode()
    added = {
        "dlq_topic": earlier.get("dlq_topic", raw.topic.encode()),
        "dlq_partition": earlier.get("dlq_partition", str(raw.partition).encode()),
        "dlq_offset": earlier.get("dlq_offset", str(raw.offset).encode()),
        "dlq_error": bad.error.encode(),
        "dlq_reason": bad.reason.encode(),
        "dlq_attempts": str(_number(earlier.get("dlq_attempts", b"")) + 1).encode(),
        "dlq_first_at": earlier.get("dlq_first_at", moment),
        "dlq_last_at": moment,
    }
    original = [(name, value or b"") for name, value in raw.headers if not name.startswith(PREFIX)]
    return [*original, *added.items()]


def _number(text: bytes) -> int:
    """A number of attempts; 0 where it is none."""
    return int(text) if text.isdigit() and len(text) <= _LONGEST_NUMBER else 0


class DeadLetterWriter:
    """Writes one group's dead letters."""

    def __init__(self, bootstrap: str, group: ServiceName) -> None:
        self._group = group
        self._topic = dead_letters(group).name
        self._options = producer_options(bootstrap, client_id=f"dlq.{group}", max_bytes=MAX_LETTER_BYTES)
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect. Raises KafkaConnectionError when no broker answers."""
        producer = AIOKafkaProducer(**self._options)
        try:
            await producer.start()
        except BaseException:
            await close_producer(producer)
            raise
        self._producer = producer

    async def stop(self) -> None:
        """Disconnect, within a limit."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_producer(producer)

    async def write(self, letters: Sequence[RejectedRecord]) -> None:
        """Write `letters`; returns when Kafka has them all. Raises KafkaError or TimeoutError: try again later."""
        async with asyncio.timeout(SEND_SECONDS):
            await asyncio.gather(*(self._write_one(letter) for letter in letters))

    async def _write_one(self, letter: RejectedRecord) -> None:
        headers = letter_headers(letter, self._group, datetime.now(UTC))
        try:
            await self._send(letter.raw.key, letter.raw.value, headers)
        except (MessageSizeTooLargeError, RecordListTooLargeError):
            # The beginning, and the place where the whole record stands, rather than no letter or a stuck partition.
            size = str(len(letter.raw.value or b"")).encode()
            added = [(name, value) for name, value in headers if name.startswith(PREFIX)]
            key = (letter.raw.key or b"")[:TRUNCATED_KEY_BYTES]
            value = (letter.raw.value or b"")[:TRUNCATED_VALUE_BYTES]
            await self._send(key, value, [*added, ("dlq_truncated", size)])

    async def _send(self, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        if self._producer is None:
            raise ConnectionError("the dead letters' producer is not running")
        if key is None and value is None:
            value = b""  # aiokafka requires one of them
        await self._producer.send_and_wait(self._topic, value, key, headers=headers)
