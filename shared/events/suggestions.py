"""`suggestions.v1`: who could introduce a seeker to an opening. Key: suggestion id. Owner: matching.

Withdrawn is a tombstone. The record says what a person reads and nothing more; scores are for ordering and bands.
"""

from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import Field

from shared.events.base import Contract, Id, Instant, Text, Version
from shared.events.postings import Pay, Workplace

SUGGESTIONS = UUID("6d1f2c54-3a0e-5b7e-9a63-0f6b1f2d8c11")
"""The UUID namespace of suggestion ids."""


PLACES = 5
"""So many places of an opening are shown."""


def suggestion_id(seeker_id: str, posting_id: str) -> str:
    """The id of a (seeker, opening) pair, always the same: UUIDv5 of "seeker/posting"."""
    return str(uuid5(SUGGESTIONS, f"{seeker_id}/{posting_id}"))


class PathV1(Contract):
    """A path to somebody at the company."""

    introducer_id: Annotated[Id, Field(description="whom the seeker should ask")]
    insider_id: Annotated[
        Id, Field(description="equal to `introducer_id` on a direct path; else it must not be shown to the seeker")
    ]
    score: Annotated[float, Field(ge=0, le=1, description="two significant digits")]
    label: Annotated[Literal["warm", "possible"], Field(description="`warm`: every tie on the path is firm")]
    ask: Annotated[
        Literal["app", "hand"], Field(description="`app`: we ask the introducer; `hand`: the seeker writes to them")
    ]
    reasons: tuple[str, ...] = ()


class Opening(Contract):
    """What a message about the suggestion shows of the opening, so that it need not be looked up."""

    title: Text
    company: Text
    url: str | None = None
    posted_at: Instant
    locations: tuple[Text, ...] = Field(default=(), max_length=PLACES, description="the first of them, as named")
    workplace: Workplace | None = None
    salary: Pay | None = None


class SuggestionV1(Contract):
    """The best introducers of a seeker to an opening."""

    suggestion_id: Id
    seeker_id: Id
    posting_id: Id
    version: Version
    fit: Annotated[int, Field(ge=0, le=100, description="percent")]
    opening: Opening | None = None
    paths: tuple[PathV1, ...] = Field(min_length=1, max_length=3, description="best first")
