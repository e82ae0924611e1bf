"""What an introduction says of who has come to know whom: who said yes to whom, and who talked. Pure.

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
    """`other_id` said yes to `person_id`, at that time or when they were introduced; `talked`: so `person_id` says."""

    person_id: str
    other_id: str
    at: datetime
    talked: bool


def words(introduction: IntroductionV1) -> list[Word]:
    """All that was said so far: a yes, and a talk, by the seeker as the outcome, by the others as "yes, we talked"."""
    when: dict[str, datetime] = {step.status: step.at for step in introduction.history}
    introduced, talkers = when.get("introduced"), introduction.talked_by or ()
    well = any(step.status == "closed" and step.outcome in _GOOD for step in introduction.history)
    seeker, agreed = introduction.seeker_id, _agreed(introduction)
    said = [Word(seeker, other, introduced or when[step], well and introduced is not None) for other, step in agreed]
    offered = introduction.origin == "offer"
    for other, step in agreed:
        talked = introduced is not None and other in talkers
        if talked or (offered and step == "accepted"):
            said.append(Word(other, seeker, introduced or when[step], talked))
    return said


def _agreed(introduction: IntroductionV1) -> list[tuple[str, str]]:
    """Introducer and target, as far as their yes was said and counts, and the step it led to; they may be one."""
    introducer, target = introduction.introducer_id, introduction.insider_id or introduction.introducer_id
    there = {step.status for step in introduction.history}
    doubted = {step.status for step in introduction.history if step.counts is False}
    if target == introducer:
        return [(introducer, "accepted")] if "accepted" in there and not doubted & {"accepted", "introduced"} else []
    yeses = ((introducer, "accepted"), (target, "introduced"))
    return [(one, step) for one, step in yeses if step in there - doubted]


def times(introduced: Iterable[datetime]) -> int:
    """How many of a pair's introductions count: one in `ONCE_IN`, from the first on."""
    counted: list[datetime] = []
    for at in sorted(introduced):
        if not counted or at - counted[-1] >= ONCE_IN:
            counted.append(at)
    return len(counted)
