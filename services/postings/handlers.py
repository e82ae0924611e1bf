"""What postings makes of other services' events: an erased person is taken off the openings that name them.

Nothing else about people is read or kept.
"""

from services.postings import store
from services.postings.domain import Now
from shared.messaging.consume.consumer import Handler, Ignored
from shared.messaging.consume.decoding import Record
from shared.messaging.topics.catalogue import PEOPLE
from shared.observability.logs import get_logger
from shared.storage.pool import Connection

log = get_logger(__name__)


def _no_erasure(record: Record) -> bool:
    return record.value is not None


IGNORED: dict[str, Ignored] = {PEOPLE.name: _no_erasure}


def handlers(now: Now) -> dict[str, Handler]:
    """The handlers by topic. What is `IGNORED` they leave alone; the consumer spares itself handing it over."""

    async def on_person(conn: Connection, record: Record) -> None:
        if _no_erasure(record):
            return
        postings = await store.forget_contact(conn, record.key, now())
        if postings:
            log.info("contact_erased", postings=postings)

    return {PEOPLE.name: on_person}
