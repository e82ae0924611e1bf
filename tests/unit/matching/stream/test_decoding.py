"""The quick reading of ties accepts, refuses and understands what the slow one does, whatever the bytes are."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.events import Event
from services.matching.stream import decoding
from services.matching.stream.decoding import TieDecoder, TieRun, read_evidence
from shared.events.ties import Blocked, Closeness, Connected, Messages, TieV1, WorkedTogether
from shared.messaging.kafka.fetcher import RawBatch
from shared.messaging.kafka.record_batch import HEADER
from shared.messaging.topics.catalogue import PEOPLE
from shared.testing.record_batches import GZIP, LZ4, PLAIN, SNAPPY, ZSTD, sealed
from tests.tiers import examples
from tests.unit.matching.stream.mutations import GOOD, RECORDS, TIES
from tests.unit.matching.stream.records import (
    Written,
    batch,
    both,
    fetched,
    quickly,
    slowly,
    tombstone,
    written,
)

SLOW = examples(300)
RICH = TieV1(
    person_id="p-1",
    contact_id="c-2",
    version=1_700_000_000_123,
    evidence=(
        Connected(source="linkedin", on=date(2024, 2, 29), of=812),
        WorkedTogether(company="Acme, Inc.", months=14, ended=date(2023, 5, 6), company_size=90),
        Messages(sent=12, received=30, last=date(2025, 11, 30)),
        Closeness(value=4),
    ),
)
SHARED = TieDecoder()
"""It reads all examples of a test, so that what it remembers is tested with it."""


def one_batch(*records: Written, **options: int) -> RawBatch:
    (found,) = fetched(batch(records, **options))
    assert isinstance(found, RawBatch)
    return found


def parts(*records: Written) -> list[TieRun | int]:
    return list(TieDecoder().decode(one_batch(*records)))


@SLOW
@given(RECORDS, st.sampled_from([PLAIN, LZ4]))
def test_whatever_is_written_is_read_as_by_the_slow_reading(records: list[Written], codec: int):
    quick, slow = both(batch(records, codec=codec), reader=SHARED)
    assert quick == slow
    assert len(slow) == len(records)


@SLOW
@given(st.lists(GOOD, min_size=1, max_size=4), st.data())
def test_damaged_batches_are_read_or_refused_as_by_the_slow_reading(records: list[Written], data: st.DataObject):
    whole = bytearray(batch(records, codec=PLAIN))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(HEADER.size - 4, len(whole) - 1) | st.integers(HEADER.size, HEADER.size + 12))
        whole[at] = data.draw(st.integers(0, 255) | st.sampled_from([0, 1, 127, 128, 255]))
    quick, slow = both(sealed(bytes(whole)), reader=SHARED)
    assert quick == slow


@SLOW
@given(TIES)
def test_what_we_write_in_plain_letters_is_read_quickly(tie: TieV1):
    simple = tie.to_json().isascii() and tie.version < 10**18
    assert [type(part) for part in parts(written(tie))] == [TieRun if simple else type(parts(written(tie))[0])]


def test_columns_hold_what_the_records_say():
    traced = written(RICH, traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    (run,) = parts(traced, tombstone("p-1", "c-2", 1_700_000_000_124), written(RICH))
    assert isinstance(run, TieRun)
    assert run.rows == range(3)
    assert list(run.ties.persons) == ["p-1"] * 3
    assert list(run.ties.contacts) == ["c-2"] * 3
    assert list(run.ties.versions) == [1_700_000_000_123, 1_700_000_000_124, 1_700_000_000_123]
    first, gone, again = run.ties.evidences
    assert gone is None
    assert first is again, "equal bytes give one object"
    assert first == (RICH.evidence[0].model_copy(update={"on": None}), *RICH.evidence[1:])


def test_evidence_is_the_contracts_own():
    everything = (*RICH.evidence, Blocked(), WorkedTogether(company="A", months=1, stated=True))
    tie = RICH.model_copy(update={"evidence": everything})
    found = read_evidence(tie.to_json().partition(b'"evidence":')[2][:-1])
    assert found == everything
    assert tie.model_copy(update={"evidence": found}).to_json() == tie.to_json()


def test_a_day_that_is_left_out_is_looked_at_all_the_same():
    good = written(RICH)
    assert good.value is not None
    spoilt = [
        Written(good.key, good.value.replace(b'"on":"2024-02-29"', on), good.headers)
        for on in (b'"on":"2023-02-29"', b'"on":"2024-02-29",', b'"on":"2024-02-29" ', b'"on":"2024-02-2"', b'"on":7')
    ]
    quick, slow = both(batch(spoilt))
    assert quick == slow
    assert [event is None for _, event in slow[:2]] == [True, True]


def test_an_array_that_ends_too_early_is_no_evidence():
    good = written(RICH)
    assert good.value is not None
    cut = good.value.index(b'"evidence":') + len(b'"evidence":')
    bodies = [good.value[:cut] + rest for rest in (b'[],"person_id":"x","evidence":[]}', b'[],"b":[]}', b"[]]}")]
    quick, slow = both(batch([Written(good.key, body, good.headers) for body in bodies]))
    assert quick == slow
    assert [event is None for _, event in slow] == [True, False, True]


def test_records_below_where_the_consumer_stands_are_left_out():
    ties = [RICH.model_copy(update={"version": version}) for version in range(4)]
    data = batch(map(written, ties), base=100) + batch([written(RICH)], base=104)
    quick, slow = both(data, start=102)
    assert quick == slow
    assert [offset for offset, _ in quick] == [102, 103, 104]


def test_the_order_of_quick_and_slow_ones_is_kept():
    odd = Written(b"p-1:c-2", b" " + (written(RICH).value or b""), written(RICH).headers)
    found = parts(written(RICH), written(RICH), odd, written(RICH))
    assert [part.rows if isinstance(part, TieRun) else part for part in found] == [range(2), 2, range(3, 4)]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(decoding, "MAX_CACHED", 3)
    reader = TieDecoder()
    evidence = [(Messages(sent=n, received=n, last=date(2025, 1, 1)),) for n in range(20)]
    records = [written(RICH.model_copy(update={"evidence": one})) for one in evidence]
    (run,) = reader.decode(one_batch(*records))
    assert isinstance(run, TieRun)
    assert list(run.ties.evidences) == evidence
    assert len(reader._cache) <= 3


@pytest.mark.parametrize("codec", [PLAIN, GZIP, SNAPPY, LZ4, ZSTD])
def test_every_codec_is_read_quickly(codec: int):
    found = one_batch(written(RICH), codec=codec)
    (run,) = TieDecoder().decode(found)
    assert isinstance(run, TieRun)
    assert quickly(found, TieDecoder()) == [slowly(raw) for raw in found.consumer_records()]


def test_a_false_count_is_left_to_the_slow_reading():
    whole = bytearray(batch([written(RICH)], codec=PLAIN))
    whole[57:61] = (2**31 - 1).to_bytes(4, "big")
    quick, slow = both(sealed(bytes(whole)))
    assert quick == slow == [slowly(raw) for raw in fetched(batch([written(RICH)]), whole=False)]


def test_only_ties_come_as_whole_batches_and_only_where_asked_for():
    data = batch([written(RICH), written(RICH)])
    assert [type(one) for one in fetched(data)] == [RawBatch]
    for others in (fetched(data, whole=False), fetched(data, topic=PEOPLE.name)):
        assert [(one.key, one.value) for one in others] == [(b"p-1:c-2", RICH.to_json())] * 2


def test_a_batch_ends_where_its_last_record_does():
    first, second = fetched(batch([written(RICH)] * 3, base=7) + batch([written(RICH)], base=10))
    assert (first.topic, first.partition, first.offset, second.offset) == ("ties.v1", 5, 9, 10)


def test_ties_one_by_one_are_events():
    (run,) = parts(written(RICH), tombstone("p-1", "c-2", 9))
    assert isinstance(run, TieRun)
    whole, gone = run.ties.events()
    known = RICH.model_copy(update={"evidence": run.ties.evidences[0]})
    assert whole == Event("ties.v1", "p-1:c-2", known, RICH.version)
    assert gone == Event("ties.v1", "p-1:c-2", None, 9)


def saying(evidence: bytes, version: int = 5) -> Written:
    """A record with these bytes as its evidence."""
    body = b'{"person_id":"p","contact_id":"c","version":%d,"evidence":%b}' % (version, evidence)
    return Written(b"p:c", body, tombstone("p", "c", version).headers)


@pytest.mark.parametrize(
    "evidence",
    [
        b'[{"kind":"address","source":" a "}]',
        b'[{"kind":"address","source":"a\\u0000"}]',
        b'[{"kind":"address","source":"  "}]',
        b'[{"kind":"worked_together","company":"a ","months":1,"stated":true}]',
        b'[{"kind":"connected","source":"a","of":5.0}]',
        b'[{"kind":"connected","source":"a","of":5.5}]',
        b'[{"kind":"messages","sent":1,"received":1,"last":"2025-02-03T23:00:00-02:00"}]',
        b'[{"kind":"messages","sent":1,"received":1,"last":"2025-02"}]',
        b'[{"kind":"closeness","value":"3"}]',
        b'[{"kind":"closeness","value":2,"value":9}]',
        b'[{"kind":"blocked","kind":"closeness"}]',
        b'[{"kind":"blocked","kind":"closeness","value":3}]',
        b'[{"kind":"closeness","value":3,"kind":"blocked"}]',
        b'[{"value":3,"kind":"blocked","kind":"closeness"}]',
        b'[{"kind":"connected","source":"a","on":"2025-02-03","on":"x"}]',
        b'[{"kind":"connected","source":"a","on":"2025-02-03","kind":"address"}]',
        b'[{"kind":"connected","source":"a","on":"2025-02-03","of":null}]',
        b'[{"kind":"blocked","new":"\xff"}]',
        b'[{"kind":"blocked","new":"\\ud800"}]',
        b'[{"kind":"blocked","\xff":1}]',
        b'[{"kind":"introduced","times":-0},{"kind":"introduced","times":1e2}]',
        b'[{"kind":"blocked","new":' + b"[" * 2_000 + b"]" * 2_000 + b"}]",
        b'[{"kind":"address","source":"a},{"},{"kind":"blocked"}]',
        b"[" + b",".join([b'{"kind":"blocked"}'] * 50) + b"]",
        b"[" + b",".join([b'{"kind":"blocked"}'] * 51) + b"]",
    ],
)
def test_evidence_in_another_dress_is_read_as_by_the_slow_reading(evidence: bytes):
    reader = TieDecoder()
    for _ in range(2):  # the second time it may be remembered
        quick, slow = both(batch([saying(evidence), saying(b'[{"kind":"blocked"}]')]), reader=reader)
        assert quick == slow


def test_offsets_that_do_not_grow_are_left_to_the_slow_reading():
    whole = bytearray(batch([saying(b"[]"), saying(b"[]", 6)], codec=PLAIN))
    (start,) = [at for at in range(HEADER.size + 5, len(whole)) if whole[at + 1 : at + 6] == bytes([2, 2, 6]) + b"p:"]
    whole[start + 2] = 0  # the second record's offset, as a zigzag number
    quick, slow = both(sealed(bytes(whole)))
    assert quick == slow
    assert [(offset, event is None) for offset, event in slow] == [(0, False), (1, True)]
