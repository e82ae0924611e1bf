"""What introductions leave in address books: whom a yes makes findable, evidence on ties, entries for whom they led to.

Each function runs in the caller's transaction. Locks as in `network`: the network lock, the member's row, contacts.
"""

from dataclasses import replace
from datetime import date
from uuid import uuid4

from services.profiles import network, store
from services.profiles.domain import Contact, Member
from services.profiles.evidence import times, words
from services.profiles.links import Links
from services.profiles.publication import Publication, withdraw_contact
from services.profiles.store import SQL
from shared.events.introductions import IntroductionV1
from shared.storage.pool import Connection


async def apply(
    conn: Connection, introduction_id: str, version: int, introduction: IntroductionV1 | None, today: date
) -> None:
    """Make what is kept of one introduction equal to what was said in it. None: it is gone. Old versions do nothing."""
    said = words(introduction) if introduction else []
    if not said and not await conn.fetch(SQL["find_introduced"], introduction_id):
        return
    await conn.execute(SQL["lock_network"])
    held = await conn.fetch(SQL["find_introduced"], introduction_id)
    if any(row["version"] >= version for row in held):
        return
    members = await store.find_members(conn, {word.person_id for word in said})
    said = [word for word in said if word.person_id in members]
    await conn.execute(SQL["delete_introduced"], introduction_id)
    rows = [(introduction_id, version, word.person_id, word.other_id, word.at, word.talked) for word in said]
    await conn.executemany(SQL["add_introduced"], rows)
    pairs = {(row["person_id"], row["other_id"]) for row in held} | {(word.person_id, word.other_id) for word in said}
    for person_id, other_id in sorted(pairs):
        await _count(conn, person_id, other_id, introduction.introducer_id if introduction else None, today)


async def answered(conn: Connection, contact_id: str, owner_id: str, member_id: str, today: date) -> bool:
    """Whether a member who says that they answered for an entry has verified an address that its owner holds for it.

    Where they have, the owner finds them from now on: they said yes to the owner.
    """
    await conn.execute(SQL["lock_network"])
    owner = await store.find_member(conn, owner_id, "lock_member")
    member = await store.find_member(conn, member_id)
    entries = await store.contacts(conn, "lock_contacts_by_id", [contact_id])
    if owner is None or member is None or not any(_is_about(entry, owner, member) for entry in entries):
        return False
    await network.update_contacts(conn, [replace(entry, introduced_to=member_id) for entry in entries], today)
    await network.update_links(conn, owner_id, today)
    return True


async def block(conn: Connection, member_id: str, other_id: str, today: date) -> Contact | None:
    """Block a member who is in no entry of this one's, and whom this one said yes to. None: there was no such yes.

    The entry for it is made by the other's name and not by what the member's book may hold of them unlinked: which
    address is theirs, a block must not tell. The network lock must be held.
    """
    member = await store.find_member(conn, member_id, "lock_member")
    other = await store.find_member(conn, other_id)
    if member is None or other is None or not await conn.fetchval(SQL["said_yes"], other_id, member_id):
        return None
    known = await store.contacts(conn, "lock_entries_for", member_id, other_id, None, None)
    entry = known[0] if known else await _new_entry(conn, member, other_id, other, None, today)
    if entry is None:
        return None
    [blocked] = await network.update_contacts(conn, [replace(entry, blocked=True)], today)
    await network.update_links(conn, member_id, today)
    return blocked


async def unblock(conn: Connection, entry: Contact, today: date) -> Contact:
    """End a block. An entry that only the block brought leads nowhere after it, and goes unless something else is said.

    The network lock must be held, and the entry's row be locked.
    """
    now = replace(entry, blocked=False, introduced_to=None if entry.only_blocked else entry.introduced_to)
    if entry.only_blocked and not now.stated:
        await _remove(conn, entry)
    else:
        await network.update_contacts(conn, [now], today)
    await network.update_links(conn, entry.owner_id, today)
    return now


def _is_about(entry: Contact, owner: Member, member: Member) -> bool:
    """Whether it is an entry of the owner's for an address of the member's, and leads to nobody else."""
    if entry.owner_id != owner.member_id or member.member_id == owner.member_id or not member.email_verified:
        return False
    held = {entry.email} | {source.email for source in entry.sources}
    return member.email in held and entry.member_id in {None, member.member_id}


async def _count(conn: Connection, person_id: str, other_id: str, introducer_id: str | None, today: date) -> None:
    """Bring the tie of one side up to date, with an entry of its own if they talked and there is none yet."""
    owner = await store.find_member(conn, person_id, "lock_member")
    if owner is None:
        return
    rows = await conn.fetch(SQL["find_introduced_pair"], person_id, other_id)
    counted = times(row["introduced_at"] for row in rows if row["talked"])
    other = await store.find_member(conn, other_id)
    entry = await _entry(conn, person_id, other_id, other)
    if entry is None and counted:
        entry = await _new_entry(conn, owner, other_id, other, introducer_id, today)
    if entry is not None:
        # A block holds whatever is said later; it needs to know whom it keeps off.
        known_as = None if entry.introduced_to == other_id and not entry.blocked else entry.introduced_to
        now = replace(entry, introduced=counted, introduced_to=known_as or (other_id if counted else None))
        if now.sources or now.stated:
            await network.update_contacts(conn, [now], today)
        else:
            await _remove(conn, now)
    await network.update_links(conn, person_id, today)


async def _entry(conn: Connection, owner_id: str, other_id: str, other: Member | None) -> Contact | None:
    """The owner's entry for the other: the one linked to them, or one that names them by what they have proven."""
    email = other.email if other and other.email_verified else None
    link = other.profile_key if other and other.profile_verified else None
    found = await store.contacts(conn, "lock_entries_for", owner_id, other_id, email, link)
    return found[0] if found else None


async def _new_entry(
    conn: Connection, owner: Member, other_id: str, other: Member | None, introducer_id: str | None, today: date
) -> Contact | None:
    """An entry for a member, by their own name; or for a contact of the introducer's, by the introducer's words."""
    blank = Contact(str(uuid4()), owner.member_id, "", introduced_to=other_id)
    if other is not None:
        [(_, leads_to)] = await Links(conn, today).of(owner, [replace(blank, name=other.name)])
        made = replace(blank, name=other.name, member_id=leads_to)
    else:
        known = await store.contacts(conn, "lock_contact", introducer_id, other_id)
        if not known:
            return None
        made = replace(blank, name=known[0].name, company=known[0].company, position=known[0].position)
    await store.add_contacts(conn, [made])
    return made


async def _remove(conn: Connection, entry: Contact) -> None:
    """Remove an entry that only an introduction brought."""
    publication = Publication()
    withdraw_contact(publication, entry)
    await store.delete_contacts(conn, [entry])
    await store.publish(conn, publication)
