"""`people.v1`: a member, or a contact known from one member's address book. Key: person id. Owner: profiles.

Thin on purpose: no name and no e-mail address. A contact's id is pseudonymous and means nothing outside the address
book of `imported_by`.
"""

from typing import Annotated

from pydantic import Field

from shared.events.base import Contract, Day, Id, Text, Version
from shared.events.postings import Amount, Currency, Period, Seniority, Workplace


class Employment(Contract):
    """Work at a company; current when `end` is missing or in the future. `seen`: when an import last showed it."""

    company: Text
    title: Text | None = None
    start: Day | None = None
    end: Day | None = None
    seen: Day | None = None


class LeastPay(Contract):
    """The least somebody would work for."""

    min: Amount
    currency: Currency
    period: Period = "year"


class Seeking(Contract):
    """What a member looks for. `discreet` keeps colleagues at the current employer off every path."""

    titles: tuple[Text, ...] = Field(default=(), max_length=50)
    skills: tuple[Text, ...] = Field(default=(), max_length=200)
    locations: tuple[Text, ...] = Field(default=(), max_length=50)
    workplace: tuple[Workplace, ...] = ()
    seniority: Seniority | None = None
    salary: LeastPay | None = None
    discreet: bool = True
    blocked_companies: tuple[Text, ...] = Field(default=(), max_length=200)


class PersonV1(Contract):
    """Somebody in the graph as the matcher needs them."""

    person_id: Id
    version: Version
    member: bool
    imported_by: Id | None = None
    employments: tuple[Employment, ...] = Field(default=(), max_length=200)
    skills: tuple[Text, ...] = Field(default=(), max_length=500)
    seeking: Seeking | None = None
    introduces: Annotated[bool, Field(description="agrees to be asked for introductions")] = False
    hiring_contact_for: (
        Annotated[
            tuple[Id, ...],
            Field(
                max_length=50,
                description="organisations that may name the member as hiring contact; [] once taken back",
            ),
        ]
        | None
    ) = None
