"""A record's bytes are those of the contract's own model, whatever stands in it."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine.engine import Engine
from services.matching.rules.numbers import two_digits
from services.matching.rules.plain.engine import Engine as PlainEngine
from services.matching.rules.suggestions import INTRODUCERS, Introducer, Suggestion
from services.matching.stream.suggestion_record import RecordBuilder, content_of, value_of
from shared.events.suggestions import Opening, SuggestionV1, suggestion_id
from tests.unit.matching.engine.crowds import SMALL_TOWN, Crowd
from tests.unit.matching.engine.histories import VOCABULARY
from tests.unit.matching.stream.reference_record import record_of, without_version

POSTED = datetime(2026, 1, 5, tzinfo=UTC)


def _stripped(text: str) -> bool:
    return text.strip() == text


printable = st.characters(codec="utf-8", min_codepoint=0x20, exclude_characters="\x7f")
awkward = st.sampled_from(['"version":0', '\\"version\\":0', "é\u2028é", "5c1b6a1e-3333-4444-8888-000000000001"])
ids = st.text(printable, min_size=1, max_size=40).filter(_stripped) | awkward
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60).filter(_stripped)
moments = st.datetimes(timezones=st.just(UTC))
heads = st.builds(Opening, title=texts, company=texts, url=st.none() | texts, posted_at=moments)
factors = st.integers(0, 10_000).map(lambda whole: whole / 10_000)
scores = st.tuples(factors, factors, factors).map(lambda three: three[0] * three[1] * three[2])
introducers = st.builds(
    Introducer, ids, ids, scores, st.sampled_from(["warm", "possible"]), st.sampled_from(["app", "hand"]),
    st.lists(texts, max_size=4).map(tuple),
)  # fmt: skip
paths = st.lists(introducers, min_size=1, max_size=INTRODUCERS).map(tuple)
found = st.builds(Suggestion, ids, ids, factors, heads, paths)


@given(found, st.integers(0, 2**63 - 1))
def test_the_bytes_are_those_of_the_contract(one, version):
    content = RecordBuilder().content(suggestion_id(one.seeker, one.posting), one)
    expected = record_of(one, version)
    assert content == content_of(expected)
    assert value_of(content, version) == expected.to_json()
    assert content_of(SuggestionV1.model_validate_json(value_of(content, version))) == content
    assert without_version(expected.to_json()) == content


def test_every_score_of_two_digits_is_written_as_the_contract_writes_it():
    builder, head = RecordBuilder(), Opening(title="Developer", company="Initech", posted_at=POSTED)
    for exponent in range(12):
        for digits in range(10, 100):
            score = two_digits(digits / 100 * 10.0**-exponent)
            one = Suggestion("s", "o", 1.0, head, (Introducer("i", "i", score, "warm", "app", ()),))
            assert builder.content("k", one) == content_of(record_of(one, 0)).replace(
                suggestion_id("s", "o").encode(), b"k"
            )


def test_openings_are_told_apart_even_where_one_takes_the_place_of_another(monkeypatch):
    monkeypatch.setattr(RecordBuilder, "MOST", 2)
    builder = RecordBuilder()
    for number in range(50):  # each head may stand where an earlier one stood
        head = Opening(title=f"Developer {number}", company="Initech", posted_at=POSTED)
        one = Suggestion("s", "o", 1.0, head, (Introducer("i", "i", 0.5, "warm", "app", ()),))
        assert f'"Developer {number}"'.encode() in builder.content("k", one)


@pytest.mark.parametrize("seed", range(3))
def test_both_engines_give_the_same_bytes_through_a_fixed_history(seed):
    """The whole way: what each engine says of its changes, as records, against the contract's model."""
    crowd = Crowd(random.Random(seed), SMALL_TOWN)
    crowd.settle_in(members=30, contacts=20, openings=12, ties_each=4)
    history = crowd.begin()
    fast, plain = Engine(VOCABULARY, today=crowd.day), PlainEngine(VOCABULARY, today=crowd.day)
    records = []
    for engine in (fast, plain):
        builder = RecordBuilder()
        changes = engine.apply_all(history)
        keys = [suggestion_id(change.seeker, change.posting) for change in changes]
        now = engine.current(changes)
        records.append({key: builder.content(key, one) for key, one in zip(keys, now, strict=True) if one is not None})
        assert records[-1] == {key: record_of(one, 0).to_json() for key, one in zip(keys, now, strict=True) if one}
    assert records[0] == records[1]
    assert len(records[0]) > 20
