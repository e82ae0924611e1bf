"""How much is tested when: `make test-quick` needs neither broker nor database, `make test-long` adds to `make test`.

A test's markers decide. `long`: in the long tier only. `slow`: not in the quick one. `kafka` and `postgres`: set by
the fixtures a test asks for, or by hand where it starts them itself. `scaled`, and `hypothesis` by its plugin: tries
more in the long tier.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

SELECTED = {
    "quick": "not long and not slow and not kafka and not postgres",
    "day": "not long",
    "long": "long or hypothesis or scaled",
}
"""What each tier runs, as pytest's -m reads it."""

SCALE = {"quick": 1 / 6, "day": 1 / 3, "long": 10.0}
"""The share of the examples a test names that it gets."""

LEAST = 3
UNHURRIED = (HealthCheck.too_slow, HealthCheck.data_too_large)
"""Nothing here asserts on speed, and a busy machine is no reason to fail."""


def load_profile(tier: str) -> None:
    """By day hypothesis draws the same examples every time; in the long tier it draws them by the run's seed."""
    settings.register_profile(
        tier,
        database=None,
        deadline=None,
        derandomize=tier != "long",
        max_examples=_scaled(100, tier),
        suppress_health_check=UNHURRIED,
    )
    settings.load_profile(tier)


def is_long() -> bool:
    """Whether this is the long tier."""
    return settings.get_current_profile_name() == "long"


def examples(count: int, *allowed: HealthCheck) -> settings:
    """Decorates a `@given` test that needs about `count` examples: fewer by day, ten times as many in the long tier."""
    tier = settings.get_current_profile_name()
    return settings(max_examples=_scaled(count, tier), suppress_health_check=[*UNHURRIED, *allowed])


def _scaled(count: int, tier: str) -> int:
    return max(LEAST, round(count * SCALE[tier]))


def seeds(by_day: int, long: int) -> Callable[[Any], Any]:
    """Decorates a test that takes a `seed`: the first `by_day`, or the first `long` in the long tier."""
    count = long if is_long() else by_day
    each = pytest.mark.parametrize("seed", range(count))
    return lambda test: pytest.mark.scaled(each(test))
