"""`postings.v1`: an opening as it is now. Key: posting id. Owner: postings."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.events.base import Contract, Day, Id, Instant, Text, Version


class Workplace(StrEnum):
    """Where the work is done."""

    ONSITE = "onsite"
    HYBRID = "hybrid"
    REMOTE = "remote"


class Seniority(StrEnum):
    """Levels, lowest first. The distance of two levels is that of their places in this list."""

    INTERN = "intern"
    JUNIOR = "junior"
    MID = "mid"
    SENIOR = "senior"
    LEAD = "lead"
    DIRECTOR = "director"
    EXECUTIVE = "executive"


Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Period = Literal["hour", "day", "week", "month", "year"]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Company(Contract):
    """An employer, as the recruiter names it."""

    name: Text
    domain: Annotated[str, Field(max_length=253, description="if known, it settles which employer is meant")] | None = (
        None
    )


class Pay(Contract):
    """A range of pay."""

    min: Amount | None = None
    max: Amount | None = None
    currency: Currency
    period: Period = "year"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("salary.min is above salary.max")
        return self


class PostingV1(Contract):
    """An opening, open or closed. A deleted one is a tombstone."""

    posting_id: Id
    version: Version
    status: Literal["open", "closed"] = "open"
    company: Company
    title: Text
    skills: tuple[Text, ...] = Field(default=(), max_length=100)
    locations: tuple[Text, ...] = Field(default=(), max_length=100)
    workplace: Workplace
    seniority: Seniority | None = None
    employment_type: Annotated[str, Field(max_length=60)] | None = None
    salary: Pay | None = None
    description: Annotated[str, Field(max_length=50_000)] | None = None
    url: Annotated[str, Field(max_length=2_000)] | None = None
    posted_at: Instant
    valid_through: Day | None = None
    referral_bonus: Annotated[str, Field(max_length=200)] | None = None
    hiring_contact: (
        Annotated[Id, Field(description="a member who agreed to be named by the posting organisation")] | None
    ) = None
    vouched: (
        Annotated[bool, Field(description="somebody vouches for the organisation; else no discreet seeker is told")]
        | None
    ) = None
