"""The outbox: records to publish, written in the transaction of the change they are about.

Invariant: a key never has two rows with different versions, so lanes and delays cannot publish an older one last.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from pathlib import Path

from shared.events.base import MAX_BODY_BYTES, Contract
from shared.events.envelope import body_of, seal
from shared.messaging.publish.publisher import OutgoingRecord
from shared.messaging.topics.catalogue import Topic
from shared.observability.trace import current_traceparent
from shared.storage.pool import Connection
from shared.storage.queries import load

SQL = load(Path(__file__).with_name("queries.sql"))
_COLUMNS = ("lane", "topic", "key", "value", "header_names", "header_values", "partition")


class TooLarge(ValueError):  # noqa: N818 - reads as what it is where it is caught
    """A value is longer than MAX_BODY_BYTES. Refuse it where it enters the system."""


class Lane(IntEnum):
    """The lower lane is published first. A key may change lanes: a newer row replaces the older one."""

    PROMPT = 0
    BULK = 1


def next_version(previous: int | None = None, now_ms: int | None = None) -> int:
    """max(previous + 1, Unix milliseconds): grows with every change, across a database restore too."""
    now = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    return now if previous is None else max(previous + 1, now)


def outgoing_record(topic: Topic, key: str, value: Contract | None, version: int, *, source: str) -> OutgoingRecord:
    """A record or tombstone in its envelope, ready to enqueue. `source` is the service.

    Raises:
        TooLarge: the value's JSON is longer than MAX_BODY_BYTES.
        ValueError: the topic takes no tombstones, or another model, or the value carries another version.
    """
    if value is None and not topic.tombstones:
        raise ValueError(f"a tombstone does not belong on {topic.name}")
    if value is not None and (topic.model is None or not isinstance(value, topic.model)):
        raise ValueError(f"{topic.name} does not carry {type(value).__name__}")
    if value is not None and "version" in value.model_fields_set and getattr(value, "version", version) != version:
        raise ValueError("the value carries another version than its envelope")
    return sealed_record(topic, key, body_of(value), version, source=source)


def sealed_record(
    topic: Topic, key: str, body: bytes | None, version: int, *, source: str, now: datetime | None = None
) -> OutgoingRecord:
    """The same of a value's JSON, which carries this version.

    Raises:
        TooLarge: it is longer than MAX_BODY_BYTES.
    """
    if body is not None and len(body) > MAX_BODY_BYTES:
        raise TooLarge(f"a value of {len(body)} bytes for {topic.name}; at most {MAX_BODY_BYTES}")
    headers = seal(topic.name, key, version, source, traceparent=current_traceparent(), now=now)
    return OutgoingRecord(topic.name, key, body, headers)


async def enqueue(
    conn: Connection,
    topic: Topic,
    key: str,
    value: Contract | None,
    version: int,
    *,
    source: str,
    lane: Lane = Lane.PROMPT,
    republish_after: timedelta | None = None,
) -> None:
    """Write one record in the caller's transaction; the relay is woken when it commits.

    It replaces an older waiting row of the key, so the caller must hold a lock on what the record is about.
    `republish_after` is for erasures: the record is published again after that time (longer than the topic's
    `segment.ms`), since a quiet partition never compacts. Raises what `outgoing_record` raises.
    """
    record = outgoing_record(topic, key, value, version, source=source)
    await enqueue_many(conn, [record], lane=lane, republish_after=republish_after)


async def enqueue_many(
    conn: Connection,
    rows: Sequence[OutgoingRecord],
    *,
    source: str | None = None,
    lane: Lane = Lane.BULK,
    republish_after: timedelta | None = None,
) -> None:
    """Write many records made by `outgoing_record`; several go by COPY. Of each key only the last record is kept.

    `source`, if given, is checked against the records' envelopes: raises ValueError when it differs.
    `republish_after` is as for `enqueue`.
    """
    if source is not None and any(("ce_source", f"/warmpath/{source}".encode()) not in row.headers for row in rows):
        raise ValueError("a record was sealed with another source")
    last = {(row.topic, row.key): row for row in rows}
    if not last:
        return
    topics, keys = zip(*last, strict=True)
    written = [_row(row, lane) for row in last.values()]
    if len(written) == 1:
        await conn.execute(SQL["outbox_insert"], *written[0])
    else:
        await conn.execute(SQL["outbox_supersede"], topics, keys)
        await conn.copy_records_to_table("outbox", records=written, columns=_COLUMNS)
    if republish_after is not None:
        await conn.execute(SQL["outbox_republish_later"], topics, keys, int(Lane.BULK), republish_after)


def _row(record: OutgoingRecord, lane: Lane) -> tuple[object, ...]:
    names = [name for name, _ in record.headers]
    values = [value for _, value in record.headers]
    return int(lane), record.topic, record.key, record.value, names, values, record.partition
