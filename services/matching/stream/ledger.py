"""What `suggestions.v1` holds in the owned partitions, and the record that makes it say what the engine says.

Pure. Kept true: a record is written only when what a person reads differs from what the topic holds, and under a higher
version. So publishing a suggestion again, after a restart or a failure, writes nothing.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from services.matching.events import Cause, Numbers
from services.matching.stream.suggestion_record import content_of, value_of
from shared.events.envelope import seal
from shared.events.suggestions import SuggestionV1
from shared.messaging.publish.outbox import next_version
from shared.messaging.publish.publisher import OutgoingRecord
from shared.messaging.topics.catalogue import DAY_MS, RETENTION_OF_TOMBSTONES_MS, SUGGESTIONS

SOURCE: Final = "matching"
UNREADABLE: Final = b""
"""The content of a record that cannot be read: it differs from that of any readable one."""

FORGOTTEN_AFTER_MS: Final = RETENTION_OF_TOMBSTONES_MS + DAY_MS
"""A key withdrawn longer ago than this counts as new: the topic keeps nothing of it, and versions are times."""


class Held(NamedTuple):
    """A key's last record. `content` is its value's bytes with version 0; None for a tombstone."""

    partition: int
    version: int
    content: bytes | None


class Pending(NamedTuple):
    """A suggestion that may have to be written or withdrawn.

    `caused_at`: when the opening's record was written that caused it, if that was read while publishing.
    """

    seeker: str
    posting: str
    partition: int
    cause: Cause
    traceparent: str | None = None
    caused_at: datetime | None = None
    numbers: Numbers | None = None


class Ledger:
    """The last record of every key, as read back and as published since; nothing of keys withdrawn long ago."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}
        self._drafted: dict[str, Held] = {}
        self._withdrawn: deque[tuple[int, str]] = deque()
        """Version and key of the tombstones, in the order in which they came."""
        self._open = 0
        self._before: dict[str, bytes | None] | None = None
        """The contents that the snapshot had of the keys that changed since; None without a snapshot."""

    def restore(self, held: dict[str, Held]) -> None:
        """Become what a snapshot holds, and note what changes from there on."""
        self._held, self._before = held, {}
        self._withdrawn = deque(sorted((each.version, key) for key, each in held.items() if each.content is None))
        self._open = len(held) - len(self._withdrawn)
        if self._withdrawn:
            self._forget(self._withdrawn[-1][0] - FORGOTTEN_AFTER_MS)

    @property
    def held(self) -> Mapping[str, Held]:
        """The last record of every key, for a snapshot."""
        return self._held

    def record_read(self, partition: int, key: str, version: int, value: SuggestionV1 | None) -> None:
        """A record was read from the topic. One that is not newer than what is held is ignored."""
        self._set_if_newer(key, Held(partition, version, None if value is None else content_of(value)))

    def record_unreadable(self, partition: int, key: str) -> None:
        """A record on the topic cannot be read: it is to be replaced, whatever it says."""
        held = self._held.get(key)
        self._set(key, Held(partition, held.version if held else 0, UNREADABLE))

    def changed_since_snapshot(self) -> dict[str, tuple[str, str]] | None:
        """The keys that changed since the snapshot, with seeker and posting. Can be called once; then noting ends.

        None where everything must be compared: there was no snapshot, or an unreadable record is still to be replaced.
        """
        before, self._before = self._before, None
        if before is None or any(held.content == UNREADABLE for held in self._held.values()):
            return None
        found = {
            key: _seeker_and_posting(self._held[key].content or old) for key, old in before.items() if key in self._held
        }
        return {key: both for key, both in found.items() if both is not None}

    def partition(self, key: str) -> int:
        """The partition of a key of which anything is known."""
        return self._held[key].partition

    def ever_published(self, key: str) -> bool:
        """Whether anything is known of this key, even if only a tombstone."""
        return key in self._held

    def counts(self) -> tuple[int, int]:
        """How many keys are not withdrawn, and how many are."""
        return self._open, len(self._held) - self._open

    def live(self) -> Iterator[tuple[str, int]]:
        """The keys that are not withdrawn, with their partitions."""
        return ((key, held.partition) for key, held in self._held.items() if held.content is not None)

    def draft(self, key: str, content: bytes | None, pending: Pending, now: datetime) -> OutgoingRecord | None:
        """The record that makes the topic say this; None when it does already. Without `content`: a tombstone."""
        held = self._held.get(key)
        if content == (held.content if held else None):
            return None
        version = next_version(held.version if held else None)
        self._drafted[key] = Held(pending.partition, version, content)
        headers = seal(
            SUGGESTIONS.name,
            key,
            version,
            SOURCE,
            traceparent=pending.traceparent,
            cause=pending.cause,
            cause_time=pending.caused_at,
            now=now,
        )
        value = None if content is None else value_of(content, version)
        return OutgoingRecord(SUGGESTIONS.name, key, value, headers, pending.partition)

    def published(self, record: OutgoingRecord) -> None:
        """The last record that `draft` made for its key was published."""
        self._set_if_newer(record.key, self._drafted.pop(record.key))

    def _set_if_newer(self, key: str, held: Held) -> None:
        known = self._held.get(key)
        if known is None or held.version > known.version:
            self._set(key, held)

    def _set(self, key: str, held: Held) -> None:
        known = self._held.get(key)
        content = known.content if known else None
        if self._before is not None and key not in self._before:
            self._before[key] = content
        self._open += (held.content is not None) - (content is not None)
        self._held[key] = held
        if held.content is None:
            self._withdrawn.append((held.version, key))
            self._forget(held.version - FORGOTTEN_AFTER_MS)

    def _forget(self, before: int) -> None:
        """Forget keys withdrawn under a version below `before`, up to the first one that was withdrawn later."""
        while self._withdrawn and self._withdrawn[0][0] < before:
            version, key = self._withdrawn.popleft()
            held = self._held.get(key)
            if held is not None and held.content is None and held.version == version:
                del self._held[key]


def _seeker_and_posting(content: bytes | None) -> tuple[str, str] | None:
    if not content:
        return None
    value = SuggestionV1.model_validate_json(content)
    return value.seeker_id, value.posting_id
