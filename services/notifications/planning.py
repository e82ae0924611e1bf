"""Plans how several records change inboxes, before anything is written. Pure, like the rules it applies.

Kept true: the result is the same however the sequence of records is divided into plans.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from services.notifications import domain
from services.notifications.domain import Change, Decision, IncomingRecord, Route, Status, StoredItem
from services.notifications.kinds import Content, Kind
from shared.events.envelope import Envelope
from shared.observability import trace

EventKind = str
"""What an event says: a kind of item, that one was told; `summary`; or that an item was `updated` or `withdrawn`."""


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """A record whose key is that of an item; without a `value` it is a tombstone. `member_id`: whose, where known."""

    kind: Kind[Any]
    item_id: str
    value: Content | None
    version: int
    envelope: Envelope
    member_id: str | None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class ItemDetails:
    """What is stored of an item besides what decisions need. `told_seq`: the number of the message that told it.

    `updated_at`: when what is shown last changed; None for now. `content`: what was stored before.
    """

    created_at: datetime
    suggested_at: datetime | None
    told_at: datetime | None
    told_seq: int | None
    waiting: bool
    updated_at: datetime | None = None
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision about one item needs. `restored`: when the database was last restored from a backup.

    `digest_since` and `recent` are about the member: since when a summary is being collected, and how many separate
    messages were sent within `domain.BURST_WINDOW`; `hidden_people`: introducers they do not want to see.
    """

    held: StoredItem | None
    shown: ItemDetails | None
    now: datetime
    erased: bool
    digest_since: datetime | None
    recent: int
    restored: datetime | None
    hidden_people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LiveItem:
    """A live item as it will be stored. `told_by`: the index of the plan's event that tells it, if one does."""

    content: Content
    status: Status
    shown: ItemDetails
    trace_id: str | None
    told_by: int | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawal: the content is deleted, the version stays."""

    kind: str
    item_id: str
    version: int
    trace_id: str | None


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event for a member's stream, which numbers it. `email`: also queue an e-mail, if the member wants those.

    `posted_at`: when the record of the opening was written, where that record caused the event.
    """

    member_id: str
    kind: EventKind
    item_id: str | None = None
    traceparent: str | None = None
    email: bool = False
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """A summary that is being collected for a member."""

    member_id: str
    first_at: datetime
    due_at: datetime


@dataclass(slots=True)
class Plan:
    """The planned changes. Takes one record for each item id: a second would not see what the first changed."""

    quiet: timedelta
    longest: timedelta
    email: bool
    items: list[LiveItem] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    digests: dict[str, Digest] = field(default_factory=dict)
    changes: Counter[Change] = field(default_factory=Counter)
    added: list[Envelope] = field(default_factory=list)
    _told: Counter[str] = field(default_factory=Counter)

    def add(self, record: ItemRecord, now: Situation) -> None:
        """Plan what one record changes."""
        if now.erased and record.value is not None:
            return
        decision = domain.decide(now.held, _incoming(record, now), now.now)
        self.changes[decision.change] += 1
        if record.value is None:
            self._withdraw(record, decision)
        elif decision.change is not Change.STALE:
            self._put_live(record, record.value, decision, now)

    def _withdraw(self, record: ItemRecord, decision: Decision) -> None:
        if decision.change in (Change.WITHDRAWN, Change.UNKNOWN_WITHDRAWN):
            self.withdrawals.append(Withdrawal(record.kind.name, record.item_id, record.version, _trace_of(record)))
        if decision.change is Change.WITHDRAWN and record.member_id is not None:
            self._event(record, record.member_id, "withdrawn")

    def _put_live(self, record: ItemRecord, value: Content, decision: Decision, now: Situation) -> None:
        kind, member_id, sent = record.kind, record.kind.member_id(value), record.envelope
        shown = now.shown
        if shown is None or decision.change is Change.ADDED:
            before = None if shown is None else shown.told_at
            shown = ItemDetails(now.now, sent.time, before, None, waiting=False)
            self.added.append(sent)
        elif shown.content is None or kind.visible(shown.content) != kind.visible(value):
            # Open screens show all of it, so they are refreshed whatever changed.
            if now.held is None or not now.held.hidden:
                self._event(record, member_id, "updated")
            shown = replace(shown, updated_at=None)
        told_by = None
        if decision.tell:
            match self._route(member_id, sent, now):
                case Route.NOT_AGAIN:
                    shown = replace(shown, told_at=sent.time)
                case Route.AT_ONCE:
                    told_by = len(self.events)
                    self._event(record, member_id, kind.name, posted_at=sent.cause_time)
                    self._told[member_id] += 1
                    shown = replace(shown, told_at=now.now)
                case Route.SUMMARY:
                    self._join_summary(member_id, now)
                    shown = replace(shown, waiting=True)
        self.items.append(LiveItem(value, decision.status, shown, _trace_of(record), told_by))

    def _route(self, member_id: str, sent: Envelope, now: Situation) -> Route:
        restored = now.restored is not None and sent.time <= now.restored
        recent = now.recent + self._told[member_id]
        return domain.route(sent.cause, now.now - sent.time, recent, restored=restored)

    def _join_summary(self, member_id: str, now: Situation) -> None:
        begun = self.digests.get(member_id)
        since = begun.first_at if begun else now.digest_since or now.now
        self.digests[member_id] = Digest(member_id, since, domain.due_at(since, now.now, self.quiet, self.longest))

    def _event(self, record: ItemRecord, member_id: str, kind: EventKind, posted_at: datetime | None = None) -> None:
        email = self.email and kind == record.kind.name
        self.events.append(NewEvent(member_id, kind, record.item_id, record.traceparent, email, posted_at))


def _incoming(record: ItemRecord, now: Situation) -> IncomingRecord:
    if record.value is None:
        return IncomingRecord(record.version, None)
    left = record.kind.without(record.value, now.hidden_people)
    return IncomingRecord(record.version, record.kind.leads(left or record.value), hidden=left is None)


def split_at_repeated_ids(records: Sequence[ItemRecord]) -> list[list[ItemRecord]]:
    """The records in order, in parts that hold each item id once."""
    found: list[list[ItemRecord]] = []
    seen: set[str] = set()
    for record in records:
        if not found or record.item_id in seen:
            found.append([])
            seen.clear()
        seen.add(record.item_id)
        found[-1].append(record)
    return found


def with_members(records: Sequence[ItemRecord], held: Mapping[str, str]) -> list[ItemRecord]:
    """The same records, with members for tombstones too: as another record of the id names them, or as `held` by id."""
    named = {record.item_id: record.kind.member_id(record.value) for record in records if record.value}
    return [
        record if record.value else replace(record, member_id=named.get(record.item_id, held.get(record.item_id)))
        for record in records
    ]


def _trace_of(record: ItemRecord) -> str | None:
    return trace.id_of(record.envelope.traceparent)
