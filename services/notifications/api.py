"""HTTP: a member's inbox, its live stream and drafts, and their e-mail preferences; counts for operators.

Somebody else's item is a 404, like one that does not exist. Scores are never shown, only bands.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import time
from functools import partial
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator, model_validator
from starlette.responses import Response

from services.notifications import live_stream, preferences, rendering, store
from services.notifications.dependencies import Dependencies, Deps
from services.notifications.introductions_client import IntroductionsUnavailable
from services.notifications.kinds import SENTENCES, SUMMARY
from services.notifications.listing import Filter, Sort, count_suggestions, list_items
from services.notifications.live_stream import EventStream, Pace
from services.notifications.notices import Notice, NoticeKind
from services.notifications.preferences import Preferences
from services.notifications.rendering import InboxItem, ItemView, NoticeView
from services.notifications.store import Event, Item
from shared.events.postings import Workplace
from shared.web import audit
from shared.web.callers import ActingMember, Operator
from shared.web.cards import Card
from shared.web.documents import problems
from shared.web.identity import is_still_valid
from shared.web.ids import PathId
from shared.web.pagination import Cursor, Limit, Page, decode_cursor, encode_cursor
from shared.web.problems import invalid, not_found

router = APIRouter(tags=["notifications"])


class InboxPage(Page[InboxItem]):
    """A page of an inbox."""


async def _shown(deps: Dependencies, member_id: str, items: Sequence[Item]) -> list[ItemView | NoticeView]:
    """The items as they may be shown now; what is no longer to be said is left out."""
    known = await deps.cards.find_or_none(member_id, rendering.people_in(items))
    shown = await asyncio.gather(*(_show(deps, item, known) for item in items))
    return [each for each in shown if each is not None]


async def _show(deps: Dependencies, item: Item, cards: Mapping[str, Card]) -> ItemView | NoticeView | None:
    if not isinstance(item.content, Notice):
        return rendering.show(item, cards)
    notice = item.content
    try:
        message = await deps.introductions.message(notice.introduction_id, notice.member_id, notice.kind)
    except IntroductionsUnavailable:
        return rendering.show_notice(item, notice, None)
    return None if message is None else rendering.show_notice(item, notice, message)


ItemKinds = Annotated[
    list[Literal["suggestion", NoticeKind]] | None, Query(description="only items of these kinds; may be repeated")
]


async def _filter(
    unread: bool = False, saved: bool = False, workplace: Workplace | None = None, kind: ItemKinds = None
) -> Filter:
    """From the query."""
    return Filter(unread, saved, workplace, kind)


@router.get("/v1/inbox", responses=problems(404))
async def list_inbox(
    member_id: ActingMember,
    deps: Deps,
    which: Annotated[Filter, Depends(_filter)],
    sort: Sort = "best",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> InboxPage:
    """Live items that are not hidden, the best or the newest first: what waits for an answer, news, then suggestions.

    `unread` leaves out items that were read and did not change; `saved` all that the member did not save. A page may
    hold fewer than `limit` where something is no longer to be said; `next` tells whether more follow.
    """
    after: str | None = None
    if cursor is not None:
        order, after = decode_cursor(cursor, 2)
        if order != sort:
            raise invalid("cursor", f"belongs to another sort order than {sort}")
    items = await list_items(deps.pool, member_id, sort, which, after=after, limit=limit + 1)
    if items is None:
        raise invalid("cursor", "not a cursor of this list")
    shown = list(items[:limit])
    # The cursor names an item, not its rank: a rank is a score, and scores are never shown.
    following = encode_cursor(sort, shown[-1].item_id) if len(items) > limit else None
    return InboxPage(items=await _shown(deps, member_id, shown), next=following)


class CountView(BaseModel):
    """How many suggestions an inbox holds that are not hidden."""

    suggestions: int


@router.get("/v1/inbox/count", responses=problems(404))
async def count_inbox(member_id: ActingMember, deps: Deps) -> CountView:
    """As many as `GET /v1/inbox?kind=suggestion` lists."""
    return CountView(suggestions=await count_suggestions(deps.pool, member_id))


@router.get("/v1/inbox/stream", status_code=200, response_class=EventStream, responses=problems(404, 429))
async def stream_inbox(
    request: Request,
    member_id: ActingMember,
    deps: Deps,
    last_event_id: Annotated[str | None, Header(description="continue after this event")] = None,
) -> Response:
    """Server-sent events: a kind of item, `summary`, `updated`, `withdrawn`; first `ready`, or `reset` (then reload).

    It goes on until the client disconnects, the token is revoked or the member is erased: read it as it comes.
    """
    hub, settings = deps.hub, deps.settings
    render = partial(_event_data, deps, member_id)
    woken = hub.subscribe(member_id)  # before the response begins, so that one too many is a 429
    pace = Pace(settings.stream_heartbeat_seconds, settings.stream_check_seconds)
    still_valid = partial(is_still_valid, request)
    content = live_stream.follow(deps.pool, woken, hub, member_id, last_event_id, render, still_valid, pace)
    return EventStream(content, settings.stream_patience_seconds, on_end=partial(hub.unsubscribe, member_id, woken))


async def _event_data(deps: Dependencies, member_id: str, event: Event) -> dict[str, Any]:
    """An event's data, from the present inbox; an item that is no longer live is null."""
    if event.kind == SUMMARY:
        items, count = await store.message_items(deps.pool, member_id, event.seq, unread=False, limit=rendering.TOP)
        known = await deps.cards.find_or_none(member_id, rendering.people_in(items))
        return rendering.summary(items, count, known).model_dump(mode="json")
    data: dict[str, Any] = {"id": event.item_id}
    if event.kind != "withdrawn" and event.item_id is not None:
        item = await store.find_item(deps.pool, member_id, event.item_id)
        shown = await _shown(deps, member_id, [item] if item else [])
        data["item"] = shown[0].model_dump(mode="json") if shown else None
    return data


@router.get("/v1/inbox/{item_id}", responses=problems(404))
async def get_item(item_id: PathId, member_id: ActingMember, deps: Deps) -> InboxItem:
    """One live item."""
    return await _the_item(deps, member_id, await store.find_item(deps.pool, member_id, item_id))


@router.post("/v1/inbox/{item_id}/read", responses=problems(404))
async def read_item(item_id: PathId, member_id: ActingMember, deps: Deps) -> InboxItem:
    """Marks the item as read. Repeating it changes nothing."""
    async with deps.pool.acquire() as connection, connection.transaction():
        item = await store.read_item(connection, member_id, item_id)
    return await _the_item(deps, member_id, item)


async def _the_item(deps: Dependencies, member_id: str, item: Item | None) -> ItemView | NoticeView:
    shown = await _shown(deps, member_id, [item] if item else [])
    if not shown:
        raise not_found("item")
    return shown[0]


_CHOICES: dict[str, Any] = dict.fromkeys(("enabled", *SENTENCES), (bool, True))
EmailChoice: type[BaseModel] = create_model(
    "EmailChoice",
    __config__=ConfigDict(extra="forbid"),
    __doc__="`enabled` switches all e-mail; the others one kind of message each. `summary`: many openings in one.",
    **_CHOICES,
)


class QuietHours(BaseModel):
    """From when to when of the day, in the member's time zone, no e-mail is sent; it may go over midnight."""

    model_config = ConfigDict(extra="forbid", validate_by_name=True)

    begins: Annotated[time, Field(alias="from")]
    ends: Annotated[time, Field(alias="until")]

    @model_validator(mode="after")
    def _end(self) -> Self:
        if self.begins == self.ends:
            raise ValueError("quiet hours must end at another time than they begin")
        return self


class PreferencesView(BaseModel):
    """A member's preferences. Inbox and stream are always on. `timezone`: an IANA name, for dates in messages."""

    model_config = ConfigDict(extra="forbid")

    email: EmailChoice = EmailChoice()
    timezone: str = "UTC"
    quiet_hours: QuietHours | None = None

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # an unknown name; a path out of the folder; a folder of zones
            raise ValueError("not a time zone's IANA name") from None
        return name


def _view(chosen: Preferences) -> PreferencesView:
    email = EmailChoice(enabled=chosen.email, **{kind: kind not in chosen.turned_off for kind in SENTENCES})
    quiet = QuietHours(begins=chosen.quiet[0], ends=chosen.quiet[1]) if chosen.quiet else None
    return PreferencesView(email=email, timezone=chosen.timezone, quiet_hours=quiet)


@router.get("/v1/preferences", responses=problems(404))
async def get_preferences(member_id: ActingMember, deps: Deps) -> PreferencesView:
    """The member's preferences, or the defaults."""
    return _view(await preferences.find(deps.pool, member_id))


@router.put("/v1/preferences", responses=problems(404))
async def put_preferences(chosen: PreferencesView, member_id: ActingMember, deps: Deps) -> PreferencesView:
    """Replaces all preferences; they also apply to messages that wait to be sent."""
    wanted = chosen.email.model_dump()
    turned_off = frozenset(kind for kind in SENTENCES if not wanted[kind])
    quiet = (chosen.quiet_hours.begins, chosen.quiet_hours.ends) if chosen.quiet_hours else None
    kept = Preferences(wanted["enabled"], turned_off, chosen.timezone, quiet)
    async with deps.pool.acquire() as connection, connection.transaction():
        if not await preferences.put(connection, member_id, kept):
            raise not_found("member")
        await audit.note(connection, "preferences.changed", audit.person(member_id))
    return chosen


@router.get("/internal/v1/stats")
async def stats(_caller: Operator, deps: Deps) -> dict[str, Any]:
    """Counts: live `suggestions`, `members` with some, `told`, `waiting`; `messages`, `notified` members, `emails`."""
    return await store.stats(deps.pool)
