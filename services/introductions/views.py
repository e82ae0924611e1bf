"""What somebody reads of an introduction: made from the table of who sees what, and from nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, Field

from services.introductions import commands, disclosure, words
from services.introductions.balance import Record
from services.introductions.disclosure import Phase, Shown
from services.introductions.introduction import ERASED, Introduction, Leg
from services.introductions.transitions import ENDED, State, Who, deadline_of

Role = Literal["seeker", "introducer", "target"]


class PersonView(BaseModel):
    """Somebody. Without a name where none is known any more."""

    id: str
    name: str | None = None


class HelpView(BaseModel):
    """An opening that fits somebody who looks openly, and to which the reader could introduce them."""

    person: PersonView
    posting_id: str
    title: str
    company: str
    url: str | None = None
    direct: bool = Field(description="the reader works there; else they know somebody who does")
    why: str


class GivenView(BaseModel):
    """How many introductions the two made for each other."""

    to_you: int
    by_you: int


class RecordView(BaseModel):
    """Of the seeker's last asks: how many led to an introduction, and of how many they told how it went."""

    new: bool
    says: str
    asks: int
    introduced: int
    closed: int
    told: int

    @classmethod
    def of(cls, record: Record) -> "RecordView":
        """In words and numbers."""
        return cls(
            new=record.is_new, says=words.record(record), asks=record.asks, introduced=record.introduced,
            closed=record.closed, told=record.told,
        )  # fmt: skip


class NextView(BaseModel):
    """What happens next, and when, where that can be said."""

    what: str
    at: datetime | None = None


class StepView(BaseModel):
    """A step of its history, in the words of `state`."""

    state: str
    at: datetime


class IntroductionView(BaseModel):
    """An introduction as the caller may see it. What they may not see is left out, and so is whoever has left."""

    id: str
    role: Role
    origin: Literal["ask", "offer"]
    state: str = Field(description="waiting (for the seeker alone), offered, asked, agreed, introduced, ended")
    title: str | None = None
    company: str | None = None
    url: str | None = None
    introducer: PersonView | None = None
    seeker: PersonView | None = None
    target: PersonView | None = None
    direct: bool | None = Field(default=None, description="introducer and target are one person")
    next_introducers: list[PersonView] | None = Field(
        default=None, description="for the seeker: whom they named to be asked if this leads to nothing, in their order"
    )
    note: str | None = None
    why: list[str] = []
    record: RecordView | None = None
    given: GivenView | None = None
    contact: str | None = Field(default=None, description="how the target may be reached, in their own words")
    address: str | None = Field(default=None, description="the seeker's e-mail address")
    answered: str | None = Field(default=None, description="what the caller answered")
    next: NextView | None = None
    possible: list[str] = []
    history: list[StepView] = []
    leg: Leg | None = Field(default=None, description="app: we ask; hand: the writer sends a draft themself")
    sent: bool | None = Field(default=None, description="by hand: whether the writer said that they sent it")
    sentence: str | None = None
    outcome: str | None = None


NEW_HERE: Final = Record()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a view needs beside the introduction: names by id, the ledger, the seeker's record and address."""

    names: Mapping[str, str] = field(default_factory=dict)
    given: tuple[int, int] = (0, 0)
    """Made by the introducer for the seeker, and by the seeker for the introducer."""

    record: Record = NEW_HERE
    address: str | None = None


def view(one: Introduction, who: Who, facts: Facts, now: datetime) -> IntroductionView:
    """The view of one part in it. Whoever may know nothing of it must have been refused before."""
    shown = disclosure.shown(one, who)
    opening = one.opening if Shown.OPENING in shown else None
    return IntroductionView(
        id=one.id,
        role=who.value,
        origin=one.origin.value,
        state=disclosure.state_for(one, who),
        title=opening and opening.title,
        company=opening and opening.company,
        url=opening and opening.url,
        introducer=_person(one.path.introducer_id, Shown.INTRODUCER, shown, facts),
        seeker=_person(one.seeker_id, Shown.SEEKER, shown, facts),
        target=_person(one.path.insider_id, Shown.TARGET, shown, facts),
        direct=None if who == Who.TARGET else one.path.direct,
        next_introducers=_next_introducers(one, shown, facts, now),
        note=one.note if Shown.NOTE in shown else None,
        why=words.why(one, who, facts.names.get(one.path.insider_id)) if Shown.WHY in shown else [],
        record=RecordView.of(facts.record) if Shown.RECORD in shown else None,
        given=_given(who, facts) if Shown.GIVEN in shown else None,
        contact=one.contact if Shown.CONTACT in shown else None,
        address=facts.address if Shown.ADDRESS in shown else None,
        answered=answered(one, who),
        next=_next(one, who, now),
        possible=list(commands.possible(one, who, now)),
        history=_history(one, who),
        leg=_leg(one, who),
        sent=one.was_sent if _writes(one, who) else None,
        sentence=disclosure.sentence(one, who) if Shown.SENTENCE in shown else None,
        outcome=one.outcome.value if one.outcome and Shown.OUTCOME in shown else None,
    )


def _person(person_id: str, what: Shown, shown: frozenset[Shown], facts: Facts) -> PersonView | None:
    if what not in shown or person_id.startswith(ERASED):
        return None
    return PersonView(id=person_id, name=facts.names.get(person_id))


def _next_introducers(
    one: Introduction, shown: frozenset[Shown], facts: Facts, now: datetime
) -> list[PersonView] | None:
    """Those of the seeker's own list who are left: it is the same whatever anybody answered."""
    people = one.to_ask_next(now) if Shown.NEXT in shown else ()
    return [PersonView(id=each, name=facts.names.get(each)) for each in people] or None


def _given(who: Who, facts: Facts) -> GivenView:
    by_introducer, by_seeker = facts.given
    if who == Who.SEEKER:
        return GivenView(to_you=by_introducer, by_you=by_seeker)
    return GivenView(to_you=by_seeker, by_you=by_introducer)


def answered(one: Introduction, who: Who) -> str | None:
    """What this person answered, quietly or not."""
    quiet = one.sealed_by(who)
    return quiet.answer if quiet else one.answers.get(who)


def _writes(one: Introduction, who: Who) -> bool:
    return one.state in {State.ASKED, State.ACCEPTED} and one.leg == "hand" and one.writer == who


def _leg(one: Introduction, who: Who) -> Leg | None:
    """Of the seeker's own leg for the seeker: how the target is reached could tell who they are."""
    if one.state in ENDED:
        return None
    return one.path.leg if who == Who.SEEKER else one.leg


def _history(one: Introduction, who: Who) -> list[StepView]:
    steps: list[StepView] = []
    for place, step in enumerate(one.history):
        then = one.as_of(place)
        if then.state in ENDED and steps and steps[-1].state == "ended":
            continue  # a later outcome
        if disclosure.is_visible(then, who) or then.state in ENDED:
            steps.append(StepView(state=disclosure.state_for(then, who), at=step.at))
    return steps


def _next(one: Introduction, who: Who, now: datetime) -> NextView | None:
    what = words.next_step(one, who)
    if what is None:
        return None
    waits = disclosure.phase(one) == Phase.REQUESTED  # how long would tell of somebody's limits
    forwarded = who == Who.SEEKER and one.state == State.ACCEPTED  # the date moves when it is sent by hand: see `_leg`
    return NextView(what=what, at=None if waits or forwarded else _when(one, who, now))


def _when(one: Introduction, who: Who, now: datetime) -> datetime | None:
    deadline = deadline_of(one.state, one.origin)
    if deadline is None or one.state != State.INTRODUCED or who != Who.SEEKER:
        return one.due_at
    asked = (one.history[-1].at + after for after in deadline.reminded_after)
    return next((at for at in asked if at > now), one.due_at)
