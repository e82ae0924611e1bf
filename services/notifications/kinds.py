"""Every kind of item that an inbox may hold, in one table.

An item is of a kind, about a subject, with a content. Planning, tables, live stream, e-mails and preferences are the
same for all kinds; what differs stands here, as plain functions of the content. Pure.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from services.notifications import domain
from shared.events.base import Contract
from shared.events.suggestions import SuggestionV1

C = TypeVar("C", bound=Contract)

Content = SuggestionV1
"""What items may hold."""


@dataclass(frozen=True, slots=True)
class Order:
    """An item's place in the list that has the best first: the higher rank, the newer, the smaller subject id."""

    rank: Decimal
    posted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Kind(Generic[C]):
    """One kind of item, and the message that tells of it.

    Attributes:
        name: in answers, events, preferences and tables.
        model: what is stored as content.
        sentence: the subject line of its e-mail. Nobody's words are in it.
        place: the page of the console that its e-mail leads to, with `{item_id}`.
        item_id, member_id, subject_id: whose item it is, and what about.
        leads: what it is about before all; with another one an item that was read becomes `updated`.
        visible: all that its member sees of it; what changes without that is not told.
        order: its place in the list.
        without: what is left of it without people whom the member hid; None where nothing is.
    """

    name: str
    model: type[C]
    sentence: str
    place: str
    item_id: Callable[[C], str]
    member_id: Callable[[C], str]
    subject_id: Callable[[C], str]
    leads: Callable[[C], str]
    visible: Callable[[C], object]
    order: Callable[[C], Order]
    without: Callable[[C, Collection[str]], C | None]


SUGGESTION: Kind[SuggestionV1] = Kind(
    name="suggestion",
    model=SuggestionV1,
    sentence="An opening fits you, and somebody can introduce you",
    place="/suggestions/{item_id}",
    item_id=lambda content: content.suggestion_id,
    member_id=lambda content: content.seeker_id,
    subject_id=lambda content: content.posting_id,
    leads=lambda content: domain.best_path(content.paths).introducer_id,
    visible=domain.visible,
    order=lambda content: Order(domain.rank(content), content.opening.posted_at if content.opening else None),
    without=domain.without,
)

KINDS: Mapping[str, Kind[Any]] = {kind.name: kind for kind in (SUGGESTION,)}

SUMMARY = "summary"
"""The one message that is about several items."""

SENTENCES: Mapping[str, str] = {SUGGESTION.name: SUGGESTION.sentence, SUMMARY: "Openings that you now have a way into"}
"""By kind of message, the subject line of its e-mail. Each kind can be turned off on its own."""


def kind_of(content: Content) -> Kind[Any]:  # noqa: ARG001 - there is one kind
    """The kind of an item that holds this."""
    return SUGGESTION
