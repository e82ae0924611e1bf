"""Who works in an organisation, and who is invited: in the database.

Kept true: an organisation that members keep always has an owner, but for one whose account was erased. Whoever changes
that has the organisation locked.
"""

from datetime import datetime
from uuid import UUID

from services.postings import organisations, store
from services.postings.organisations import SQL, Row
from shared.storage.pool import Connection
from shared.tokens import hash_token
from shared.web.identity import Role


class LastOwnerError(Exception):
    """Nobody would own the organisation any more."""


async def members(conn: Connection, organisation_id: str) -> list[Row]:
    """Who works there, longest first: their id, role, since when, whether they may be named as hiring contact."""
    return [dict(row) for row in await conn.fetch(SQL["list_members"], organisation_id)]


async def add(conn: Connection, organisation_id: str, member_id: str, role: Role, now: datetime) -> bool:
    """Add somebody; False where they are in it already."""
    return await conn.fetchval(SQL["add_member"], organisation_id, member_id, role, now) is not None


async def change_role(conn: Connection, organisation_id: str, member_id: str, role: Role) -> bool:
    """Give somebody another role; False where they are not in it. Raises LastOwnerError."""
    await organisations.lock(conn, organisation_id)
    if await conn.fetchval(SQL["set_role"], organisation_id, member_id, role) is None:
        return False
    await _keep_an_owner(conn, organisation_id)
    if role != "owner":
        await conn.execute(SQL["delete_invitations_by"], organisation_id, member_id)
    return True


async def remove(conn: Connection, organisation_id: str, member_id: str, now: datetime) -> bool:
    """Take somebody out, off the openings that name them too, with their invitations; False where they are not in it.

    Raises LastOwnerError.
    """
    await organisations.lock(conn, organisation_id)
    if await conn.fetchval(SQL["delete_member"], organisation_id, member_id) is None:
        return False
    await _keep_an_owner(conn, organisation_id)
    await conn.execute(SQL["delete_invitations_by"], organisation_id, member_id)
    await store.remove_contact_from(conn, organisation_id, member_id, now)
    return True


async def _keep_an_owner(conn: Connection, organisation_id: str) -> None:
    if await conn.fetchval(SQL["count_owners"], organisation_id) == 0:
        raise LastOwnerError


async def forget(conn: Connection, member_id: str, now: datetime) -> None:
    """Erase somebody from every organisation, whatever role they had.

    Where nobody is left in one that members kept, its keys are deleted and its openings closed: nobody could do it
    any more.
    """
    for row in await conn.fetch(SQL["forget_member"], member_id):
        organisation_id = row["organisation_id"]
        await organisations.lock(conn, organisation_id)
        if await conn.fetchval(SQL["is_nobodys"], organisation_id):
            await conn.execute(SQL["delete_keys"], organisation_id)
            await store.close_all(conn, organisation_id, now)


async def invitations(conn: Connection, organisation_id: str) -> list[Row]:
    """Who is invited, newest first."""
    return [dict(row) for row in await conn.fetch(SQL["list_invitations"], organisation_id)]


async def invitations_by(conn: Connection, member_id: str) -> list[Row]:
    """Whom a member has invited, and where."""
    return [dict(row) for row in await conn.fetch(SQL["invitations_by"], member_id)]


async def count_invitations(conn: Connection, organisation_id: str) -> int:
    """How many invitations are open."""
    found: int = await conn.fetchval(SQL["count_invitations"], organisation_id)
    return found


async def revoke(conn: Connection, organisation_id: str, invitation_id: UUID) -> bool:
    """End an invitation; False where there is none."""
    return await conn.fetchval(SQL["delete_invitation"], organisation_id, invitation_id) is not None


async def invitation_of(conn: Connection, link: str) -> Row | None:
    """What a link invites to, while it holds."""
    row = await conn.fetchrow(SQL["find_invitation"], hash_token(link))
    return None if row is None else dict(row)
