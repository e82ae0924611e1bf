"""How items are shown: as JSON, and in e-mails. Names come from cards; people without a card are shown without a name.

Kept true: bands instead of scores; of an indirect path only that the introducer knows somebody there, not whom; text
from other people is never shown unescaped or with control characters. Of an e-mail, the subject is a fixed sentence of
ours, and nothing that somebody else wrote is a link or becomes one: the only links are `Links`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from services.notifications import domain, wording
from services.notifications.domain import Band, Status
from services.notifications.introductions_client import Message
from services.notifications.kinds import KINDS, SENTENCES, SUGGESTION, SUMMARY, console_page
from services.notifications.notices import Notice, NoticeKind
from services.notifications.store import Item
from shared.events.postings import Pay, Workplace
from shared.events.suggestions import PathV1
from shared.mail.email import Rendered
from shared.mail.layout import rendered, templates
from shared.text import clean, safe_url, unlinked
from shared.web.cards import Card

UNNAMED = "a contact of yours"
SUGGESTION_SUBJECT, SUMMARY_SUBJECT = SENTENCES[SUGGESTION.name], SENTENCES[SUMMARY]
UNSUBSCRIBE = "/unsubscribe"
"""The path, before a token, at which a kind of e-mail is turned off."""

SUGGESTIONS_PLACE = "/suggestions"
"""The page of the console with all suggestions."""

TOP = 3
"""How many items a summary lists."""

_NAME, _TITLE, _REASON = 100, 160, 200
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")


class Link(str):
    """A link of ours: all other text in an e-mail is somebody's words, in which nothing may become a link."""

    __slots__ = ()


def _finalize(value: Any) -> Any:
    """Every value that a template inserts passes here; markup is what our own macros made of such values."""
    ours = isinstance(value, Link) or hasattr(value, "__html__")
    return unlinked(value) if isinstance(value, str) and not ours else value


_TEMPLATES = templates(Path(__file__).with_name("templates"), _finalize)


class PathView(BaseModel):
    """One introducer: what they do, their profile and since when you are connected, as far as it is known.

    `way`: whether they work there themselves, or know somebody there (whom is not shown).
    """

    introducer_id: str
    name: str
    title: str | None
    company: str | None
    profile_url: str | None
    connected_on: date | None
    way: Literal["direct", "one_between"]
    says: str
    band: Band
    label: Literal["warm", "possible"]
    ask: Literal["app", "hand"]
    reasons: list[str]


class ItemView(BaseModel):
    """A suggestion. `fit` is in percent; `suggested_at`: when it was found, `created_at`: when it arrived.

    `locations` are the opening's first five. `paths` are those through introducers who are not hidden.
    """

    kind: Literal["suggestion"] = "suggestion"
    id: str
    posting_id: str
    status: Status
    title: str
    company: str
    url: str | None
    posted_at: datetime | None
    locations: list[str]
    workplace: Workplace | None
    salary: Pay | None
    fit: int
    saved: bool
    hidden: bool
    paths: list[PathView]
    suggested_at: datetime | None
    created_at: datetime
    updated_at: datetime


class NoticeView(BaseModel):
    """Something about an introduction. `sentence` is the same for all of its kind; `says` is what is to be said now.

    `says` is empty while introductions does not answer. `page`: the page of the console that it is about, as a path.
    """

    kind: NoticeKind
    id: str
    introduction_id: str | None
    status: Status
    sentence: str
    says: list[str]
    note: str | None
    page: str
    created_at: datetime
    updated_at: datetime


InboxItem = Annotated[ItemView | NoticeView, Field(discriminator="kind")]
"""What an inbox holds, by `kind`."""


class SummaryView(BaseModel):
    """A summary: how many of its openings are still live, and the best of them."""

    count: int
    text: str
    top: list[ItemView]


@dataclass(frozen=True, slots=True)
class Links:
    """The links in an e-mail: where its kind is turned off, and the console, where there is one."""

    unsubscribe: Link
    console: Link | None = None


def people_in(items: Iterable[Item]) -> list[str]:
    """The people whose cards are needed to show these items: the introducers. Insiders are never looked up."""
    return [path.introducer_id for item in items if item.kind is SUGGESTION for path in item.suggestion.paths]


def name_of(cards: Mapping[str, Card], person_id: str) -> str:
    """The name to show, or `UNNAMED`."""
    card = cards.get(person_id)
    return clean(card.name if card else None, _NAME) or UNNAMED


def show_path(path: PathV1, cards: Mapping[str, Card]) -> PathView:
    """One introducer as the seeker may see them."""
    name, direct = name_of(cards, path.introducer_id), domain.is_direct(path)
    card = cards.get(path.introducer_id) or Card(id=path.introducer_id)
    return PathView(
        introducer_id=path.introducer_id,
        name=name,
        title=clean(card.title, _TITLE) or None,
        company=clean(card.company, _NAME) or None,
        profile_url=safe_url(card.profile_url),
        connected_on=card.connected_on,
        way="direct" if direct else "one_between",
        says=f"you know {name} yourself" if direct else f"{name} knows somebody there",
        band=domain.band(path.score),
        label=path.label,
        ask=path.ask,
        reasons=[line for line in (clean(reason, _REASON) for reason in path.reasons) if line],
    )


def show(item: Item, cards: Mapping[str, Card]) -> ItemView:
    """An item as its member sees it."""
    suggestion, opening = item.suggestion, item.suggestion.opening
    return ItemView(
        id=item.item_id,
        posting_id=suggestion.posting_id,
        status=item.status,
        title=clean(opening.title if opening else None, _TITLE) or "an opening",
        company=clean(opening.company if opening else None, _NAME) or "a company",
        url=safe_url(opening.url if opening else None),
        posted_at=opening.posted_at if opening else None,
        locations=[place for place in (clean(each, _NAME) for each in opening.locations) if place] if opening else [],
        workplace=opening.workplace if opening else None,
        salary=opening.salary if opening else None,
        fit=suggestion.fit,
        saved=item.saved,
        hidden=item.hidden,
        paths=[show_path(path, cards) for path in suggestion.paths],
        suggested_at=item.suggested_at,
        created_at=item.created_at,
        updated_at=item.updated_at,
    )


def show_notice(item: Item, notice: Notice, message: Message | None) -> NoticeView:
    """What is said of an introduction. `message`: what introductions says, if it answered."""
    return NoticeView(
        kind=notice.kind,
        id=notice.item_id,
        introduction_id=notice.introduction_id if notice.kind != "keep_in_touch" else None,
        status=item.status,
        sentence=item.kind.sentence,
        says=wording.sentences(notice.kind, message) if message else [],
        note=wording.note(message) if message else None,
        page=console_page(notice),
        created_at=item.created_at,
        updated_at=item.updated_at,
    )


def summary(items: Sequence[Item], count: int, cards: Mapping[str, Card]) -> SummaryView:
    """A summary of `count` openings; `items` are the best of them."""
    what = "opening" if count == 1 else "openings"
    return SummaryView(
        count=count, text=f"{count} {what} you now have a way into", top=[show(item, cards) for item in items[:TOP]]
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Who an e-mail is for: their name as they wrote it, the time zone of its dates, and their links."""

    name: str | None
    timezone: str
    links: Links


def email_about(item: Item, cards: Mapping[str, Card], reader: Reader) -> Rendered:
    """The e-mail about one suggestion."""
    return _render(SUGGESTION.name, reader, console_page(item.content), {"item": show(item, cards)})


def email_of_notice(notice: Notice, message: Message, reader: Reader, link: str | None = None) -> Rendered:
    """The e-mail about an introduction. `link`: where it is answered without signing in, if it can be."""
    page = safe_path(link) or console_page(notice)
    said = {"says": wording.sentences(notice.kind, message), "note": wording.note(message)}
    return _render(notice.kind, reader, page, said)


def email_summary(items: Sequence[Item], count: int, cards: Mapping[str, Card], reader: Reader) -> Rendered:
    """The e-mail that summarises several suggestions."""
    view = summary(items, count, cards)
    return _render(SUMMARY, reader, SUGGESTIONS_PLACE, {"summary": view})


def safe_path(link: str | None) -> str | None:
    """The path of an address of the console's, if it is a plain one, else None: nobody is led elsewhere."""
    path = urlsplit(link or "").path
    return path if _PATH.fullmatch(path) else None


def _render(kind: str, reader: Reader, place: str, more: dict[str, Any]) -> Rendered:
    """The e-mail of one kind of message. `place`: the page of the console that it leads to."""
    zone = ZoneInfo(reader.timezone)

    def day(moment: datetime) -> str:
        local = moment.astimezone(zone)
        return f"{local.day} {local:%B %Y}"

    subject, template = SENTENCES[kind], KINDS[kind].template if kind in KINDS else kind
    context = {
        "greeting": clean(reader.name, _NAME),
        "day": day,
        "links": reader.links,
        "page": Link(reader.links.console + place) if reader.links.console else None,
        "button": KINDS[kind].button if kind in KINDS else SUGGESTION.button,
        **more,
    }
    return rendered(_TEMPLATES, template, subject, context, reader.links.unsubscribe)
