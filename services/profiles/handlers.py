"""What profiles makes of other services' events: nothing yet.

The place for `introductions.v1`: an introduction that closed well becomes `introduced` evidence on the tie between the
two.
"""

from collections.abc import Sequence

from shared.messaging.consume.handlers import BatchHandler, Handler, TracedRecord
from shared.messaging.topics.catalogue import INTRODUCTIONS
from shared.storage.pool import Connection


async def _introductions(_connection: Connection, _taken: Sequence[TracedRecord]) -> None:
    """Read, and passed over."""


HANDLERS: dict[str, Handler] = {INTRODUCTIONS.name: BatchHandler(_introductions)}
