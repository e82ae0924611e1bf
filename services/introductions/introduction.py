"""One introduction: what is known of it, and how it moves by one row of the table. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal, Self

from services.introductions.limits import Approach, Waiting
from services.introductions.transitions import (
    ENDED,
    FALLBACK_WITHIN,
    OPEN,
    Origin,
    Outcome,
    State,
    Who,
    deadline_of,
    is_in_table,
)

Leg = Literal["app", "hand"]
Answer = Literal["yes", "no", "not_now", "not_well"]
NO: Final = frozenset({"no", "not_now", "not_well"})
ERASED: Final = "erased-"
"""What the ids that stand for erased people begin with."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What it is about: an opening, or a company alone. `key` is equal for the same one; `company_key` is resolved."""

    key: str
    company: str
    company_key: str
    posting_id: str | None = None
    title: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """A way from a seeker through an introducer, as the matcher says now.

    `value` orders waiting asks; `reasons` are words for the introducer. `firmness` is that of the introducer's tie
    towards the seeker, `target_firmness` that of the target's towards the introducer.
    """

    introducer_id: str
    insider_id: str
    leg: Leg = "app"
    target_leg: Leg = "app"
    value: int = 0
    firmness: float = 1.0
    target_firmness: float = 1.0
    reasons: tuple[str, ...] = ()

    @property
    def direct(self) -> bool:
        """Whether introducer and target are one person."""
        return self.introducer_id == self.insider_id


@dataclass(frozen=True, slots=True)
class Step:
    """A change of state."""

    state: State
    at: datetime
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A quiet answer, which nobody else learns of before the deadline."""

    who: Who
    answer: Answer
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """An introduction as it is now.

    Attributes:
        path: the way it takes, fixed when it begins.
        due_at: when the state ends by itself; None once it has ended.
        sent_at, target_sent_at: by hand, when the writer said that they sent the draft.
        reached_at, reached_target_at: when it reached the introducer and the target, who have limits of ours.
        agreed_at: yes was given, and it waits for the target's room.
        answers: what each has answered, without what is sealed.
        sealed: quiet answers.
        uncounted: who gave a yes by a link and is not known to be who they should be.
        then: introducers to ask next, in the seeker's order.
        first_at: when the first of them was asked.
        hidden: an offer that the seeker's private limits leave out.
        talked_by: who else said that they talked.
    """

    id: str
    origin: Origin
    seeker_id: str
    opening: Opening
    path: Path
    state: State = State.REQUESTED
    history: tuple[Step, ...] = ()
    due_at: datetime | None = None
    sent_at: datetime | None = None
    target_sent_at: datetime | None = None
    reached_at: datetime | None = None
    reached_target_at: datetime | None = None
    agreed_at: datetime | None = None
    answers: Mapping[Who, Answer] = field(default_factory=dict)
    sealed: tuple[Sealed, ...] = ()
    uncounted: frozenset[Who] = frozenset()
    then: tuple[str, ...] = ()
    first_at: datetime | None = None
    note: str | None = None
    contact: str | None = None
    hidden: bool = False
    talked_by: tuple[str, ...] = ()
    version: int | None = None

    @property
    def outcome(self) -> Outcome | None:
        """Why it was closed, as said last."""
        return self.history[-1].outcome if self.history else None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state in OPEN

    @property
    def begun_at(self) -> datetime:
        """When it began."""
        return self.history[0].at

    @property
    def ended_at(self) -> datetime | None:
        """When it ended first; later outcomes change nothing in that."""
        return next((step.at for step in self.history if step.state in ENDED), None)

    def as_of(self, place: int) -> Self:
        """The introduction as it was after this step of its history, as far as its state goes."""
        history = self.history[: place + 1]
        return replace(self, history=history, state=history[-1].state, sealed=(), agreed_at=None)

    def at(self, state: State) -> datetime | None:
        """When it came to a state first; None if it never did."""
        return next((step.at for step in self.history if step.state == state), None)

    def counts(self, step: Step) -> bool:
        """Whether the answer that led to a step is known to be the answerer's own."""
        said_by = {
            State.ACCEPTED: Who.INTRODUCER,
            State.INTRODUCED: Who.INTRODUCER if self.path.direct else Who.TARGET,
        }
        return said_by.get(step.state) not in self.uncounted

    @property
    def was_introduced(self) -> bool:
        """Whether it led to an introduction that counts for records and the ledger."""
        return self.at(State.INTRODUCED) is not None and not self.uncounted

    @property
    def takes_part_in_limits(self) -> bool:
        """Whether it is a live one of the seeker's: an offer is only once they accepted it."""
        return self.is_open and self.state != State.INTRODUCED and not self.is_waiting_offer

    @property
    def is_waiting_offer(self) -> bool:
        """An offer that the seeker has not accepted."""
        return self.origin == Origin.OFFER and self.state == State.REQUESTED

    @property
    def leg(self) -> Leg:
        """How whoever must answer now is reached."""
        return self.path.target_leg if self.state == State.ACCEPTED else self.path.leg

    @property
    def writer(self) -> Who:
        """Who writes, where this leg goes by hand."""
        return Who.INTRODUCER if self.state == State.ACCEPTED else Who.SEEKER

    @property
    def was_sent(self) -> bool:
        """By hand: whether the writer said that they sent the draft of this leg."""
        return (self.target_sent_at if self.state == State.ACCEPTED else self.sent_at) is not None

    @property
    def waits_for_room_of(self) -> str | None:
        """The person for whose room it waits."""
        if self.agreed_at is not None and self.state in {State.REQUESTED, State.ASKED}:
            return self.path.insider_id
        if self.state == State.REQUESTED and self.origin == Origin.ASK:
            return self.path.introducer_id
        return None

    def to_ask_next(self, now: datetime) -> tuple[str, ...]:
        """Introducers whom the seeker named, and who may still be asked if this leads to nothing, in their order."""
        may = self.origin == Origin.ASK and now <= (self.first_at or self.begun_at) + FALLBACK_WITHIN
        return self.then if may else ()

    def roles_of(self, person_id: str) -> tuple[Who, ...]:
        """The parts somebody has in it; on a direct path the introducer is the target, too."""
        return tuple(who for who in (Who.SEEKER, Who.INTRODUCER, Who.TARGET) if self.person(who) == person_id)

    def person(self, who: Who) -> str:
        """The id of who has this part."""
        return {Who.SEEKER: self.seeker_id, Who.INTRODUCER: self.path.introducer_id}.get(who, self.path.insider_id)

    def was_erased(self, who: Who) -> bool:
        """Whether who had this part has left for good."""
        return self.person(who).startswith(ERASED)

    def approach(self) -> Approach:
        """The request that it is for whoever it waits for: the introducer, or the target once yes was given."""
        if self.agreed_at is None:
            return Approach(frozenset({self.seeker_id}), self.opening.company_key, self.path.firmness, self.path.direct)
        senders = frozenset({self.seeker_id, self.path.introducer_id})
        return Approach(senders, self.opening.company_key, self.path.target_firmness, direct=False)

    def waiting(self, delivered: int) -> Waiting:
        """Its place among what waits for somebody; `delivered`: the seeker's asks of the last 30 days."""
        return Waiting(self.id, self.path.value, delivered, self.begun_at)

    def sealed_by(self, who: Who) -> Sealed | None:
        """Somebody's quiet answer."""
        return next((one for one in self.sealed if one.who == who), None)

    def moved(self, to: State, now: datetime, outcome: Outcome | None = None, **changes: Any) -> Self:
        """The introduction one step on, with the deadline of the new state.

        Raises:
            ValueError: the table has no such row.
        """
        before = self.state if self.history else None
        if not is_in_table(before, to, self.origin, outcome):
            raise ValueError(f"no row of the table leads from {before} to {to} ({outcome})")
        deadline = deadline_of(to, self.origin)
        led_nowhere = to in ENDED and self.at(State.INTRODUCED) is None
        return replace(
            self,
            state=to,
            history=(*self.history, Step(to, now, outcome)),
            due_at=None if deadline is None else now + deadline.lasts,
            sealed=(),
            agreed_at=None,
            contact=None if led_nowhere else self.contact,
            **changes,
        )
