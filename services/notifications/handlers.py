"""What notifications does with records: suggestions and introductions change inboxes, a tombstone erases a member's.

Handlers run in the transaction that also moves the processed offset, so a record takes effect once.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.notifications import store, telling
from services.notifications.kinds import SUGGESTION
from services.notifications.notices import notices
from services.notifications.planning import ItemRecord, Plan, split_at_repeated_ids, with_members
from shared.events.introductions import IntroductionV1
from shared.events.people import PersonV1
from shared.events.suggestions import SuggestionV1
from shared.messaging.consume.decoding import Record
from shared.messaging.consume.handlers import BatchHandler, Handler, Ignored, TracedRecord
from shared.messaging.topics.catalogue import INTRODUCTIONS, PEOPLE, SUGGESTIONS
from shared.observability import trace
from shared.observability.metric_list import DELIVERED_SECONDS, INBOX_CHANGES, INBOX_ERASURES, MESSAGES
from shared.storage.pool import Connection


def _about_contact(record: Record) -> bool:
    """Whether the record is about a contact: never a seeker, so there is nothing to erase."""
    return isinstance(record.value, PersonV1) and not record.value.member


IGNORED: dict[str, Ignored] = {PEOPLE.name: _about_contact}


@dataclass(frozen=True, slots=True)
class Handlers:
    """`email`: whether this installation sends e-mail."""

    quiet: timedelta
    longest: timedelta
    email: bool

    def by_topic(self) -> Mapping[str, Handler]:
        """For the consumer."""
        return {
            SUGGESTIONS.name: BatchHandler(self.suggestions),
            PEOPLE.name: self.person,
            INTRODUCTIONS.name: BatchHandler(self.introductions),
        }

    async def introductions(self, connection: Connection, taken: Sequence[TracedRecord]) -> None:
        """Plan what is to be told of introductions as they are now; of one that is gone nothing is."""
        for each in taken:
            record, trace_id = each.record, trace.id_of(each.record.envelope.traceparent)
            value = record.value if isinstance(record.value, IntroductionV1) else None
            known = value and value.model_copy(update={"introduction_id": record.key, "version": record.version})
            wanted = notices(known) if known else []
            await telling.plan(connection, record.key, record.version, wanted, record.envelope.time, trace_id)

    async def suggestions(self, connection: Connection, taken: Sequence[TracedRecord]) -> None:
        """Apply suggestions as they are now, and tombstones."""
        records = [_suggestion_record(each) for each in taken]
        gone = [record.item_id for record in records if record.value is None]
        records = with_members(records, await store.members_of(connection, gone) if gone else {})
        await store.lock_members(connection, {record.member_id for record in records if record.member_id is not None})
        for part in split_at_repeated_ids(records):
            plan = Plan(self.quiet, self.longest, email=self.email)
            now = await store.situations(connection, part)
            for record in part:
                plan.add(record, now[record.item_id])
            await store.write(connection, plan)
            _count(plan)

    async def person(self, connection: Connection, record: Record) -> None:
        """A tombstone erases the member; a newer record ends that."""
        if record.value is None:
            await store.erase(connection, record.key, record.version)
            INBOX_ERASURES.inc()
        elif not _about_contact(record):
            await store.unmark_erased(connection, record.key, record.version)


def _suggestion_record(taken: TracedRecord) -> ItemRecord:
    record, value = taken.record, taken.record.value
    if value is not None and not isinstance(value, SuggestionV1):
        raise TypeError(f"{record.topic} holds {type(value).__name__}")
    content = value.model_copy(update={"suggestion_id": record.key, "version": record.version}) if value else None
    member_id = value.seeker_id if value else None
    return ItemRecord(SUGGESTION, record.key, content, record.version, record.envelope, member_id, taken.traceparent)


def _count(plan: Plan) -> None:
    now = time.time()
    for change, count in plan.changes.items():
        INBOX_CHANGES.labels(change.value).inc(count)
    MESSAGES.labels(SUGGESTION.name).inc(sum(event.kind == SUGGESTION.name for event in plan.events))
    for sent in plan.added:
        DELIVERED_SECONDS.labels("suggested").observe(max(0.0, now - sent.time.timestamp()))
        if sent.cause_time is not None:
            DELIVERED_SECONDS.labels("posted").observe(max(0.0, now - sent.cause_time.timestamp()))
