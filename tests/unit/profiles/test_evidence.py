"""What an introduction says of who knows whom: each side by its own word, once in 90 days, only where a yes counts."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profiles.evidence import ONCE_IN, times, words
from shared.events.introductions import IntroductionV1, Step

DAY_1 = datetime(2026, 5, 1, 9, tzinfo=UTC)


def introduction(*steps, insider="ines", **more):
    """`steps` as (status, outcome or whether it counts), a day each."""
    history = []
    for day, (status, what) in enumerate(steps):
        given = {"counts": what} if isinstance(what, bool) else {"outcome": what}
        history.append(Step(status=status, at=DAY_1 + timedelta(days=day), **given))
    people = {"seeker_id": "amara", "introducer_id": "mei", "insider_id": insider}
    return IntroductionV1(introduction_id="i", **people, history=tuple(history), **more)


def said(*steps, **more):
    """Who says that they talked to whom."""
    return {(word.person_id, word.other_id) for word in words(introduction(*steps, **more)) if word.talked}


def yeses(*steps, **more):
    """To whom a yes was said, by whom, and on which day."""
    found = words(introduction(*steps, **more))
    return {(word.person_id, word.other_id): (word.at - DAY_1).days for word in found}


AGREED = (("requested", None), ("asked", None), ("accepted", None), ("introduced", None))
BOTH = {("amara", "mei"), ("amara", "ines")}


@pytest.mark.parametrize(
    ("steps", "more", "expected"),
    [
        (AGREED, {}, set()),
        ((*AGREED, ("closed", "talked")), {}, BOTH),
        ((*AGREED, ("closed", "interviewing")), {}, BOTH),
        ((*AGREED, ("closed", "hired")), {}, BOTH),
        ((*AGREED, ("closed", "nothing")), {}, set()),
        ((*AGREED, ("closed", "unknown")), {}, set()),
        ((*AGREED, ("closed", "erased")), {}, set()),
        ((*AGREED, ("closed", "nothing"), ("closed", "hired")), {}, BOTH),
        (AGREED, {"talked_by": ("ines",)}, {("ines", "amara")}),
        (AGREED, {"talked_by": ("mei", "ines")}, {("ines", "amara"), ("mei", "amara")}),
        (AGREED, {"talked_by": ("a stranger",)}, set()),
        (AGREED[:3], {"talked_by": ("mei",)}, set()),
        ((*AGREED, ("closed", "talked")), {"insider": "mei"}, {("amara", "mei")}),
        ((*AGREED, ("closed", "talked")), {"insider": None}, {("amara", "mei")}),
        ((*AGREED[:3], ("introduced", False), ("closed", "talked")), {}, {("amara", "mei")}),
        ((*AGREED[:2], ("accepted", False), AGREED[3], ("closed", "talked")), {}, {("amara", "ines")}),
        ((*AGREED[:2], ("accepted", False), AGREED[3], ("closed", "talked")), {"insider": "mei"}, set()),
        ((*AGREED[:3], ("introduced", False)), {"talked_by": ("ines",)}, set()),
    ],
)
def test_who_says_so_of_whom(steps, more, expected):
    assert said(*steps, **more) == expected


def test_it_counts_from_when_they_were_introduced():
    [first, _] = words(introduction(*AGREED, ("closed", "nothing"), ("closed", "talked")))
    assert first.at == DAY_1 + timedelta(days=3)


@pytest.mark.parametrize(
    ("steps", "more", "expected"),
    [
        (AGREED[:2], {}, {}),
        (AGREED[:3], {}, {("amara", "mei"): 2}),
        (AGREED, {}, {("amara", "mei"): 3, ("amara", "ines"): 3}),
        ((*AGREED, ("closed", "nothing")), {}, {("amara", "mei"): 3, ("amara", "ines"): 3}),
        ((*AGREED[:3], ("declined", None)), {}, {("amara", "mei"): 2}),
        (AGREED, {"insider": "mei"}, {("amara", "mei"): 3}),
        ((*AGREED[:2], ("accepted", False)), {}, {}),
        ((*AGREED[:2], ("accepted", False), AGREED[3]), {}, {("amara", "ines"): 3}),
        ((*AGREED[:3], ("introduced", False)), {}, {("amara", "mei"): 3}),
        ((*AGREED[:2], ("accepted", False), ("introduced", False)), {"insider": "mei"}, {}),
        ((AGREED[0], AGREED[2]), {"origin": "offer"}, {("amara", "mei"): 1, ("mei", "amara"): 1}),
    ],
)
def test_a_yes_that_counts_is_one_from_the_moment_it_was_said(steps, more, expected):
    assert yeses(*steps, **more) == expected


@given(st.lists(st.integers(0, 2000)))
def test_a_pair_counts_once_in_ninety_days(days):
    moments = [DAY_1 + timedelta(days=day) for day in days]
    counted = times(moments)
    assert counted == times(reversed(moments)) == times(moments * 2)
    assert counted <= len(set(days))
    apart = all(later - earlier >= ONCE_IN for earlier, later in pairwise(sorted(moments)))
    assert (counted == len(days)) == apart or not days
    assert bool(counted) == bool(days)


def test_the_ninetieth_day_is_another_time():
    assert times([DAY_1, DAY_1 + ONCE_IN - timedelta(seconds=1)]) == 1
    assert times([DAY_1, DAY_1 + ONCE_IN]) == 2
