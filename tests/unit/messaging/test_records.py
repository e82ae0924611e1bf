"""What an operator may ask of a topic, and how it is understood."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from shared.messaging.inspection.records import (
    RecordFilter,
    age,
    describe,
    iso,
    parse_moment,
    parse_where,
    partitions_of,
)
from shared.messaging.topics.catalogue import PEOPLE, SUGGESTIONS, all_topics, dead_letters

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
VALUE = {
    "company": {"name": "Initech", "domain": None},
    "skills": ["Python", "SQL"],
    "paths": [{"score": 0.5, "ask": "app"}, {"score": 2, "ask": "self"}],
    "member": True,
    "fit": 70.0,
}


@pytest.mark.parametrize(
    ("text", "ago", "assumed"),
    [
        ("15m", timedelta(minutes=15), False),
        ("2h", timedelta(hours=2), False),
        ("3d", timedelta(days=3), False),
        ("2026-05-04T11:00", timedelta(hours=1), True),
        ("2026-05-04T11:00Z", timedelta(hours=1), False),
        ("2026-05-04T11:00+02:00", timedelta(hours=3), False),
        ("2026-05-04", timedelta(hours=12), True),
    ],
)
def test_a_moment_is_iso_8601_or_so_long_ago(text, ago, assumed):
    assert parse_moment(text, NOW) == (NOW - ago, assumed)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "15", "m", "999999999w", "1969-01-01", "2026-13-01", "0001-01-01T00:00+10:00"]
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(ValueError, match=r"no moment|before 1970"):
        parse_moment(text, NOW)


@pytest.mark.parametrize(
    ("where", "matches"),
    [
        ("company.name=Initech", True),
        ("company.name=initech", False),
        ("company.domain=null", True),
        ("company.phone=null", False),
        ("company=Initech", False),
        ("skills=SQL", True),
        ("skills=Rust", False),
        ("paths.ask=self", True),
        ("paths.score=2", True),
        ("paths.score=3", False),
        ("member=true", True),
        ("fit=70", True),
        ("skills.name=SQL", False),
    ],
)
def test_a_filter_follows_its_path_into_objects_and_lists(where, matches):
    assert parse_where(where).matches(VALUE) is matches


def test_the_value_of_a_filter_may_hold_anything_after_the_first_equals_sign():
    assert parse_where("url=https://a.test/?b=c").matches({"url": "https://a.test/?b=c"})


@pytest.mark.parametrize("text", ["company.name", "=x", "a..b=c", ""])
def test_what_is_no_filter_is_refused(text):
    with pytest.raises(ValueError, match="not FIELD=VALUE"):
        parse_where(text)


def raw(value, key=b"k"):
    return SimpleNamespace(topic=PEOPLE.name, partition=0, offset=1, timestamp=0, key=key, value=value, headers=[])


def test_all_filters_must_match_and_a_tombstone_passes_only_without_any_on_the_value():
    both = [parse_where("a=1"), parse_where("b=2")]
    assert RecordFilter(where=both).matches(raw(b'{"a": 1, "b": 2}'))
    assert not RecordFilter(where=both).matches(raw(b'{"a": 1}'))
    assert not RecordFilter(where=both).matches(raw(None))
    assert RecordFilter(key="k").matches(raw(None))
    assert not RecordFilter(key="k").matches(raw(None, key=None))


def test_a_key_is_looked_for_in_its_own_partition_only_where_the_key_decides():
    assert len(partitions_of(PEOPLE, "somebody")) == 1
    assert partitions_of(PEOPLE, None) == list(range(12))
    assert partitions_of(SUGGESTIONS, "somebody") == list(range(12))
    assert partitions_of(dead_letters("postings"), "somebody") == list(range(3))


def test_every_state_topic_but_the_suggestions_is_partitioned_by_its_key():
    assert {t.name for t in all_topics() if t.model and not t.by_key} == {SUGGESTIONS.name}


def test_a_broken_contract_is_shown_with_its_reason_and_never_stops_the_showing():
    assert describe(PEOPLE, raw(b"\xff"), NOW)["violation"] == "header ce_id is missing"
    assert describe(PEOPLE, raw(b"[" * 100_000), NOW)["value"].startswith("[")
    assert describe(dead_letters("postings"), raw(b"\xff"), NOW)["violation"] is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(-3, "0 s"), (119, "119 s"), (120, "2 m"), (7200, "2 h"), (200_000, "2 d")]
)
def test_an_age_is_said_in_its_largest_unit(seconds, text):
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("timestamp", "text"),
    [
        (1_700_000_000_123, "2023-11-14T22:13:20.123+00:00"),
        (-1, "1969-12-31T23:59:59.999+00:00"),
        (2**63 - 1, "9223372036854775807 ms"),
        (-(2**63), "-9223372036854775808 ms"),
    ],
)
def test_any_time_that_a_writer_may_send_can_be_shown(timestamp, text):
    assert iso(timestamp) == text


def test_a_version_of_thousands_of_digits_can_be_shown():
    headers = [("ce_version", b"9" * 5000)]
    raw = SimpleNamespace(topic="t", partition=0, offset=0, timestamp=0, key=b"k", value=None, headers=headers)
    assert describe(PEOPLE, raw, NOW)["version"] == "9" * 5000
