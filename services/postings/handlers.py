"""What postings makes of other services' events: who agreed to be named as hiring contact, and who was erased.

Whoever takes their consent back, or is erased, is taken off the openings that name them. Nothing else about people is
read or kept.
"""

from services.postings import store
from services.postings.domain import Now
from shared.events.people import PersonV1
from shared.messaging.consume.consumer import Handler, Ignored
from shared.messaging.consume.decoding import Record
from shared.messaging.topics.catalogue import PEOPLE
from shared.observability.logs import get_logger
from shared.storage.pool import Connection

log = get_logger(__name__)


def _says_nothing(record: Record) -> bool:
    """Whether it is neither an erasure nor about being named."""
    return isinstance(record.value, PersonV1) and record.value.hiring_contact_for is None


IGNORED: dict[str, Ignored] = {PEOPLE.name: _says_nothing}


def handlers(now: Now) -> dict[str, Handler]:
    """The handlers by topic. What is `IGNORED` they leave alone; the consumer spares itself handing it over."""

    async def on_person(conn: Connection, record: Record) -> None:
        if _says_nothing(record):
            return
        if isinstance(record.value, PersonV1):
            named = await store.note_consents(conn, record.key, record.value.hiring_contact_for or (), now())
            if named:
                log.info("contact_withdrew", postings=named)
            return
        postings = await store.forget_contact(conn, record.key, now())
        if postings:
            log.info("contact_erased", postings=postings)

    return {PEOPLE.name: on_person}
