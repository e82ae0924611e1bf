"""`introductions.v1`: an introduction as it is now, with its history. Key: introduction id. Owner: introductions.

Ids, states and dates only: no note and no name. An answer that is to stay quiet is not in it before its time.
"""

from typing import Annotated, Literal, get_args

from pydantic import Field

from shared.events.base import Contract, Id, Instant, Text, Version

IntroductionStatus = Literal["requested", "asked", "accepted", "declined", "expired", "introduced", "closed"]
Outcome = Literal[
    "hired",
    "interviewing",
    "talked",
    "nothing",
    "unknown",
    "withdrawn",
    "opening_closed",
    "no_longer_possible",
    "no_room",
    "no_answer",
    "erased",
]
"""How an introduction was closed. The first four: how it went, as the seeker said."""

Leg = Literal["app", "hand"]


class Step(Contract):
    """A change of status. An answer by a link does not count while nobody knows that it is the answerer's own."""

    status: IntroductionStatus
    at: Instant
    outcome: Annotated[str, Field(description=f"only of `closed`: {', '.join(get_args(Outcome))}")] | None = None
    counts: Annotated[bool, Field(description="of an answer; left out: true")] | None = None


class Legs(Contract):
    """How introducer and target are reached: in the app, or by somebody who sends our draft themself."""

    introducer: Annotated[Leg, Field(description="left out: app")] | None = None
    target: Leg | None = None


class IntroductionV1(Contract):
    """A seeker's request to an introducer, or an introducer's offer to a seeker."""

    introduction_id: Id
    version: Version = 0
    seeker_id: Id
    introducer_id: Id
    insider_id: Id | None = None
    posting_id: Id | None = None
    company: Annotated[Text, Field(description="of an ask that is about a company, not about an opening")] | None = None
    origin: Annotated[Literal["ask", "offer"], Field(description="left out: ask")] | None = None
    legs: Legs | None = None
    sent_at: Annotated[Instant, Field(description="by hand: when the writer said that they sent it")] | None = None
    due_at: Annotated[Instant, Field(description="when it ends by itself, or goes on; none: it has ended")] | None = (
        None
    )
    talked_by: (
        Annotated[tuple[Id, ...], Field(description="of introducer and target, who said that they talked")] | None
    ) = None
    history: Annotated[tuple[Step, ...], Field(description="oldest step first")] = ()
