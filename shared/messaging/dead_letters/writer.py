"""What a group could not process: kept byte for byte on `<group>.dlq`, with why.

A letter is tried again by sending it to `<group>.retry` as it is, headers and all. Kept true: a dead letter is
acknowledged by Kafka before its record counts as done; none is too large to be kept; no input is repeated in its
reasons. When most of what comes is bad, the group stops instead of draining a topic into here.
"""

import asyncio
import time
from collections import deque
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
"""Within the database's limit for idle transactions: the letters are sent while the batch's transaction is open."""

KEPT_BYTES = 64 * 1024
KEPT_KEY_BYTES = 1024
Headers = list[tuple[str, bytes]]


class Fault(StrEnum):
    """Why a record became a dead letter."""

    CONTRACT = "contract"
    """It is not a record of its topic."""
    REFUSED = "refused"
    """It is one, and the service cannot use it."""
    FAILED = "failed"
    """An error of ours, that trying again would not mend."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A record as it came, and what was wrong with it."""

    raw: Raw
    bad: Bad
    fault: Fault = Fault.CONTRACT


def retry_origin(raw: Raw) -> str | None:
    """The topic a retried record stood on first; None where the header is missing or unreadable."""
    found = dict(raw.headers).get(f"{PREFIX}topic")
    try:
        return found.decode() if found else None
    except UnicodeDecodeError:
        return None


def headers_of(letter: Letter, group: str, now: datetime) -> Headers:
    """The original headers; why, where from, how often, when. A retried record keeps its first place and time."""
    raw, bad = letter.raw, letter.bad
    came = {name: value or b"" for name, value in raw.headers if name.startswith(PREFIX)}
    if raw.topic != f"{group}.retry":
        came = {}  # such headers mean something only where this module wrote them
    moment = now.isoformat(timespec="milliseconds").encode()
    attempts = came.get("dlq_attempts", b"")
    ours = {
        "dlq_topic": came.get("dlq_topic", raw.topic.encode()),
        "dlq_partition": came.get("dlq_partition", str(raw.partition).encode()),
        "dlq_offset": came.get("dlq_offset", str(raw.offset).encode()),
        "dlq_error": bad.error.encode(),
        "dlq_reason": bad.reason.encode(),
        "dlq_attempts": str(
            (int(attempts) if attempts.isdigit() and len(attempts) < len("1000000") else 0) + 1
        ).encode(),
        "dlq_first_at": came.get("dlq_first_at", moment),
        "dlq_last_at": moment,
    }
    theirs = [(name, value or b"") for name, value in raw.headers if not name.startswith(PREFIX)]
    return [*theirs, *ours.items()]


class DeadLetters:
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

    async def put(self, letters: Sequence[Letter]) -> None:
        """Write `letters`; returns when Kafka has them all. Raises KafkaError or TimeoutError: try again later."""
        async with asyncio.timeout(SEND_SECONDS):
            await asyncio.gather(*(self._put(letter) for letter in letters))

    async def _put(self, letter: Letter) -> None:
        headers = headers_of(letter, self._group, datetime.now(UTC))
        try:
            await self._send(letter.raw.key, letter.raw.value, headers)
        except (MessageSizeTooLargeError, RecordListTooLargeError):
            # Rather the beginning and the place where the rest stands than no letter, or a partition that is stuck.
            size = str(len(letter.raw.value or b"")).encode()
            ours = [(name, value) for name, value in headers if name.startswith(PREFIX)]
            key, value = (letter.raw.key or b"")[:KEPT_KEY_BYTES], (letter.raw.value or b"")[:KEPT_BYTES]
            await self._send(key, value, [*ours, ("dlq_truncated", size)])

    async def _send(self, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        if self._producer is None:
            raise ConnectionError("the dead letters' producer is not running")
        if key is None and value is None:
            value = b""  # Kafka's client wants one of them
        await self._producer.send_and_wait(self._topic, value, key, headers=headers)


class TooManyBad(Exception):  # noqa: N818 - a state to stop in, not a failure of ours
    """Most of what came lately is bad: it is the reader, or a writer, that is broken, and draining would hide it."""


class BadShare:
    """Counts good and bad records of the last `seconds`, and says when the bad ones are too many."""

    def __init__(self, *, most: int = 100, share: float = 0.5, seconds: float = 60.0) -> None:
        self._most, self._share, self._seconds = most, share, seconds
        self._seen: deque[tuple[float, int, int]] = deque()

    def check(self, good: int, bad: int, now: float | None = None) -> None:
        """Raise TooManyBad if, with these, there were more than `most` bad ones and more than `share` of all."""
        moment = time.monotonic() if now is None else now
        while self._seen and self._seen[0][0] < moment - self._seconds:
            self._seen.popleft()
        all_good = good + sum(each[1] for each in self._seen)
        all_bad = bad + sum(each[2] for each in self._seen)
        if bad and all_bad > self._most and all_bad > self._share * (all_good + all_bad):
            raise TooManyBad(f"{all_bad} of the last {all_good + all_bad} records could not be processed")

    def count(self, good: int, bad: int, now: float | None = None) -> None:
        """Remember records that are done."""
        self._seen.append((time.monotonic() if now is None else now, good, bad))
