"""The findings of `warmpath doctor`."""

from datetime import UTC, date, datetime

import pytest

from cli.findings import ahead, configuration, day, worst

GOOD = {"WARMPATH_OPERATOR_TOKEN": "o" * 16, "WARMPATH_SERVICE_TOKEN": "s" * 16}


@pytest.mark.parametrize(
    ("changes", "states"),
    [
        ({}, ["ok", "ok"]),
        ({"WARMPATH_SERVICE_TOKEN": ""}, ["ok", "warning"]),
        ({"WARMPATH_SERVICE_TOKEN": "short"}, ["ok", "error"]),
        ({"WARMPATH_OPERATOR_TOKEN": "change-me"}, ["error", "ok"]),
        ({"WARMPATH_SERVICE_TOKEN": "o" * 16}, ["ok", "ok", "error"]),
        ({"WARMPATH_PROFILES_PASSWORD": "change-me"}, ["ok", "ok", "error"]),
    ],
)
def test_secrets_must_be_set_long_different_and_not_placeholders(changes, states):
    found = configuration(GOOD | changes, {})
    assert [each.state for each in found] == states
    assert all(each.remedy for each in found if each.state != "ok")
    assert "ssss" not in repr(found)


def test_secrets_of_a_local_stack_come_from_its_description():
    found = configuration({}, {"operator_token": "o" * 16, "service_token": "s" * 16})
    assert worst(found) == "ok"


@pytest.mark.parametrize(
    ("written", "at", "state"),
    [
        (date(2026, 5, 4), "2026-05-04T00:00", "ok"),
        (date(2026, 5, 3), "2026-05-04T00:19", "warning"),
        (date(2026, 5, 3), "2026-05-04T00:21", "error"),
        (date(2026, 5, 2), "2026-05-04T00:01", "error"),
        (date(2026, 5, 5), "2026-05-04T12:00", "error"),
        (None, "2026-05-04T12:00", "error"),
    ],
)
def test_the_day_must_be_today_in_utc(written, at, state):
    assert day(written, datetime.fromisoformat(at).replace(tzinfo=UTC)).state == state


@pytest.mark.parametrize(("seconds", "state"), [(1, "ok"), (-5, "warning"), (40, "error"), (-40, "error")])
def test_clocks_that_disagree_are_reported(seconds, state):
    assert ahead("x", seconds).state == state
