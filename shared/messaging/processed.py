"""How far a group has applied each partition, kept in the effect's own transaction.

Kept true: what is below `next` is never applied again, whoever redelivers it; two processes that hold one partition
during a rebalance wait for each other here.
"""

import uuid
from pathlib import Path

from shared.storage.pool import Connection
from shared.storage.queries import load

SQL = load(Path(__file__).with_name("queries.sql"))


async def lock(conn: Connection, group: str, topic: str, topic_id: uuid.UUID, partition: int) -> int:
    """The first offset not yet applied; nobody else moves it until the caller's transaction ends."""
    row = await conn.fetchrow(SQL["processed_lock"], group, topic_id, partition)
    if row is None:
        await conn.execute(SQL["processed_begin"], group, topic_id, partition, topic)
        row = await conn.fetchrow(SQL["processed_lock"], group, topic_id, partition)
    assert row is not None  # noqa: S101 - it was inserted, by us or by somebody we waited for
    first: int = row["next"]
    return first


async def move(conn: Connection, group: str, topic_id: uuid.UUID, partition: int, following: int) -> None:
    """Everything below `following` is done, as soon as the caller's transaction commits."""
    await conn.execute(SQL["processed_move"], group, topic_id, partition, following)


async def positions(conn: Connection, group: str) -> dict[tuple[uuid.UUID, int], int]:
    """Where the group goes on, by topic id and partition."""
    rows = await conn.fetch(SQL["processed_positions"], group)
    return {(row["topic_id"], row["partition"]): row["next"] for row in rows}
