"""Who sees what of an introduction, as a table: for each part and phase, what is shown. Pure.

Everything a person reads of it (API, page, message) is made through here.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from services.introductions.introduction import Introduction
from services.introductions.transitions import ENDED, Origin, Outcome, State, Who


class Phase(StrEnum):
    """Where it stands, as far as what may be seen depends on it."""

    OFFERED = "offered"
    REQUESTED = "requested"
    ASKED = "asked"
    ACCEPTED = "accepted"
    INTRODUCED = "introduced"
    ENDED = "ended before it was introduced"
    CLOSED = "closed after it was introduced"


class Shown(StrEnum):
    """What may be shown."""

    OPENING = "opening"
    SEEKER = "seeker's name"
    INTRODUCER = "introducer's name"
    NEXT = "whom the seeker named to be asked next"
    TARGET = "target's name"
    NOTE = "note"
    WHY = "why it fits"
    RECORD = "seeker's record"
    GIVEN = "what the two gave each other"
    DRAFT = "draft to forward"
    CONTACT = "how the target may be reached"
    ADDRESS = "seeker's address"
    OUTCOME = "outcome"
    SENTENCE = "one sentence"


_S = Shown
_SEEKERS_OWN: Final = frozenset({_S.OPENING, _S.INTRODUCER, _S.GIVEN, _S.NOTE})
_SEEKERS_LIVE: Final = _SEEKERS_OWN | {_S.NEXT}
_ASKED: Final = frozenset({_S.OPENING, _S.SEEKER, _S.NOTE, _S.WHY, _S.RECORD, _S.GIVEN, _S.TARGET})

TABLE: Final[Mapping[tuple[Who, Phase], frozenset[Shown]]] = {
    (Who.SEEKER, Phase.REQUESTED): _SEEKERS_LIVE,
    (Who.SEEKER, Phase.OFFERED): frozenset({_S.OPENING, _S.INTRODUCER, _S.NOTE, _S.WHY, _S.GIVEN}),
    (Who.SEEKER, Phase.ASKED): _SEEKERS_LIVE | {_S.DRAFT},
    (Who.SEEKER, Phase.ACCEPTED): _SEEKERS_LIVE,
    (Who.SEEKER, Phase.INTRODUCED): _SEEKERS_OWN | {_S.TARGET, _S.CONTACT},
    (Who.SEEKER, Phase.ENDED): frozenset({_S.OPENING, _S.INTRODUCER, _S.SENTENCE}),
    (Who.SEEKER, Phase.CLOSED): frozenset({_S.OPENING, _S.INTRODUCER, _S.TARGET, _S.CONTACT, _S.OUTCOME}),
    (Who.INTRODUCER, Phase.OFFERED): frozenset({_S.OPENING, _S.SEEKER, _S.NOTE, _S.WHY, _S.GIVEN, _S.TARGET}),
    (Who.INTRODUCER, Phase.ASKED): _ASKED,
    (Who.INTRODUCER, Phase.ACCEPTED): _ASKED | {_S.DRAFT},
    (Who.INTRODUCER, Phase.INTRODUCED): frozenset({_S.OPENING, _S.SEEKER, _S.TARGET, _S.GIVEN}),
    (Who.INTRODUCER, Phase.ENDED): frozenset({_S.OPENING, _S.SEEKER, _S.SENTENCE}),
    (Who.INTRODUCER, Phase.CLOSED): frozenset({_S.OPENING, _S.SEEKER, _S.TARGET, _S.OUTCOME}),
    (Who.TARGET, Phase.ACCEPTED): frozenset({_S.OPENING, _S.SEEKER, _S.INTRODUCER, _S.NOTE}),
    (Who.TARGET, Phase.INTRODUCED): frozenset({_S.OPENING, _S.SEEKER, _S.INTRODUCER, _S.ADDRESS, _S.CONTACT}),
    (Who.TARGET, Phase.ENDED): frozenset({_S.OPENING, _S.SEEKER, _S.INTRODUCER, _S.SENTENCE}),
    (Who.TARGET, Phase.CLOSED): frozenset({_S.OPENING, _S.SEEKER, _S.INTRODUCER, _S.ADDRESS, _S.CONTACT, _S.OUTCOME}),
}
"""A pair that is not there is shown nothing, not even that there is an introduction."""

_ON_DIRECT_PATH: Final = {_S.TARGET}
"""Introducer and target are one person: whose name is shown as the introducer's, is not shown again."""

_SEEKERS_STATES: Final = {
    Phase.REQUESTED: "waiting",
    Phase.OFFERED: "offered",
    Phase.ASKED: "asked",
    Phase.ACCEPTED: "agreed",
    Phase.INTRODUCED: "introduced",
}

ENDED_SENTENCE: Final = "This did not lead to an introduction this time."
NO_TALK_SENTENCE: Final = "This did not lead to a talk this time."
"""On a direct path: whoever works there was asked to talk."""

NO_LONGER_SENTENCE: Final = "This introduction is no longer possible."
WITHDRAWN_SENTENCE: Final = {
    Who.SEEKER: "You took this back.",
    Who.INTRODUCER: "This was taken back.",
    Who.TARGET: "This was taken back.",
}
_BY_THE_SYSTEM: Final = frozenset({Outcome.NO_LONGER_POSSIBLE, Outcome.OPENING_CLOSED, Outcome.ERASED})


def phase(one: Introduction) -> Phase:
    """The phase it is in."""
    if one.is_waiting_offer:
        return Phase.OFFERED
    if one.state in ENDED:
        return Phase.ENDED if one.at(State.INTRODUCED) is None else Phase.CLOSED
    return Phase[one.state.name]


def shown(one: Introduction, who: Who) -> frozenset[Shown]:
    """What somebody may see of it; nothing where they may not know that it is there."""
    if not is_visible(one, who):
        return frozenset()
    seen = TABLE.get((who, phase(one)), frozenset())
    if seen and one.outcome == Outcome.ERASED:  # that somebody left is no outcome, and nobody's business
        seen = seen - {Shown.OUTCOME} | {Shown.SENTENCE}
    if who == Who.TARGET and one.origin == Origin.OFFER:  # its note is the introducer's, to the seeker
        seen = seen - {Shown.NOTE}
    return seen - _ON_DIRECT_PATH if one.path.direct else seen


def is_visible(one: Introduction, who: Who) -> bool:
    """Whether somebody may know that it is there: whoever it never reached may not."""
    if who == Who.SEEKER:
        return not (one.hidden and one.at(State.ACCEPTED) is None)
    if who == Who.INTRODUCER:
        return one.origin == Origin.OFFER or one.at(State.ASKED) is not None
    return not one.path.direct and one.at(State.ACCEPTED) is not None


def state_for(one: Introduction, who: Who) -> str:
    """The state in words: for the seeker one of waiting, asked, agreed, introduced, ended (or offered)."""
    if one.state in ENDED:
        return "ended"
    return _SEEKERS_STATES[phase(one)] if who == Who.SEEKER else _of_others(one)


def _of_others(one: Introduction) -> str:
    """For an introducer and a target: an offer waits for the seeker's answer."""
    return "offered" if one.is_waiting_offer else {State.ACCEPTED: "agreed"}.get(one.state, one.state.value)


def sentence(one: Introduction, who: Who) -> str | None:
    """Why it ended, in one sentence that is the same for a decline, a refusal and an expiry."""
    if phase(one) != Phase.ENDED and one.outcome != Outcome.ERASED:
        return None
    if one.outcome == Outcome.WITHDRAWN:
        by_introducer = one.origin == Origin.OFFER and one.at(State.ACCEPTED) is None
        return WITHDRAWN_SENTENCE[Who.INTRODUCER if by_introducer and who == Who.SEEKER else who]
    if one.outcome in _BY_THE_SYSTEM:
        return NO_LONGER_SENTENCE
    return NO_TALK_SENTENCE if one.path.direct else ENDED_SENTENCE


_STANDING: Final = {
    "waiting": "it waits to be delivered",
    "offered": "it is an offer that waits for an answer",
    "asked": "the introducer has been asked",
    "agreed": "the introducer has agreed to ask",
    "introduced": "it has led to an introduction",
    "ended": "it has ended",
}
_STANDING_DIRECT: Final = _STANDING | {"asked": "a talk has been asked for", "introduced": "you can talk to each other"}


def standing(one: Introduction, who: Who) -> str:
    """How it stands, for a refusal: nothing but what this person knows anyway."""
    if one.sealed_by(who):
        return "you have answered this"
    in_words = _STANDING_DIRECT if one.path.direct else _STANDING
    return in_words.get(state_for(one, who), "this is not possible")
