"""decide(): a table of cases, and that any order and repetition ends in the newest state, told at most once a thing."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain import (
    BURST,
    FRESH,
    GIVE_UP_AFTER,
    LONGEST_RETRY,
    RETELL_AFTER,
    Band,
    Change,
    Decision,
    IncomingRecord,
    Route,
    Status,
    StoredItem,
    band,
    decide,
    due_at,
    retry_at,
    route,
)

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
TOLD = NOW - timedelta(days=2)
UNREAD, UPDATED, READ = Status.UNREAD, Status.UPDATED, Status.READ


@pytest.mark.parametrize(
    ("held", "incoming", "expected"),
    [
        (None, IncomingRecord(1, "a"), Decision(Change.ADDED, UNREAD, tell=True)),
        (None, IncomingRecord(1, None), Decision(Change.UNKNOWN_WITHDRAWN)),
        (StoredItem(5, True, READ, "a"), IncomingRecord(5, "b"), Decision(Change.STALE, READ)),
        (StoredItem(5, True, READ, "a"), IncomingRecord(4, None), Decision(Change.STALE, READ)),
        (StoredItem(5, False), IncomingRecord(4, "a"), Decision(Change.STALE)),
        (StoredItem(5, True, UNREAD, "a"), IncomingRecord(6, "a"), Decision(Change.REFRESHED, UNREAD)),
        (StoredItem(5, True, READ, "a"), IncomingRecord(6, "a"), Decision(Change.REFRESHED, READ)),
        (StoredItem(5, True, UNREAD, "a"), IncomingRecord(6, "b"), Decision(Change.UPDATED, UNREAD)),
        (StoredItem(5, True, READ, "a"), IncomingRecord(6, "b"), Decision(Change.UPDATED, UPDATED)),
        (StoredItem(5, True, UPDATED, "a"), IncomingRecord(6, "b"), Decision(Change.UPDATED, UPDATED)),
        (StoredItem(5, True, READ, "a"), IncomingRecord(6, None), Decision(Change.WITHDRAWN)),
        (StoredItem(5, False), IncomingRecord(6, None), Decision(Change.UNKNOWN_WITHDRAWN)),
        (StoredItem(5, False, told_at=TOLD), IncomingRecord(6, "a"), Decision(Change.ADDED, UNREAD, tell=True)),
        (StoredItem(5, False, told_at=None), IncomingRecord(6, "a"), Decision(Change.ADDED, UNREAD, tell=True)),
        (
            StoredItem(5, False, told_at=NOW - RETELL_AFTER),
            IncomingRecord(6, "a"),
            Decision(Change.ADDED, UNREAD, tell=True),
        ),
        (StoredItem(5, False, told_at=NOW), IncomingRecord(6, "a"), Decision(Change.ADDED, UNREAD, tell=False)),
    ],
)
def test_a_record_does_what_the_table_says(held, incoming, expected):
    assert decide(held, incoming, NOW) == expected


def _apply(history, clock_step):
    """Runs `decide` as the store does; gives what is held at the end and when something was told."""
    held, now, told, accepted = None, NOW, [], []
    for incoming in history:
        now += clock_step
        decision = decide(held, incoming, now)
        if decision.change is Change.STALE:
            continue
        accepted.append(incoming)
        told_at = held.told_at if held else None
        if decision.tell:
            told.append(now)
            told_at = now
        held = StoredItem(incoming.version, incoming.top is not None, decision.status, incoming.top, told_at)
    return held, told, accepted


TOPS = st.sampled_from([None, "a", "b"])
HISTORIES = st.lists(TOPS, min_size=1, max_size=8).flatmap(
    lambda tops: st.lists(st.integers(0, len(tops) - 1), max_size=12).flatmap(
        lambda repeats: st.permutations([*range(len(tops)), *repeats]).map(
            lambda order: (tops, [IncomingRecord(index + 1, tops[index]) for index in order])
        )
    )
)


@given(HISTORIES, st.sampled_from([timedelta(seconds=1), timedelta(days=1)]))
def test_any_order_and_repetition_ends_in_the_newest_state(histories, step):
    tops, history = histories
    held, _, _ = _apply(history, step)
    assert held is not None
    assert (held.version, held.live, held.top) == (len(tops), tops[-1] is not None, tops[-1])


@given(HISTORIES, st.sampled_from([timedelta(seconds=1), timedelta(days=1)]))
def test_a_thing_is_told_at_most_once(histories, step):
    _, told, accepted = _apply(histories[1], step)
    spells = sum(
        each.top is not None and (index == 0 or accepted[index - 1].top is None) for index, each in enumerate(accepted)
    )
    assert len(told) <= spells
    assert all(later - earlier >= RETELL_AFTER for earlier, later in pairwise(told))
    if step >= RETELL_AFTER:
        assert len(told) == spells


def test_an_openings_own_event_is_told_at_once_up_to_a_burst():
    assert route("opening", timedelta(0), BURST - 1) is Route.AT_ONCE
    assert route("opening", timedelta(0), BURST) is Route.SUMMARY


def test_what_the_network_brings_joins_the_summary():
    assert route("network", timedelta(0), 0) is Route.SUMMARY
    assert route(None, timedelta(0), 0) is Route.SUMMARY


def test_a_backlog_joins_the_summary():
    assert route("opening", FRESH, 0) is Route.AT_ONCE
    assert route("opening", FRESH + timedelta(seconds=1), 0) is Route.SUMMARY


def test_a_summary_waits_for_quiet_but_not_for_ever():
    quiet, longest = timedelta(seconds=60), timedelta(minutes=15)
    assert due_at(NOW, NOW, quiet, longest) == NOW + quiet
    assert due_at(NOW, NOW + timedelta(minutes=5), quiet, longest) == NOW + timedelta(minutes=6)
    assert due_at(NOW, NOW + timedelta(minutes=14, seconds=30), quiet, longest) == NOW + longest


def test_retries_back_off_up_to_a_cap_and_end():
    pauses = [retry_at(tries, NOW, NOW) - NOW for tries in range(1, 30)]
    assert pauses[0] == timedelta(seconds=5)
    assert pauses[1] == timedelta(seconds=10)
    assert pauses == sorted(pauses)
    assert max(pauses) == LONGEST_RETRY
    assert retry_at(3, NOW - GIVE_UP_AFTER, NOW) is None


@pytest.mark.parametrize(
    ("score", "expected"),
    [(1.0, Band.STRONG), (0.15, Band.STRONG), (0.14, Band.GOOD), (0.05, Band.GOOD), (0.049, Band.FAINT)],
)
def test_people_see_bands(score, expected):
    assert band(score) is expected
