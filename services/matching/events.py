"""What goes into an engine and what comes out; the same for both engines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from shared.events.base import Contract
from shared.events.clock import ClockV1
from shared.events.introductions import IntroductionV1
from shared.events.people import PersonV1
from shared.events.postings import PostingV1
from shared.events.ties import Evidence, TieV1, tie_key

INPUTS: Mapping[str, type[Contract]] = {
    "postings.v1": PostingV1,
    "people.v1": PersonV1,
    "ties.v1": TieV1,
    "introductions.v1": IntroductionV1,
    "clock.v1": ClockV1,
}
"""The model of each input topic."""

Cause = Literal["opening", "network"]


@dataclass(frozen=True, slots=True)
class Event:
    """A record of an input topic. `value` is None for a tombstone."""

    topic: str
    key: str
    value: Contract | None
    version: int


@dataclass(frozen=True, slots=True)
class Ties:
    """Records of `ties.v1` in their order, as columns of equal length. Evidence None is a tombstone.

    They are checked already. A connection's day may be left out: no rule and no reason reads it. Equal evidence is
    mostly, not always, one object.
    """

    persons: Sequence[str]
    contacts: Sequence[str]
    versions: Sequence[int]
    evidences: Sequence[tuple[Evidence, ...] | None]

    def events(self) -> Iterator[Event]:
        """The same, one by one."""
        for person, contact, version, evidence in zip(
            self.persons, self.contacts, self.versions, self.evidences, strict=True
        ):
            value = None
            if evidence is not None:
                value = TieV1.model_construct(person_id=person, contact_id=contact, version=version, evidence=evidence)
            yield Event("ties.v1", tie_key(person, contact), value, version)


Numbers = tuple[int, int]
"""An engine's own numbers of a seeker and an opening. Another opening may get an opening's number once it is gone."""


class SuggestionRef(Protocol):
    """Which suggestion is meant. Where `numbers` are given, the engine that gave them finds it by them."""

    @property
    def seeker(self) -> str: ...  # noqa: D102
    @property
    def posting(self) -> str: ...  # noqa: D102
    @property
    def numbers(self) -> Numbers | None: ...  # noqa: D102


class Change(NamedTuple):
    """A suggestion is new, differs or is withdrawn. What it says now, `Engine.current` tells.

    `cause`: `opening` when the posting's own event made it, `network` otherwise.
    """

    seeker: str
    posting: str
    cause: Cause
    numbers: Numbers | None = None


class ContractViolationError(ValueError):
    """A readable record that its topic must not carry. The text says why, and never repeats its content."""


def check(event: Event) -> None:
    """Raise ContractViolationError if this event violates the contract of its topic."""
    reason = contract_violation(event)
    if reason is not None:
        raise ContractViolationError(reason)


def contract_violation(event: Event) -> str | None:
    """How this event violates the contract of its topic; None if it does not."""
    model = INPUTS.get(event.topic)
    if model is None:
        return f"{event.topic} is no input of the matcher"
    match event.value:
        case None:
            return "clock.v1 has no tombstones" if model is ClockV1 else None
        case PersonV1(person_id=named) | PostingV1(posting_id=named) | IntroductionV1(introduction_id=named):
            pass
        case TieV1(person_id=person, contact_id=contact):
            named = tie_key(person, contact)
        case _:
            named = event.key
    if not isinstance(event.value, model):
        return f"{event.topic} does not carry such a value"
    return None if named == event.key else "the key is not the id in the value"
