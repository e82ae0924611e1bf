"""What fades with age, as tables by whole periods, computed once by the rules."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

import numpy as np

from services.matching.domain import Job, Person
from services.matching.kernels.storage.arrays import F64
from services.matching.rules import standing, strength
from services.matching.rules.numbers import DAYS_A_PERIOD, years_since

_LONG_AGO = date.min


@cache
def worked_together() -> F64:
    """What is left of work done together, down to where it stops fading."""
    return _table(lambda today: strength.left_of_work(years_since(_LONG_AGO, today)))


@cache
def messages() -> F64:
    """What is left of mail; after two thousand years nothing that a double could hold."""
    return _table(lambda today: strength.left_of_mail(years_since(_LONG_AGO, today)))


@cache
def seen() -> F64:
    """Presence of a contact who was last seen at the company so long ago."""
    return _presence(Job("", "", None, None, None, seen=_LONG_AGO))


@cache
def left() -> F64:
    """Presence of somebody who left so long ago."""
    return _presence(Job("", "", None, None, end=_LONG_AGO, seen=None))


def _presence(job: Job) -> F64:
    somebody = Person("", member=False, introduces=False, jobs=(), skills=frozenset(), search=None)
    return _table(lambda today: standing.presence(job, somebody, today))


def _table(rule: Callable[[date], float]) -> F64:
    """A value that never grows, by age in periods, up to the first that is final. Later ages have the last one."""
    values, for_good = [rule(_LONG_AGO)], rule(date.max)
    while values[-1] > for_good:
        values.append(rule(_LONG_AGO + timedelta(days=DAYS_A_PERIOD * len(values))))
    return np.array(values)
