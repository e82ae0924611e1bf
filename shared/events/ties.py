"""`ties.v1`: the evidence, from one person's side, that they know another. Key: `person:contact`. Owner: profiles."""

from typing import Annotated, Literal

from pydantic import Field

from shared.events.base import Contract, Day, Id, Text, Version

Count = Annotated[int, Field(ge=0, le=10_000_000)]


class Connected(Contract):
    """They are connected on a network."""

    kind: Literal["connected"] = "connected"
    source: Text
    on: Day | None = None
    of: Annotated[int, Field(ge=1, description="the number of connections in the list it is from")] | None = None


class Address(Contract):
    """The person has the contact's e-mail address or phone number."""

    kind: Literal["address"] = "address"
    source: Text


class WorkedTogether(Contract):
    """They were at the same company at the same time."""

    kind: Literal["worked_together"] = "worked_together"
    company: Text
    months: Annotated[Count, Field(description="how long both were there")]
    ended: Day | None = None
    company_size: Annotated[int, Field(ge=1)] | None = None
    stated: Annotated[bool, Field(description="the person states that they worked together")] = False


class Messages(Contract):
    """How many messages went each way, and the day of the last one."""

    kind: Literal["messages"] = "messages"
    sent: Count
    received: Count
    last: Day


class Introduced(Contract):
    """Introductions between them that ended well."""

    kind: Literal["introduced"] = "introduced"
    times: Count


class Closeness(Contract):
    """How well the person states to know the other."""

    kind: Literal["closeness"] = "closeness"
    value: Annotated[int, Field(ge=1, le=5, description="from 1, barely, to 5, very well")]


class Blocked(Contract):
    """The person wants no path with both of them on it."""

    kind: Literal["blocked"] = "blocked"


Evidence = Annotated[
    Connected | Address | WorkedTogether | Messages | Introduced | Closeness | Blocked, Field(discriminator="kind")
]


class TieV1(Contract):
    """All evidence of one side. A newer version replaces it as a whole."""

    person_id: Id
    contact_id: Id
    version: Version
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)


def tie_key(person_id: str, contact_id: str) -> str:
    """The key of a tie's record. Ids contain no colon: they are UUIDs, with or without a prefix."""
    return f"{person_id}:{contact_id}"
