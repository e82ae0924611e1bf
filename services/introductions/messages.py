"""Which messages about an introduction are still to be said, by kind: asked before each delivery. Pure.

Kept true: nothing in the answer tells somebody of another's quiet answer.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from services.introductions import disclosure
from services.introductions.disclosure import Phase
from services.introductions.introduction import NO, Introduction
from services.introductions.transitions import Origin, Outcome, State, Who, deadline_of
from services.introductions.views import answered

Kind = Literal[
    "introduction_asked", "offer", "target_asked", "agreed", "introduced", "reminder", "outcome_question", "outcome",
    "ended",
]  # fmt: skip
"""The kinds that notifications delivers."""


_EVERYBODY: Final = frozenset({Who.SEEKER, Who.INTRODUCER, Who.TARGET})
_SAID: Final[Mapping[Kind, tuple[Phase, frozenset[Who]]]] = {
    "introduction_asked": (Phase.ASKED, frozenset({Who.INTRODUCER})),
    "offer": (Phase.OFFERED, frozenset({Who.SEEKER})),
    "target_asked": (Phase.ACCEPTED, frozenset({Who.TARGET})),
    "agreed": (Phase.ACCEPTED, frozenset({Who.SEEKER, Who.INTRODUCER})),
    "introduced": (Phase.INTRODUCED, _EVERYBODY),
    "outcome_question": (Phase.INTRODUCED, frozenset({Who.SEEKER})),
    "outcome": (Phase.CLOSED, frozenset({Who.INTRODUCER, Who.TARGET})),
    "ended": (Phase.ENDED, _EVERYBODY),
}
"""In which phase each kind is said, and to whom."""

_ASKING: Final = frozenset({"introduction_asked", "offer", "target_asked"})


def is_to_be_said(one: Introduction, who: Who, kind: Kind, now: datetime) -> bool:
    """Whether this message is still to be said to this person, who may know of the introduction."""
    if kind == "reminder":
        return reminder_due(one, who, now)
    phase, to = _SAID[kind]
    now_in = Phase.ENDED if one.outcome == Outcome.ERASED else disclosure.phase(one)  # a person's leaving is no outcome
    if now_in != phase or who not in to:
        return False
    if kind == "agreed":
        return who == (Who.INTRODUCER if one.origin == Origin.OFFER else Who.SEEKER)
    said = answered(one, who)
    return said is None if kind in _ASKING else phase != Phase.ENDED or said not in NO


def reminder_due(one: Introduction, who: Who, now: datetime) -> bool:
    """Whether somebody is to be reminded now: whoever it waits for, or by hand who writes.

    Whoever answered quietly is not reminded any more; a writer is, since they must not learn of that.
    """
    deadline = deadline_of(one.state, one.origin)
    if deadline is None or not deadline.reminded_after or one.agreed_at is not None:
        return False
    by_hand = one.state in {State.ASKED, State.ACCEPTED} and one.leg == "hand"
    reminded = one.writer if by_hand else _waited_for(one, deadline.waits_for)
    if who != reminded or one.sealed_by(who):
        return False
    return now >= _runs_from(one) + min(deadline.reminded_after)


def _waited_for(one: Introduction, waits_for: Who) -> Who:
    return Who.INTRODUCER if waits_for == Who.TARGET and one.path.direct else waits_for


def _runs_from(one: Introduction) -> datetime:
    sent = one.target_sent_at if one.state == State.ACCEPTED else one.sent_at
    began = one.history[-1].at
    return max(began, sent) if sent and one.state in {State.ASKED, State.ACCEPTED} else began
