"""Members joining, changing, being found and leaving: every change that touches other people's address books.

Each function runs in the caller's transaction. Lock order, so that nobody deadlocks and nobody misses the other's
writes: the network lock, then the member's row, then contacts by id.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from services.profiles import store
from services.profiles.announce import News, retire_contact, tell_contact, tell_member
from services.profiles.domain import Contact, Member, overlap
from services.profiles.links import Links
from services.profiles.store import SQL
from shared.events.ties import WorkedTogether
from shared.messaging.topics.catalogue import PEOPLE
from shared.resolution import Vocabulary
from shared.storage.pool import Connection


async def join(conn: Connection, member: Member, token_hash: str, today: date) -> None:
    """A new member; whoever they let find them does so at once.

    Raises:
        TakenError: the verified address or link is another member's.
    """
    await conn.execute(SQL["lock_network"])
    news = News()
    await store.save_member(conn, tell_member(news, member), new=True)
    await store.add_token(conn, member.member_id, token_hash)
    await _refind(conn, news, member, today)
    await store.publish(conn, news)


async def change(conn: Connection, before: Member, after: Member, today: date) -> None:
    """A changed profile. Unless `stays_as_found`, the network lock must be held: ties on both sides may change with it.

    Raises:
        TakenError: as for `join`.
    """
    news = News()
    await store.save_member(conn, tell_member(news, after))
    if after.employments != before.employments:
        await _retell(conn, news, await store.contacts(conn, "lock_ties_of_member", after.member_id), today)
    if not stays_as_found(before, after):
        await _refind(conn, news, after, today)
    await store.publish(conn, news)


def stays_as_found(before: Member, after: Member) -> bool:
    """Whether nothing changed that ties to other members, or who finds whom, depends on."""
    return _matters(before) == _matters(after)


def _matters(member: Member) -> tuple[object, ...]:
    return (
        (member.email, member.email_verified, member.profile_url, member.profile_verified),
        (member.introduces, member.visible_to_contacts, member.findable, member.discreet),
        member.employments,
        member.seeking.blocked_companies if member.seeking else (),
    )


async def refind(conn: Connection, member_id: str, today: date) -> None:
    """Decide again whom the member finds, and who finds them; entries that lead elsewhere now are published so."""
    await conn.execute(SQL["lock_network"])
    member = await store.find_member(conn, member_id, "lock_member")
    if member is None:
        return
    news = News()
    await _refind(conn, news, member, today)
    await conn.execute(SQL["refound"], member_id)
    await store.publish(conn, news)


async def _refind(conn: Connection, news: News, member: Member, today: date) -> None:
    """The network lock must be held, and the member's row be written as it is now."""
    links, facts = Links(conn, today), member.facts(today, Vocabulary.default())
    own = await store.contacts(conn, "lock_entries_naming_members", member.member_id)
    others = await store.contacts(conn, "lock_entries_about", member.member_id, facts.email, facts.link)
    decided = [*await links.of(member, own), *await links.to(member, others, own)]
    moved = [(contact, leads_to) for contact, leads_to in decided if contact.member_id != leads_to]
    # Who is let go first: a member stands in an address book once.
    for some in ([m for m in moved if m[1] is None], [m for m in moved if m[1] is not None]):
        await _retell(conn, news, [follow(news, contact, leads_to) for contact, leads_to in some], today)


def follow(news: News, contact: Contact, leads_to: str | None) -> Contact:
    """The contact as this member, or as the imported contact again; what was said under the other id is taken back."""
    return replace(retire_contact(news, contact), member_id=leads_to)


async def leave(conn: Connection, member_id: str, republish_after: timedelta) -> bool:
    """Erase a member: everything they brought, and their id wherever others have it. False: there is no such member.

    Who had found them keeps their own entry, which leads nowhere now. Tombstones are published again after
    `republish_after`, so that quiet partitions compact.
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
        unknown = follow(gone, contact, None)
        erased = await store.erased_versions(conn, [unknown])
        changes.append(
            (contact.contact_id, tell_contact(fresh, unknown, owners[contact.owner_id].listed, None, erased))
        )
    gone.erase(PEOPLE, member_id, member.published)
    await store.update_contacts(conn, changes)
    await conn.execute(SQL["forget_confirmed"], member_id)
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
            members[contact.owner_id].employments,
            members[contact.member_id or ""].employments,
            today,
            Vocabulary.default(),
        )
        for contact in linked
    }


async def retell(conn: Connection, contacts: Sequence[Contact], today: date) -> list[Contact]:
    """Write contacts, and publish what changed with them. Their rows must be locked."""
    news = News()
    told = await _retell(conn, news, contacts, today)
    await store.publish(conn, news)
    return told


async def _retell(conn: Connection, news: News, contacts: Sequence[Contact], today: date) -> list[Contact]:
    if not contacts:
        return []
    owners = await store.find_members(conn, {contact.owner_id for contact in contacts})
    together = await overlaps(conn, contacts, today)
    erased = await store.erased_versions(conn, contacts)
    erased |= {key: version for _topic, key, version in news.erased}  # taken back in this very step
    told = [
        tell_contact(news, contact, owners[contact.owner_id].listed, together.get(contact.contact_id), erased)
        for contact in contacts
    ]
    await store.update_contacts(conn, [(contact.contact_id, contact) for contact in told])
    return told
