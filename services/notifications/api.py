"""HTTP: a member's inbox, its live stream and drafts, and their e-mail preferences; counts for operators.

Somebody else's item is a 404, like one that does not exist. Scores are never shown, only bands.
"""

from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, field_validator
from starlette.responses import Response

from services.notifications import live_stream, rendering, store
from services.notifications.cards import Cards
from services.notifications.dependencies import Deps
from services.notifications.kinds import SENTENCES, SUMMARY
from services.notifications.listing import Filter, Sort, list_items
from services.notifications.live_stream import EventStream, Pace
from services.notifications.rendering import ItemView
from services.notifications.store import Event, Item, Preferences
from shared.events.postings import Workplace
from shared.storage.pool import Pool
from shared.web import audit
from shared.web.callers import ActingMember, Operator
from shared.web.documents import problems
from shared.web.identity import is_still_valid
from shared.web.ids import PathId
from shared.web.pagination import Cursor, Limit, Page, decode_cursor, encode_cursor
from shared.web.problems import invalid, not_found

router = APIRouter(tags=["notifications"])


async def _shown(cards: Cards, member_id: str, items: list[Item]) -> list[ItemView]:
    known = await cards.find_or_none(member_id, rendering.people_in(items))
    return [rendering.show(item, known) for item in items]


@router.get("/v1/inbox", responses=problems(404))
async def list_inbox(
    member_id: ActingMember,
    deps: Deps,
    sort: Sort = "best",
    unread: bool = False,  # a query parameter
    saved: bool = False,  # a query parameter
    workplace: Workplace | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ItemView]:
    """Live suggestions that are not hidden, the best or the newest first.

    `unread` leaves out items that were read and did not change; `saved` all that the member did not save.
    """
    after: str | None = None
    if cursor is not None:
        kind, after = decode_cursor(cursor, 2)
        if kind != sort:
            raise invalid("cursor", f"belongs to another sort order than {sort}")
    which = Filter(unread, saved, workplace)
    items = await list_items(deps.pool, member_id, sort, which, after=after, limit=limit + 1)
    if items is None:
        raise invalid("cursor", "not a cursor of this list")
    shown = list(items[:limit])
    # The cursor names an item, not its rank: a rank is a score, and scores are never shown.
    following = encode_cursor(sort, shown[-1].item_id) if len(items) > limit else None
    return Page(items=await _shown(deps.cards, member_id, shown), next=following)


@router.get("/v1/inbox/stream", status_code=200, response_class=EventStream, responses=problems(404, 429))
async def stream_inbox(
    request: Request,
    member_id: ActingMember,
    deps: Deps,
    last_event_id: Annotated[str | None, Header(description="continue after this event")] = None,
) -> Response:
    """Server-sent events: `suggestion`, `summary`, `updated`, `withdrawn`; first `ready`, or `reset` (then reload).

    It goes on until the client disconnects, the token is revoked or the member is erased: read it as it comes.
    """
    hub, settings = deps.hub, deps.settings
    render = partial(_event_data, deps.pool, deps.cards, member_id)
    woken = hub.subscribe(member_id)  # before the response begins, so that one too many is a 429
    pace = Pace(settings.stream_heartbeat_seconds, settings.stream_check_seconds)
    still_valid = partial(is_still_valid, request)
    content = live_stream.follow(deps.pool, woken, hub, member_id, last_event_id, render, still_valid, pace)
    return EventStream(content, settings.stream_patience_seconds, on_end=partial(hub.unsubscribe, member_id, woken))


async def _event_data(pool: Pool, cards: Cards, member_id: str, event: Event) -> dict[str, Any]:
    """An event's data, from the present inbox; an item that is no longer live is null."""
    if event.kind == SUMMARY:
        items, count = await store.message_items(pool, member_id, event.seq, unread=False, limit=rendering.TOP)
        known = await cards.find_or_none(member_id, rendering.people_in(items))
        return rendering.summary(items, count, known).model_dump(mode="json")
    data: dict[str, Any] = {"id": event.item_id}
    if event.kind != "withdrawn" and event.item_id is not None:
        item = await store.find_item(pool, member_id, event.item_id)
        data["item"] = (await _shown(cards, member_id, [item]))[0].model_dump(mode="json") if item else None
    return data


@router.get("/v1/inbox/{item_id}", responses=problems(404))
async def get_item(item_id: PathId, member_id: ActingMember, deps: Deps) -> ItemView:
    """One live suggestion."""
    item = await store.find_item(deps.pool, member_id, item_id)
    if item is None:
        raise not_found("item")
    return (await _shown(deps.cards, member_id, [item]))[0]


@router.post("/v1/inbox/{item_id}/read", responses=problems(404))
async def read_item(item_id: PathId, member_id: ActingMember, deps: Deps) -> ItemView:
    """Marks the item as read. Repeating it changes nothing."""
    async with deps.pool.acquire() as connection, connection.transaction():
        item = await store.read_item(connection, member_id, item_id)
    if item is None:
        raise not_found("item")
    return (await _shown(deps.cards, member_id, [item]))[0]


class EmailChoice(BaseModel):
    """`enabled` switches all e-mail; `suggestion`: one opening at once; `summary`: many in one message."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool = True
    suggestion: bool = True
    summary: bool = True


class PreferencesView(BaseModel):
    """A member's preferences. Inbox and stream are always on. `timezone`: an IANA name, for dates in messages."""

    model_config = ConfigDict(extra="forbid")

    email: EmailChoice = EmailChoice()
    timezone: str = "UTC"

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
    return PreferencesView(email=email, timezone=chosen.timezone)


@router.get("/v1/preferences", responses=problems(404))
async def get_preferences(member_id: ActingMember, deps: Deps) -> PreferencesView:
    """The member's preferences, or the defaults."""
    return _view(await store.preferences(deps.pool, member_id))


@router.put("/v1/preferences", responses=problems(404))
async def put_preferences(chosen: PreferencesView, member_id: ActingMember, deps: Deps) -> PreferencesView:
    """Replaces all preferences; they also apply to messages that wait to be sent."""
    turned_off = frozenset(kind for kind in SENTENCES if not getattr(chosen.email, kind))
    kept = Preferences(chosen.email.enabled, turned_off, chosen.timezone)
    async with deps.pool.acquire() as connection, connection.transaction():
        if not await store.put_preferences(connection, member_id, kept):
            raise not_found("member")
        await audit.note(connection, "preferences.changed", audit.person(member_id))
    return chosen


@router.get("/internal/v1/stats")
async def stats(_caller: Operator, deps: Deps) -> dict[str, Any]:
    """Counts: live `suggestions`, `members` with some, `told`, `waiting`; `messages`, `notified` members, `emails`."""
    return await store.stats(deps.pool)
