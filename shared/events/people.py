"""`people.v1`: a member, or a contact known from one member's address book. Key: person id. Owner: profiles.

Thin on purpose: no name and no e-mail address. A contact's id is a pseudonym that means nothing outside the address
book it comes from.
"""

from typing import Annotated

from pydantic import Field

from shared.events.base import Contract, Day, Id, Text, Version
from shared.events.postings import Amount, Currency, Period, Seniority, Workplace


class Employment(Contract):
    """Work at a company, current if `end` is missing or in the future. `seen`: when an import last showed it."""

    company: Text
    title: Text | None = None
    start: Day | None = None
    end: Day | None = None
    seen: Day | None = None


class LeastPay(Contract):
    """The lowest pay somebody accepts."""

    min: Amount
    currency: Currency
    period: Period = "year"


class Sought(Contract):
    """What somebody looks for, and where they would not go."""

    titles: tuple[Text, ...] = Field(default=(), max_length=50)
    skills: tuple[Text, ...] = Field(default=(), max_length=200)
    locations: tuple[Text, ...] = Field(default=(), max_length=50)
    workplace: tuple[Workplace, ...] = ()
    seniority: Seniority | None = None
    salary: LeastPay | None = None
    blocked_companies: tuple[Text, ...] = Field(default=(), max_length=200)


class Seeking(Sought):
    """What a member looks for."""

    discreet: Annotated[bool, Field(description="nobody at the current employer is on a path")] = True
    since: Annotated[Day, Field(description="the day they began to look")] | None = None
    openly: Annotated[bool, Field(description="people they know may see that they look")] | None = None


class PersonV1(Contract):
    """A person in the graph, as the matcher needs them."""

    person_id: Id
    version: Version
    member: bool
    imported_by: Annotated[Id, Field(description="the member whose address book a contact comes from")] | None = None
    employments: tuple[Employment, ...] = Field(default=(), max_length=200)
    skills: tuple[Text, ...] = Field(default=(), max_length=500)
    seeking: Seeking | None = None
    introduces: Annotated[bool, Field(description="agrees to be asked for introductions")] = False
    hiring_contact_for: (
        Annotated[
            tuple[Id, ...],
            Field(
                max_length=50,
                description="organisations that may name the member as hiring contact; [] once withdrawn",
            ),
        ]
        | None
    ) = None
