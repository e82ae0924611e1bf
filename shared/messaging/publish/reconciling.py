"""A state topic against its owner's tables, for after a restore: where they differ, the tables' word is published.

Safe while the owner works: what is written is what the locked row says then, through the outbox, above the topic's
version; nothing is withdrawn without looking again in that transaction. A row that the topic has a tombstone for is
told and left, unless asked for: somebody may have been erased since the backup.
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
from shared.messaging.inspection.records import read
from shared.messaging.kafka.closing import close_consumer
from shared.messaging.kafka.settings import consumer_options
from shared.messaging.topics.catalogue import Topic
from shared.observability.logs import get_logger
from shared.storage.pool import Connection, Pool
from shared.storage.queries import load

log = get_logger(__name__)
SQL = load(Path(__file__).with_name("queries.sql"))

PAGE_ROWS = 500
MOST_EXAMPLES = 20
"""Of each kind."""
BREATH_RECORDS = 100
DRAIN_SECONDS = 15.0
UNREADABLE = b""
"""The digest of a record that could not be read: it differs from any that can."""

Kind = Literal["different", "missing", "unknown", "revived"]


class Said(NamedTuple):
    """A key on the topic: its highest version ever, its last record's version and digest (None for a tombstone).

    The last record is what compaction keeps; where its version is not the highest, readers who come later see less.
    `refuses`: the last record takes back something that a table which is behind must not give again, such as a consent.
    """

    version: int
    last: int
    digest: bytes | None
    refuses: bool = False

    def stands_against(self, version: int | None) -> bool:
        """Whether a refusal is newer than a row of this version."""
        return self.refuses and (version or 0) < self.version


NEVER = Said(0, 0, None)
"""Of a key that the topic does not know."""


class Row(NamedTuple):
    """What a table says that the topic should. `id` is the row's; `digest` None: it never said it."""

    key: str
    id: str
    version: int | None
    digest: bytes | None


class Difference(BaseModel):
    """A key for which topic and tables differ."""

    key: str
    kind: Kind


class Report(BaseModel):
    """What was found, and unless `dry_run`, mended. `waiting`: outbox rows that were still on their way.

    `different`: the topic says something else, or under another version. `missing`: it says nothing. `unknown`: it
    says what no table knows, which is withdrawn. `revived`: it has a tombstone, a table has the row.
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
        if count <= MOST_EXAMPLES:
            self.examples.append(Difference(key=key, kind=kind))


class Owner(Protocol):
    """What a topic's owner knows of its tables."""

    topic: Topic

    def pages(self, pool: Pool) -> AsyncGenerator[list[Row], None]:
        """All rows of which the topic should speak, a page at a time."""

    def refuses(self, value: Contract) -> bool:
        """Whether a record takes back what a row that is older must not give again; the row follows it then."""

    async def tell(self, conn: Connection, rows: Mapping[str, Said]) -> None:
        """Lock the rows with these ids, publish each that is still there above what was said, and keep its version."""

    async def withdraw(self, conn: Connection, keys: Mapping[str, int]) -> None:
        """Publish a tombstone above its version for each key that no table knows, nor can until the commit."""


def digest(value: Contract) -> bytes:
    """What a value says, whatever its version, in 16 bytes."""
    plain = value.model_copy(update={"version": 0}) if "version" in type(value).model_fields else value
    return sha256(plain.to_json()).digest()[:16]


def compare(row: Row, said: Said | None) -> Kind | None:
    """How topic and table differ over one row; None where they do not."""
    if said is None:
        return "missing"
    if said.digest is None:
        return "revived"
    same = said.digest == row.digest and said.version == said.last == row.version
    return None if same else "different"


async def latest(bootstrap: str, owner: Owner) -> dict[str, Said]:
    """Every key of a topic up to where it ends now, about 200 bytes each in memory. Raises KafkaError."""
    topic = owner.topic
    found: dict[str, Said] = {}
    places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    consumer = AIOKafkaConsumer(**consumer_options(bootstrap, client_id=f"reconciler.{topic.owner}"))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(close_consumer, consumer)  # one that could not start holds on to things, too
        await consumer.start()
        records = await stack.enter_async_context(aclosing(read(consumer, places, "beginning", until_now=True)))
        seen = 0
        async for raw in records:
            seen += 1
            if not seen % BREATH_RECORDS:
                await asyncio.sleep(0)  # one fetch holds many, and the service has other things to do
            try:
                key = (raw.key or b"").decode()
            except UnicodeDecodeError:
                key = ""
            if not key:
                continue  # nobody reads it, and no table could name it
            record, before = decode(topic, raw), found.get(key)
            highest = before.version if before else 0
            if isinstance(record, Bad):
                found[key] = Said(highest, 0, UNREADABLE)
            else:
                value, version = record.value, max(highest, record.version)
                said = None if value is None else digest(value)
                refuses = value is not None and owner.refuses(value)
                found[key] = Said(version, record.version, said, refuses)
    return found


async def reconcile(pool: Pool, bootstrap: str, owner: Owner, *, dry_run: bool, revive: bool) -> Report:
    """Compare all, and unless `dry_run` publish what differs; `revive` publishes rows that the topic withdrew, too.

    Raises KafkaError, or the database's errors; what was mended by then stays mended.
    """
    report = Report(topic=owner.topic.name, dry_run=dry_run)
    report.waiting = await _drained(pool)
    left = await latest(bootstrap, owner)
    report.keys = len(left)
    async with aclosing(owner.pages(pool)) as pages:
        async for rows in pages:
            report.rows += len(rows)
            await _rows(pool, owner, rows, left, report, revive=revive)
    # Under a tombstone that is not the highest, readers hold what came before it.
    unknown = {key: each.version for key, each in left.items() if each.digest is not None or each.last < each.version}
    for key in unknown:
        report.found(key, "unknown")
    if not dry_run:
        await _withdraw(pool, owner, unknown)
    counts = {name: getattr(report, name) for name in ("different", "missing", "unknown", "revived", "dry_run")}
    log.info("topic_reconciled", topic=owner.topic.name, revive=revive, **counts)
    return report


async def _rows(
    pool: Pool, owner: Owner, rows: Sequence[Row], left: dict[str, Said], report: Report, *, revive: bool
) -> None:
    """Compare a page, taking its keys off `left`."""
    mend: dict[str, Said] = {}
    for row in rows:
        said = left.pop(row.key, None)
        kind = compare(row, said)
        if kind is None:
            continue
        report.found(row.key, kind)
        if kind != "revived" or revive:
            mend[row.id] = said or NEVER
    if mend and not report.dry_run:
        async with pool.acquire() as conn, conn.transaction():
            await owner.tell(conn, mend)


async def _withdraw(pool: Pool, owner: Owner, unknown: Mapping[str, int]) -> None:
    keys = list(unknown)
    for start in range(0, len(keys), PAGE_ROWS):
        async with pool.acquire() as conn, conn.transaction():
            await owner.withdraw(conn, {key: unknown[key] for key in keys[start : start + PAGE_ROWS]})


async def _drained(pool: Pool) -> int:
    """Wait until what is in the outbox now is published, for a while; how much is still waiting then.

    A restored outbox holds old records, that must stand on the topic before it is read.
    """
    deadline = time.monotonic() + DRAIN_SECONDS
    newest = await pool.fetchval(SQL["outbox_newest"])
    while True:
        waiting: int = await pool.fetchval(SQL["outbox_waiting"], newest)
        if not waiting or time.monotonic() > deadline:
            return waiting
        await asyncio.sleep(0.05)
