"""Who wants to be in nobody's address book: kept as digests by a key, enough to leave them out of imports.

There is no address and no name to read.

Kept true: what somebody's imports accept says nothing of who has become a member. An entry of these digests stays out
when its subject joins, verifies the address or leaves again, for else whoever imports it once more would see that they
have an account. It comes in only where its importer finds a member by it, by the rules in `finding`: that member lets
them know as much. So whoever comes back is listed again by those whom they let find them, and the digests stay.
"""

import asyncio
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

from services.profiles.addresses import profile_key
from services.profiles.books import Books
from services.profiles.domain import Contact, Member
from services.profiles.imports.report import ContactRecord
from services.profiles.imports.scratch import Spilled
from services.profiles.links import Links
from shared.storage.pool import Connection
from shared.storage.queries import load
from shared.tokens import keyed_digest

FORGETTING = load(Path(__file__).with_name("forgetting.sql"))
AT_ONCE = 2_000
Words = tuple[str | None, str | None, str]
"""An entry's address, link and name."""


async def keep_entry(conn: Connection, contact: Contact) -> None:
    """Leave this entry out of what its owner imports from now on."""
    told: list[Words] = [(contact.email, contact.profile_url, contact.name)]
    told += [(each.email, each.profile_url, each.name) for each in contact.sources]
    key = await _key(conn)
    await _keep(conn, {one for words in told for one in _of_entry(key, contact.owner_id, *words)})


async def keep_address(conn: Connection, email: str) -> None:
    """Leave this address out of what anybody imports from now on."""
    await _keep(conn, {_of_address(await _key(conn), email)})


async def named_by(conn: Connection, contacts: Sequence[Contact]) -> set[str]:
    """Ids of those entries that hold an address which is to be in nobody's address book."""
    if not contacts or not await conn.fetchval(FORGETTING["is_anybody_forgotten"]):
        return set()
    key = await _key(conn)
    digests = {
        each.contact_id: {_of_address(key, one) for one in (each.email, *(told.email for told in each.sources)) if one}
        for each in contacts
    }
    rows = await conn.fetch(FORGETTING["find_forgotten"], sorted(set().union(*digests.values())))
    kept = {row["digest"] for row in rows}
    return {contact_id for contact_id, known in digests.items() if known & kept}


async def leave_out(conn: Connection, owner: Member, books: Books, today: date) -> Books:
    """The lists without those who asked to be forgotten, by this owner or by everybody, unless the owner finds them."""
    if not await conn.fetchval(FORGETTING["is_anybody_forgotten"]):
        return books
    key = await _key(conn)
    return {source: await _without(conn, key, owner, records, today) for source, records in books.items()}


async def _key(conn: Connection) -> bytes:
    await conn.execute(FORGETTING["add_key"], secrets.token_bytes(32))
    key: bytes = await conn.fetchval(FORGETTING["find_key"])
    return key


async def _keep(conn: Connection, digests: Iterable[str]) -> None:
    await conn.execute(FORGETTING["add_forgotten"], sorted(digests))


async def _without(
    conn: Connection, key: bytes, owner: Member, records: Iterable[ContactRecord], today: date
) -> Spilled[ContactRecord]:
    left, coming = Spilled[ContactRecord](), iter(records)
    while some := list(islice(coming, AT_ONCE)):
        digests = await asyncio.to_thread(_of_records, key, owner.member_id, some)
        rows = await conn.fetch(FORGETTING["find_forgotten"], sorted(set().union(*digests)))
        forgotten = {row["digest"] for row in rows}
        out = {at for at, known in enumerate(digests) if known & forgotten}
        out -= await _found(conn, owner, {at: some[at] for at in out}, today)
        for at, each in enumerate(some):
            if at not in out:
                left.append(each)
    return left


async def _found(conn: Connection, owner: Member, records: Mapping[int, ContactRecord], today: date) -> set[int]:
    """Those of these records by which the owner finds a member, or that an entry tells of by which they do."""
    if not records:
        return set()
    entries = [
        Contact(str(at), owner.member_id, told.name, email=told.email, profile_url=told.url, company=told.company,
                connected_on=told.connected_on)
        for at, told in records.items()
    ]  # fmt: skip
    emails, links = [each.email for each in entries if each.email], [each.profile_key for each in entries]
    rows = await conn.fetch(FORGETTING["linked_by"], owner.member_id, emails, [link for link in links if link])
    linked = {mark for row in rows for mark in (row["email"], row["profile_key"]) if mark}
    may_find = await Links(conn, today).possible(owner, entries)
    return {
        int(each.contact_id)
        for each in entries
        if may_find[each.contact_id] or not linked.isdisjoint({each.email, each.profile_key})
    }


def _of_records(key: bytes, owner_id: str, records: Sequence[ContactRecord]) -> list[set[str]]:
    found = [set(_of_entry(key, owner_id, each.email, each.url, each.name)) for each in records]
    for each, digests in zip(records, found, strict=True):
        if each.email:
            digests.add(_of_address(key, each.email))
    return found


def _of_address(key: bytes, email: str) -> str:
    return keyed_digest(key, "everywhere", email.casefold())


def _of_entry(key: bytes, owner_id: str, email: str | None, url: str | None, name: str) -> Iterator[str]:
    """The digests by which an entry of one owner is known again; by the name where there is nothing better."""
    link = profile_key(url)
    if email:
        yield keyed_digest(key, "address", owner_id, email.casefold())
    if link:
        yield keyed_digest(key, "link", owner_id, link)
    if not email and not link:
        yield keyed_digest(key, "name", owner_id, name.casefold())
