"""Every kind of bad record gets its reason, no reason repeats input, and nothing makes decoding raise."""

import json
from dataclasses import dataclass
from dataclasses import field as having
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.clock import ClockV1
from shared.events.envelope import seal
from shared.messaging.consume.decoding import Bad, Record, decode
from shared.messaging.topics.catalogue import CLOCK, POSTINGS, STATE_TOPICS, dead_letters

SECRET = "Hidden Name Ltd"
Headers = list[tuple[str, bytes | None]]


def body(**changes: Any) -> bytes:
    whole = {
        "posting_id": "p1",
        "version": 7,
        "company": {"name": SECRET},
        "title": "Engineer",
        "workplace": "remote",
        "posted_at": "2026-01-05T10:00:00Z",
    }
    return json.dumps({name: value for name, value in (whole | changes).items() if value is not ...}).encode()


def headers(**changes: bytes | None) -> Headers:
    sealed: dict[str, bytes | None] = dict(seal(POSTINGS.name, "p1", 7, "postings"))
    return [(name, value) for name, value in (sealed | changes).items() if value != b"..."]


@dataclass(frozen=True)
class Raw:
    key: bytes | None = b"p1"
    value: bytes | None = having(default_factory=body)
    headers: Headers = having(default_factory=headers)
    topic: str = POSTINGS.name
    partition: int = 3
    offset: int = 17
    timestamp: int = 1_700_000_000_000


def test_a_good_record_is_read_whole():
    record = decode(POSTINGS, Raw())
    assert isinstance(record, Record)
    assert (record.topic, record.partition, record.offset, record.key) == ("postings.v1", 3, 17, "p1")
    assert (record.version, record.timestamp_ms) == (7, 1_700_000_000_000)
    assert record.value is not None
    assert record.value.model_dump()["company"]["name"] == SECRET
    assert record.envelope.source == "/warmpath/postings"
    assert record.envelope.time < datetime.now(UTC)


def test_a_tombstone_is_a_record_without_a_value():
    record = decode(POSTINGS, Raw(value=None))
    assert isinstance(record, Record)
    assert record.value is None
    assert record.version == 7


def test_fields_of_a_newer_writer_are_ignored():
    assert isinstance(decode(POSTINGS, Raw(value=body(from_the_future=1))), Record)


def test_a_body_without_a_version_takes_the_envelopes():
    raw = Raw(key=b"day", value=ClockV1(day="2026-02-03").to_json(), topic=CLOCK.name)
    without_version = Raw(key=b"day", value=b'{"day": "2026-02-03"}', topic=CLOCK.name)
    assert isinstance(decode(CLOCK, without_version), Record)
    assert isinstance(decode(CLOCK, raw), Bad), "version 0 was written into the body, and it is not the envelope's 7"


BAD = {
    "not JSON": (Raw(value=f"{{{SECRET}".encode()), "body: json_invalid"),
    "not UTF-8": (Raw(value=b'{"posting_id": "\xff"}'), "body: json_invalid"),
    "an empty body, which is no tombstone": (Raw(value=b""), "body: json_invalid"),
    "not an object": (Raw(value=b"[1]"), "body: model_type"),
    "missing field": (Raw(value=body(title=...)), "title: missing"),
    "wrong type": (Raw(value=body(company={"name": [SECRET]})), "company.name: string_type"),
    "unknown word": (Raw(value=body(workplace=SECRET)), "workplace: enum"),
    "two faults": (Raw(value=body(title=..., skills=[3])), "title: missing; skills.0: string_type"),
    "salary upside down": (Raw(value=body(salary={"min": 2, "max": 1, "currency": "EUR"})), "salary: value_error"),
    "a time that is none": (Raw(value=body(posted_at=SECRET)), "posted_at: value_error"),
    "no key": (Raw(key=None), "the key is missing"),
    "empty key": (Raw(key=b""), "the key is missing"),
    "key is not UTF-8": (Raw(key=b"\xff"), "the key is not UTF-8"),
    "header is not UTF-8": (Raw(headers=headers(ce_source=b"\xff")), "header ce_source is not UTF-8"),
    "foreign header is not UTF-8": (Raw(headers=headers(other=b"\xff")), "header other is not UTF-8"),
    "no headers": (Raw(headers=[]), "header ce_id is missing"),
    "no version": (Raw(headers=headers(ce_version=b"...")), "header ce_version is missing"),
    "tombstone without a version": (
        Raw(value=None, headers=headers(ce_version=b"...")),
        "header ce_version is missing",
    ),
    "version is no number": (Raw(headers=headers(ce_version=SECRET.encode())), "header ce_version is malformed"),
    "version is negative": (Raw(headers=headers(ce_version=b"-7")), "header ce_version is malformed"),
    "version is past what a database holds": (
        Raw(headers=headers(ce_version=str(2**63).encode())),
        "header ce_version is malformed",
    ),
    "time is no time": (Raw(headers=headers(ce_time=SECRET.encode())), "header ce_time is malformed"),
    "two versions": (Raw(value=body(version=8)), "the body's version is not that of the header ce_version"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_records_get_their_reason(kind):
    raw, reason = BAD[kind]
    found = decode(POSTINGS, raw)
    assert isinstance(found, Bad)
    assert found.reason == reason
    assert (found.topic, found.partition, found.offset, found.key) == ("postings.v1", 3, 17, raw.key)
    assert SECRET not in found.reason + found.error


def test_a_tombstone_where_none_belongs_is_bad():
    found = decode(CLOCK, Raw(key=b"day", value=None))
    assert isinstance(found, Bad)
    assert found.reason == "a tombstone does not belong on clock.v1"


def test_many_faults_are_named_shortly():
    found = decode(POSTINGS, Raw(value=body(skills=[1] * 99)))
    assert isinstance(found, Bad)
    assert found.reason.endswith("skills.9: string_type; and 89 more")


def test_a_topic_without_a_contract_has_no_records():
    assert isinstance(decode(dead_letters("postings"), Raw()), Bad)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode())
names = st.sampled_from([name for name, _ in headers()]) | st.text()
some_headers = st.lists(st.tuples(names, st.none() | st.binary(max_size=30)), max_size=8)


@given(
    topic=st.sampled_from(STATE_TOPICS),
    key=st.none() | st.binary(max_size=20),
    value=st.none() | st.binary(max_size=60) | json_like,
    more=some_headers,
    sealed=st.booleans(),
)
def test_decoding_never_raises(topic, key, value, more, sealed):
    raw = Raw(key=key, value=value, headers=[*(headers() if sealed else []), *more])
    assert isinstance(decode(topic, raw), Record | Bad)


dates = st.datetimes().map(str) | st.sampled_from(["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1e999"])


@given(changes=st.dictionaries(st.sampled_from(["posted_at", "valid_through", "salary", "skills"]), json_like | dates))
def test_decoding_never_raises_on_fields_of_any_shape(changes):
    loaded = {name: json.loads(text) if isinstance(text, bytes) else text for name, text in changes.items()}
    assert isinstance(decode(POSTINGS, Raw(value=body(**loaded))), Record | Bad)
