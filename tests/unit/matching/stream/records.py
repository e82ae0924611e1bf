"""Records as Kafka keeps them, read in both ways: quickly, and slowly one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.structs import TopicPartition

from services.matching.events import Event, contract_violation
from services.matching.stream.decoding import Reader, Run
from services.matching.stream.raw_batches import Batch, whole_ties
from shared.events.envelope import seal
from shared.events.ties import Connected, TieV1, tie_key
from shared.messaging.consume.decoding import Bad, Raw, decode
from shared.messaging.topics.catalogue import TIES

PLAIN, LZ4 = 0, 3
PLACE = TopicPartition(TIES.name, 5)
HEADER = 61

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


def batch(records: Iterable[Written], base: int = 0, codec: int = LZ4) -> bytes:
    builder = DefaultRecordBatchBuilder(2, codec, 1, 5, 0, 0, 1 << 24)
    for delta, one in enumerate(records):
        assert builder.append(delta, 1_700_000_000_000 + delta, one.key, one.value, list(one.headers)) is not None
    return base.to_bytes(8, "big") + bytes(builder.build())[8:]


def fetched(data: bytes, start: int = 0, *, whole: bool = True, topic: str = TIES.name) -> list[Any]:
    """What a consumer gives that stands at `start`."""
    values = whole_ties if whole else None
    records = fetcher.MemoryRecords(data)
    place = TopicPartition(topic, PLACE.partition)
    return list(fetcher.PartitionRecords(place, records, [], start, None, values, True, fetcher.READ_COMMITTED))


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


def quickly(found: Batch, reader: Reader) -> list[Outcome]:
    """Runs are read from their columns, the rest slowly."""
    outcomes: list[Outcome] = []
    for part in reader.read(found):
        if isinstance(part, Run):
            events = list(part.ties.events())
            assert len(events) == len(part.rows)
            raws = [found.raws()[row] for row in part.rows]
            outcomes += [(raw.offset, without_days(event)) for raw, event in zip(raws, events, strict=True)]
        else:
            outcomes.append(slowly(found.raws()[part]))
    return outcomes


def both(data: bytes, start: int = 0, reader: Reader | None = None) -> tuple[Any, Any]:
    """What is read quickly and slowly; the kind of error instead where the bytes are damaged."""
    reader = reader or Reader()
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
