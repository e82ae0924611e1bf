"""What postings knows of its topics' tables: for comparing them after a restore."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace

from services.postings import store
from services.postings.store import SOURCE, SQL
from shared.events.base import Contract
from shared.events.clock import CLOCK_KEY, ClockV1
from shared.events.postings import PostingV1
from shared.messaging.publish import outbox
from shared.messaging.publish.outbox import Lane
from shared.messaging.publish.reconciling import PAGE_ROWS, TableRow, TopicEntry, TopicOwner, digest
from shared.messaging.topics.catalogue import CLOCK, POSTINGS
from shared.storage.pool import Connection, Pool


class Openings:
    """`postings.v1`."""

    topic = POSTINGS

    async def pages(self, pool: Pool) -> AsyncGenerator[list[TableRow], None]:
        """Every posting."""
        last: str | None = None
        while rows := await pool.fetch(SQL["list_all_postings"], last, PAGE_ROWS):
            records = [PostingV1.model_validate(row["record"]) for row in rows]
            yield [TableRow(each.posting_id, each.posting_id, each.version, digest(each)) for each in records]
            last = rows[-1]["posting_id"]

    def revokes(self, _value: Contract) -> bool:
        """Openings are their organisation's to open again."""
        return False

    async def republish(self, conn: Connection, rows: Mapping[str, TopicEntry]) -> None:
        """Publish the postings that are still there."""
        postings = await store.lock_postings(conn, list(rows))
        versions = (outbox.next_version(max(p.record.version, rows[p.record.posting_id].version)) for p in postings)
        newer = zip(postings, versions, strict=True)
        await store.save(conn, [replace(p, record=p.record.model_copy(update={"version": v})) for p, v in newer])

    async def withdraw(self, conn: Connection, keys: Mapping[str, int]) -> None:
        """A posting that is gone stays gone: its id is never given again."""
        known = {row["posting_id"] for row in await conn.fetch(SQL["find_known_postings"], list(keys))}
        gone = {key: outbox.next_version(version) for key, version in keys.items() if key not in known}
        tombstones = [
            outbox.outgoing_record(POSTINGS, key, None, version, source=SOURCE) for key, version in gone.items()
        ]
        await outbox.enqueue_many(conn, tombstones, source=SOURCE, lane=Lane.BULK)


class Day:
    """`clock.v1`. Only compared: the timer writes the day, which only moves forward, and so mends it by itself."""

    topic = CLOCK

    async def pages(self, pool: Pool) -> AsyncGenerator[list[TableRow], None]:
        """The day that was written last."""
        row = await pool.fetchrow(SQL["find_clock"], CLOCK_KEY)
        if row is not None:
            yield [TableRow(CLOCK_KEY, CLOCK_KEY, row["version"], digest(ClockV1(day=row["day"])))]

    def revokes(self, _value: Contract) -> bool:
        """Nothing to refuse."""
        return False

    async def republish(self, conn: Connection, rows: Mapping[str, TopicEntry]) -> None:
        """Nothing."""

    async def withdraw(self, conn: Connection, keys: Mapping[str, int]) -> None:
        """Nothing: the topic takes no tombstones."""


OWNERS: dict[str, TopicOwner] = {owner.topic.name: owner for owner in (Openings(), Day())}
