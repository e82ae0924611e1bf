"""Batches of ties are taken in like their records one by one; and who owns an opening."""

from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord
from hypothesis import given
from structlog.testing import capture_logs

from services.matching.events import Ties
from services.matching.rules.plain.engine import Engine
from services.matching.stream.intake import Intake
from services.matching.stream.ledger import Ledger
from shared.events.envelope import seal
from shared.events.postings import Company, PostingV1
from shared.messaging.topics.catalogue import POSTINGS
from shared.observability.metric_list import MATCHER_RECORDS, MATCHER_UNREADABLE
from tests.tiers import examples
from tests.unit.matching.engine.histories import VOCABULARY
from tests.unit.matching.stream.mutations import RECORDS
from tests.unit.matching.stream.records import Written, batch, fetched, tombstone
from tests.unit.matching.stream.test_decoding import RICH, written


def intake() -> Intake:
    return Intake(Engine(VOCABULARY), Ledger())


def held(taken_in: Intake, records: list[Written]) -> dict[str, Any]:
    """What the engine knows of every key that is text."""
    keys = [one.key.decode(errors="replace") for one in records if one.key]
    ends = [key.split(":")[:2] for key in keys if ":" in key]
    versions = {key: taken_in.engine.version("ties.v1", key) for key in keys}
    return versions | {f"{a} {b}": len(taken_in.engine.state.side(a, b)) for a, b in ends}


@examples(60)
@given(RECORDS)
def test_a_batch_is_taken_in_as_its_records_are(records: list[Written]):
    whole, single = intake(), intake()
    data = batch(records, base=40)
    with capture_logs() as of_whole:
        whole.take(fetched(data))
    with capture_logs() as of_single:
        single.take(fetched(data, whole=False))
    assert held(whole, records) == held(single, records)
    assert whole.taken == single.taken == {("ties.v1", 5): 40 + len(records)}
    assert of_whole == of_single


def counted(metric: Any) -> float:
    return float(metric.labels("ties.v1")._value.get())


def test_one_bad_record_is_counted_and_logged_and_the_others_go_in():
    bad = Written(b"p-1:c-9", b"{", tombstone("p-1", "c-9", 3).headers)
    others = [RICH.model_copy(update={"contact_id": f"c-{n}"}) for n in range(4)]
    records = [written(others[0]), written(others[1]), bad, written(others[2]), written(others[3])]
    read, unreadable = counted(MATCHER_RECORDS), counted(MATCHER_UNREADABLE)
    taken_in = intake()
    with capture_logs() as logs:
        taken_in.take(fetched(batch(records, base=7)))
    assert [taken_in.engine.state.has_side("p-1", f"c-{n}") for n in range(4)] == [True] * 4
    assert [(line["event"], line["offset"]) for line in logs] == [("record_skipped", 9)]
    assert (counted(MATCHER_RECORDS) - read, counted(MATCHER_UNREADABLE) - unreadable) == (5, 1)


def test_ties_that_fail_together_go_in_one_by_one(monkeypatch: pytest.MonkeyPatch):
    def fail(_self: Engine, _ties: Ties) -> None:
        raise MemoryError

    monkeypatch.setattr(Engine, "ingest_ties", fail)
    taken_in = intake()
    with capture_logs() as logs:
        taken_in.take(fetched(batch([written(RICH), tombstone("p-1", "c-3", 4)])))
    assert taken_in.engine.state.has_side("p-1", "c-2")
    assert taken_in.engine.version("ties.v1", "p-1:c-3") == 4
    assert [line["event"] for line in logs] == ["ties_failed_together"]


def test_batches_and_single_records_are_taken_in_their_order():
    later = RICH.model_copy(update={"version": RICH.version + 1, "evidence": ()})
    taken_in = intake()
    first = fetched(batch([written(RICH)]))
    then = fetched(batch([written(later)], base=1), whole=False)
    taken_in.take([*first, *then])
    assert taken_in.engine.state.side("p-1", "c-2") == ()
    assert taken_in.taken == {("ties.v1", 5): 2}


POSTING = PostingV1(
    posting_id="o-1", version=5, company=Company(name="Initech"), title="Developer", workplace="remote",
    posted_at=datetime(2026, 1, 5, tzinfo=UTC),
)  # fmt: skip


def raw_posting(key: str, partition: int, offset: int = 0, posting: PostingV1 = POSTING) -> Any:
    headers = seal(POSTINGS.name, key, posting.version, "postings", traceparent="00-trace")
    value = posting.to_json()
    return ConsumerRecord(
        POSTINGS.name, partition, offset, 0, 0, key.encode(), value, None, len(key), len(value), tuple(headers)
    )


def test_a_posting_belongs_to_the_partition_of_its_record():
    taken_in = intake()
    origins = taken_in.take([raw_posting("o-1", 3, offset=8)])
    assert taken_in.partitions == {"o-1": 3}
    assert [(origin.traceparent, origin.partition, origin.offset) for origin in origins.values()] == [
        ("00-trace", 3, 8)
    ]


@pytest.mark.parametrize("known", [{}, {"o-2": 3}])
def test_a_posting_under_a_foreign_key_is_skipped_and_moves_no_opening(known: dict[str, int]):
    taken_in = intake()
    taken_in.partitions.update(known)
    with capture_logs() as logs:
        assert taken_in.take([raw_posting("o-2", 7)]) == {}
    assert taken_in.partitions == known
    assert [(line["event"], line["reason"]) for line in logs] == [
        ("record_skipped", "the key is not the id in the value")
    ]
