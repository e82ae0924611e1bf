"""Bridge and Help (section 2): what mutual contacts say about asking, and how an introducer treated earlier asks."""

import math
from collections.abc import Set as AbstractSet
from datetime import UTC

from services.matching.domain import State
from services.matching.rules.numbers import factor, years_since
from shared.events.introductions import IntroductionStatus, IntroductionV1

FEW_TIES = 30
"""With fewer ties with members than this, the number of mutual ones says little."""

NOT_KNOWN = 0.75


def mutual(a: AbstractSet[str] | None, b: AbstractSet[str] | None) -> int | None:
    """m, the members tied to both ends; None where it says little.

    The arguments are the members that each end is tied to; None for an end that is no member.
    """
    if a is None or b is None or len(a) < FEW_TIES or len(b) < FEW_TIES:
        return None
    return len(a & b)


def bridge(m: int | None) -> float:
    """B = 0.5 + 0.5 · x·e^(1-x), x = (m+1)/11: help peaks near ten mutual contacts. 0.75 where m says little."""
    if m is None:
        return NOT_KNOWN
    x = (m + 1) / 11
    return factor(0.5 + 0.5 * (x * math.exp(1 - x)))


def helpfulness(state: State, introducer: str) -> float:
    """H = (r+1)/(r+s+2): r asks led to an introduction, s ran out unanswered, each counting 2^(-years since)."""
    led, ran_out = 0.0, 0.0
    for ask in state.asks_of(introducer):
        if _reached(ask, "introduced"):
            led += _faded(state, ask, "introduced")
        elif _reached(ask, "expired") and not (_reached(ask, "accepted") or _reached(ask, "declined")):
            ran_out += _faded(state, ask, "expired")
    return factor((led + 1) / (led + ran_out + 2))


def _reached(ask: IntroductionV1, status: IntroductionStatus) -> bool:
    return any(step.status == status for step in ask.history)


def _faded(state: State, ask: IntroductionV1, status: IntroductionStatus) -> float:
    """2^(-years since the ask last came to this status), on UTC days."""
    if state.today is None:
        return 0.0
    at = max(step.at for step in ask.history if step.status == status)
    return math.pow(2.0, -years_since(at.astimezone(UTC).date(), state.today))
