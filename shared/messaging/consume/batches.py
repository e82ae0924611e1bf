"""Applies records of some partitions: validates and dispatches each, and moves `processed`, in one transaction.

Kept true: a good record's effect and its offset commit together; a bad one is a dead letter in Kafka before that; a
transient error rolls everything back; nothing that was done is done again.
"""

import traceback
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Protocol, TypeGuard

from aiokafka.errors import KafkaError

from shared.messaging.consume import processed
from shared.messaging.consume.decoding import Bad, Raw, Record, bad, decode
from shared.messaging.dead_letters.writer import BadShare, DeadLetters, Fault, Letter, retry_origin
from shared.messaging.topics.catalogue import Topic
from shared.messaging.traces import Processing
from shared.observability import trace
from shared.observability.failures import summary
from shared.observability.logs import get_logger
from shared.observability.metric_list import CONSUMER_DEAD_LETTERS, CONSUMER_RECORD_TIME, CONSUMER_RECORDS
from shared.storage.errors import is_transient
from shared.storage.pool import Connection, Pool

log = get_logger(__name__)

Handler = Callable[[Connection, Record], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Taken:
    """A record that is being processed, in the trace of that."""

    record: Record
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Together:
    """A handler of many records at once, in order: all of them or, if it raises, none. It also takes one.

    Those that it could not take together are given to it one by one, so that only the bad one is refused.
    """

    several: Callable[[Connection, Sequence[Taken]], Awaitable[None]]

    async def __call__(self, connection: Connection, record: Record) -> None:
        """Handle one record, in the current trace."""
        await self.several(connection, [Taken(record, trace.current_traceparent())])


Ignored = Callable[[Record], bool]
"""Whether a record of its topic means nothing to the handler: it is checked and counted, and costs no savepoint."""
ACQUIRE_SECONDS = 10.0
Place = tuple[str, int, int]
"""Topic, partition, offset."""


class Permanent(Exception):  # noqa: N818 - handlers raise it; the shorter word reads better
    """A handler cannot process this record, now or later. The reason goes to the dead letter: no input in it."""


class Transient(Exception):  # noqa: N818 - handlers raise it; the shorter word reads better
    """A handler cannot process this record now. Its partition waits and tries again."""


class TopicIds(Protocol):
    """Knows topics' ids, from memory or `afresh` from the cluster."""

    async def get(self, topic: str, *, afresh: bool = False) -> uuid.UUID: ...  # noqa: D102


def passes(error: BaseException) -> bool:
    """True when trying again later may help."""
    return isinstance(error, KafkaError | Transient) or is_transient(error)


class Batches:
    """One group's way of applying records."""

    def __init__(
        self,
        group: str,
        pool: Pool,
        topics: Mapping[str, Topic],
        handlers: Mapping[str, Handler],
        ids: TopicIds,
        letters: DeadLetters,
        share: BadShare,
        ignored: Mapping[str, Ignored],
    ) -> None:
        self._group, self._pool = group, pool
        self._topics, self._handlers, self._ignored = topics, handlers, ignored
        self._ids, self._letters, self._share = ids, letters, share
        for topic in topics:
            for fault in Fault:
                CONSUMER_DEAD_LETTERS.labels(group, topic, fault.value)  # there from the start, at 0

    async def apply(self, records: Sequence[Raw], sent: set[Place], *, careful: bool = True) -> None:
        """Apply records, which are in order within each partition. `sent` remembers letters across tries of a batch.

        Not `careful` is quicker: what a handler cannot take together with others is an error for all.
        Raises TooManyBad, or the error (transient, as a rule) because of which nothing was applied.
        """
        topic_ids = {name: await self._ids.get(name) for name in {raw.topic for raw in records}}
        partitions = {(topic_ids[raw.topic], raw.partition): raw for raw in reversed(records)}  # the first of each
        with ExitStack() as stack:
            works = {
                (first.topic, first.partition): stack.enter_context(
                    Processing(self._group, first.topic, first.partition)
                )
                for first in partitions.values()
            }
            async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as conn, conn.transaction():
                following = await processed.lock(
                    conn, self._group, {each: first.topic for each, first in partitions.items()}
                )
                for each, first in partitions.items():
                    if following[each] > first.offset and await self._ids.get(first.topic, afresh=True) != each[0]:
                        raise Transient(f"{first.topic} was made anew")  # its offsets start again, under its new id
                fresh = [raw for raw in records if raw.offset >= following[topic_ids[raw.topic], raw.partition]]
                letters = await self._dispatch(conn, fresh, works, careful=careful)
                if fresh:
                    self._share.check(len(fresh) - len(letters), len(letters))
                    await self._send(letters, sent)
                    ends = {(topic_ids[raw.topic], raw.partition): raw.offset + 1 for raw in fresh}
                    await processed.move(conn, self._group, ends)
        self._count(records, fresh, letters)

    async def _dispatch(
        self, conn: Connection, records: Sequence[Raw], works: Mapping[tuple[str, int], Processing], *, careful: bool
    ) -> list[Letter]:
        letters: list[Letter | None] = []
        read = ((raw, self._decode(raw), works[raw.topic, raw.partition]) for raw in records)
        for topic, group in groupby(read, key=lambda each: each[1].topic):
            handler = self._handlers.get(topic)
            if isinstance(handler, Together):
                letters += await self._many(conn, handler, list(group), careful=careful)
            else:
                letters += [await self._one(conn, raw, record, work.begin(raw, record)) for raw, record, work in group]
        return [letter for letter in letters if letter is not None]

    async def _many(
        self,
        conn: Connection,
        handler: Together,
        read: Sequence[tuple[Raw, Record | Bad, Processing]],
        *,
        careful: bool,
    ) -> list[Letter | None]:
        begun = [(raw, record, work.begin(raw, record)) for raw, record, work in read]
        try:
            taken = [Taken(record, span.traceparent) for _, record, span in begun if self._concerns(record)]
            if taken:
                async with conn.transaction() if careful else nullcontext():
                    await handler.several(conn, taken)
        except Exception as error:
            if not careful or passes(error) or conn.is_closed():
                raise
            log.info("records_are_taken_one_by_one", topic=read[0][0].topic, records=len(begun), error=error)
            return [await self._one(conn, *each) for each in begun]
        return [await self._one(conn, *each) for each in begun if isinstance(each[1], Bad)]

    def _concerns(self, record: Record | Bad) -> TypeGuard[Record]:
        ignored = self._ignored.get(record.topic)
        return isinstance(record, Record) and not (ignored is not None and ignored(record))

    async def _one(self, conn: Connection, raw: Raw, record: Record | Bad, span: trace.Span) -> Letter | None:
        trace.bind(span.traceparent)
        try:
            letter = await self._handle(conn, raw, record)
        finally:
            trace.unbind()
        if letter is not None:
            span.fail(letter.bad.error)
        return letter

    async def _handle(self, conn: Connection, raw: Raw, record: Record | Bad) -> Letter | None:
        if isinstance(record, Bad):
            _log("record_is_bad", raw, record)
            return Letter(raw, record, Fault.CONTRACT)
        try:
            if self._concerns(record):
                async with conn.transaction():
                    await self._handlers[record.topic](conn, record)
        except Exception as error:  # whatever a handler raises is this record's matter, unless it passes
            if passes(error) or conn.is_closed():
                raise
            wrong = bad(record.topic, raw, _reason(error), type(error).__name__)
            _log("record_was_refused", raw, wrong)
            return Letter(raw, wrong, Fault.REFUSED if isinstance(error, Permanent) else Fault.FAILED)
        return None

    def _decode(self, raw: Raw) -> Record | Bad:
        name = raw.topic if raw.topic in self._topics else retry_origin(raw)
        if name is None or name not in self._topics:
            return bad(raw.topic, raw, "the header dlq_topic names no topic of this group", "NotARecord")
        return decode(self._topics[name], raw)

    async def _send(self, letters: Sequence[Letter], sent: set[Place]) -> None:
        waiting = [letter for letter in letters if _place(letter.raw) not in sent]
        if waiting:
            await self._letters.put(waiting)
            sent.update(_place(letter.raw) for letter in waiting)

    def _count(self, records: Sequence[Raw], fresh: Sequence[Raw], letters: Sequence[Letter]) -> None:
        self._share.count(len(fresh) - len(letters), len(letters))
        read, new = Counter(raw.topic for raw in records), Counter(raw.topic for raw in fresh)
        wrong = Counter(letter.raw.topic for letter in letters)
        for topic, count in read.items():
            outcomes = {
                "processed": new[topic] - wrong[topic],
                "dead_letter": wrong[topic],
                "skipped": count - new[topic],
            }
            for outcome, number in outcomes.items():
                if number:
                    CONSUMER_RECORDS.labels(self._group, topic, outcome).inc(number)
        for topic, at in {raw.topic: raw.timestamp for raw in fresh}.items():
            CONSUMER_RECORD_TIME.labels(self._group, topic).set(at / 1000)
        for letter in letters:
            CONSUMER_DEAD_LETTERS.labels(self._group, letter.bad.topic, letter.fault.value).inc()


def _place(raw: Raw) -> Place:
    return raw.topic, raw.partition, raw.offset


def _reason(error: Exception) -> str:
    """What went wrong and where in our code; of foreign errors only what is known to repeat no input."""
    frames = traceback.extract_tb(error.__traceback__)
    place = (
        f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}"
        if frames and not isinstance(error, Permanent)
        else ""
    )
    return (str(error) if isinstance(error, Permanent) else summary(error)) + place


def _log(event: str, raw: Raw, wrong: Bad) -> None:
    log.warning(
        event, topic=raw.topic, partition=raw.partition, offset=raw.offset, error=wrong.error, reason=wrong.reason
    )
