"""Compares a state topic with its owner's tables after a restore, and publishes the tables' state where they differ.

Safe while the owner runs: what is published is read from the locked row, goes through the outbox, and gets a version
above the topic's; before a key is withdrawn, the tables are checked again in the same transaction. A row for which the
topic has a tombstone is only reported unless asked for: somebody may have been erased since the backup.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import BaseModel

from shared.events.base import Contract
from shared.messaging.consume.decoding import Bad, decode
from shared.messaging.inspection.records import read_records
from shared.messaging.kafka.closing import close_consumer
from shared.messaging.kafka.settings import consumer_options
from shared.messaging.topics.catalogue import Topic
from shared.observability.logs import get_logger
from shared.storage.pool import Connection, Pool
from shared.storage.queries import load

log = get_logger(__name__)
SQL = load(Path(__file__).with_name("queries.sql"))

PAGE_ROWS = 500
MAX_EXAMPLES = 20
"""Of each kind."""
YIELD_EVERY_RECORDS = 100
DRAIN_SECONDS = 15.0
UNREADABLE = b""
"""The digest of a record that could not be read: it equals no other."""

Kind = Literal["different", "missing", "unknown", "revived"]


class TopicEntry(NamedTuple):
    """A key on the topic: its highest version ever, its last record's version and digest (None for a tombstone).

    Compaction keeps the last record. If its version is not the highest, later readers get an older state than others.
    `revokes`: the last record withdraws something, such as a consent, that an older table row must not restore.
    """

    version: int
    last_version: int
    digest: bytes | None
    revokes: bool = False

    def overrides(self, version: int | None) -> bool:
        """Whether the last record withdraws something and is newer than a row of this version."""
        return self.revokes and (version or 0) < self.version


NO_ENTRY = TopicEntry(0, 0, None)
"""For a key that is not on the topic."""


class TableRow(NamedTuple):
    """What the topic should hold according to a table. `id` is the row's; `digest` None: it was never published."""

    key: str
    id: str
    version: int | None
    digest: bytes | None


class Difference(BaseModel):
    """A key for which topic and tables differ."""

    key: str
    kind: Kind


class Report(BaseModel):
    """What differs and, unless `dry_run`, was republished. `waiting`: outbox rows that were not published in time.

    `different`: the topic has another content or version. `missing`: the topic lacks the key. `unknown`: no table has
    the key, which is withdrawn. `revived`: the topic has a tombstone and a table has the row.
    """

    topic: str
    dry_run: bool
    keys: int = 0
    rows: int = 0
    different: int = 0
    missing: int = 0
    unknown: int = 0
    revived: int = 0
    waiting: int = 0
    examples: list[Difference] = []

    def found(self, key: str, kind: Kind) -> None:
        """Count one difference."""
        count = getattr(self, kind) + 1
        setattr(self, kind, count)
        if count <= MAX_EXAMPLES:
            self.examples.append(Difference(key=key, kind=kind))


class TopicOwner(Protocol):
    """What a topic's owner knows about its tables."""

    topic: Topic

    def pages(self, pool: Pool) -> AsyncGenerator[list[TableRow], None]:
        """All rows that the topic should hold, a page at a time."""

    def revokes(self, value: Contract) -> bool:
        """Whether a record withdraws something that an older row must not restore; the row is then changed to match."""

    async def republish(self, conn: Connection, rows: Mapping[str, TopicEntry]) -> None:
        """Lock the rows with these ids, publish those that exist above the topic's version, and save the version."""

    async def withdraw(self, conn: Connection, keys: Mapping[str, int]) -> None:
        """Publish a tombstone above the given version for each key that no table has, nor can get before the commit."""


def digest(value: Contract) -> bytes:
    """A value's content without its version, as 16 bytes."""
    plain = value.model_copy(update={"version": 0}) if "version" in type(value).model_fields else value
    return sha256(plain.to_json()).digest()[:16]


def compare(row: TableRow, entry: TopicEntry | None) -> Kind | None:
    """How topic and table differ in one row; None where they do not."""
    if entry is None:
        return "missing"
    if entry.digest is None:
        return "revived"
    same = entry.digest == row.digest and entry.version == entry.last_version == row.version
    return None if same else "different"


async def read_topic(bootstrap: str, owner: TopicOwner) -> dict[str, TopicEntry]:
    """Every key of a topic up to its present end; takes about 200 bytes of memory a key. Raises KafkaError."""
    topic = owner.topic
    found: dict[str, TopicEntry] = {}
    places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    consumer = AIOKafkaConsumer(**consumer_options(bootstrap, client_id=f"reconciler.{topic.owner}"))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(close_consumer, consumer)  # also when it could not start
        await consumer.start()
        records = await stack.enter_async_context(aclosing(read_records(consumer, places, "beginning", until_now=True)))
        seen = 0
        async for raw in records:
            seen += 1
            if not seen % YIELD_EVERY_RECORDS:
                await asyncio.sleep(0)  # one fetch holds many records, and requests must not wait for all of them
            try:
                key = (raw.key or b"").decode()
            except UnicodeDecodeError:
                key = ""
            if not key:
                continue  # it keeps no contract, and no table can have its key
            record, before = decode(topic, raw), found.get(key)
            highest = before.version if before else 0
            if isinstance(record, Bad):
                found[key] = TopicEntry(highest, 0, UNREADABLE)
            else:
                value, version = record.value, max(highest, record.version)
                content = None if value is None else digest(value)
                revokes = value is not None and owner.revokes(value)
                found[key] = TopicEntry(version, record.version, content, revokes)
    return found


async def reconcile(pool: Pool, bootstrap: str, owner: TopicOwner, *, dry_run: bool, revive: bool) -> Report:
    """Compare everything and, unless `dry_run`, publish what differs; with `revive` also rows that have a tombstone.

    Raises KafkaError or the database's errors; what was published before that stays published.
    """
    report = Report(topic=owner.topic.name, dry_run=dry_run)
    report.waiting = await _wait_for_outbox(pool)
    left = await read_topic(bootstrap, owner)
    report.keys = len(left)
    async with aclosing(owner.pages(pool)) as pages:
        async for rows in pages:
            report.rows += len(rows)
            await _rows(pool, owner, rows, left, report, revive=revive)
    # Readers ignore a tombstone below the highest version, and keep what came before it.
    unknown = {
        key: each.version for key, each in left.items() if each.digest is not None or each.last_version < each.version
    }
    for key in unknown:
        report.found(key, "unknown")
    if not dry_run:
        await _withdraw(pool, owner, unknown)
    counts = {name: getattr(report, name) for name in ("different", "missing", "unknown", "revived", "dry_run")}
    log.info("topic_reconciled", topic=owner.topic.name, revive=revive, **counts)
    return report


async def _rows(
    pool: Pool,
    owner: TopicOwner,
    rows: Sequence[TableRow],
    left: dict[str, TopicEntry],
    report: Report,
    *,
    revive: bool,
) -> None:
    """Compare a page, and remove its keys from `left`."""
    to_publish: dict[str, TopicEntry] = {}
    for row in rows:
        entry = left.pop(row.key, None)
        kind = compare(row, entry)
        if kind is None:
            continue
        report.found(row.key, kind)
        if kind != "revived" or revive:
            to_publish[row.id] = entry or NO_ENTRY
    if to_publish and not report.dry_run:
        async with pool.acquire() as conn, conn.transaction():
            await owner.republish(conn, to_publish)


async def _withdraw(pool: Pool, owner: TopicOwner, unknown: Mapping[str, int]) -> None:
    keys = list(unknown)
    for start in range(0, len(keys), PAGE_ROWS):
        async with pool.acquire() as conn, conn.transaction():
            await owner.withdraw(conn, {key: unknown[key] for key in keys[start : start + PAGE_ROWS]})


async def _wait_for_outbox(pool: Pool) -> int:
    """Wait a while until the present rows of the outbox are published; gives how many are not.

    A restored outbox holds old records, which must be on the topic before it is read.
    """
    deadline = time.monotonic() + DRAIN_SECONDS
    newest = await pool.fetchval(SQL["outbox_newest"])
    while True:
        waiting: int = await pool.fetchval(SQL["outbox_waiting"], newest)
        if not waiting or time.monotonic() > deadline:
            return waiting
        await asyncio.sleep(0.05)
