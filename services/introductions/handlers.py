"""What introductions does with others' records: it keeps the little that its rules need (mirror.py).

Handlers run in the transaction that also moves the processed offset, so a record takes effect once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.introductions import mirror
from services.introductions.dependencies import Now
from shared.events.people import PersonV1
from shared.messaging.consume.decoding import Record
from shared.messaging.consume.handlers import BatchHandler, Handler, Ignored, TracedRecord
from shared.messaging.topics.catalogue import PEOPLE, POSTINGS, SUGGESTIONS, TIES
from shared.storage.pool import Connection


def _about_contact(record: Record) -> bool:
    """Whether the record is about a contact, who agrees to nothing and searches for nothing."""
    return isinstance(record.value, PersonV1) and not record.value.member


IGNORED: dict[str, Ignored] = {PEOPLE.name: _about_contact}


@dataclass(frozen=True, slots=True)
class Handlers:
    """`now` is the service's clock."""

    now: Now

    def by_topic(self) -> Mapping[str, Handler]:
        """For the consumer: all of them take many records at once."""
        return {
            POSTINGS.name: BatchHandler(self.postings),
            PEOPLE.name: BatchHandler(self.people),
            TIES.name: BatchHandler(self.ties),
            SUGGESTIONS.name: BatchHandler(self.suggestions),
        }

    async def postings(self, connection: Connection, taken: Sequence[TracedRecord]) -> None:
        """Openings: what they are called, and since when they are closed."""
        await mirror.put_openings(connection, _records(taken))

    async def people(self, connection: Connection, taken: Sequence[TracedRecord]) -> None:
        """Members' consents, and erasures."""
        await mirror.put_people(connection, _records(taken))

    async def ties(self, connection: Connection, taken: Sequence[TracedRecord]) -> None:
        """Blocks."""
        await mirror.put_blocks(connection, _records(taken))

    async def suggestions(self, connection: Connection, taken: Sequence[TracedRecord]) -> None:
        """Live suggestions, and those that were withdrawn."""
        await mirror.put_suggestions(connection, _records(taken))


def _records(taken: Sequence[TracedRecord]) -> list[Record]:
    return [each.record for each in taken]
