"""Which letters are meant, and what is said of them."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from shared.messaging.dead_letters.letters import (
    LetterFilter,
    Resolution,
    count_by_reason,
    is_marker,
    marker_headers,
    parse_id,
    parse_letter,
    parse_marker,
)
from shared.messaging.dead_letters.replaying import plan

MOMENT = datetime(2026, 5, 4, 12, tzinfo=UTC)
MS = int(MOMENT.timestamp() * 1000)


def letter(offset=7, written_ms=MS, **headers):
    base = {
        "topic": "people.v1",
        "partition": "3",
        "offset": "41",
        "error": "NotARecord",
        "reason": "The key is missing",
    }
    base |= {"attempts": "2"} | headers
    return parse_letter(raw([(f"dlq_{name}", value.encode()) for name, value in base.items()], offset, written_ms))


def raw(headers, offset=7, written_ms=MS, value=b"{}"):
    return SimpleNamespace(
        topic="g.dlq", partition=1, offset=offset, timestamp=written_ms, key=b"k", value=value, headers=headers
    )


def test_a_letter_is_read_whatever_its_headers_are_like():
    whole = letter()
    assert (whole.id, whole.origin, whole.attempts, whole.truncated) == ("1:7", "people.v1 3:41", 2, None)
    broken = parse_letter(raw([("dlq_attempts", b"\xff"), ("dlq_topic", b"\xff")], value=None))
    assert (broken.attempts, broken.topic, broken.reason, broken.size) == (0, "\ufffd", "?", 0)


@pytest.mark.parametrize(
    ("letter_filter", "matches"),
    [
        (LetterFilter(), True),
        (LetterFilter(ids=[(1, 7)]), True),
        (LetterFilter(ids=[(0, 7)]), False),
        (LetterFilter(topic="people.v1", error="NotARecord", reason="KEY"), True),
        (LetterFilter(topic="people"), False),
        (LetterFilter(error="Not"), False),
        (LetterFilter(reason="version"), False),
        (LetterFilter(since=MOMENT), True),
        (LetterFilter(until=MOMENT), False),
    ],
)
def test_a_letter_must_match_every_part_of_a_filter(letter_filter, matches):
    assert letter_filter.matches(letter()) is matches


def test_a_marker_says_what_was_done_with_which_letter():
    done = Resolution("dropped", "somebody", "2026-05-04T12:00:00.000+00:00")
    marker = raw(marker_headers(letter(), done), value=None)
    assert is_marker(marker)
    assert parse_marker(marker) == ((1, 7), done)
    assert parse_marker(raw([("dlq_resolved", b"x")])) is None
    assert not is_marker(raw([]))


def test_what_was_resolved_or_is_not_whole_is_not_replayed():
    letters = [letter(1), letter(2), letter(3, truncated="9000000")]
    done = {(1, 1): Resolution("replayed", "a", "b")}
    found = plan(letters, done, LetterFilter(), "replayed", again=False)
    assert [[each.id for each in part] for part in (found.ready, found.resolved, found.truncated)] == [
        ["1:2"],
        ["1:1"],
        ["1:3"],
    ]
    assert [each.id for each in plan(letters, done, LetterFilter(), "replayed", again=True).ready] == ["1:1", "1:2"]
    assert [each.id for each in plan(letters, done, LetterFilter(), "dropped", again=False).ready] == ["1:2", "1:3"]


def test_letters_of_one_kind_are_counted_with_their_first_and_last_time():
    first, second = count_by_reason([letter(written_ms=5), letter(written_ms=3), letter(error="Permanent")])
    assert (first.letters, first.first_ms, first.last_ms, second.error) == (2, 3, 5, "Permanent")


@pytest.mark.parametrize("text", ["", "1", "1:", ":1", "a:1", "-1:2", "1:2:3"])
def test_what_is_no_id_is_refused(text):
    with pytest.raises(ValueError, match="PARTITION:OFFSET"):
        parse_id(text)
