"""What an introduction says of who has come to know whom. Pure.

Kept true: each side is a matter of its own word, and nothing rests on an answer of which nobody knows whose it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.events.introductions import IntroductionV1

ONCE_IN = timedelta(days=90)
"""How often a pair's introductions count."""

_GOOD = frozenset({"hired", "interviewing", "talked"})


@dataclass(frozen=True, slots=True)
class Word:
    """`person_id` says that an introduction to `other_id` led to a talk. `introduced_at`: when they were introduced."""

    person_id: str
    other_id: str
    introduced_at: datetime


def words(introduction: IntroductionV1) -> list[Word]:
    """All that was said so far: by the seeker as the outcome, by the others as "yes, we talked"."""
    done = [step for step in introduction.history if step.status == "introduced"]
    if not done:
        return []
    seeker, met = introduction.seeker_id, _answered(introduction)
    well = any(step.status == "closed" and step.outcome in _GOOD for step in introduction.history)
    said = [(seeker, other) for other in met if well]
    said += [(other, seeker) for other in met if other in (introduction.talked_by or ())]
    return [Word(person, other, done[0].at) for person, other in said]


def _answered(introduction: IntroductionV1) -> list[str]:
    """Introducer and target, as far as their yes counts; on a direct path they are one."""
    introducer, target = introduction.introducer_id, introduction.insider_id or introduction.introducer_id
    doubted = {step.status for step in introduction.history if step.counts is False}
    if target == introducer:
        return [] if doubted & {"accepted", "introduced"} else [introducer]
    return [one for one, yes in ((introducer, "accepted"), (target, "introduced")) if yes not in doubted]


def times(introduced: Iterable[datetime]) -> int:
    """How many of a pair's introductions count: one in `ONCE_IN`, from the first on."""
    counted: list[datetime] = []
    for at in sorted(introduced):
        if not counted or at - counted[-1] >= ONCE_IN:
            counted.append(at)
    return len(counted)
