"""`introductions.v1`: an introduction as it is now, with its history. Key: introduction id. Owner: introductions.

Nothing writes it yet; the matcher reads it for how helpful an introducer has been.
"""

from typing import Annotated, Literal

from pydantic import Field

from shared.events.base import Contract, Id, Instant, Version

IntroductionStatus = Literal["requested", "asked", "accepted", "declined", "expired", "introduced", "closed"]
Leg = Literal["app", "hand"]


class Step(Contract):
    """A change of status. An answer by a link does not count while nobody knows that it is the answerer's own."""

    status: IntroductionStatus
    at: Instant
    outcome: Annotated[str, Field(description="only of `closed`")] | None = None
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
    origin: Annotated[Literal["ask", "offer"], Field(description="left out: ask")] | None = None
    legs: Legs | None = None
    sent_at: Annotated[Instant, Field(description="by hand: when the writer said that they sent it")] | None = None
    history: Annotated[tuple[Step, ...], Field(description="oldest step first")] = ()
