"""`introductions.v1`: an introduction as it is now, with its history. Key: introduction id. Owner: introductions.

Nothing writes it yet; the matcher reads it for how helpful an introducer has been.
"""

from typing import Annotated, Literal

from pydantic import Field

from shared.events.base import Contract, Id, Instant, Version

IntroductionStatus = Literal["requested", "asked", "accepted", "declined", "expired", "introduced", "closed"]


class Step(Contract):
    """A change of status."""

    status: IntroductionStatus
    at: Instant
    outcome: Annotated[str, Field(description="only of `closed`")] | None = None


class IntroductionV1(Contract):
    """A seeker's request to an introducer."""

    introduction_id: Id
    version: Version = 0
    seeker_id: Id
    introducer_id: Id
    insider_id: Id | None = None
    posting_id: Id | None = None
    history: Annotated[tuple[Step, ...], Field(description="oldest step first")] = ()
