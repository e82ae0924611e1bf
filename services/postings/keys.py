"""An organisation's API keys in the database. Only digests of them are stored."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from services.postings import organisations
from services.postings.organisations import SQL, Row
from shared.storage.pool import Connection

Scope = Literal["post", "read"]
"""What a key is good for: everything with openings, or reading them."""


async def add(
    conn: Connection, organisation_id: str, key_hash: str, now: datetime, name: str | None = None, scope: Scope = "post"
) -> str | None:
    """Add a key; returns its id, or None where there is no such organisation."""
    if not await organisations.lock(conn, organisation_id):
        return None
    key_id = str(uuid4())
    await conn.execute(SQL["add_key"], key_id, organisation_id, key_hash, now, name, scope)
    return key_id


async def of(conn: Connection, organisation_id: str) -> list[Row] | None:
    """The organisation's keys, oldest first; None where there is no such organisation."""
    if await organisations.find(conn, organisation_id) is None:
        return None
    return [dict(row) for row in await conn.fetch(SQL["list_keys"], organisation_id)]


async def find(conn: Connection, organisation_id: str, key_id: str) -> Row | None:
    """One key that still opens something, locked until the transaction ends."""
    row = await conn.fetchrow(SQL["lock_key"], organisation_id, key_id)
    return None if row is None else dict(row)


async def end(conn: Connection, key_id: str, after: timedelta) -> None:
    """Let a key that was replaced go on for a while."""
    await conn.execute(SQL["end_key"], key_id, after)


async def delete(conn: Connection, organisation_id: str, key_id: str) -> bool:
    """Delete a key; False where there is no such key."""
    return await conn.fetchval(SQL["delete_key"], organisation_id, key_id) is not None
