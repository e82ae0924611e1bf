"""`ties.v1`: what one person's side shows of knowing another. Key: `person:contact`. Owner: profiles."""

from typing import Annotated, Literal

from pydantic import Field

from shared.events.base import Contract, Day, Id, Text, Version

Count = Annotated[int, Field(ge=0, le=10_000_000)]


class Connected(Contract):
    """They are connected on a network; `of` is the size of the list the connection stands in."""

    kind: Literal["connected"] = "connected"
    source: Text
    on: Day | None = None
    of: Annotated[int, Field(ge=1)] | None = None


class Address(Contract):
    """This person has that one's e-mail address or phone number."""

    kind: Literal["address"] = "address"
    source: Text


class WorkedTogether(Contract):
    """They were at one company for `months` months at the same time; `stated`: the person says so."""

    kind: Literal["worked_together"] = "worked_together"
    company: Text
    months: Count
    ended: Day | None = None
    company_size: Annotated[int, Field(ge=1)] | None = None
    stated: bool = False


class Messages(Contract):
    """How many messages went each way, and the day of the last one."""

    kind: Literal["messages"] = "messages"
    sent: Count
    received: Count
    last: Day


class Introduced(Contract):
    """Introductions between them that closed well."""

    kind: Literal["introduced"] = "introduced"
    times: Count


class Closeness(Contract):
    """How well the person says they know the other, from 1 (barely) to 5 (very well)."""

    kind: Literal["closeness"] = "closeness"
    value: Annotated[int, Field(ge=1, le=5)]


class Blocked(Contract):
    """The person wants no path on which both of them stand."""

    kind: Literal["blocked"] = "blocked"


Evidence = Annotated[
    Connected | Address | WorkedTogether | Messages | Introduced | Closeness | Blocked, Field(discriminator="kind")
]


class TieV1(Contract):
    """One side's evidence, whole: a newer version replaces it."""

    person_id: Id
    contact_id: Id
    version: Version
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)


def tie_key(person_id: str, contact_id: str) -> str:
    """The key of a tie's record; ids hold no colon of their own (they are UUIDs or prefixed UUIDs)."""
    return f"{person_id}:{contact_id}"
