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
from services.notifications.notices import Notice, NoticeKind
from shared.events.base import Contract
from shared.events.suggestions import SuggestionV1

C = TypeVar("C", bound=Contract)

Content = SuggestionV1 | Notice
"""What items may hold."""

WAITS, NEWS = Decimal(3), Decimal(2)
"""The ranks of what waits for the member, and of what they only read: before all suggestions, which have 1 at most."""


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
        template: of its e-mail.
        place: the page of the console that its e-mail leads to, with `{item_id}` or `{subject_id}`.
        button: what the link to that page says.
        by_link: whether its e-mail may lead to where one answers without signing in.
        item_id, member_id, subject_id: whose item it is, and what about.
        leads: what it is about before all; with another one an item that was read becomes `updated`.
        visible: all that its member sees of it; what changes without that is not told.
        order: its place in the list.
        without: what is left of it without people whom the member hid; None where nothing is.
    """

    name: str
    model: type[C]
    sentence: str
    template: str
    place: str
    button: str
    item_id: Callable[[C], str]
    member_id: Callable[[C], str]
    subject_id: Callable[[C], str]
    leads: Callable[[C], str]
    visible: Callable[[C], object]
    order: Callable[[C], Order]
    without: Callable[[C, Collection[str]], C | None]
    by_link: bool = False


SUGGESTION: Kind[SuggestionV1] = Kind(
    name="suggestion",
    model=SuggestionV1,
    sentence="An opening fits you, and somebody can introduce you",
    template="suggestion",
    place="/suggestions/{item_id}",
    button="Open Warmpath",
    item_id=lambda content: content.suggestion_id,
    member_id=lambda content: content.seeker_id,
    subject_id=lambda content: content.posting_id,
    leads=lambda content: domain.best_path(content.paths).introducer_id,
    visible=domain.visible,
    order=lambda content: Order(domain.rank(content), content.opening.posted_at if content.opening else None),
    without=domain.without,
)


def _notice(
    name: NoticeKind,
    sentence: str,
    button: str,
    rank: Decimal,
    place: str = "/introductions/{subject_id}",
    *,
    by_link: bool = False,
) -> Kind[Notice]:
    """A kind of item about an introduction. It is told once and never changes."""
    return Kind(
        name=name,
        model=Notice,
        sentence=sentence,
        template="notice",
        place=place,
        button=button,
        item_id=lambda content: content.item_id,
        member_id=lambda content: content.member_id,
        subject_id=lambda content: content.introduction_id,
        leads=lambda content: content.item_id,
        visible=lambda content: content.item_id,
        order=lambda content: Order(rank, content.due_at),
        without=lambda content, _hidden: content,
        by_link=by_link,
    )


NOTICES: tuple[Kind[Notice], ...] = (
    _notice(
        "introduction_asked", "Somebody asks you for an introduction", "Look at it and answer", WAITS, by_link=True
    ),
    _notice("offer", "Somebody you know offers to introduce you", "Look at it and answer", WAITS),
    _notice(
        "target_asked", "Somebody asks whether you would talk to them", "Look at it and answer", WAITS, by_link=True
    ),
    _notice("agreed", "An introduction goes on", "Look at it", NEWS),
    _notice("introduced", "An introduction has been made", "Look at it", NEWS),
    _notice("reminder", "An introduction waits for you", "Look at it", WAITS, by_link=True),
    _notice("outcome_question", "How did your introduction go?", "Say how it went", WAITS),
    _notice("outcome", "What came of an introduction", "Look at it", NEWS),
    _notice("ended", "An introduction has ended", "Look at it", NEWS),
    _notice("keep_in_touch", "People worth a word this week", "See whom, and why", NEWS, "/keep-in-touch"),
)

KEPT_NEWS: tuple[str, ...] = ("agreed", "introduced", "outcome", "ended")
"""Kinds that nothing takes back: they leave the inbox after a while."""

KINDS: Mapping[str, Kind[Any]] = {SUGGESTION.name: SUGGESTION} | {kind.name: kind for kind in NOTICES}

SUMMARY = "summary"
"""The one message that is about several items."""

SENTENCES: Mapping[str, str] = {
    SUGGESTION.name: SUGGESTION.sentence,
    SUMMARY: "Openings that you now have a way into",
    **{kind.name: kind.sentence for kind in NOTICES},
}
"""By kind of message, the subject line of its e-mail. Each kind can be turned off on its own."""


def kind_of(content: Content) -> Kind[Any]:
    """The kind of an item that holds this."""
    return SUGGESTION if isinstance(content, SuggestionV1) else KINDS[content.kind]


def console_page(content: Content) -> str:
    """The page of the console that is about it, as a path."""
    kind = kind_of(content)
    return kind.place.format(item_id=kind.item_id(content), subject_id=kind.subject_id(content))
