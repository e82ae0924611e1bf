"""`suggestions.v1`: who could introduce a seeker to an opening. Key: suggestion id. Owner: matching.

Withdrawn is a tombstone. The record says what a person reads and nothing more; scores are for ordering and bands.
"""

from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import Field

from shared.events.base import Contract, Id, Instant, Text, Version

SUGGESTIONS = UUID("6d1f2c54-3a0e-5b7e-9a63-0f6b1f2d8c11")
"""The namespace of suggestion ids."""


def suggestion_id(seeker_id: str, posting_id: str) -> str:
    """The one id a (seeker, opening) pair ever has: UUIDv5 of "seeker/posting"."""
    return str(uuid5(SUGGESTIONS, f"{seeker_id}/{posting_id}"))


class PathV1(Contract):
    """One way in. `insider_id` equals `introducer_id` for a direct path; otherwise it is not for the seeker's eyes."""

    introducer_id: Id
    insider_id: Id
    score: Annotated[float, Field(ge=0, le=1, description="two significant digits")]
    label: Literal["warm", "possible"]
    ask: Literal["app", "hand"]
    reasons: tuple[str, ...] = ()


class Opening(Contract):
    """What a message about the suggestion shows of the opening, so that nobody need look it up."""

    title: Text
    company: Text
    url: str | None = None
    posted_at: Instant


class SuggestionV1(Contract):
    """The best introducers, at most three, best first."""

    suggestion_id: Id
    seeker_id: Id
    posting_id: Id
    version: Version
    fit: Annotated[int, Field(ge=0, le=100, description="percent")]
    opening: Opening | None = None
    paths: tuple[PathV1, ...] = Field(min_length=1, max_length=3)
