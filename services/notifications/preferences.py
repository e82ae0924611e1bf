"""What members want by e-mail, and the links that turn a kind of e-mail off."""

from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Self

from services.notifications import domain, store
from shared.storage.pool import Connection, Pool
from shared.tokens import hash_token


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a member wants besides the inbox; by default everything. `turned_off`: kinds of messages not by e-mail.

    `quiet`: from when to when of the member's day nothing is sent.
    """

    email: bool = True
    turned_off: frozenset[str] = frozenset()
    timezone: str = "UTC"
    quiet: tuple[time, time] | None = None

    def wants_email(self, kind: str) -> bool:
        """Whether messages of this kind may be sent by e-mail."""
        return self.email and kind not in self.turned_off

    def quiet_until(self, now: datetime) -> datetime | None:
        """When the member's quiet hours end, if it is in them now."""
        return domain.quiet_until(self.quiet, self.timezone, now)

    def without_email(self, kind: str) -> Self:
        """The same without messages of this kind by e-mail."""
        return replace(self, turned_off=self.turned_off | {kind})


async def find(connection: Connection | Pool, member_id: str) -> Preferences:
    """What a member chose."""
    row = await connection.fetchrow(store.SQL["find_preferences"], member_id)
    if row is None:
        return Preferences()
    quiet = None if row["quiet_from"] is None else (row["quiet_from"], row["quiet_until"])
    return Preferences(row["email"], frozenset(row["turned_off"]), row["timezone"], quiet)


async def put(connection: Connection, member_id: str, chosen: Preferences) -> bool:
    """Store a choice; False where the member was erased."""
    await store.lock_member(connection, member_id)
    if await store.is_erased(connection, member_id):
        return False
    await connection.execute(
        store.SQL["put_preferences"],
        member_id,
        chosen.email,
        sorted(chosen.turned_off),
        chosen.timezone,
        *(chosen.quiet or (None, None)),
    )
    return True


async def put_unsubscribe_link(connection: Connection, delivery: store.Delivery, token: str) -> None:
    """Store the link of an e-mail, by the hash of its token."""
    await connection.execute(
        store.SQL["put_unsubscribe_link"], delivery.delivery_id, hash_token(token), delivery.member_id, delivery.kind
    )


async def unsubscribe(connection: Connection, token: str) -> str | None:
    """Turn off the kind of e-mail whose link has this token; the member's id, or None for an unknown token."""
    row = await connection.fetchrow(store.SQL["find_unsubscribe_link"], hash_token(token))
    if row is None:
        return None
    member_id: str = row["member_id"]
    await store.lock_member(connection, member_id)
    chosen = await find(connection, member_id)
    done = await put(connection, member_id, chosen.without_email(row["kind"]))
    return member_id if done else None
