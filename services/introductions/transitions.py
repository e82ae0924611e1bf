"""The life of an introduction as a table: from, to, by whom, what it needs, and what happens at a deadline.

Guards, documentation, examples and tests are made from it. Pure data.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where an introduction stands; the statuses of `introductions.v1`."""

    REQUESTED = "requested"
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    INTRODUCED = "introduced"
    CLOSED = "closed"


class Outcome(StrEnum):
    """Why it was closed. The first four are the seeker's words for what came of it, from least to most."""

    NOTHING = "nothing"
    TALKED = "talked"
    INTERVIEWING = "interviewing"
    HIRED = "hired"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    OPENING_CLOSED = "opening_closed"
    NO_LONGER_POSSIBLE = "no_longer_possible"
    NO_ROOM = "no_room"
    NO_ANSWER = "no_answer"
    ERASED = "erased"


class Origin(StrEnum):
    """Who began it: the seeker asked, or the introducer offered."""

    ASK = "ask"
    OFFER = "offer"


class Who(StrEnum):
    """Who may take a step."""

    SEEKER = "seeker"
    INTRODUCER = "introducer"
    TARGET = "target"
    SYSTEM = "system"


class Action(StrEnum):
    """What is done, in the words of the API where a person does it."""

    ASK = "ask"
    OFFER = "offer"
    DELIVER = "deliver"
    YES = "yes"
    NO = "no"
    WITHDRAW = "withdraw"
    OUTCOME = "outcome"
    OPENING_CLOSED = "opening_closed"
    NO_LONGER_POSSIBLE = "no_longer_possible"
    ERASE = "erase"
    TIME = "time"


LIVE: Final = frozenset({State.REQUESTED, State.ASKED, State.ACCEPTED})
OPEN: Final = LIVE | {State.INTRODUCED}
ENDED: Final = frozenset(State) - OPEN

TOLD: Final = (Outcome.NOTHING, Outcome.TALKED, Outcome.INTERVIEWING, Outcome.HIRED)
"""What a seeker may say came of it. Later only a later one of these may follow; all of them follow `unknown`."""

OPENING_CLOSED_FOR: Final = timedelta(hours=48)
CORRECTED_WITHIN: Final = timedelta(days=365)
FALLBACK_WITHIN: Final = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row. No `sources`: it begins an introduction. `origin` None: asks and offers alike."""

    action: Action
    who: Who
    sources: tuple[State, ...]
    to: State
    needs: str = ""
    origin: Origin | None = None
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long a state lasts, what it becomes then, and after how many days whom it waits for is reminded."""

    state: State
    lasts: timedelta
    to: State
    outcome: Outcome | None = None
    origin: Origin | None = None
    waits_for: Who = Who.SYSTEM
    reminded_after: tuple[timedelta, ...] = ()


def _days(count: int) -> timedelta:
    return timedelta(days=count)


S, O, A = State, Outcome, Action  # noqa: E741 - the table is read, and these names are its columns

TRANSITIONS: Final = (
    Transition(
        A.ASK, Who.SEEKER, (), S.REQUESTED,
        "a live path to this introducer, the seeker's limits, their yes to being known as looking", Origin.ASK,
    ),
    Transition(
        A.OFFER, Who.INTRODUCER, (), S.REQUESTED,
        "would be one of the best three introducers of a seeker who looks openly, least pay and blocked companies "
        "aside, agrees to introduce, limits of offers", Origin.OFFER,
    ),
    Transition(A.DELIVER, Who.SYSTEM, (S.REQUESTED,), S.ASKED, "the introducer has room, the path is live", Origin.ASK),
    Transition(A.YES, Who.INTRODUCER, (S.ASKED,), S.ACCEPTED, "the target has room, else it waits for that"),
    Transition(A.DELIVER, Who.SYSTEM, (S.ASKED,), S.ACCEPTED, "yes was given, the target has room now"),
    Transition(A.YES, Who.SEEKER, (S.REQUESTED,), S.ACCEPTED, "under five live, the target has room", Origin.OFFER),
    Transition(
        A.DELIVER, Who.SYSTEM, (S.REQUESTED,), S.ACCEPTED, "yes was given, the target has room now", Origin.OFFER
    ),
    Transition(A.NO, Who.SEEKER, (S.REQUESTED,), S.DECLINED, origin=Origin.OFFER),
    Transition(A.WITHDRAW, Who.INTRODUCER, (S.REQUESTED,), S.CLOSED, "", Origin.OFFER, (O.WITHDRAWN,)),
    Transition(A.NO, Who.INTRODUCER, (S.ASKED, S.ACCEPTED), S.DECLINED, "told now, or quietly at the deadline"),
    Transition(A.DELIVER, Who.SYSTEM, (S.ACCEPTED,), S.INTRODUCED, "introducer and target are one person"),
    Transition(A.YES, Who.TARGET, (S.ACCEPTED,), S.INTRODUCED, "their own yes"),
    Transition(A.NO, Who.TARGET, (S.ACCEPTED,), S.DECLINED, "always quietly, at the deadline"),
    Transition(A.OUTCOME, Who.SEEKER, (S.INTRODUCED,), S.CLOSED, "", None, TOLD),
    Transition(
        A.OUTCOME, Who.SEEKER, (S.CLOSED,), S.CLOSED, "a later one, within 365 days of the introduction", None, TOLD
    ),
    Transition(A.WITHDRAW, Who.SEEKER, (S.REQUESTED,), S.CLOSED, "", Origin.ASK, (O.WITHDRAWN,)),
    Transition(A.WITHDRAW, Who.SEEKER, (S.ASKED, S.ACCEPTED), S.CLOSED, "", None, (O.WITHDRAWN,)),
    Transition(
        A.OPENING_CLOSED, Who.SYSTEM, (S.REQUESTED, S.ASKED), S.CLOSED, "the opening has been closed for 48 hours",
        None, (O.OPENING_CLOSED,),
    ),
    Transition(
        A.NO_LONGER_POSSIBLE, Who.SYSTEM, (S.REQUESTED, S.ASKED, S.ACCEPTED), S.CLOSED,
        "consent withdrawn, a block between two of the three, or the path gone when it would become asked",
        None, (O.NO_LONGER_POSSIBLE,),
    ),
    Transition(
        A.ERASE, Who.SYSTEM, (S.REQUESTED, S.ASKED, S.ACCEPTED, S.INTRODUCED), S.CLOSED, "one of the three is erased",
        None, (O.ERASED,),
    ),
    Transition(A.TIME, Who.SYSTEM, (S.REQUESTED,), S.CLOSED, "14 days", Origin.ASK, (O.NO_ROOM,)),
    Transition(
        A.TIME, Who.SYSTEM, (S.REQUESTED,), S.CLOSED, "14 days; no_room where yes was given", Origin.OFFER,
        (O.NO_ANSWER, O.NO_ROOM),
    ),
    Transition(A.TIME, Who.SYSTEM, (S.ASKED,), S.EXPIRED, "7 days; by hand 7 more from when it was sent"),
    Transition(
        A.TIME, Who.SYSTEM, (S.ASKED,), S.CLOSED, "7 days; yes was given, but the target had no room", None,
        (O.NO_ROOM,),
    ),
    Transition(A.TIME, Who.SYSTEM, (S.ACCEPTED,), S.EXPIRED, "7 days; by hand 7 more from when it was sent"),
    Transition(A.TIME, Who.SYSTEM, (S.INTRODUCED,), S.CLOSED, "60 days", None, (O.UNKNOWN,)),
)  # fmt: skip

DEADLINES: Final = (
    Deadline(S.REQUESTED, _days(14), S.CLOSED, O.NO_ROOM, Origin.ASK),
    Deadline(S.REQUESTED, _days(14), S.CLOSED, O.NO_ANSWER, Origin.OFFER, Who.SEEKER),
    Deadline(S.ASKED, _days(7), S.EXPIRED, waits_for=Who.INTRODUCER, reminded_after=(_days(3),)),
    Deadline(S.ACCEPTED, _days(7), S.EXPIRED, waits_for=Who.TARGET, reminded_after=(_days(3),)),
    Deadline(S.INTRODUCED, _days(60), S.CLOSED, O.UNKNOWN, waits_for=Who.SEEKER, reminded_after=(_days(7), _days(21))),
)


def deadline_of(state: State, origin: Origin) -> Deadline | None:
    """The deadline of a state; None for one in which it has ended."""
    return next((each for each in DEADLINES if each.state == state and each.origin in {None, origin}), None)


def allowed(who: Who, state: State, origin: Origin) -> Iterator[Transition]:
    """The rows that this person may follow from this state, in the table's order."""
    return (row for row in TRANSITIONS if row.who == who and state in row.sources and row.origin in {None, origin})


def find(action: Action, who: Who, state: State, origin: Origin) -> Transition | None:
    """The row for an action; None where the table has none, so that it is not possible."""
    return next((row for row in allowed(who, state, origin) if row.action == action), None)


def is_in_table(before: State | None, to: State, origin: Origin, outcome: Outcome | None) -> bool:
    """Whether some row leads from `before` (None: nothing yet) to `to`, with this outcome."""
    return any(
        row.to == to
        and row.origin in {None, origin}
        and (before in row.sources if before else not row.sources)
        and (outcome in row.outcomes if outcome else not row.outcomes)
        for row in TRANSITIONS
    )
