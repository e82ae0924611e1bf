"""The tables of notifications, through queries.sql. Functions that change something run in the caller's transaction.

Kept true: whoever writes for a member takes `lock_member` first, so decisions see the present state and the numbers of
a stream are committed in order.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from services.notifications import domain
from services.notifications.domain import Status, StoredItem
from services.notifications.kinds import KINDS, SENTENCES, Content, Kind, kind_of
from services.notifications.planning import (
    EventKind,
    ItemDetails,
    ItemRecord,
    LiveItem,
    NewEvent,
    Plan,
    Situation,
    Withdrawal,
)
from shared.events.suggestions import SuggestionV1
from shared.observability.trace import current_traceparent
from shared.storage.pool import Connection, Pool
from shared.storage.queries import load

MIGRATIONS = Path(__file__).with_name("migrations")
SQL = load(Path(__file__).with_name("queries.sql"))
CHANNEL = "notifications_inbox"
CHUNK_ROWS = 20_000
"""The most rows one statement changes, so that none runs into the statement timeout however many rows a member has."""


@dataclass(frozen=True, slots=True)
class Item:
    """A live item of an inbox. `suggested_at`: when its record was written; `created_at`: when it was stored here.

    `content` is without introducers whom the member hid; `hidden`: they hid the item, or each of its introducers.
    """

    content: Content
    status: Status
    suggested_at: datetime | None
    created_at: datetime
    updated_at: datetime
    saved: bool = False
    hidden: bool = False

    @property
    def kind(self) -> Kind[Any]:
        """What kind of item it is."""
        return kind_of(self.content)

    @property
    def suggestion(self) -> SuggestionV1:
        """The content of a suggestion. Raises TypeError for an item of another kind."""
        if not isinstance(self.content, SuggestionV1):
            raise TypeError(f"{self.kind.name} holds no suggestion")
        return self.content

    @property
    def item_id(self) -> str:
        """The id that its member knows it by."""
        return self.kind.item_id(self.content)


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a member's stream."""

    seq: int
    kind: EventKind
    item_id: str | None
    at: datetime
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """An e-mail in the queue, for message `seq` of a member's stream.

    `posted_at`: when the record of the opening was written, where that record caused the message.
    """

    delivery_id: UUID
    member_id: str
    seq: int
    kind: str
    attempts: int
    created_at: datetime
    posted_at: datetime | None
    now: datetime
    traceparent: str | None = None


def item_of(row: Any) -> Item:
    """The item in a row."""
    kind = KINDS[row["kind"]]
    content = kind.model.model_validate(row["content"])
    left = kind.without(content, row["hidden_people"])
    return Item(
        content=left or content,
        status=Status(row["status"]),
        suggested_at=row["suggested_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        saved=row["saved"],
        hidden=row["hidden"] or left is None,
    )


async def _in_chunks(connection: Connection, name: str, *args: object) -> None:
    """Repeat a query that changes at most `CHUNK_ROWS` rows until none are left."""
    while True:
        done = await connection.execute(SQL[name], *args, CHUNK_ROWS)
        if int(done.rpartition(" ")[2]) < CHUNK_ROWS:
            return


async def lock_member(connection: Connection, member_id: str) -> None:
    """One writer a member at a time, until the transaction ends."""
    await connection.execute(SQL["lock_member"], member_id)


async def lock_members(connection: Connection, member_ids: Collection[str]) -> None:
    """The same for many members, in an order that rules out deadlocks."""
    await connection.execute(SQL["lock_members"], member_ids)


async def members_of(connection: Connection, item_ids: Collection[str]) -> dict[str, str]:
    """The members whose inboxes hold these items, by item id."""
    rows = await connection.fetch(SQL["members_of"], item_ids)
    return {row["item_id"]: row["member_id"] for row in rows}


async def situations(connection: Connection, records: Sequence[ItemRecord]) -> dict[str, Situation]:
    """What is stored now, by item id."""
    asked = zip(*((record.item_id, record.member_id) for record in records), strict=True)
    rows = await connection.fetch(SQL["find_situations"], *asked, domain.BURST_WINDOW, domain.BURST)
    return {row["item_id"]: _situation(row) for row in rows}


def _situation(row: Any) -> Situation:
    held = shown = None
    if row["version"] is not None:
        content = None if row["content"] is None else KINDS[row["kind"]].model.model_validate(row["content"])
        top = None
        if content is not None:
            kind = kind_of(content)
            top = kind.leads(kind.without(content, row["hidden_people"]) or content)
        held = StoredItem(row["version"], row["live"], Status(row["status"]), top, row["told_at"], row["hidden"])
        shown = ItemDetails(
            row["created_at"],
            row["suggested_at"],
            row["told_at"],
            row["told_seq"],
            row["waiting"],
            row["updated_at"],
            content,
        )
    return Situation(
        held, shown, row["now"], row["erased"], row["digest_since"], row["recent"], row["restored"],
        frozenset(row["hidden_people"]),
    )  # fmt: skip


async def write(connection: Connection, plan: Plan) -> None:
    """Carry out a plan of any size, with one statement for each kind of change."""
    numbers = await add_events(connection, plan.events)
    if plan.items:
        await connection.execute(SQL["upsert_items"], [_row(item, numbers) for item in plan.items])
    if plan.withdrawals:
        await connection.execute(SQL["withdraw_items"], [_withdrawn_row(each) for each in plan.withdrawals])
    if plan.digests:
        digests = ((each.member_id, each.first_at, each.due_at) for each in plan.digests.values())
        await connection.execute(SQL["upsert_digests"], *zip(*digests, strict=True))


def _row(item: LiveItem, numbers: Sequence[int]) -> dict[str, Any]:
    content, shown, kind = item.content, item.shown, kind_of(item.content)
    order = kind.order(content)
    return {
        "suggestion_id": kind.item_id(content),
        "kind": kind.name,
        "member_id": kind.member_id(content),
        "posting_id": kind.subject_id(content),
        "version": content.version,
        "status": item.status.value,
        "content": content.model_dump(mode="json", exclude_none=True),
        "rank": str(order.rank),
        "posted_at": order.posted_at.isoformat() if order.posted_at else "epoch",
        "suggested_at": shown.suggested_at and shown.suggested_at.isoformat(),
        "created_at": shown.created_at.isoformat(),
        "updated_at": shown.updated_at and shown.updated_at.isoformat(),
        "waiting": shown.waiting,
        "told_seq": shown.told_seq if item.told_by is None else numbers[item.told_by],
        "told_at": shown.told_at and shown.told_at.isoformat(),
        "trace_id": item.trace_id,
    }


def _withdrawn_row(gone: Withdrawal) -> dict[str, Any]:
    return {"suggestion_id": gone.item_id, "kind": gone.kind, "version": gone.version, "trace_id": gone.trace_id}


async def add_events(connection: Connection, events: Sequence[NewEvent]) -> list[int]:
    """Add events to their members' streams, in order, and queue their e-mails; returns their numbers.

    Open streams are woken at commit.
    """
    if not events:
        return []
    given = ((each.member_id, each.kind, each.item_id, each.traceparent, each.email, each.posted_at) for each in events)
    rows = await connection.fetch(SQL["add_events"], *zip(*given, strict=True))
    return [row["seq"] for row in rows]


async def due_digests(pool: Pool, limit: int = 100) -> list[str]:
    """Members whose summary is due."""
    return [row["member_id"] for row in await pool.fetch(SQL["due_digests"], limit)]


async def send_summary(connection: Connection, member_id: str, *, email: bool) -> int:
    """Send all waiting items in one message, if it is still due. Returns the number of items."""
    await lock_member(connection, member_id)
    waiting: int = await connection.fetchval(SQL["take_digest"], member_id) or 0
    if waiting:
        summary = NewEvent(member_id, "summary", traceparent=current_traceparent(), email=email)
        [seq] = await add_events(connection, [summary])
        await _in_chunks(connection, "mark_waiting_told", member_id, seq)
    return waiting


async def find_item(connection: Connection | Pool, member_id: str, item_id: str) -> Item | None:
    """A live item of this member."""
    row = await connection.fetchrow(SQL["find_item"], item_id, member_id)
    return None if row is None else item_of(row)


async def read_item(connection: Connection, member_id: str, item_id: str) -> Item | None:
    """Mark an item as read, and return it; None where there is none."""
    await lock_member(connection, member_id)
    row = await connection.fetchrow(SQL["read_item"], item_id, member_id)
    return None if row is None else item_of(row)


async def message_items(
    connection: Connection | Pool, member_id: str, seq: int, *, unread: bool, limit: int
) -> tuple[list[Item], int]:
    """The items of a message that are still live, best first, and their total number."""
    rows = await connection.fetch(SQL["message_items"], member_id, seq, unread, limit)
    return [item_of(row) for row in rows], rows[0]["total"] if rows else 0


async def events_after(pool: Pool, member_id: str, seq: int, limit: int = 100) -> list[Event]:
    """The next events of a member's stream."""
    return [Event(*row) for row in await pool.fetch(SQL["events_after"], member_id, seq, limit)]


async def stream_span(pool: Pool, member_id: str) -> tuple[int, int]:
    """(first number still stored, last number assigned); (1, 0) for an empty stream."""
    row = await pool.fetchrow(SQL["stream_span"], member_id)
    if row is None:
        return 1, 0
    last: int = row["last_seq"]
    return (row["first_seq"] if row["first_seq"] is not None else last + 1), last


async def is_erased(connection: Connection | Pool, member_id: str) -> bool:
    """Whether the member was erased recently."""
    return bool(await connection.fetchval(SQL["is_erased"], member_id))


async def erase(connection: Connection, member_id: str, version: int) -> None:
    """Erase everything stored for a member; only (id, version) stays."""
    await lock_member(connection, member_id)
    await connection.execute(SQL["mark_erased"], member_id, version)
    await _in_chunks(connection, "erase_items", member_id)
    await connection.execute(SQL["erase_rest"], member_id)


async def unmark_erased(connection: Connection, member_id: str, version: int) -> None:
    """Note a record that is newer than an erasure: the person exists."""
    await connection.execute(SQL["unmark_erased"], member_id, version)


async def lock_delivery(connection: Connection) -> Delivery | None:
    """The next e-mail that is due, locked until the transaction ends."""
    row = await connection.fetchrow(SQL["lock_delivery"])
    return None if row is None else Delivery(*row)


async def mark_delivery(
    connection: Connection | Pool,
    delivery_id: UUID,
    state: str,
    attempts: int,
    *,
    next_at: datetime | None = None,
    error: str | None = None,
) -> None:
    """Set the state of an e-mail. `error` is a kind of error, never a server's message: those repeat addresses."""
    await connection.execute(SQL["mark_delivery"], delivery_id, state, attempts, next_at, error)


async def mark_in_doubt(pool: Pool, older_than: timedelta) -> list[UUID]:
    """Give up on e-mails whose process died during the dialogue with the mail server."""
    return [row["delivery_id"] for row in await pool.fetch(SQL["mark_in_doubt"], older_than)]


async def next_delivery_in(pool: Pool) -> float | None:
    """Seconds until the next queued e-mail is due; None without one."""
    seconds: float | None = await pool.fetchval(SQL["next_delivery_in"])
    return seconds


async def stats(pool: Pool) -> dict[str, Any]:
    """Counts, for operators."""
    return dict(await pool.fetchrow(SQL["stats"], [*SENTENCES]) or {})


async def delete_old(pool: Pool, *, versions: timedelta, events: timedelta, links: timedelta) -> None:
    """Delete tombstones and finished e-mails older than `versions`, and events and unsubscribe links likewise."""
    for query in ("delete_old_withdrawn", "delete_old_erased", "delete_old_deliveries"):
        await pool.execute(SQL[query], versions)
    await pool.execute(SQL["delete_old_events"], events)
    await pool.execute(SQL["delete_old_unsubscribe_links"], links)
