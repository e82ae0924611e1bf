"""How far a group has applied each partition, kept in the effect's own transaction.

Invariants: nothing below `next` is applied again, whoever redelivers it; two processes that have the same partition
during a rebalance wait for each other here.
"""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.storage.pool import Connection
from shared.storage.queries import load

SQL = load(Path(__file__).with_name("queries.sql"))


Partition = tuple[uuid.UUID, int]
"""The topic's id, and the number."""


async def lock(conn: Connection, group: str, partitions: Mapping[Partition, str]) -> dict[Partition, int]:
    """The first offsets not yet applied, locked until the caller's transaction ends.

    `partitions` come with their topics' names. All callers lock several in the same order, so that none deadlock.
    """
    ids, numbers = zip(*partitions, strict=True)
    found = await _locked(conn, group, ids, numbers)
    if missing := [each for each in partitions if each not in found]:
        rows = [(group, *each, partitions[each]) for each in sorted(missing)]
        await conn.executemany(SQL["processed_begin"], rows)
        found = await _locked(conn, group, ids, numbers)
    return found


async def _locked(
    conn: Connection, group: str, ids: Sequence[uuid.UUID], numbers: Sequence[int]
) -> dict[Partition, int]:
    rows = await conn.fetch(SQL["processed_lock"], group, ids, numbers)
    return {(row["topic_id"], row["partition"]): row["next"] for row in rows}


async def move(conn: Connection, group: str, next_offsets: Mapping[Partition, int]) -> None:
    """Set the first offsets not yet applied, in the caller's transaction."""
    ids, numbers = zip(*next_offsets, strict=True)
    await conn.execute(SQL["processed_move"], group, ids, numbers, list(next_offsets.values()))


async def positions(conn: Connection, group: str) -> dict[Partition, int]:
    """All of the group's offsets, by topic id and partition."""
    rows = await conn.fetch(SQL["processed_positions"], group)
    return {(row["topic_id"], row["partition"]): row["next"] for row in rows}
