"""A member's inbox as a list: sorted, filtered, in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.notifications.store import SQL, Item, item_of
from shared.storage.pool import Pool

Sort = Literal["best", "newest"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items: those not read, those saved, those of a workplace, those of some kinds."""

    unread: bool = False
    saved: bool = False
    workplace: str | None = None
    kinds: Sequence[str] | None = None


async def list_items(
    pool: Pool, member_id: str, sort: Sort, which: Filter, *, after: str | None, limit: int
) -> Sequence[Item] | None:
    """A member's live items that are not hidden, after the item `after`; None when that was never in their list."""
    if after is not None and not await pool.fetchval(SQL["find_anchor"], after, member_id):
        return None
    chosen = (which.saved, which.workplace, which.kinds)
    rows = await pool.fetch(SQL[f"list_{sort}"], member_id, which.unread, after, limit, *chosen)
    return [item_of(row) for row in rows]


async def count_suggestions(pool: Pool, member_id: str) -> int:
    """How many suggestions `list_items` has in all for a member."""
    count: int = await pool.fetchval(SQL["count_suggestions"], member_id)
    return count
