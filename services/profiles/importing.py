"""Importing lists of contacts: one transaction that adds, updates and removes contacts, or changes nothing.

Kept true: importing the same file again publishes nothing, and an import during its owner's erasure leaves nothing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.profiles import network, store
from services.profiles.books import Books, Plan, fingerprint, plan_import
from services.profiles.domain import Contact, Member
from services.profiles.imports.report import ContactRecord
from services.profiles.links import Links
from services.profiles.publication import Publication, upsert_contact, withdraw_contact
from services.profiles.store import SQL
from shared.events.ties import WorkedTogether
from shared.messaging.publish.outbox import Lane
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class Counts:
    """What an import changed. `kept` contacts left the list, but their owner had stated something about them."""

    added: int = 0
    updated: int = 0
    removed: int = 0
    kept: int = 0
    unchanged: int = 0


async def import_contacts(conn: Connection, owner_id: str, books: Books, today: date) -> Counts | None:
    """Make what each source tells equal to its list. None: there is no such member (any more).

    Must run in its own transaction; what the owner stated about contacts (such as closeness) stays. Who finds the owner
    by the new address book is decided later by `network.update_links`.
    """
    await conn.execute(SQL["share_network"])
    owner = await store.find_member(conn, owner_id, "lock_member")
    if owner is None:
        return None
    before = await conn.fetchval(SQL["find_books"], owner_id)
    lists = await asyncio.to_thread(lambda: {source: _described(records) for source, records in books.items()})
    if all(before.get(source) == described for source, described in lists.items()):
        return Counts(unchanged=await conn.fetchval(SQL["count_listed"], owner_id, list(books)))
    existing = await store.contacts(conn, "lock_contacts", owner_id)
    plan = await asyncio.to_thread(plan_import, owner_id, existing, books, today)
    await _apply(conn, owner, existing, plan, {source: len(records) for source, records in books.items()}, today)
    await conn.execute(SQL["imported"], owner_id, lists)
    return Counts(len(plan.added), len(plan.updated), len(plan.removed), len(plan.kept), len(plan.unchanged))


def _described(records: Sequence[ContactRecord]) -> dict[str, int | str]:
    return {"listed": len(records), "content": fingerprint(records)}


async def _apply(
    conn: Connection,
    owner: Member,
    existing: Sequence[Contact],
    plan: Plan,
    listed: Mapping[str, int],
    today: date,
) -> None:
    before = {contact.contact_id: contact for contact in existing}
    publication = Publication()
    for contact in plan.removed:
        withdraw_contact(publication, contact)
    links = await Links(conn, today).of(owner, plan.remaining)
    remaining = [c if c.member_id == leads_to else network.move_to(publication, c, leads_to) for c, leads_to in links]
    together = await network.overlaps(conn, remaining, today)
    erased = await store.erased_versions(conn, remaining)
    erased |= {key: version for _topic, key, version in publication.withdrawn}
    updated = await asyncio.to_thread(_upsert_all, publication, remaining, {**owner.listed, **listed}, together, erased)
    await store.delete_contacts(conn, plan.removed)
    await store.add_contacts(conn, [contact for contact in updated if contact.contact_id not in before])
    changed = [contact for contact in updated if contact != before.get(contact.contact_id, contact)]
    await store.update_contacts(conn, changed, sources=True)
    await store.publish(conn, publication, lane=Lane.BULK)


def _upsert_all(
    publication: Publication,
    contacts: Sequence[Contact],
    listed: Mapping[str, int],
    together: Mapping[str, WorkedTogether | None],
    erased: Mapping[str, int],
) -> list[Contact]:
    return [
        upsert_contact(publication, contact, listed, together.get(contact.contact_id), erased) for contact in contacts
    ]
