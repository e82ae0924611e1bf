"""Members joining, changing, being recognised and leaving: every change that touches other people's address books.

Each function runs in the caller's transaction. Lock order, so that nobody deadlocks and nobody misses the other's
writes: the network lock, then the member's row, then contacts by id.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

from services.profiles import store
from services.profiles.announce import News, retire_contact, tell_contact, tell_member
from services.profiles.domain import Contact, Member, overlap
from services.profiles.store import SQL
from shared.events.ties import WorkedTogether, tie_key
from shared.messaging.topics.catalogue import PEOPLE
from shared.storage.pool import Connection


class TwiceError(Exception):
    """The owner already has an entry for that member."""


async def join(conn: Connection, member: Member, token_hash: str, today: date) -> None:
    """A new member; whoever has their verified address or profile link in an address book is tied to them at once.

    Raises:
        TakenError: the verified address or link is another member's.
    """
    await conn.execute(SQL["lock_network"])
    news = News()
    await store.save_member(conn, tell_member(news, member), new=True)
    await store.add_token(conn, member.member_id, token_hash)
    known = (
        member.email if member.email_verified else None,
        member.profile_key if member.profile_verified else None,
    )
    if any(known):
        contacts = await store.contacts(conn, "lock_contacts_known_by", member.member_id, *known)
        await _recognise(conn, news, [(contact, member) for contact in contacts], today)
    await store.publish(conn, news)


async def change(conn: Connection, before: Member, after: Member, today: date) -> None:
    """A changed profile. Where jobs changed, the network lock must be held: ties on both sides may change with them.

    Raises:
        TakenError: as for `join`.
    """
    news = News()
    await store.save_member(conn, tell_member(news, after))
    if after.employments != before.employments:
        await _retell(conn, news, await store.contacts(conn, "lock_ties_of_member", after.member_id), today)
    await store.publish(conn, news)


async def recognise(conn: Connection, contact: Contact, member: Member, today: date) -> Contact:
    """The contact is that member: the tie moves to the member's id. The network lock must be held.

    Raises:
        TwiceError: another entry of the owner's is that member already.
    """
    if await store.contacts(conn, "lock_contact", contact.owner_id, member.member_id):
        raise TwiceError
    news = News()
    (linked,) = await _recognise(conn, news, [(contact, member)], today)
    await store.publish(conn, news)
    return linked


async def leave(conn: Connection, member_id: str, republish_after: timedelta) -> bool:
    """Erase a member: everything they brought, and their id wherever others have it. False: there is no such member.

    Who had them as a contact keeps their own entry under a new id that leads nowhere. Tombstones are published again
    after `republish_after`, so that quiet partitions compact.
    """
    await conn.execute(SQL["lock_network"])
    member = await store.find_member(conn, member_id, "lock_leaving_member")
    if member is None:
        return False
    gone, fresh = News(), News()
    book = await store.contacts(conn, "lock_contacts", member_id)
    await asyncio.to_thread(lambda: [retire_contact(gone, contact) for contact in book])  # there may be thousands
    others = await store.contacts(conn, "lock_contacts_who_are", member_id)
    owners = await store.find_members(conn, {contact.owner_id for contact in others})
    changes = []
    for contact in others:
        unknown = replace(retire_contact(gone, contact), contact_id=str(uuid4()), member_id=None)
        changes.append((contact.contact_id, tell_contact(fresh, unknown, owners[contact.owner_id].listed)))
    gone.erase(PEOPLE, member_id, member.published)
    await store.update_contacts(conn, changes)
    await conn.execute(SQL["delete_member"], member_id)
    await store.publish(conn, gone, republish_after=republish_after)
    await store.publish(conn, fresh)
    return True


async def overlaps(conn: Connection, contacts: Iterable[Contact], today: date) -> dict[str, WorkedTogether | None]:
    """By contact id: when the owner and a contact who is a member worked at one company, by both their profiles."""
    linked = [contact for contact in contacts if contact.member_id]
    ids = {one for contact in linked for one in (contact.owner_id, contact.member_id) if one}
    members = await store.find_members(conn, ids) if ids else {}
    return {
        contact.contact_id: overlap(
            members[contact.owner_id].employments, members[contact.member_id or ""].employments, today
        )
        for contact in linked
    }


async def retell(conn: Connection, contacts: Sequence[Contact], today: date) -> list[Contact]:
    """Write contacts, and publish what changed with them. Their rows must be locked."""
    news = News()
    told = await _retell(conn, news, contacts, today)
    await store.publish(conn, news)
    return told


async def _recognise(
    conn: Connection, news: News, pairs: Sequence[tuple[Contact, Member]], today: date
) -> list[Contact]:
    linked = [replace(retire_contact(news, contact), member_id=member.member_id) for contact, member in pairs]
    return await _retell(conn, news, linked, today)


async def _retell(conn: Connection, news: News, contacts: Sequence[Contact], today: date) -> list[Contact]:
    if not contacts:
        return []
    owners = await store.find_members(conn, {contact.owner_id for contact in contacts})
    together = await overlaps(conn, contacts, today)
    keys = [tie_key(contact.owner_id, contact.person_id) for contact in contacts if contact.tie.version is None]
    erased = await store.erased_tie_versions(conn, keys)
    told = [
        tell_contact(news, contact, owners[contact.owner_id].listed, together.get(contact.contact_id), erased)
        for contact in contacts
    ]
    await store.update_contacts(conn, [(contact.contact_id, contact) for contact in told])
    return told
