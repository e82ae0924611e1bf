"""What several suggestions do to inboxes, worked out before any of it is written. Pure, like the rules it follows.

Kept true: taking records one after another, whatever the cuts between plans, comes to the same.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from services.notifications import domain
from services.notifications.domain import Change, Decision, Held, Incoming, Route, Status
from shared.events.envelope import Envelope
from shared.events.suggestions import SuggestionV1
from shared.observability import trace

EventKind = Literal["suggestion", "summary", "updated", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A record of `suggestions.v1`; without a `value` a tombstone. `member_id`: whose it is, where that is known."""

    suggestion_id: str
    value: SuggestionV1 | None
    version: int
    envelope: Envelope
    member_id: str | None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What is kept of an item besides what decisions need. `told_seq`: the message that told it."""

    created_at: datetime
    suggested_at: datetime | None
    told_at: datetime | None
    told_seq: int | None
    waiting: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision about one suggestion needs. `restored`: when the database last came back from a backup.

    `digest_since` and `recent` are its member's: since when a summary is being gathered, and how many messages of their
    own went out within `domain.BURST_WINDOW`.
    """

    held: Held | None
    shown: Shown | None
    now: datetime
    erased: bool
    digest_since: datetime | None
    recent: int
    restored: datetime | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A live item as it is to stand. `told_by`: which of the plan's events tells it, if one does."""

    suggestion: SuggestionV1
    status: Status
    shown: Shown
    trace_id: str | None
    told_by: int | None = None


@dataclass(frozen=True, slots=True)
class Burial:
    """A withdrawal: the content goes, the version stays."""

    suggestion_id: str
    version: int
    trace_id: str | None


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event for a member's stream, which gives it its number. `email`: send it so too, if the member wants that.

    `posted_at`: when the record of the opening was written that it tells of, where it came of that.
    """

    member_id: str
    kind: EventKind
    suggestion_id: str | None = None
    traceparent: str | None = None
    email: bool = False
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """A member's summary in the making."""

    member_id: str
    first_at: datetime
    due_at: datetime


@dataclass(slots=True)
class Plan:
    """The changes so far. Takes each suggestion id once: what comes of one record is not seen by the next of its id."""

    quiet: timedelta
    longest: timedelta
    email: bool
    items: list[Placed] = field(default_factory=list)
    burials: list[Burial] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    digests: dict[str, Digest] = field(default_factory=dict)
    changes: Counter[Change] = field(default_factory=Counter)
    added: list[Envelope] = field(default_factory=list)
    _told: Counter[str] = field(default_factory=Counter)

    def take(self, record: Arrived, now: Situation) -> None:
        """Add what one record changes."""
        if now.erased and record.value is not None:
            return
        top = domain.best(record.value.paths).introducer_id if record.value else None
        decision = domain.decide(now.held, Incoming(record.version, top), now.now)
        self.changes[decision.change] += 1
        if record.value is None:
            self._withdraw(record, decision)
        elif decision.change is not Change.STALE:
            self._show(record, record.value, decision, now)

    def _withdraw(self, record: Arrived, decision: Decision) -> None:
        if decision.change in (Change.WITHDRAWN, Change.BURIED):
            self.burials.append(Burial(record.suggestion_id, record.version, _trace_of(record)))
        if decision.change is Change.WITHDRAWN and record.member_id is not None:
            self._event(record, record.member_id, "withdrawn")

    def _show(self, record: Arrived, value: SuggestionV1, decision: Decision, now: Situation) -> None:
        member_id, sent = value.seeker_id, record.envelope
        shown = now.shown
        if shown is None or decision.change is Change.ADDED:
            before = None if shown is None else shown.told_at
            shown = Shown(now.now, sent.time, before, None, waiting=False)
            self.added.append(sent)
        else:
            # An open screen shows whoever may still be asked, also when only the second introducer went.
            self._event(record, member_id, "updated")
        told_by = None
        if decision.tell:
            match self._route(member_id, sent, now):
                case Route.NOT_AGAIN:
                    shown = replace(shown, told_at=sent.time)
                case Route.AT_ONCE:
                    told_by = len(self.events)
                    self._event(record, member_id, "suggestion", posted_at=sent.cause_time)
                    self._told[member_id] += 1
                    shown = replace(shown, told_at=now.now)
                case Route.SUMMARY:
                    self._gather(member_id, now)
                    shown = replace(shown, waiting=True)
        content = value.model_copy(update={"suggestion_id": record.suggestion_id, "version": record.version})
        self.items.append(Placed(content, decision.status, shown, _trace_of(record), told_by))

    def _route(self, member_id: str, sent: Envelope, now: Situation) -> Route:
        restored = now.restored is not None and sent.time <= now.restored
        recent = now.recent + self._told[member_id]
        return domain.route(sent.cause, now.now - sent.time, recent, restored=restored)

    def _gather(self, member_id: str, now: Situation) -> None:
        begun = self.digests.get(member_id)
        since = begun.first_at if begun else now.digest_since or now.now
        self.digests[member_id] = Digest(member_id, since, domain.due_at(since, now.now, self.quiet, self.longest))

    def _event(self, record: Arrived, member_id: str, kind: EventKind, posted_at: datetime | None = None) -> None:
        email = self.email and kind == "suggestion"
        self.events.append(NewEvent(member_id, kind, record.suggestion_id, record.traceparent, email, posted_at))


def rounds(records: Sequence[Arrived]) -> list[list[Arrived]]:
    """Records in order, cut where a suggestion id comes again."""
    found: list[list[Arrived]] = []
    seen: set[str] = set()
    for record in records:
        if not found or record.suggestion_id in seen:
            found.append([])
            seen.clear()
        seen.add(record.suggestion_id)
        found[-1].append(record)
    return found


def owners(records: Sequence[Arrived], held: Mapping[str, str]) -> list[Arrived]:
    """The same records, tombstones with their owner: the one `held` for the id, or named by a record of the id."""
    named = {record.suggestion_id: record.value.seeker_id for record in records if record.value}
    return [
        record
        if record.value
        else replace(record, member_id=named.get(record.suggestion_id, held.get(record.suggestion_id)))
        for record in records
    ]


def _trace_of(record: Arrived) -> str | None:
    return trace.id_of(record.envelope.traceparent)
