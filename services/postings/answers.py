"""What the producer API answers, and how its problems are documented."""

from datetime import datetime
from typing import Any, Literal, Self

from fastapi import FastAPI
from pydantic import BaseModel, Field

from services.postings.domain import Posting, Status
from shared.events.base import Day, Instant
from shared.events.postings import Company, PostingV1


class PostingView(PostingV1):
    """An opening as it is now: the record of `postings.v1`, with what is its organisation's own business."""

    external_id: str | None = None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, posting: Posting) -> Self:
        """The view of a posting."""
        return cls.model_validate(
            posting.record.model_dump()
            | {
                "external_id": posting.external_id,
                "created_at": posting.created_at,
                "updated_at": posting.updated_at,
            }
        )


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

    @classmethod
    def of(cls, posting: Posting) -> Self:
        """The line of a posting."""
        record = posting.record
        return cls(
            posting_id=record.posting_id,
            external_id=posting.external_id,
            version=record.version,
            status=record.status,
            company=record.company,
            title=record.title,
            posted_at=record.posted_at,
            valid_through=record.valid_through,
            updated_at=posting.updated_at,
        )


class Receipt(BaseModel):
    """What a change came to. The same content sent again leaves the version as it was."""

    posting_id: str
    external_id: str | None = None
    version: int
    status: Status

    @classmethod
    def of(cls, posting: Posting) -> Self:
        """The receipt for a posting."""
        record = posting.record
        return cls(
            posting_id=record.posting_id,
            external_id=posting.external_id,
            version=record.version,
            status=record.status,
        )


class Wrong(BaseModel):
    """One thing wrong with a field."""

    field: str = Field(examples=["salary.max"])
    reason: str = Field(examples=["is below salary.min"])


class RowResult(BaseModel):
    """What became of one row. `line` (from 1) is there for NDJSON."""

    index: int = Field(description="place among the rows, from 0")
    line: int | None = None
    status: Literal["created", "updated", "unchanged", "refused"]
    posting_id: str | None = None
    external_id: str | None = None
    version: int | None = None
    errors: list[Wrong] | None = None


class BulkReport(BaseModel):
    """One result a row, in the rows' order."""

    created: int
    updated: int
    unchanged: int
    refused: int
    results: list[RowResult]


class Reach(BaseModel):
    """How many fitting seekers have a path into the opening; 1 to 4 are not told apart."""

    posting_id: str
    seekers: int | Literal["<5"] = Field(examples=["<5", 12])


class ProblemDocument(BaseModel):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    request_id: str | None = None
    errors: list[Wrong] | None = None


_ABOUT: dict[int, tuple[str, str, list[dict[str, str]] | None]] = {
    401: ("Unauthorized", "No token, or one that nobody is known by.", None),
    403: ("Forbidden", "The token is another kind of caller's.", None),
    404: ("Not Found", "There is none, or it is another organisation's.", None),
    409: ("Conflict", "The key or the external id is taken by something else.", None),
    412: ("Precondition Failed", "The posting has changed since the version in If-Match.", None),
    413: ("Body too large", "The body, or the opening as a record, is too long.", None),
    415: ("Unsupported Media Type", "Neither JSON nor NDJSON.", None),
    422: (
        "Invalid request",
        "A field is wrong; each is named.",
        [{"field": "salary.max", "reason": "is below salary.min"}],
    ),
    503: ("Service Unavailable", "Something this needs is away; try again.", None),
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI documentation of the problems an endpoint may answer with."""
    return {status: _documented(status) for status in sorted(statuses)}


def describe_problems(app: FastAPI) -> None:
    """Add the problems' schema to the application's description; FastAPI itself would call them application/json."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs")  # what is wrong with a field is described already
        document["components"]["schemas"][ProblemDocument.__name__] = schema
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents


def _documented(status: int) -> dict[str, Any]:
    title, about, errors = _ABOUT[status]
    example: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": about}
    if errors:
        example["errors"] = errors
    schema = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
    return {
        "description": about,
        "content": {"application/problem+json": {"schema": schema, "example": example}},
    }
