"""Responses of the producer API."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from services.postings.domain import By, Posting, Status
from services.postings.store import Listed
from shared.events.base import Day, Instant
from shared.events.postings import Company, PostingV1
from shared.web.documents import FieldProblem

Seekers = Annotated[
    int | Literal["<10"] | None,
    Field(
        examples=["<10", 25],
        description="about how many seekers have a path: rounded down to 10, 25, 50, 100, 250 …, over seekers of a "
        "week or more; null: not known yet",
    ),
]


def _shown(step: int | None) -> int | Literal["<10"] | None:
    return "<10" if step == 0 else step


def _values(posting: Posting) -> dict[str, object]:
    """The fields of a posting and of its record; each response takes those that it has."""
    return posting.record.model_dump() | {
        "external_id": posting.external_id,
        "closed_by": posting.closed_by,
        "created_at": posting.created_at,
        "updated_at": posting.updated_at,
    }


class PostingView(PostingV1):
    """An opening: the record of `postings.v1`, with fields for its organisation only."""

    external_id: str | None = None
    closed_by: By | None = Field(default=None, description="who closed it, if it is closed")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, posting: Posting) -> Self:
        """The view of a posting."""
        return cls.model_validate(_values(posting))


class PostingLine(BaseModel):
    """An opening as a list shows it."""

    posting_id: str
    external_id: str | None = None
    version: int
    status: Status
    company: Company
    title: str
    posted_at: Instant
    valid_through: Day | None = None
    updated_at: datetime
    seekers: Seekers = None
    counted_at: datetime | None = None

    @classmethod
    def of(cls, row: Listed) -> Self:
        """The line of a posting."""
        return cls.model_validate(_values(row.posting) | {"seekers": _shown(row.reach), "counted_at": row.reach_at})


class Receipt(BaseModel):
    """The result of a change. Sending the same content again does not change the version."""

    posting_id: str
    external_id: str | None = None
    version: int
    status: Status

    @classmethod
    def of(cls, posting: Posting) -> Self:
        """The receipt for a posting."""
        return cls.model_validate(_values(posting))


class RowResult(BaseModel):
    """The result of one row. `line` (from 1) is set for NDJSON."""

    index: int = Field(description="place among the rows, from 0")
    line: int | None = None
    status: Literal["created", "updated", "unchanged", "refused"]
    posting_id: str | None = None
    external_id: str | None = None
    version: int | None = None
    errors: list[FieldProblem] | None = None


class BulkReport(BaseModel):
    """One result for each row, in their order."""

    created: int
    updated: int
    unchanged: int
    refused: int
    results: list[RowResult]


class Reach(BaseModel):
    """About how many seekers have a path to the opening, as worked out last: an hour after posting, then weekly."""

    posting_id: str
    seekers: Seekers
    counted_at: datetime | None = Field(description="when it was worked out")

    @classmethod
    def of(cls, posting_id: str, step: int | None, counted_at: datetime | None) -> Self:
        """The view of what is kept."""
        return cls(posting_id=posting_id, seekers=_shown(step), counted_at=counted_at)
