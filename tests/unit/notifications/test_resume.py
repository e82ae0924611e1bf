"""Where a live stream goes on, and the form of its events."""

import json

import pytest
from pydantic import ValidationError

from services.notifications.live_stream import frame, resume_from
from services.notifications.settings import Settings
from shared.web.identity import TTL_S


@pytest.mark.parametrize(
    ("header", "first", "last", "expected"),
    [
        (None, 1, 0, (0, "ready")),
        (None, 3, 9, (9, "ready")),
        ("5", 3, 9, (5, None)),
        ("9", 3, 9, (9, None)),
        ("2", 3, 9, (2, None)),  # the next one, 3, is still kept
        ("1", 3, 9, (9, "reset")),  # 2 is gone
        ("10", 3, 9, (9, "reset")),  # of another life
        ("9", 10, 9, (9, None)),  # all forgotten, none missed
        ("8", 10, 9, (9, "reset")),
        ("-1", 1, 9, (9, "reset")),
        ("nine", 1, 9, (9, "reset")),
        ("²", 1, 9, (9, "reset")),
        ("9" * 40, 1, 9, (9, "reset")),
        ("0", 1, 0, (0, None)),
    ],
)
def test_a_stream_goes_on_where_it_was_or_says_reset(header, first, last, expected):
    assert resume_from(header, first, last) == expected


def test_an_event_is_three_lines_whatever_it_holds():
    raw = frame("updated", {"title": "a\nid: 7\n\nevent: x\r\udfff"}, 12).decode()
    lines = raw.split("\n")
    assert lines[:2] == ["id: 12", "event: updated"]
    assert json.loads(lines[2].removeprefix("data: "))["title"].startswith("a\nid: 7")
    assert lines[3:] == ["", ""]


def test_a_revoked_token_ends_a_stream_within_a_minute_whatever_is_set():
    with pytest.raises(ValidationError):
        Settings(service_token="s" * 20, operator_token="o" * 20, stream_check_seconds=30.1)
    assert TTL_S + 30 <= 60, "an answer that is cached, and the longest time between two checks"
