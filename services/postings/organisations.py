"""Organisations in the database: their names, who vouches for them, and their web domains."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from services.postings import store
from shared.storage.pool import Connection
from shared.storage.queries import load
from shared.web.identity import Role

SQL = load(Path(__file__).with_name("organisations.sql"))

Row = dict[str, Any]


async def add(conn: Connection, name: str, now: datetime, *, vouched: bool | None, by_operator: bool) -> str:
    """Add an organisation; returns its id. `vouched`: an operator's word, or None."""
    organisation_id = str(uuid4())
    await conn.execute(SQL["add_organisation"], organisation_id, name, now, vouched, by_operator)
    return organisation_id


async def lock(conn: Connection, organisation_id: str) -> bool:
    """Lock an organisation, so that what depends on all the people in it stays true; False where there is none."""
    return await conn.fetchval(store.SQL["lock_organisation"], organisation_id) is not None


async def find(conn: Connection, organisation_id: str) -> Row | None:
    """An organisation, with the address that a code was sent to last while that holds."""
    row = await conn.fetchrow(SQL["find_organisation"], organisation_id)
    return None if row is None else dict(row)


async def of_member(conn: Connection, member_id: str) -> list[Row]:
    """The organisations that a member works in, by name, with their role."""
    return [dict(row) for row in await conn.fetch(SQL["list_organisations"], member_id)]


async def rename(conn: Connection, organisation_id: str, name: str) -> None:
    """Give an organisation another name."""
    await conn.execute(SQL["rename"], organisation_id, name)


async def vouch(conn: Connection, organisation_id: str, *, vouched: bool) -> bool:
    """Set an operator's word; `republish_outdated` updates the openings. False: there is no such organisation."""
    return await conn.fetchval(SQL["vouch"], organisation_id, vouched) is not None


async def set_domain(
    conn: Connection, organisation_id: str, domain: str | None, now: datetime, *, by_record: bool = False
) -> bool:
    """Set a web domain that was proven, by e-mail or a record, or take it away; False where there was none to take."""
    when = now if domain else None
    return await conn.fetchval(SQL["set_domain"], organisation_id, domain, when, by_record) is not None


async def begin_proof(
    conn: Connection,
    organisation_id: str,
    email: str,
    made_by: str,
    holds: timedelta,
    *,
    role: Role | None,
    send: bool,
) -> Row:
    """Begin to prove a web domain (`role` None) or invite somebody, in place of what was begun before.

    Returns the proof's id and times. `send`: whether its e-mail is due.
    """
    purpose = "invitation" if role else "domain"
    if role:
        await conn.execute(SQL["delete_invitation_of"], organisation_id, email)
    else:
        await conn.execute(SQL["delete_proof_of_domain"], organisation_id)
    proof_id = uuid4()
    begun = (proof_id, purpose, organisation_id, email, role, made_by, send, holds)
    row = await conn.fetchrow(SQL["add_proof"], *begun)
    return {"proof_id": proof_id, **dict(row or {})}


async def lock_proof_of_domain(conn: Connection, organisation_id: str) -> Row | None:
    """What an organisation has begun to prove, while it holds; locked until the transaction ends."""
    row = await conn.fetchrow(SQL["lock_proof_of_domain"], organisation_id)
    return None if row is None else dict(row)


async def end_proof(conn: Connection, proof_id: UUID) -> bool:
    """Use up a proof; False where somebody else was quicker."""
    return await conn.fetchval(SQL["delete_proof"], proof_id) is not None
