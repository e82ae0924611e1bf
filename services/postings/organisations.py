"""Organisations and their keys in the database. Only digests of keys are stored."""

from datetime import datetime
from uuid import uuid4

from services.postings.store import SQL
from shared.storage.pool import Connection


async def add_organisation(
    conn: Connection, name: str, key_hash: str, now: datetime, *, vouched: bool
) -> tuple[str, str]:
    """Add an organisation with its first key; returns both ids."""
    organisation_id = str(uuid4())
    await conn.execute(SQL["add_organisation"], organisation_id, name, now, vouched)
    return organisation_id, await _add_key(conn, organisation_id, key_hash, now)


async def add_key(conn: Connection, organisation_id: str, key_hash: str, now: datetime) -> str | None:
    """Add a key; returns its id, or None where there is no such organisation."""
    if await conn.fetchval(SQL["lock_organisation"], organisation_id) is None:
        return None
    return await _add_key(conn, organisation_id, key_hash, now)


async def _add_key(conn: Connection, organisation_id: str, key_hash: str, now: datetime) -> str:
    key_id = str(uuid4())
    await conn.execute(SQL["add_key"], key_id, organisation_id, key_hash, now)
    return key_id


async def keys(conn: Connection, organisation_id: str) -> list[tuple[str, datetime]] | None:
    """The organisation's keys, oldest first, as (id, created at); None where there is no such organisation."""
    if await conn.fetchval(SQL["find_organisation"], organisation_id) is None:
        return None
    return [(row["key_id"], row["created_at"]) for row in await conn.fetch(SQL["list_keys"], organisation_id)]


async def vouch(conn: Connection, organisation_id: str, *, vouched: bool) -> bool:
    """Set whether an organisation is vouched for; `republish_outdated` updates its openings. False: it is unknown."""
    return await conn.fetchval(SQL["vouch"], organisation_id, vouched) is not None


async def delete_key(conn: Connection, organisation_id: str, key_id: str) -> bool:
    """Delete a key; False where there is no such key."""
    return await conn.fetchval(SQL["delete_key"], organisation_id, key_id) is not None
