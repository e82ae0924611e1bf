"""Bridge and Help (section 2): what mutual contacts say about asking, and how an introducer treated earlier asks."""

import math
from collections.abc import Set as AbstractSet
from datetime import date

from services.matching.domain import State
from services.matching.rules.numbers import factor, years_since
from shared.events.introductions import IntroductionV1, Step

FEW_TIES = 30
"""With fewer ties with members than this, the number of mutual ones says little."""

NOT_KNOWN = 0.75

FEW_STEPS = 3
"""With fewer steps that count, whatever their age, a record says nothing."""

NO_RECORD = 0.5
ANSWERS = ("accepted", "declined", "introduced")
"""Whichever of them was reached, the introducer did answer."""


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


def record_as_of(today: date) -> date:
    """The day before which steps count for H, the first of the month: so H moves once a month, and tells no answer."""
    return today.replace(day=1)


def helpfulness(state: State, introducer: str) -> float:
    """H = (r+1)/(r+s+2): r introductions came of a yes, s asks ran out unanswered, each counting 2^(-years since)."""
    if state.today is None:
        return NO_RECORD
    until = record_as_of(state.today)
    steps = [step for ask in state.asks_of(introducer) if (step := _counted(ask, until)) is not None]
    if len(steps) < FEW_STEPS:
        return NO_RECORD
    led, ran_out = 0.0, 0.0
    for step in sorted(steps, key=lambda step: step.at, reverse=True):  # of one moment they stay in order of their ids
        weight = math.pow(2.0, -years_since(step.at.date(), until))
        if step.status == "introduced":
            led += weight
        else:
            ran_out += weight
    return factor((led + 1) / (led + ran_out + 2))


def _counted(ask: IntroductionV1, until: date) -> Step | None:
    """The last step by which an ask counts: the introduction that came of it, or that it ran out unanswered."""
    past = [step for step in ask.history if step.at.date() < until]
    answered = any(step.status in ANSWERS for step in past)
    if answered:
        steps = [step for step in past if step.status == "introduced" and step.counts is not False]
    else:
        steps = [step for step in past if step.status == "expired" and _delivered(ask)]
    return max(steps, key=lambda step: step.at, default=None)


def _delivered(ask: IntroductionV1) -> bool:
    """Whether the introducer was asked at all. An offer is their own; a draft may never have been sent."""
    by_hand = ask.legs is not None and ask.legs.introducer == "hand"
    return ask.origin != "offer" and (not by_hand or ask.sent_at is not None)
