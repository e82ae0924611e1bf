"""Storing a member's corrections, and publishing those of their contacts that change by it."""

from datetime import date

from services.profiles import network, store
from services.profiles.corrections import Corrections, corrected
from services.profiles.domain import Member
from services.profiles.store import SQL
from shared.resolution import Vocabulary
from shared.storage.pool import Connection


async def correct(conn: Connection, owner: Member, said: Corrections, today: date) -> None:
    """From now on this is what the owner says. Their row must be locked, and the network shared."""
    rows = [{"name": one.name, "company": one.company} for one in said]
    await conn.execute(SQL["store_corrections"], owner.member_id, rows)
    words = Vocabulary.default()
    named = [row["company"] for row in await conn.fetch(SQL["companies_named"], owner.member_id)]
    changed = [one for one in named if corrected(one, said, words) != corrected(one, owner.corrections, words)]
    for start in range(0, len(changed), store.AT_ONCE):
        some = changed[start : start + store.AT_ONCE]
        contacts = await store.contacts(conn, "lock_contacts_at", owner.member_id, some)
        for first in range(0, len(contacts), store.AT_ONCE):
            await network.update_contacts(conn, contacts[first : first + store.AT_ONCE], today)
