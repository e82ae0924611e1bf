"""What postings does with other services' events: tracks who agreed to be named as hiring contact, and who was erased.

Whoever withdraws that consent or is erased is removed from the openings that name them, and who is erased from the
organisations they worked in. Nothing else about people is read or stored.
"""

from services.postings import colleagues, store
from services.postings.domain import Now
from shared.events.people import PersonV1
from shared.messaging.consume.decoding import Record
from shared.messaging.consume.handlers import Handler, Ignored
from shared.messaging.topics.catalogue import PEOPLE
from shared.observability.logs import get_logger
from shared.storage.pool import Connection
from shared.web import idempotency
from shared.web.identity import Caller

log = get_logger(__name__)


def _is_irrelevant(record: Record) -> bool:
    """Whether the record is neither an erasure nor about consent to be named."""
    return isinstance(record.value, PersonV1) and record.value.hiring_contact_for is None


IGNORED: dict[str, Ignored] = {PEOPLE.name: _is_irrelevant}


def handlers(now: Now) -> dict[str, Handler]:
    """The handlers by topic. They skip what is `IGNORED`, which the consumer usually does not even pass on."""

    async def on_person(conn: Connection, record: Record) -> None:
        if _is_irrelevant(record):
            return
        if isinstance(record.value, PersonV1):
            named = await store.replace_consents(conn, record.key, record.value.hiring_contact_for or (), now())
            if named:
                log.info("contact_consent_withdrawn", postings=named)
            return
        postings = await store.remove_contact(conn, record.key, now())
        await colleagues.forget(conn, record.key, now())
        await idempotency.forget(conn, Caller("member", record.key))
        if postings:
            log.info("contact_erased", postings=postings)

    return {PEOPLE.name: on_person}
