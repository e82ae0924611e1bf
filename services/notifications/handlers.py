"""Records in: suggestions change inboxes, and a member's tombstone erases everything held for them.

Each runs in the transaction that also moves the processed offset, so a record has its effect once.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from services.notifications import domain, store
from services.notifications.domain import Change, Decision, Incoming, Route
from services.notifications.store import Situation
from shared.events.envelope import Envelope
from shared.events.people import PersonV1
from shared.events.suggestions import SuggestionV1
from shared.messaging.catalogue import PEOPLE, SUGGESTIONS
from shared.messaging.consumer import Ignored
from shared.messaging.decoding import Record
from shared.observability import trace
from shared.observability.metric_list import DELIVERED_SECONDS, INBOX_CHANGES, INBOX_ERASURES, MESSAGES
from shared.storage.pool import Connection


def _contact(record: Record) -> bool:
    """Somebody who is no member: never a seeker, so never erased here and never to be welcomed back."""
    return isinstance(record.value, PersonV1) and not record.value.member


IGNORED: dict[str, Ignored] = {PEOPLE.name: _contact}


@dataclass(frozen=True, slots=True)
class Handlers:
    """`email`: whether messages are also sent by e-mail at all."""

    quiet: timedelta
    longest: timedelta
    email: bool

    def by_topic(self) -> Mapping[str, Callable[[Connection, Record], Awaitable[None]]]:
        """For the consumer."""
        return {SUGGESTIONS.name: self.suggestion, PEOPLE.name: self.person}

    async def suggestion(self, connection: Connection, record: Record) -> None:
        """A suggestion as it is now, or its tombstone."""
        value = record.value
        if value is not None and not isinstance(value, SuggestionV1):
            raise TypeError(f"{record.topic} holds {type(value).__name__}")
        member_id = value.seeker_id if value else await store.owner_of(connection, record.key)
        if member_id is not None:
            await store.lock_member(connection, member_id)
        now = await store.situation(connection, record.key, member_id)
        if now.erased and value is not None:
            return
        top = domain.best(value.paths).introducer_id if value else None
        decision = domain.decide(now.held, Incoming(record.version, top), now.now)
        INBOX_CHANGES.labels(decision.change.value).inc()
        if value is None:
            await _withdraw(connection, record, member_id, decision)
        elif decision.change is not Change.STALE:
            suggestion = value.model_copy(update={"suggestion_id": record.key, "version": record.version})
            await self._show(connection, suggestion, record.envelope, decision, now)

    async def _show(
        self, connection: Connection, suggestion: SuggestionV1, sent: Envelope, decision: Decision, now: Situation
    ) -> None:
        anew = decision.change is Change.ADDED
        trace_id = trace.id_of(sent.traceparent)
        created = await store.put_item(connection, suggestion, decision.status, sent.time, anew=anew, trace_id=trace_id)
        if created is None:
            return
        member_id, key = suggestion.seeker_id, suggestion.suggestion_id
        if decision.change in (Change.UPDATED, Change.REFRESHED):
            # An open screen shows whoever may still be asked, also when only the second introducer went.
            await store.add_event(connection, member_id, "updated", key)
        if anew:
            _observe(sent, created.timestamp())
        if decision.tell:
            restored = now.restored is not None and sent.time <= now.restored
            how = domain.route(sent.cause, now.now - sent.time, now.recent, restored=restored)
            if how is Route.NOT_AGAIN:
                await store.count_as_told(connection, key, sent.time)
            elif how is Route.AT_ONCE:
                await store.tell_now(connection, member_id, key, sent.cause_time, email=self.email)
                MESSAGES.labels("suggestion").inc()
            else:
                since = now.digest_since or now.now
                due = domain.due_at(since, now.now, self.quiet, self.longest)
                await store.tell_later(connection, member_id, key, since, due)

    async def person(self, connection: Connection, record: Record) -> None:
        """A tombstone erases; a newer record says that the member is there (again)."""
        if record.value is None:
            await store.erase(connection, record.key, record.version)
            INBOX_ERASURES.inc()
        elif not _contact(record):
            await store.welcome(connection, record.key, record.version)


async def _withdraw(connection: Connection, record: Record, member_id: str | None, decision: Decision) -> None:
    if decision.change in (Change.WITHDRAWN, Change.BURIED):
        await store.bury_item(connection, record.key, record.version, trace.id_of(record.envelope.traceparent))
    if decision.change is Change.WITHDRAWN and member_id is not None:
        await store.add_event(connection, member_id, "withdrawn", record.key)


def _observe(sent: Envelope, written: float) -> None:
    DELIVERED_SECONDS.labels("suggested").observe(max(0.0, written - sent.time.timestamp()))
    if sent.cause_time is not None:
        DELIVERED_SECONDS.labels("posted").observe(max(0.0, written - sent.cause_time.timestamp()))
