"""Applies records of some partitions: validates and dispatches each, and moves `processed`, in one transaction.

Invariants: a good record's effect and its offset commit together; a bad record is a dead letter in Kafka before that; a
transient error rolls everything back; what was applied is not applied again.
"""

import traceback
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, nullcontext
from itertools import groupby
from pathlib import Path
from typing import Protocol, TypeGuard

from shared.messaging.consume import processed
from shared.messaging.consume.decoding import Bad, Raw, Record, bad, decode
from shared.messaging.consume.handlers import (
    BatchHandler,
    Handler,
    Ignored,
    Permanent,
    TracedRecord,
    Transient,
    is_retryable,
)
from shared.messaging.dead_letters.poison_guard import PoisonGuard
from shared.messaging.dead_letters.writer import DeadLetterWriter, Fault, RejectedRecord, retry_origin
from shared.messaging.topics.catalogue import Topic
from shared.messaging.traces import ProcessSpans
from shared.observability import trace
from shared.observability.failures import summary
from shared.observability.logs import get_logger
from shared.observability.metric_list import CONSUMER_DEAD_LETTERS, CONSUMER_RECORD_TIME, CONSUMER_RECORDS
from shared.storage.pool import Connection, Pool

log = get_logger(__name__)

ACQUIRE_SECONDS = 10.0
Place = tuple[str, int, int]
"""Topic, partition, offset."""


class TopicIds(Protocol):
    """Topics' ids; `refresh` asks the cluster again."""

    async def get(self, topic: str, *, refresh: bool = False) -> uuid.UUID: ...  # noqa: D102


class BatchApplier:
    """Applies what one group reads."""

    def __init__(
        self,
        group: str,
        pool: Pool,
        topics: Mapping[str, Topic],
        handlers: Mapping[str, Handler],
        ids: TopicIds,
        letters: DeadLetterWriter,
        guard: PoisonGuard,
        ignored: Mapping[str, Ignored],
    ) -> None:
        self._group, self._pool = group, pool
        self._topics, self._handlers, self._ignored = topics, handlers, ignored
        self._ids, self._letters, self._guard = ids, letters, guard
        for topic in topics:
            for fault in Fault:
                CONSUMER_DEAD_LETTERS.labels(group, topic, fault.value)  # exported from the start, at 0

    async def apply(self, records: Sequence[Raw], sent: set[Place], *, isolate: bool = True) -> None:
        """Apply records, which are in order within each partition.

        `sent` holds the places of letters that were written in an earlier attempt. Without `isolate` there are no
        savepoints around batches of a BatchHandler, which is quicker, and an error in one fails the call.
        Raises TooManyBadRecords, or the error (usually transient) because of which nothing was applied.
        """
        topic_ids = {name: await self._ids.get(name) for name in {raw.topic for raw in records}}
        partitions = {(topic_ids[raw.topic], raw.partition): raw for raw in reversed(records)}  # the first of each
        with ExitStack() as stack:
            spans = {
                (first.topic, first.partition): stack.enter_context(
                    ProcessSpans(self._group, first.topic, first.partition)
                )
                for first in partitions.values()
            }
            async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as conn, conn.transaction():
                next_offsets = await processed.lock(
                    conn, self._group, {each: first.topic for each, first in partitions.items()}
                )
                for each, first in partitions.items():
                    if next_offsets[each] > first.offset and await self._ids.get(first.topic, refresh=True) != each[0]:
                        raise Transient(f"{first.topic} was created again")  # its offsets start at 0, under its new id
                fresh = [raw for raw in records if raw.offset >= next_offsets[topic_ids[raw.topic], raw.partition]]
                letters = await self._dispatch(conn, fresh, spans, isolate=isolate)
                if fresh:
                    self._guard.check(len(fresh) - len(letters), len(letters))
                    await self._send(letters, sent)
                    ends = {(topic_ids[raw.topic], raw.partition): raw.offset + 1 for raw in fresh}
                    await processed.move(conn, self._group, ends)
        self._count(records, fresh, letters)

    async def _dispatch(
        self, conn: Connection, records: Sequence[Raw], spans: Mapping[tuple[str, int], ProcessSpans], *, isolate: bool
    ) -> list[RejectedRecord]:
        letters: list[RejectedRecord | None] = []
        read = ((raw, self._decode(raw), spans[raw.topic, raw.partition]) for raw in records)
        for topic, group in groupby(read, key=lambda each: each[1].topic):
            handler = self._handlers.get(topic)
            if isinstance(handler, BatchHandler):
                letters += await self._apply_together(conn, handler, list(group), isolate=isolate)
            else:
                letters += [
                    await self._apply_one(conn, raw, record, open_spans.begin(raw, record))
                    for raw, record, open_spans in group
                ]
        return [letter for letter in letters if letter is not None]

    async def _apply_together(
        self,
        conn: Connection,
        handler: BatchHandler,
        read: Sequence[tuple[Raw, Record | Bad, ProcessSpans]],
        *,
        isolate: bool,
    ) -> list[RejectedRecord | None]:
        begun = [(raw, record, open_spans.begin(raw, record)) for raw, record, open_spans in read]
        try:
            relevant = [
                TracedRecord(record, span.traceparent) for _, record, span in begun if self._is_relevant(record)
            ]
            if relevant:
                async with conn.transaction() if isolate else nullcontext():
                    await handler.handle(conn, relevant)
        except Exception as error:
            if not isolate or is_retryable(error) or conn.is_closed():
                raise
            log.info("batch_handler_failed", topic=read[0][0].topic, records=len(begun), error=error)
            return [await self._apply_one(conn, *each) for each in begun]
        return [await self._apply_one(conn, *each) for each in begun if isinstance(each[1], Bad)]

    def _is_relevant(self, record: Record | Bad) -> TypeGuard[Record]:
        ignored = self._ignored.get(record.topic)
        return isinstance(record, Record) and not (ignored is not None and ignored(record))

    async def _apply_one(
        self, conn: Connection, raw: Raw, record: Record | Bad, span: trace.Span
    ) -> RejectedRecord | None:
        trace.bind(span.traceparent)
        try:
            letter = await self._handle(conn, raw, record)
        finally:
            trace.unbind()
        if letter is not None:
            span.fail(letter.bad.error)
        return letter

    async def _handle(self, conn: Connection, raw: Raw, record: Record | Bad) -> RejectedRecord | None:
        if isinstance(record, Bad):
            _log("record_is_bad", raw, record)
            return RejectedRecord(raw, record, Fault.CONTRACT)
        try:
            if self._is_relevant(record):
                async with conn.transaction():
                    await self._handlers[record.topic](conn, record)
        except Exception as error:  # any error concerns this record alone, unless a retry may help
            if is_retryable(error) or conn.is_closed():
                raise
            wrong = bad(record.topic, raw, _reason(error), type(error).__name__)
            _log("record_was_refused", raw, wrong)
            return RejectedRecord(raw, wrong, Fault.REFUSED if isinstance(error, Permanent) else Fault.FAILED)
        return None

    def _decode(self, raw: Raw) -> Record | Bad:
        name = raw.topic if raw.topic in self._topics else retry_origin(raw)
        if name is None or name not in self._topics:
            return bad(raw.topic, raw, "the header dlq_topic names no topic of this group", "NotARecord")
        return decode(self._topics[name], raw)

    async def _send(self, letters: Sequence[RejectedRecord], sent: set[Place]) -> None:
        waiting = [letter for letter in letters if _place(letter.raw) not in sent]
        if waiting:
            await self._letters.write(waiting)
            sent.update(_place(letter.raw) for letter in waiting)

    def _count(self, records: Sequence[Raw], fresh: Sequence[Raw], letters: Sequence[RejectedRecord]) -> None:
        self._guard.count(len(fresh) - len(letters), len(letters))
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
    """What went wrong and where in our code. Of others' errors only what is known to repeat no input."""
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
