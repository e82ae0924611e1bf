"""What introductions does with others' records: it keeps the little that its rules need (mirror.py).

Handlers run in the transaction that also moves the processed offset, so a record takes effect once.
"""

from collections.abc import Sequence

from services.introductions import departures, mirror
from shared.events.people import PersonV1
from shared.messaging.consume.decoding import Record
from shared.messaging.consume.handlers import BatchHandler, Handler, Ignored, TracedRecord
from shared.messaging.topics.catalogue import PEOPLE, POSTINGS, SUGGESTIONS, TIES
from shared.storage.pool import Connection


def _about_contact(record: Record) -> bool:
    """Whether the record is about a contact, who agrees to nothing and searches for nothing."""
    return isinstance(record.value, PersonV1) and not record.value.member


IGNORED: dict[str, Ignored] = {PEOPLE.name: _about_contact}


async def _postings(connection: Connection, taken: Sequence[TracedRecord]) -> None:
    """Openings: what they are called, and since when they are closed."""
    await mirror.put_openings(connection, _records(taken))


async def _people(connection: Connection, taken: Sequence[TracedRecord]) -> None:
    """Members' consents. Whoever is gone is noted, to be seen to afterwards."""
    records = _records(taken)
    erased = await mirror.put_people(connection, records)
    gone = {each.key for each in records if each.value is None}
    await departures.note(connection, erased, sorted(gone - set(erased)))


async def _ties(connection: Connection, taken: Sequence[TracedRecord]) -> None:
    """Blocks."""
    await mirror.put_blocks(connection, _records(taken))


async def _suggestions(connection: Connection, taken: Sequence[TracedRecord]) -> None:
    """Live suggestions, and those that were withdrawn."""
    await mirror.put_suggestions(connection, _records(taken))


def _records(taken: Sequence[TracedRecord]) -> list[Record]:
    return [each.record for each in taken]


HANDLERS: dict[str, Handler] = {
    POSTINGS.name: BatchHandler(_postings),
    PEOPLE.name: BatchHandler(_people),
    TIES.name: BatchHandler(_ties),
    SUGGESTIONS.name: BatchHandler(_suggestions),
}
"""By topic, for the consumer. Consents withdrawn, blocks and closed openings take effect by the timers."""
