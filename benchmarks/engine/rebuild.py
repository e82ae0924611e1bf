"""How fast a matcher reads its topics again from their beginning, step by step: `python -m benchmarks.engine.rebuild`.

98 ties to 2 people, in batches as a broker keeps them. `varied`: a third of the ties is rich (mail or work with dates,
closeness), and hardly two of those say the same; `alike`: the few kinds of evidence of the generated graph.
Figures are records a second of processor time on one core, from fetched bytes onwards.
"""

import gc
import json
import random
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain, islice
from time import process_time
from typing import Any

from aiokafka import TopicPartition

from benchmarks.graphs.evidence import KINDS, TODAY
from benchmarks.machine import facts
from services.matching.engine.engine import Engine
from services.matching.events import Event, Ties
from services.matching.stream.decoding import TieDecoder
from services.matching.stream.intake import Intake
from services.matching.stream.ledger import Ledger
from shared.events.base import Contract
from shared.events.envelope import seal
from shared.events.people import Employment, PersonV1
from shared.events.ties import Closeness, Connected, Evidence, Messages, TieV1, WorkedTogether, tie_key
from shared.messaging.consume.decoding import decode
from shared.messaging.kafka.fetcher import WholeBatches
from shared.messaging.topics.catalogue import PEOPLE, TIES, Topic
from shared.resolution import Vocabulary
from shared.testing.record_batches import LZ4, Record, batch_of, consumed

RECORDS = 300_000
IN_A_BATCH = (20, 250)
"""A relay's transaction over twelve partitions comes to some twenty records a batch; others make fuller ones."""

TIES_A_PERSON = 49
AT_ONCE = 500


Says = Callable[[random.Random, int], Sequence[Evidence]]


class Nobody:
    """An engine that takes everything and does nothing."""

    def ingest(self, events: Sequence[Event]) -> None:
        """Do nothing."""

    def ingest_ties(self, ties: Ties) -> None:
        """Do nothing."""


def main(records: int = RECORDS) -> None:
    """Measure everything with so many records, and print it as JSON."""
    found: dict[str, object] = {"machine": facts(), "records": records}
    for name, evidence in (("varied", _varied), ("alike", _alike)):
        found[name] = {f"batches of {size}": _measured(records, size, evidence) for size in IN_A_BATCH}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


def _measured(records: int, size: int, evidence: Says) -> dict[str, int | float]:
    """Records a second of every step, for batches of one size."""
    people, ties = _topics(records, size, evidence)
    count = records - records // (TIES_A_PERSON + 1)
    raws, whole = list(_partition(ties, TIES, None)), list(_partition(ties, TIES, WholeBatches(TIES.name)))
    Intake(Nobody(), Ledger()).take(whole[:1])  # type: ignore[arg-type]  # compiles; of an engine it has what is used
    return {
        "bytes_a_tie": round(len(ties) / count, 1),
        "aiokafka_one_by_one": _rate(count, lambda: _drop(_partition(ties, TIES, None))),
        "aiokafka_whole_batches": _rate(count, lambda: _drop(_partition(ties, TIES, WholeBatches(TIES.name)))),
        "decoding_slow": _rate(count, lambda: _drop(decode(TIES, raw) for raw in raws)),
        "decoding_fast": _rate(count, lambda: _drop(chain.from_iterable(map(TieDecoder().decode, whole)))),
        "all_to_no_engine": _rate(records, lambda: _rebuilt(people, ties, Nobody())),
        "all_to_the_engine": _rate(records, lambda: _rebuilt(people, ties, Engine(Vocabulary.of({}), today=TODAY))),
    }


def _rate(count: int, work: Callable[[], object]) -> int:
    """Records a second of processor time; the better of two."""
    best = float("inf")
    for _ in range(2):
        gc.collect()
        gc.freeze()  # what was made for measuring would be gone through again and again
        began = process_time()
        work()
        best = min(best, process_time() - began)
    return int(count / best)


def _drop(things: Iterator[Any]) -> None:
    """Go through them and keep none."""
    deque(things, maxlen=0)


def _rebuilt(people: bytes, ties: bytes, engine: Any) -> None:
    """All that a matcher does with fetched bytes, except the update at the end."""
    intake = Intake(engine, Ledger())
    for data, topic in ((people, PEOPLE), (ties, TIES)):
        records = _partition(data, topic, WholeBatches(TIES.name))
        while some := list(islice(records, AT_ONCE)):
            intake.take(some)


def _partition(data: bytes, topic: Topic, values: object) -> Iterator[Any]:
    """Fetched bytes as the consumer unpacks them."""
    yield from consumed(data, TopicPartition(topic.name, 0), values=values)  # which is not to be asked after its end


def _topics(records: int, size: int, evidence: Says) -> tuple[bytes, bytes]:
    """The bytes of people and of ties."""
    draw = random.Random(7)
    count = records // (TIES_A_PERSON + 1)
    ids = [f"{draw.getrandbits(128):032x}" for _ in range(count)]
    people = (_person(draw, one) for one in ids)
    ties = (_tie(ids[n % count], draw.choice(ids), n, evidence(draw, n % count)) for n in range(records - count))
    return _packed(PEOPLE, people, size), _packed(TIES, ties, size)


def _person(draw: random.Random, person: str) -> tuple[str, int, Contract]:
    job = Employment(company=f"Company {draw.randrange(5_000)}", title="Engineer", start=_ago(draw, 3_000))
    return (
        person,
        1_700_000_000_000,
        PersonV1(person_id=person, version=1_700_000_000_000, member=True, introduces=True, employments=(job,)),
    )


def _tie(person: str, contact: str, number: int, says: Sequence[Evidence]) -> tuple[str, int, Contract]:
    version = 1_700_000_000_000 + number
    value = TieV1(person_id=person, contact_id=contact, version=version, evidence=tuple(says))
    return tie_key(person, contact), version, value


def _alike(draw: random.Random, _person: int) -> Sequence[Evidence]:
    return draw.choice(KINDS)


def _varied(draw: random.Random, person: int) -> Sequence[Evidence]:
    listed = Connected(source="linkedin", on=_ago(draw, 4_000), of=200 + person % 1_500)
    return (listed, _rich(draw)) if draw.random() < 1 / 3 else (listed,)


def _rich(draw: random.Random) -> Evidence:
    kind = draw.random()
    if kind < 0.45:  # noqa: PLR2004 - shares of kinds
        return Messages(sent=_few(draw), received=_few(draw), last=_ago(draw, 1_500))
    if kind < 0.8:  # noqa: PLR2004 - as above
        ended = _ago(draw, 3_000) if draw.random() < 1 / 2 else None
        return WorkedTogether(company=f"Company {draw.randrange(5_000)}", months=1 + _few(draw), ended=ended)
    return Closeness(value=draw.randrange(1, 6))


def _few(draw: random.Random) -> int:
    return int(draw.expovariate(1 / 12))


def _ago(draw: random.Random, days: int) -> date:
    return TODAY - timedelta(days=draw.randrange(days))


def _packed(topic: Topic, records: Iterator[tuple[str, int, Contract]], size: int) -> bytes:
    """Records in batches as a producer makes them and a broker keeps them."""
    found, base = bytearray(), 0
    while some := list(islice(records, size)):
        batch = []
        for delta, (key, version, value) in enumerate(some):
            headers = [(name.encode(), content) for name, content in seal(topic.name, key, version, topic.owner)]
            batch.append(Record(delta, key.encode(), value.to_json(), headers))
        found += batch_of(batch, base=base, codec=LZ4)
        base += len(some)
    return bytes(found)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
