"""Everything notifications keep, through queries.sql. Functions that change something run in the caller's transaction.

Kept true: whoever writes for a member holds `lock_member` first, so decisions see what is there and numbers of a stream
are committed in order.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from services.notifications import domain
from services.notifications.domain import Held, Status
from services.notifications.planning import Arrived, EventKind, NewEvent, Placed, Plan, Shown, Situation
from shared.events.suggestions import SuggestionV1
from shared.observability.trace import current_traceparent
from shared.storage.pool import Connection, Pool
from shared.storage.queries import load

MIGRATIONS = Path(__file__).with_name("migrations")
SQL = load(Path(__file__).with_name("queries.sql"))
CHANNEL = "notifications_inbox"
PIECE = 20_000
"""Rows a statement changes at most: however many a member has, none takes so long that the database stops it."""

Sort = Literal["best", "newest"]


@dataclass(frozen=True, slots=True)
class Item:
    """A live item of somebody's inbox. `suggested_at`: when the matcher wrote it; `created_at`: when it stood here."""

    suggestion: SuggestionV1
    status: Status
    suggested_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a member's stream."""

    seq: int
    kind: EventKind
    suggestion_id: str | None
    at: datetime
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a member wants besides the inbox; everything, unless they say otherwise."""

    email: bool = True
    email_suggestion: bool = True
    email_summary: bool = True
    timezone: str = "UTC"

    def wants_email(self, kind: str) -> bool:
        """Whether messages of this kind may be sent by e-mail."""
        return self.email and (self.email_summary if kind == "summary" else self.email_suggestion)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An e-mail of the queue, for message `seq` of a member's stream.

    `posted_at`: when the record of the opening was written that it tells of, where it came of that.
    """

    delivery_id: UUID
    member_id: str
    seq: int
    kind: Literal["suggestion", "summary"]
    attempts: int
    created_at: datetime
    posted_at: datetime | None
    now: datetime
    traceparent: str | None = None


def _item(row: Any) -> Item:
    return Item(
        suggestion=SuggestionV1.model_validate(row["content"]),
        status=Status(row["status"]),
        suggested_at=row["suggested_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


async def _in_pieces(connection: Connection, name: str, *args: object) -> None:
    """Run a query that changes `PIECE` rows at a time until no more are left."""
    while True:
        done = await connection.execute(SQL[name], *args, PIECE)
        if int(done.rpartition(" ")[2]) < PIECE:
            return


async def lock_member(connection: Connection, member_id: str) -> None:
    """One writer a member at a time, until the transaction ends."""
    await connection.execute(SQL["lock_member"], member_id)


async def lock_members(connection: Connection, member_ids: Collection[str]) -> None:
    """The same for many, in an order in which two writers cannot wait for each other."""
    await connection.execute(SQL["lock_members"], member_ids)


async def owners_of(connection: Connection, suggestion_ids: Collection[str]) -> dict[str, str]:
    """Whose inboxes suggestions stand in."""
    rows = await connection.fetch(SQL["owners_of"], suggestion_ids)
    return {row["suggestion_id"]: row["member_id"] for row in rows}


async def situations(connection: Connection, records: Sequence[Arrived]) -> dict[str, Situation]:
    """What is held now, by suggestion id."""
    asked = zip(*((record.suggestion_id, record.member_id) for record in records), strict=True)
    rows = await connection.fetch(SQL["held"], *asked, domain.BURST_WINDOW, domain.BURST)
    return {row["suggestion_id"]: _situation(row) for row in rows}


def _situation(row: Any) -> Situation:
    held = shown = None
    if row["version"] is not None:
        held = Held(row["version"], row["live"], Status(row["status"]), row["top"], row["told_at"])
        shown = Shown(row["created_at"], row["suggested_at"], row["told_at"], row["told_seq"], row["waiting"])
    return Situation(held, shown, row["now"], row["erased"], row["digest_since"], row["recent"], row["restored"])


async def write(connection: Connection, plan: Plan) -> None:
    """Carry a plan out, whatever its size in a statement for each kind of change."""
    numbers = await add_events(connection, plan.events)
    if plan.items:
        await connection.execute(SQL["put_items"], [_row(item, numbers) for item in plan.items])
    if plan.burials:
        await connection.execute(SQL["bury_items"], [asdict(burial) for burial in plan.burials])
    if plan.digests:
        digests = ((each.member_id, each.first_at, each.due_at) for each in plan.digests.values())
        await connection.execute(SQL["put_digests"], *zip(*digests, strict=True))


def _row(item: Placed, numbers: Sequence[int]) -> dict[str, Any]:
    suggestion, shown = item.suggestion, item.shown
    return {
        "suggestion_id": suggestion.suggestion_id,
        "member_id": suggestion.seeker_id,
        "posting_id": suggestion.posting_id,
        "version": suggestion.version,
        "status": item.status.value,
        "content": suggestion.model_dump(mode="json", exclude_none=True),
        "rank": str(domain.rank(suggestion)),
        "posted_at": suggestion.opening.posted_at.isoformat() if suggestion.opening else "epoch",
        "suggested_at": shown.suggested_at and shown.suggested_at.isoformat(),
        "created_at": shown.created_at.isoformat(),
        "waiting": shown.waiting,
        "told_seq": shown.told_seq if item.told_by is None else numbers[item.told_by],
        "told_at": shown.told_at and shown.told_at.isoformat(),
        "trace_id": item.trace_id,
    }


async def add_events(connection: Connection, events: Sequence[NewEvent]) -> list[int]:
    """Put events on their members' streams, in order, and queue their e-mails; gives their numbers.

    Open streams are woken at commit.
    """
    if not events:
        return []
    given = (
        (each.member_id, each.kind, each.suggestion_id, each.traceparent, each.email, each.posted_at) for each in events
    )
    rows = await connection.fetch(SQL["add_events"], *zip(*given, strict=True))
    return [row["seq"] for row in rows]


async def due_digests(pool: Pool, limit: int = 100) -> list[str]:
    """Members whose summary is due."""
    return [row["member_id"] for row in await pool.fetch(SQL["due_digests"], limit)]


async def tell_summary(connection: Connection, member_id: str, *, email: bool) -> int:
    """Tell all that waits in one message, if it is (still) due. Gives how many things it told."""
    await lock_member(connection, member_id)
    waiting: int = await connection.fetchval(SQL["take_digest"], member_id) or 0
    if waiting:
        summary = NewEvent(member_id, "summary", traceparent=current_traceparent(), email=email)
        [seq] = await add_events(connection, [summary])
        await _in_pieces(connection, "tell_waiting", member_id, seq)
    return waiting


async def find_item(connection: Connection | Pool, member_id: str, suggestion_id: str) -> Item | None:
    """A live item of this member's."""
    row = await connection.fetchrow(SQL["find_item"], suggestion_id, member_id)
    return None if row is None else _item(row)


async def read_item(connection: Connection, member_id: str, suggestion_id: str) -> Item | None:
    """The member has read it."""
    await lock_member(connection, member_id)
    row = await connection.fetchrow(SQL["read_item"], suggestion_id, member_id)
    return None if row is None else _item(row)


async def list_items(
    pool: Pool, member_id: str, sort: Sort, *, unread: bool, after: str | None, limit: int
) -> Sequence[Item] | None:
    """A member's live items after the given one; None when `after` was never in their list."""
    if after is not None and not await pool.fetchval(SQL["knows_anchor"], after, member_id):
        return None
    rows = await pool.fetch(SQL[f"list_{sort}"], member_id, unread, after, limit)
    return [_item(row) for row in rows]


async def message_items(
    connection: Connection | Pool, member_id: str, seq: int, *, unread: bool, limit: int
) -> tuple[list[Item], int]:
    """What a message told that is still live, best first, and how many there are in all."""
    rows = await connection.fetch(SQL["message_items"], member_id, seq, unread, limit)
    return [_item(row) for row in rows], rows[0]["total"] if rows else 0


async def events_after(pool: Pool, member_id: str, seq: int, limit: int = 100) -> list[Event]:
    """The next events of a member's stream."""
    return [Event(*row) for row in await pool.fetch(SQL["events_after"], member_id, seq, limit)]


async def stream_span(pool: Pool, member_id: str) -> tuple[int, int]:
    """(first number that is still kept, last number given out); (1, 0) for an empty stream."""
    row = await pool.fetchrow(SQL["stream_span"], member_id)
    if row is None:
        return 1, 0
    last: int = row["last_seq"]
    return (row["first_seq"] if row["first_seq"] is not None else last + 1), last


async def preferences(connection: Connection | Pool, member_id: str) -> Preferences:
    """What a member chose."""
    row = await connection.fetchrow(SQL["find_preferences"], member_id)
    return Preferences() if row is None else Preferences(*row)


async def put_preferences(connection: Connection, member_id: str, chosen: Preferences) -> bool:
    """Keep a choice; False where the member was erased."""
    await lock_member(connection, member_id)
    if await is_erased(connection, member_id):
        return False
    await connection.execute(
        SQL["put_preferences"],
        member_id,
        chosen.email,
        chosen.email_suggestion,
        chosen.email_summary,
        chosen.timezone,
    )
    return True


async def is_erased(connection: Connection | Pool, member_id: str) -> bool:
    """Whether the member was erased lately."""
    return bool(await connection.fetchval(SQL["is_erased"], member_id))


async def erase(connection: Connection, member_id: str, version: int) -> None:
    """Erase everything held for a member; what stays is (id, version)."""
    await lock_member(connection, member_id)
    await connection.execute(SQL["mark_erased"], member_id, version)
    await _in_pieces(connection, "erase_items", member_id)
    await connection.execute(SQL["erase_rest"], member_id)


async def welcome(connection: Connection, member_id: str, version: int) -> None:
    """A record newer than an erasure: the person is there."""
    await connection.execute(SQL["unmark_erased"], member_id, version)


async def lock_delivery(connection: Connection) -> Delivery | None:
    """The next e-mail that is due, held until the transaction ends."""
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
    """Where an e-mail stands. `error` is a kind of error, never a server's words: they repeat addresses."""
    await connection.execute(SQL["mark_delivery"], delivery_id, state, attempts, next_at, error)


async def doubt_deliveries(pool: Pool, older_than: timedelta) -> list[UUID]:
    """Give up on e-mails whose sender died while talking to the mail server."""
    return [row["delivery_id"] for row in await pool.fetch(SQL["doubt_deliveries"], older_than)]


async def next_delivery_in(pool: Pool) -> float | None:
    """Seconds until the next queued e-mail is due; None without one."""
    seconds: float | None = await pool.fetchval(SQL["next_delivery_in"])
    return seconds


async def stats(pool: Pool) -> dict[str, Any]:
    """Counts, for operators."""
    return dict(await pool.fetchrow(SQL["stats"]) or {})


async def forget(pool: Pool, *, versions: timedelta, events: timedelta) -> None:
    """Drop what nobody needs any longer: `versions` for tombstones and finished e-mails, `events` for streams."""
    for query in ("forget_withdrawn", "forget_erased", "forget_deliveries"):
        await pool.execute(SQL[query], versions)
    await pool.execute(SQL["forget_events"], events)
