"""From raw records to the engine and the ledger. Poison is counted, logged by its position, and skipped.

The matcher writes no dead letters: every process would write them again at every start.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Final

from services.matching.engine.engines import Engine
from services.matching.events import ContractViolationError, Event
from services.matching.stream.decoding import TieDecoder, TieRun
from services.matching.stream.ledger import Ledger
from services.matching.stream.opening_traces import Origin, Origins
from shared.events.suggestions import SuggestionV1
from shared.messaging.consume.decoding import Bad, Raw, Record, bad, decode
from shared.messaging.kafka.fetcher import RawBatch
from shared.messaging.topics.catalogue import CLOCK, INTRODUCTIONS, PEOPLE, POSTINGS, SUGGESTIONS, TIES, Topic
from shared.observability.logs import get_logger
from shared.observability.metric_list import CONSUMER_RECORD_TIME, MATCHER_RECORDS, MATCHER_UNREADABLE

log = get_logger(__name__)

INPUTS: tuple[Topic, ...] = (POSTINGS, PEOPLE, TIES, INTRODUCTIONS, CLOCK)
_TOPICS = {topic.name: topic for topic in (*INPUTS, SUGGESTIONS)}

for _name in _TOPICS:
    MATCHER_UNREADABLE.labels(_name)  # there from the start, at 0

GROUP: Final = "matching"
"""The group of all matchers in metrics; the instance tells them apart."""


@dataclass(slots=True)
class Intake:
    """Hands records to the engine and the ledger."""

    engine: Engine
    ledger: Ledger
    partitions: dict[str, int] = field(default_factory=dict)
    """By posting, the partition of its record."""
    taken: dict[tuple[str, int], int] = field(default_factory=dict)
    """By topic and partition, the next offset."""
    _decoder: TieDecoder = field(default_factory=TieDecoder)

    def take(self, raws: Iterable[Raw | RawBatch]) -> Origins:
        """Take records in, in their order; returns the origins of the postings among them."""
        origins: Origins = {}
        for (topic, _), run in groupby(raws, attrgetter("topic", "partition")):
            count = 0
            for each in run:
                if isinstance(each, RawBatch):
                    count += self._take_batch(each)
                else:
                    self._take_one(each, origins)
                    count += 1
                place = (each.topic, each.partition)
                self.taken[place] = max(self.taken.get(place, 0), each.offset + 1)
            MATCHER_RECORDS.labels(topic).inc(count)
            CONSUMER_RECORD_TIME.labels(GROUP, topic).set(each.timestamp / 1000)
        return origins

    def _take_batch(self, batch: RawBatch) -> int:
        """Take in all records of a batch, as if one by one; returns how many it had."""
        count = 0
        for part in self._decoder.decode(batch):
            rows: Sequence[int] = part.rows if isinstance(part, TieRun) else (part,)
            count += len(rows)
            if not (isinstance(part, TieRun) and self._ingest_run(part, batch)):
                for row in rows:
                    self._take_one(batch.consumer_records()[row], {})
        return count

    def _ingest_run(self, run: TieRun, batch: RawBatch) -> bool:
        """Take ties in together. False if the engine fails: one by one then, so that one does not stop the others."""
        try:
            self.engine.ingest_ties(run.ties)
        except Exception as error:  # noqa: BLE001 - as for one record
            log.warning(
                "ties_failed_together",
                topic=batch.topic,
                partition=batch.partition,
                offset=batch.offset,
                error=type(error).__name__,
            )
            return False
        return True

    def _take_one(self, raw: Raw, origins: Origins) -> None:
        found = self._try(raw, origins)
        if found is not None:
            _report_skipped(found)
            # If it was read before, the readable records that came after it count, and were taken in already.
            if raw.offset >= self.taken.get((raw.topic, raw.partition), 0):
                self._handle_unreadable(found)

    def _try(self, raw: Raw, origins: Origins) -> Bad | None:
        found = decode(_TOPICS[raw.topic], raw)
        if isinstance(found, Bad):
            return found
        try:
            self._take(found, origins)
        except Exception as error:  # noqa: BLE001 - whatever one record causes must not stop the others
            reason = str(error) if isinstance(error, ContractViolationError) else ""
            return bad(raw.topic, raw, reason, type(error).__name__)
        return None

    def _take(self, record: Record, origins: Origins) -> None:
        if record.topic == SUGGESTIONS.name:
            value = record.value if isinstance(record.value, SuggestionV1) else None
            self.ledger.record_read(record.partition, record.key, record.version, value)
            return
        event = Event(record.topic, record.key, record.value, record.version)
        if record.topic != POSTINGS.name:
            self.engine.ingest((event,))
            return
        self._ingest_posting(event, record.partition)
        envelope = record.envelope
        origins[record.key] = Origin(envelope.traceparent, record.partition, record.offset, envelope.time)

    def _ingest_posting(self, event: Event, partition: int) -> None:
        """Note the partition first: the engine asks by it whether the opening is owned."""
        known = self.partitions.get(event.key)
        self.partitions[event.key] = partition
        try:
            self.engine.ingest((event,))
        except ContractViolationError:
            if known is None:
                del self.partitions[event.key]
            else:
                self.partitions[event.key] = known
            raise

    def _handle_unreadable(self, found: Bad) -> None:
        """Of an unreadable record the key still counts: that person is not asked, that suggestion is replaced."""
        try:
            key = (found.key or b"").decode()
        except UnicodeDecodeError:
            return
        if found.topic == PEOPLE.name:
            self.engine.suspend_introductions(key)
        elif found.topic == SUGGESTIONS.name and key:
            self.ledger.record_unreadable(found.partition, key)


def _report_skipped(found: Bad) -> None:
    MATCHER_UNREADABLE.labels(found.topic).inc()
    log.warning(
        "record_skipped",
        topic=found.topic,
        partition=found.partition,
        offset=found.offset,
        reason=found.reason,
        error=found.error,
    )
