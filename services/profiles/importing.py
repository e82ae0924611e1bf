"""Importing lists of contacts: one transaction that adds, updates and removes contacts, or changes nothing.

Kept true: importing the same file again publishes nothing, and an import during its owner's erasure leaves nothing.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from services.profiles import network, store
from services.profiles.books import Books, Plan, fingerprint, plan_import
from services.profiles.domain import Contact, Member
from services.profiles.forgotten import leave_out
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


async def import_contacts(
    conn: Connection, owner_id: str, books: Books, today: date, *, keep_missing: bool = False
) -> Counts | None:
    """Make what each source tells equal to its list. None: there is no such member (any more).

    With `keep_missing` nobody goes: the lists are added to what their sources told before.

    Must run in its own transaction; what the owner stated about contacts (such as closeness) stays. Who finds the owner
    by the new address book is decided later by `network.update_links`.
    """
    await conn.execute(SQL["share_network"])
    owner = await store.find_member(conn, owner_id, "lock_member")
    if owner is None:
        return None
    books = await leave_out(conn, owner_id, books)
    before = await conn.fetchval(SQL["find_books"], owner_id)
    lists = await asyncio.to_thread(lambda: {source: _described(records) for source, records in books.items()})
    if keep_missing:
        lists = {source: _added_to(before.get(source), told) for source, told in lists.items()}
    if all(before.get(source) == described for source, described in lists.items()):
        return Counts(unchanged=await conn.fetchval(SQL["count_listed"], owner_id, list(books)))
    existing = await store.lock_book(conn, owner_id)
    plan = await asyncio.to_thread(plan_import, owner_id, existing, books, today, keep_missing=keep_missing)
    await _apply(conn, owner, existing, plan, {source: int(told["listed"]) for source, told in lists.items()}, today)
    await conn.execute(SQL["imported"], owner_id, lists)
    return Counts(len(plan.added), len(plan.updated), len(plan.removed), len(plan.kept), len(plan.unchanged))


def _described(records: Sequence[ContactRecord]) -> dict[str, int | str]:
    return {"listed": len(records), "content": fingerprint(records)}


def _added_to(before: Mapping[str, int | str] | None, told: dict[str, int | str]) -> dict[str, int | str]:
    """How a list is described that was added to what its source told: as a whole list the same file is news."""
    if before is None or before["content"] == told["content"]:
        return dict(before or told)
    return told | {"listed": max(int(before["listed"]), int(told["listed"])), "missing": "kept"}


async def _apply(
    conn: Connection, owner: Member, existing: Sequence[Contact], plan: Plan, listed: Mapping[str, int], today: date
) -> None:
    before = {contact.contact_id: contact for contact in existing}
    withdrawals = Publication()
    for contact in plan.removed:
        withdraw_contact(withdrawals, contact)
    remaining, moved = [], []
    for contact, leads_to in await Links(conn, today).of(owner, plan.remaining):
        if contact.member_id == leads_to:
            remaining.append(contact)
        else:
            moved.append(contact.contact_id)
            remaining.append(network.move_to(withdrawals, contact, leads_to))
    await store.delete_contacts(conn, plan.removed)
    await conn.execute(SQL["unlink_contacts"], moved)  # a member appears in an address book only once
    await store.publish(conn, withdrawals, lane=Lane.BULK)
    withdrawn = {key: version for _topic, key, version in withdrawals.withdrawn}
    owner = replace(owner, listed={**owner.listed, **listed})
    for start in range(0, len(remaining), store.AT_ONCE):
        some = remaining[start : start + store.AT_ONCE]
        together = await network.overlaps(conn, some, today)
        erased = await store.erased_versions(conn, some) | withdrawn
        await _store(conn, before, partial(_upsert_all, some, owner, together, erased))


async def _store(
    conn: Connection,
    before: Mapping[str, Contact],
    upsert: Callable[[Publication], list[Contact]],
) -> None:
    """Store some contacts, and publish what changed of them."""
    publication = Publication()
    updated = await asyncio.to_thread(upsert, publication)
    await store.add_contacts(conn, [contact for contact in updated if contact.contact_id not in before])
    changed = [contact for contact in updated if contact != before.get(contact.contact_id, contact)]
    await store.update_contacts(conn, changed, sources=True)
    await store.publish(conn, publication, lane=Lane.BULK)


def _upsert_all(
    contacts: Sequence[Contact],
    owner: Member,
    together: Mapping[str, WorkedTogether | None],
    erased: Mapping[str, int],
    publication: Publication,
) -> list[Contact]:
    return [
        upsert_contact(publication, contact, owner, together.get(contact.contact_id), erased) for contact in contacts
    ]
