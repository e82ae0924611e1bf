"""What a member marks in their inbox: openings to keep at hand, and openings and introducers they do not want to see.

Nobody is told, and nothing is blocked: a hidden introducer stays in their address book and may still ask them.
Functions that change something run in the caller's transaction.
"""

from pathlib import Path
from typing import Final

from services.notifications import store
from services.notifications.planning import NewEvent
from services.notifications.store import Item
from shared.storage.pool import Connection, Pool
from shared.storage.queries import load

SQL = load(Path(__file__).with_name("marks.sql"))
MOST_PEOPLE: Final = 1_000
MOST_LISTED: Final = 200


async def save_item(connection: Connection, member_id: str, item_id: str, *, on: bool) -> Item | None:
    """Keep an item at hand, or no longer; None where there is none."""
    return await _mark(connection, "save_item", member_id, item_id, on=on)


async def hide_item(connection: Connection, member_id: str, item_id: str, *, on: bool) -> Item | None:
    """Leave an item out of lists and messages, or no longer; None where there is none."""
    return await _mark(connection, "hide_item", member_id, item_id, on=on)


async def _mark(connection: Connection, query: str, member_id: str, item_id: str, *, on: bool) -> Item | None:
    await store.lock_member(connection, member_id)
    row = await connection.fetchrow(SQL[query], item_id, member_id, on)
    if row is None:
        return None
    await store.add_events(connection, [NewEvent(member_id, "updated", item_id)])
    return store.item_of(row)


async def hide_person(connection: Connection, member_id: str, person_id: str) -> bool:
    """Leave somebody out as an introducer; False where the member hid as many as they may."""
    await store.lock_member(connection, member_id)
    await connection.execute(SQL["hide_person"], member_id, person_id, MOST_PEOPLE)
    return person_id in await hidden_people(connection, member_id)


async def show_person(connection: Connection, member_id: str, person_id: str) -> None:
    """Let them be suggested again."""
    await store.lock_member(connection, member_id)
    await connection.execute(SQL["show_person"], member_id, person_id)


async def hidden_people(connection: Connection | Pool, member_id: str) -> list[str]:
    """Whom the member hid, the last first."""
    return [row["person_id"] for row in await connection.fetch(SQL["hidden_people"], member_id)]


async def hidden_items(pool: Pool, member_id: str) -> list[Item]:
    """The newest live openings that the member hid."""
    return [store.item_of(row) for row in await pool.fetch(SQL["hidden_items"], member_id, MOST_LISTED)]


async def hidden_ids(pool: Pool, member_id: str) -> list[str]:
    """Ids of all live suggestions that the member hid."""
    return [row["suggestion_id"] for row in await pool.fetch(SQL["hidden_ids"], member_id)]


async def withdrawn_subject(pool: Pool, member_id: str, item_id: str) -> str | None:
    """The opening that an item of this member was about, which is not live any more."""
    found: str | None = await pool.fetchval(SQL["withdrawn_subject"], item_id, member_id)
    return found
