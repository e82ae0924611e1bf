"""Records as Kafka keeps them, read in both ways: quickly, and slowly one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition

from services.matching.events import Event, contract_violation
from services.matching.stream.decoding import TieDecoder, TieRun
from shared.events.envelope import seal
from shared.events.ties import Connected, TieV1, tie_key
from shared.messaging.consume.decoding import Bad, Raw, decode
from shared.messaging.kafka.fetcher import RawBatch, WholeBatches
from shared.messaging.topics.catalogue import TIES
from shared.testing import record_batches
from shared.testing.record_batches import LZ4

PLACE = TopicPartition(TIES.name, 5)

Headers = Sequence[tuple[str, bytes | None]]
Outcome = tuple[int, Event | None]
"""An offset, and what is read there; None for a record that is refused."""


@dataclass(frozen=True)
class Written:
    """A record as somebody wrote it."""

    key: bytes | None
    value: bytes | None
    headers: Headers


def written(tie: TieV1, **envelope: Any) -> Written:
    """As our own writers do."""
    key = tie_key(tie.person_id, tie.contact_id)
    return Written(key.encode(), tie.to_json(), seal(TIES.name, key, tie.version, "profiles", **envelope))


def tombstone(person: str, contact: str, version: int) -> Written:
    key = tie_key(person, contact)
    return Written(key.encode(), None, seal(TIES.name, key, version, "profiles"))


def batch(records: Sequence[Written], base: int = 0, codec: int = LZ4) -> bytes:
    some = [record_batches.Record(delta, *plain(one), delta) for delta, one in enumerate(records)]
    return record_batches.batch_of(some, base=base, codec=codec)


def plain(one: Written) -> tuple[bytes | None, bytes | None, record_batches.Headers]:
    """Key, value and headers as they stand in a batch."""
    return one.key, one.value, [(name.encode(), value) for name, value in one.headers]


def fetched(data: bytes, start: int = 0, *, whole: bool = True, topic: str = TIES.name) -> list[Any]:
    """What a consumer gives that stands at `start`."""
    values = WholeBatches(TIES.name) if whole else None
    return list(record_batches.consumed(data, TopicPartition(topic, PLACE.partition), start=start, values=values))


def slowly(raw: Raw) -> Outcome:
    """The reading that everybody else has, but for a connection's day."""
    record = decode(TIES, raw)
    if isinstance(record, Bad):
        return raw.offset, None
    event = Event(record.topic, record.key, record.value, record.version)
    return raw.offset, None if contract_violation(event) is not None else without_days(event)


def without_days(event: Event) -> Event:
    value = event.value
    if not isinstance(value, TieV1):
        return event
    known = (one.model_copy(update={"on": None}) if isinstance(one, Connected) else one for one in value.evidence)
    return Event(event.topic, event.key, value.model_copy(update={"evidence": tuple(known)}), event.version)


def quickly(found: RawBatch, reader: TieDecoder) -> list[Outcome]:
    """Runs are read from their columns, the rest slowly."""
    outcomes: list[Outcome] = []
    for part in reader.decode(found):
        if isinstance(part, TieRun):
            events = list(part.ties.events())
            assert len(events) == len(part.rows)
            raws = [found.consumer_records()[row] for row in part.rows]
            outcomes += [(raw.offset, without_days(event)) for raw, event in zip(raws, events, strict=True)]
        else:
            outcomes.append(slowly(found.consumer_records()[part]))
    return outcomes


def both(data: bytes, start: int = 0, reader: TieDecoder | None = None) -> tuple[Any, Any]:
    """What is read quickly and slowly; the kind of error instead where the bytes are damaged."""
    reader = reader or TieDecoder()
    readings = (
        lambda: [one for found in fetched(data, start) for one in quickly(found, reader)],
        lambda: [slowly(raw) for raw in fetched(data, start, whole=False)],
    )
    return tuple(_or_error(reading) for reading in readings)  # type: ignore[return-value]  # there are two


def _or_error(reading: Any) -> Any:
    try:
        return reading()
    except Exception as error:  # noqa: BLE001 - which errors there are is the question
        return type(error)
