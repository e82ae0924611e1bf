"""Changes that affect other people's address books: members are added, changed, found and erased.

Each function runs in the caller's transaction. Locks are taken in one order, so that there is no deadlock and no write
is missed: the network lock, the member's row, contacts by id.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from services.profiles import forgotten, store
from services.profiles.domain import Contact, Member, overlap
from services.profiles.links import Links
from services.profiles.publication import Publication, upsert_contact, upsert_member, withdraw_contact
from services.profiles.store import SIGN_IN, SQL
from shared.events.ties import WorkedTogether
from shared.messaging.topics.catalogue import PEOPLE
from shared.resolution import Vocabulary
from shared.storage.pool import Connection
from shared.web import audit


async def add_member(conn: Connection, member: Member, today: date) -> None:
    """Add a member, and link them to the entries of everybody whom they let find them.

    Raises:
        TakenError: the verified address or link is another member's.
    """
    await conn.execute(SQL["lock_network"])
    publication = Publication()
    await store.save_member(conn, upsert_member(publication, member), new=True)
    if member.profile_verified:
        await conn.execute(SQL["refind_claimers"], member.profile_key)
    await _update_links(conn, publication, member, today)
    await store.publish(conn, publication)


async def change_profile(conn: Connection, before: Member, after: Member, today: date) -> None:
    """Store a changed profile. Unless `keeps_links`, the network lock must be held: ties on both sides may change.

    Raises:
        TakenError: as for `add_member`.
    """
    publication = Publication()
    await store.save_member(conn, upsert_member(publication, after))
    if after.employments != before.employments:
        await _update_contacts(
            conn, publication, await store.contacts(conn, "lock_linked_contacts", after.member_id), today
        )
    if not keeps_links(before, after):
        await _update_links(conn, publication, after, today)
    await store.publish(conn, publication)


async def verify_email(conn: Connection, before: Member, email: str, today: date) -> Member:
    """The address is the member's, proven: it counts from now on. The network lock must be held.

    Raises:
        TakenError: as for `add_member`.
    """
    after = replace(before, email=email, email_verified=True, new_email=None)
    await change_profile(conn, before, after, today)
    await audit.note(conn, "email.verified", audit.person(before.member_id))
    return after


def keeps_links(before: Member, after: Member) -> bool:
    """Whether nothing changed that ties to other members, or who finds whom, depends on."""
    return _what_links_depend_on(before) == _what_links_depend_on(after)


def _what_links_depend_on(member: Member) -> tuple[object, ...]:
    return (
        (member.email, member.email_verified, member.profile_url, member.profile_verified),
        (member.introduces, member.visible_to_contacts, member.findable, member.discreet),
        member.employments,
        member.seeking.blocked_companies if member.seeking else (),
    )


async def update_links(conn: Connection, member_id: str, today: date) -> None:
    """Decide again whom a member finds and who finds them, and publish the entries whose link changed."""
    await conn.execute(SQL["lock_network"])
    member = await store.find_member(conn, member_id, "lock_member")
    if member is None:
        return
    publication = Publication()
    await _update_links(conn, publication, member, today)
    await conn.execute(SQL["mark_links_updated"], member_id)
    await store.publish(conn, publication)


async def _update_links(conn: Connection, publication: Publication, member: Member, today: date) -> None:
    """The network lock must be held, and the member's row must be up to date."""
    links, facts = Links(conn, today), member.facts(today, Vocabulary.default())
    own = await store.contacts(conn, "lock_entries_naming_members", member.member_id)
    others = await store.contacts(conn, "lock_entries_about", member.member_id, facts.email, facts.link)
    decided = [*await links.of(member, own), *await links.to(member, others, own)]
    moved = [(contact, leads_to) for contact, leads_to in decided if contact.member_id != leads_to]
    # Links that end come first, since a member appears in an address book only once.
    for some in ([m for m in moved if m[1] is None], [m for m in moved if m[1] is not None]):
        await _update_contacts(
            conn, publication, [move_to(publication, contact, leads_to) for contact, leads_to in some], today
        )


def move_to(publication: Publication, contact: Contact, leads_to: str | None) -> Contact:
    """The contact linked to this member, or to none; withdraws what was published under the other id."""
    return replace(withdraw_contact(publication, contact), member_id=leads_to)


async def erase_member(conn: Connection, member_id: str, republish_after: timedelta) -> bool:
    """Erase a member: all that is theirs, and their id in other people's entries. False: there is no such member.

    Others keep their entries about the member, no longer linked; but an entry that only an introduction brought, or a
    block after one, holds the member's own name, and goes; so does one with an address that asked to be forgotten, and
    that stayed because it led to a member. Tombstones are published again after `republish_after`, so
    that quiet partitions are compacted.
    """
    await conn.execute(SQL["lock_network"])
    member = await store.find_member(conn, member_id, "lock_member_for_deletion")
    if member is None:
        return False
    withdrawals, updates = Publication(), Publication()
    book = await store.contacts(conn, "lock_contacts", member_id)
    await asyncio.to_thread(
        lambda: [withdraw_contact(withdrawals, contact) for contact in book]
    )  # there may be thousands
    await _unlink_others(conn, member_id, withdrawals, updates)
    withdrawals.withdraw(PEOPLE, member_id, member.published)
    await conn.execute(SQL["delete_confirmations"], member_id)
    await conn.execute(SQL["delete_introduced_to"], member_id)
    await conn.execute(SQL["delete_member"], member_id)
    await conn.execute(SIGN_IN["delete_proofs_of"], [one for one in (member.email, member.new_email) if one])
    await store.publish(conn, withdrawals, republish_after=republish_after)
    await store.publish(conn, updates)
    return True


async def _unlink_others(conn: Connection, member_id: str, withdrawals: Publication, updates: Publication) -> None:
    """What other people's entries about an erased member become."""
    others = await store.contacts(conn, "lock_contacts_linked_to", member_id)
    owners = await store.find_members(conn, {contact.owner_id for contact in others})
    to_forget = await forgotten.named_by(conn, [contact for contact in others if contact.member_id == member_id])
    changes, gone = [], []
    for contact in others:
        unknown = replace(contact, introduced=0, introduced_to=None)
        of_nobody = not unknown.sources and not replace(unknown, blocked=False).stated
        if contact.contact_id in to_forget or of_nobody:
            gone.append(withdraw_contact(withdrawals, contact))
            continue
        unlinked = move_to(withdrawals, unknown, None) if contact.member_id == member_id else unknown
        erased = await store.erased_versions(conn, [unlinked])
        changes.append(upsert_contact(updates, unlinked, owners[contact.owner_id], None, erased))
    await store.update_contacts(conn, changes)
    await store.delete_contacts(conn, gone)


async def overlaps(conn: Connection, contacts: Iterable[Contact], today: date) -> dict[str, WorkedTogether | None]:
    """By contact id: when the owner and a linked member worked at the same company, by both profiles."""
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


async def update_contacts(conn: Connection, contacts: Sequence[Contact], today: date) -> list[Contact]:
    """Store contacts, and publish what changed. Their rows must be locked."""
    publication = Publication()
    updated = await _update_contacts(conn, publication, contacts, today)
    await store.publish(conn, publication)
    return updated


async def _update_contacts(
    conn: Connection, publication: Publication, contacts: Sequence[Contact], today: date
) -> list[Contact]:
    if not contacts:
        return []
    owners = await store.find_members(conn, {contact.owner_id for contact in contacts})
    together = await overlaps(conn, contacts, today)
    erased = await store.erased_versions(conn, contacts)
    erased |= {key: version for _topic, key, version in publication.withdrawn}  # withdrawn in this step
    updated = [
        upsert_contact(publication, contact, owners[contact.owner_id], together.get(contact.contact_id), erased)
        for contact in contacts
    ]
    await store.update_contacts(conn, updated)
    return updated
