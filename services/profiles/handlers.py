"""What profiles makes of events of other services: introductions that went well are evidence of knowing each other."""

from collections.abc import Callable
from datetime import date

from services.profiles import introductions
from shared.events.introductions import IntroductionV1
from shared.messaging.consume.decoding import Record
from shared.messaging.consume.handlers import Handler
from shared.messaging.topics.catalogue import INTRODUCTIONS
from shared.storage.pool import Connection


def handlers(today: Callable[[], date]) -> dict[str, Handler]:
    """The handlers by topic."""

    async def on_introduction(conn: Connection, record: Record) -> None:
        value = record.value if isinstance(record.value, IntroductionV1) else None
        await introductions.apply(conn, record.key, record.version, value, today())

    return {INTRODUCTIONS.name: on_introduction}
