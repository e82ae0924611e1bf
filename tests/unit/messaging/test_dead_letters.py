"""Headers of dead letters, and the limit beyond which a group stops."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from shared.messaging.consume.decoding import bad
from shared.messaging.dead_letters.poison_guard import PoisonGuard, TooManyBadRecords
from shared.messaging.dead_letters.writer import RejectedRecord, letter_headers, retry_origin

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Raw:
    topic: str = "people.v1"
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)
    partition: int = 4
    offset: int = 99
    timestamp: int = 0
    key: bytes | None = b"k"
    value: bytes | None = b"v"


def letter(raw: Raw) -> dict[str, bytes]:
    return dict(
        letter_headers(RejectedRecord(raw, bad("people.v1", raw, "title: missing", "ValidationError")), "postings", NOW)
    )


def test_a_dead_letter_says_where_from_and_why():
    assert letter(Raw(headers=[("ce_id", b"\xff"), ("empty", None)])) == {
        "ce_id": b"\xff",
        "empty": b"",
        "dlq_topic": b"people.v1",
        "dlq_partition": b"4",
        "dlq_offset": b"99",
        "dlq_error": b"ValidationError",
        "dlq_reason": b"title: missing",
        "dlq_attempts": b"1",
        "dlq_first_at": b"2026-03-01T12:00:00.000+00:00",
        "dlq_last_at": b"2026-03-01T12:00:00.000+00:00",
    }


def test_a_retried_letter_keeps_its_first_place_and_time_and_counts_on():
    before = letter(Raw(headers=[("ce_id", b"1")])) | {"dlq_first_at": b"then", "dlq_attempts": b"3"}
    again = letter(Raw(topic="postings.retry", partition=0, offset=5, headers=list(before.items())))
    assert (again["dlq_topic"], again["dlq_partition"], again["dlq_offset"]) == (b"people.v1", b"4", b"99")
    assert (again["dlq_attempts"], again["dlq_first_at"]) == (b"4", b"then")
    assert again["dlq_last_at"] == b"2026-03-01T12:00:00.000+00:00"
    assert len(again) == len(before), "no header is there twice"


def test_headers_of_a_stranger_mean_nothing():
    forged = letter(Raw(headers=[("dlq_topic", b"ties.v1"), ("dlq_attempts", b"99")]))
    assert (forged["dlq_topic"], forged["dlq_attempts"]) == (b"people.v1", b"1")


@pytest.mark.parametrize("attempts", [b"", b"x", b"9" * 5000, b"\xff"])
def test_unreadable_attempts_count_from_the_beginning(attempts):
    assert letter(Raw(topic="postings.retry", headers=[("dlq_attempts", attempts)]))["dlq_attempts"] == b"1"


@pytest.mark.parametrize(("value", "origin"), [(b"people.v1", "people.v1"), (b"\xff", None), (b"", None), (None, None)])
def test_the_origin_of_a_retried_record(value, origin):
    assert retry_origin(Raw(headers=[("dlq_topic", value)])) == origin


def test_without_the_header_there_is_no_origin():
    assert retry_origin(Raw()) is None


def test_a_few_bad_records_never_stop_a_group():
    guard = PoisonGuard()
    for second in range(50):
        guard.check(0, 2, now=second)
        guard.count(0, 2, now=second)


def test_more_than_a_hundred_stop_it_when_they_are_most():
    guard = PoisonGuard()
    guard.count(99, 100, now=0)
    guard.check(2, 1, now=1)  # 101 of 202
    with pytest.raises(TooManyBadRecords, match="101 of the last 201"):
        guard.check(1, 1, now=1)


def test_a_batch_that_is_bad_altogether_stops_it_at_once():
    with pytest.raises(TooManyBadRecords):
        PoisonGuard().check(0, 101)


def test_what_is_long_ago_does_not_count():
    guard = PoisonGuard()
    guard.count(0, 100, now=0)
    guard.check(0, 1, now=61)
    with pytest.raises(TooManyBadRecords):
        guard.check(0, 101, now=61)
