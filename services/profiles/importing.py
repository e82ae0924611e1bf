"""Bringing an address book in: one transaction that adds, updates and removes, or changes nothing.

Kept true: the same file twice publishes nothing, and an import that meets the erasure of its owner leaves nothing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.profiles import network, store
from services.profiles.announce import News, retire_contact, tell_contact
from services.profiles.domain import Contact, Member, Plan, fingerprint, plan_import
from services.profiles.imports.report import ContactRecord
from services.profiles.links import Links
from services.profiles.store import SQL
from shared.events.ties import WorkedTogether
from shared.messaging.publish.outbox import Lane
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class Counts:
    """What an import changed. `kept` contacts left the list, but their owner had said something of them."""

    added: int = 0
    updated: int = 0
    removed: int = 0
    kept: int = 0
    unchanged: int = 0


async def bring_in(conn: Connection, owner_id: str, records: Sequence[ContactRecord], today: date) -> Counts | None:
    """Make the owner's address book what the records say. None: there is no such member (any more).

    Must run in a transaction of its own; what was said about contacts (closeness and the like) stays. Who finds the
    owner by their new address book is `network.refind`'s to decide, once this is committed.
    """
    await conn.execute(SQL["share_network"])
    owner = await store.find_member(conn, owner_id, "lock_member")
    if owner is None:
        return None
    content = await asyncio.to_thread(fingerprint, records)
    if await conn.fetchval(SQL["last_import"], owner_id) == content:
        return Counts(unchanged=len(records))
    existing = await store.contacts(conn, "lock_contacts", owner_id)
    plan = await asyncio.to_thread(plan_import, owner_id, existing, records, today)
    await _apply(conn, owner, existing, plan, len(records), today)
    await conn.execute(SQL["imported"], owner_id, len(records), content)
    return Counts(len(plan.added), len(plan.updated), len(plan.removed), len(plan.kept), len(plan.unchanged))


async def _apply(
    conn: Connection, owner: Member, existing: Sequence[Contact], plan: Plan, listed: int, today: date
) -> None:
    before = {contact.contact_id: contact for contact in existing}
    news = News()
    for contact in plan.removed:
        retire_contact(news, contact)
    links = await Links(conn, today).of(owner, plan.remaining)
    remaining = [c if c.member_id == leads_to else network.follow(news, c, leads_to) for c, leads_to in links]
    together = await network.overlaps(conn, remaining, today)
    erased = await store.erased_versions(conn, remaining)
    erased |= {key: version for _topic, key, version in news.erased}
    told = await asyncio.to_thread(_tell, news, remaining, listed, together, erased)
    await store.delete_contacts(conn, plan.removed)
    await store.add_contacts(conn, [contact for contact in told if contact.contact_id not in before])
    changed = [contact for contact in told if contact != before.get(contact.contact_id, contact)]
    await store.update_contacts(conn, [(contact.contact_id, contact) for contact in changed])
    await store.publish(conn, news, lane=Lane.BULK)


def _tell(
    news: News,
    contacts: Sequence[Contact],
    listed: int,
    together: Mapping[str, WorkedTogether | None],
    erased: Mapping[str, int],
) -> list[Contact]:
    return [tell_contact(news, contact, listed, together.get(contact.contact_id), erased) for contact in contacts]
