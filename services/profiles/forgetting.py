"""People who are no members and want to be in nobody's address book: their entry goes, and does not come back.

What is kept of them are digests by a key: enough to leave them out of later imports, and no address to read.
"""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from services.profiles import network, store
from services.profiles.addresses import profile_key
from services.profiles.books import Books
from services.profiles.imports.report import ContactRecord
from services.profiles.publication import Publication, withdraw_contact
from services.profiles.store import SQL
from shared.storage.pool import Connection
from shared.storage.queries import load
from shared.tokens import keyed_digest

FORGETTING = load(Path(__file__).with_name("forgetting.sql"))


async def forget_entry(conn: Connection, contact_id: str, today: date, republish_after: timedelta) -> bool:
    """Take an entry out of its address book for good. False: there is none that leads to no member."""
    await conn.execute(SQL["lock_network"])
    owner_id = await conn.fetchval(FORGETTING["owner_of"], contact_id)
    if owner_id is None:
        return False
    await store.find_member(conn, owner_id, "lock_member")
    [contact] = await store.contacts(conn, "lock_contacts_by_id", [contact_id])
    await conn.execute(FORGETTING["add_key"], secrets.token_bytes(32))
    key = await conn.fetchval(FORGETTING["find_key"])
    told = [(contact.email, contact.profile_url, contact.name)]
    told += [(each.email, each.profile_url, each.name) for each in contact.sources]
    await conn.execute(
        FORGETTING["add_forgotten"], sorted({one for each in told for one in _of_entry(key, owner_id, *each)})
    )
    publication = Publication()
    withdraw_contact(publication, contact)
    await store.delete_contacts(conn, [contact])
    await store.publish(conn, publication, republish_after=republish_after)
    await network.update_links(conn, owner_id, today)
    return True


async def leave_out(conn: Connection, owner_id: str, books: Books) -> Books:
    """The lists without those who asked this owner to forget them."""
    if not await conn.fetchval(FORGETTING["is_anybody_forgotten"]):
        return books
    key = await conn.fetchval(FORGETTING["find_key"])
    return {source: await _without(conn, key, owner_id, records) for source, records in books.items()}


async def _without(
    conn: Connection, key: bytes, owner_id: str, records: Sequence[ContactRecord]
) -> list[ContactRecord]:
    left: list[ContactRecord] = []
    for start in range(0, len(records), store.AT_ONCE):
        some = records[start : start + store.AT_ONCE]
        digests = await asyncio.to_thread(_of_entries, key, owner_id, some)
        rows = await conn.fetch(FORGETTING["find_forgotten"], sorted(set().union(*digests)))
        forgotten = {row["digest"] for row in rows}
        left += [each for each, known in zip(some, digests, strict=True) if not known & forgotten]
    return left


def _of_entries(key: bytes, owner_id: str, records: Sequence[ContactRecord]) -> list[set[str]]:
    return [set(_of_entry(key, owner_id, each.email, each.url, each.name)) for each in records]


def _of_entry(key: bytes, owner_id: str, email: str | None, url: str | None, name: str) -> Iterator[str]:
    """The digests by which an entry of one owner is known again; by the name where there is nothing better."""
    link = profile_key(url)
    if email:
        yield keyed_digest(key, "address", owner_id, email.casefold())
    if link:
        yield keyed_digest(key, "link", owner_id, link)
    if not email and not link:
        yield keyed_digest(key, "name", owner_id, name.casefold())
