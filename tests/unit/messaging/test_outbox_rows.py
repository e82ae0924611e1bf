"""Versions, and what `outgoing` refuses."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.base import MAX_BODY_BYTES
from shared.events.clock import ClockV1
from shared.events.people import PersonV1
from shared.events.suggestions import PathV1, SuggestionV1
from shared.messaging.publish.outbox import TooLarge, next_version, outgoing_record
from shared.messaging.topics.catalogue import CLOCK, PEOPLE, SUGGESTIONS, dead_letters
from shared.observability import trace

PERSON = PersonV1(person_id="a", version=5, member=True)


@given(previous=st.integers(0, 2**62), now=st.integers(0, 2**62))
def test_a_version_grows_past_the_previous_one_and_follows_the_clock(previous, now):
    version = next_version(previous, now)
    assert version > previous
    assert version >= now
    assert version in {previous + 1, now}


def test_the_first_version_is_the_time():
    assert next_version(None, 1234) == 1234
    assert next_version() > 1_700_000_000_000


def test_a_record_is_sealed_with_the_trace_it_belongs_to():
    bound = trace.make()
    trace.bind(bound)
    try:
        headers = dict(outgoing_record(PEOPLE, "a", PERSON, 5, source="profiles").headers)
    finally:
        trace.unbind()
    assert headers["traceparent"] == bound.encode()
    assert headers["ce_version"] == b"5"
    assert headers["ce_source"] == b"/warmpath/profiles"


def test_a_value_that_is_too_long_is_refused():
    path = PathV1(
        introducer_id="i", insider_id="j", score=0.5, label="warm", ask="app", reasons=("x" * MAX_BODY_BYTES,)
    )
    value = SuggestionV1(suggestion_id="s", seeker_id="a", posting_id="p", version=1, fit=70, paths=(path,))
    with pytest.raises(TooLarge, match=r"suggestions\.v1"):
        outgoing_record(SUGGESTIONS, "s", value, 1, source="matching")


@pytest.mark.parametrize(
    ("topic", "value", "version"),
    [
        (CLOCK, None, 1),
        (CLOCK, PERSON, 5),
        (PEOPLE, PERSON, 6),
        (dead_letters("postings"), PERSON, 5),
        (PEOPLE, ClockV1(day=date(2026, 1, 1)), 0),
    ],
)
def test_what_breaks_the_topics_contract_is_refused(topic, value, version):
    with pytest.raises(ValueError, match=r"belong|carry|version"):
        outgoing_record(topic, "k", value, version, source="postings")
