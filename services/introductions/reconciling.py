"""The contents of the table behind `introductions.v1`, for comparing the two after a restore."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace

from services.introductions import rows, store
from services.introductions.dependencies import Dependencies
from services.introductions.store import SOURCE, SQL
from services.introductions.transitions import ENDED, LIVE, Outcome, State
from shared.events.base import Contract
from shared.events.introductions import IntroductionV1
from shared.messaging.publish import outbox
from shared.messaging.publish.outbox import Lane
from shared.messaging.publish.reconciling import PAGE_ROWS, TableRow, TopicEntry, TopicOwner, digest
from shared.messaging.topics.catalogue import INTRODUCTIONS
from shared.storage.pool import Connection, Pool


class Introductions:
    """`introductions.v1`. What had ended since the backup does not come to life again."""

    topic = INTRODUCTIONS

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def pages(self, pool: Pool) -> AsyncGenerator[list[TableRow], None]:
        """Every introduction."""
        last: str | None = None
        while found := await pool.fetch(SQL["list_by_id"], last, PAGE_ROWS):
            introductions = [rows.introduction(row) for row in found]
            yield [
                TableRow(one.id, one.id, one.version, digest(rows.record(one, one.version or 0)))
                for one in introductions
            ]
            last = introductions[-1].id

    def revokes(self, value: Contract) -> bool:
        """Whether the introduction has ended."""
        return isinstance(value, IntroductionV1) and bool(value.history) and value.history[-1].status in ENDED

    async def republish(self, conn: Connection, entries: Mapping[str, TopicEntry]) -> None:
        """Publish introductions as they are now; a live one that had ended since the backup ends."""
        for row in await conn.fetch(SQL["find_seekers_of"], list(entries)):
            await store.lock_seeker(conn, row["seeker_id"])
        for row in await conn.fetch(SQL["find_introductions"], list(entries)):
            one = rows.introduction(row)
            entry = entries[one.id]
            if entry.overrides(one.version) and one.state in LIVE:
                one = one.moved(State.CLOSED, self._deps.now(), Outcome.NO_LONGER_POSSIBLE, then=())
            await store.save(conn, replace(one, version=max(one.version or 0, entry.version)), again=True)

    async def withdraw(self, conn: Connection, keys: Mapping[str, int]) -> None:
        """Withdraw introductions that began since the backup: their ids are never given again."""
        known = {row["introduction_id"] for row in await conn.fetch(SQL["find_known"], list(keys))}
        gone = {key: outbox.next_version(version) for key, version in keys.items() if key not in known}
        tombstones = [
            outbox.outgoing_record(INTRODUCTIONS, key, None, version, source=SOURCE) for key, version in gone.items()
        ]
        after = self._deps.settings.republish_after
        await outbox.enqueue_many(conn, tombstones, source=SOURCE, lane=Lane.BULK, republish_after=after)


def owners(deps: Dependencies) -> dict[str, TopicOwner]:
    """The owners of the topics, by topic name."""
    return {INTRODUCTIONS.name: Introductions(deps)}
