"""Importing lists of contacts: one transaction that adds, updates and removes contacts, or changes nothing.

Kept true: importing the same file again publishes nothing, an import during its owner's erasure leaves nothing, and
memory does not grow with the file or the address book, but for the ids of members in it.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.profiles import network, store
from services.profiles.books import Books, fingerprint
from services.profiles.comparison import Change, Comparison
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
    """What an import changed. `kept` contacts left the list, but their owner had stated something about them.

    `left_out` asked to be forgotten. That is no part of a report.
    """

    added: int = 0
    updated: int = 0
    removed: int = 0
    kept: int = 0
    unchanged: int = 0
    left_out: int = 0

    @property
    def costs(self) -> bool:
        """Whether it counts among the imports of a day: it changed something, or told who is left out."""
        return bool(self.added or self.updated or self.removed or self.left_out)


async def import_contacts(
    conn: Connection, owner_id: str, books: Books, today: date, *, keep_missing: bool = False
) -> Counts | None:
    """Make what each source tells equal to its list. None: there is no such member (any more).

    With `keep_missing` nobody goes: the lists are added to what their sources told before.

    Must run in its own transaction; what the owner stated about contacts (such as closeness) stays. Who finds the owner
    by the new address book is decided later by `network.update_links`.
    """
    await conn.execute(SQL["plan_anew"])
    await conn.execute(SQL["share_network"])
    owner = await store.find_member(conn, owner_id, "lock_member")
    if owner is None:
        return None
    brought, books = sum(map(len, books.values())), await leave_out(conn, owner, books, today)
    left_out = brought - sum(map(len, books.values()))
    before = await conn.fetchval(SQL["find_books"], owner_id)
    lists = await asyncio.to_thread(lambda: {source: _described(records) for source, records in books.items()})
    if keep_missing:
        lists = {source: _added_to(before.get(source), told) for source, told in lists.items()}
    if all(before.get(source) == described for source, described in lists.items()):
        unchanged = await conn.fetchval(SQL["count_listed"], owner_id, list(books))
        return Counts(unchanged=unchanged, left_out=left_out)
    owner = replace(owner, listed={**owner.listed, **{source: int(told["listed"]) for source, told in lists.items()}})
    with Comparison(owner_id) as comparison:
        await _compare(conn, owner_id, comparison, books, today, keep_missing=keep_missing)
        counts = Counter(removed=await _remove(conn, comparison))
        linked = {row["member_id"] for row in await conn.fetch(SQL["find_linked"], owner_id)}
        async for changes in _changes(conn, owner_id, comparison):
            linked = await _apply(conn, owner, changes, linked, today)
            counts.update(change.outcome for change in changes)
    await conn.execute(SQL["imported"], owner_id, lists)
    told = {outcome: count for outcome, count in counts.items() if outcome != "others"}
    return Counts(**told, left_out=left_out)


def _described(records: Collection[ContactRecord]) -> dict[str, int | str]:
    return {"listed": len(records), "content": fingerprint(records)}


def _added_to(before: Mapping[str, int | str] | None, told: dict[str, int | str]) -> dict[str, int | str]:
    """How a list is described that was added to what its source told: as a whole list the same file is news."""
    if before is None or before["content"] == told["content"]:
        return dict(before or told)
    return told | {"listed": max(int(before["listed"]), int(told["listed"])), "missing": "kept"}


async def _compare(
    conn: Connection, owner_id: str, comparison: Comparison, books: Books, today: date, *, keep_missing: bool
) -> None:
    async for some in store.book(conn, "lock_contacts", owner_id):
        await asyncio.to_thread(comparison.know, some)
    for source, records in books.items():
        await asyncio.to_thread(comparison.tell, source, records, today, keep_missing=keep_missing)


async def _remove(conn: Connection, comparison: Comparison) -> int:
    """Delete those who are gone, and withdraw what was published of them. Returns how many."""
    removed = 0
    for ids in comparison.gone():
        withdrawals = Publication()
        contacts = await store.contacts(conn, "lock_contacts_by_id", ids)
        for contact in contacts:
            withdraw_contact(withdrawals, contact)
        await store.delete_contacts(conn, contacts)
        await store.publish(conn, withdrawals, lane=Lane.BULK)
        removed += len(contacts)
    return removed


async def _changes(conn: Connection, owner_id: str, comparison: Comparison) -> AsyncGenerator[list[Change]]:
    """What becomes of everybody who stays or comes, some at a time."""
    async for some in store.book(conn, "find_contacts", owner_id):
        yield await asyncio.to_thread(comparison.became, some)
    fresh = comparison.fresh()
    while changes := await asyncio.to_thread(next, fresh, None):
        yield changes


async def _apply(
    conn: Connection, owner: Member, changes: Sequence[Change], linked: Collection[str], today: date
) -> set[str]:
    """Store some contacts as they are now, and publish what changed.

    `linked`: the members to whom entries lead. Returns whom they lead to afterwards.
    """
    withdrawals = Publication()
    elsewhere = set(linked) - {change.now.member_id for change in changes}
    remaining, moved = [], []
    for contact, leads_to in await Links(conn, today).of(owner, [change.now for change in changes], elsewhere):
        if contact.member_id == leads_to:
            remaining.append(contact)
        else:
            moved.append(contact.contact_id)
            remaining.append(network.move_to(withdrawals, contact, leads_to))
    await conn.execute(SQL["unlink_contacts"], moved)  # a member appears in an address book only once
    await store.publish(conn, withdrawals, lane=Lane.BULK)
    erased = await store.erased_versions(conn, remaining)
    erased |= {key: version for _topic, key, version in withdrawals.withdrawn}
    together = await network.overlaps(conn, remaining, today)
    publication = Publication()
    updated = await asyncio.to_thread(_upsert_all, remaining, owner, together, erased, publication)
    pairs = [(contact, change.before) for contact, change in zip(updated, changes, strict=True)]
    await store.add_contacts(conn, [contact for contact, before in pairs if before is None])
    changed = [contact for contact, before in pairs if before is not None and contact != before]
    await store.update_contacts(conn, changed, sources=True)
    await store.publish(conn, publication, lane=Lane.BULK)
    return elsewhere | {contact.member_id for contact in updated if contact.member_id}


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
