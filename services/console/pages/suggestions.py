"""The suggestions: openings that fit and who could introduce, best first, live; saved, hidden, and taken back."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.console.backend import ServiceError, under
from services.console.browser import ORGANISATIONS
from services.console.dependencies import Member, Visitor
from services.console.forms import MembersForm, local_path, text
from services.console.pages.introductions import asked_by
from services.console.rendering import page, to

router = APIRouter(include_in_schema=False)

SHOWN = 20
MARKS = {
    "read": ("POST", "read"),
    "save": ("PUT", "saved"),
    "unsave": ("DELETE", "saved"),
    "hide": ("PUT", "hidden"),
    "show": ("DELETE", "hidden"),
}
"""What a suggestion's buttons do to it: a method, and the last part of the path."""


@router.get("/")
async def home(member: Member) -> Response:
    """The suggestions are the home page; of whoever only recruits, their organisation's openings."""
    return to(await _openings(member) or "/suggestions")


async def _openings(member: Visitor) -> str | None:
    """The openings of the organisation of a member who brought no contacts and looks for nothing; None of others."""
    if ORGANISATIONS not in member.places:
        return None
    try:
        me, found = await asyncio.gather(
            member.api.get("profiles", "/v1/me"), member.api.get("postings", "/v1/organisations")
        )
    except ServiceError:
        return None
    ids = [one["organisation_id"] for one in found["items"]]
    if me["contacts"] or me["seeking"] or not ids:
        return None
    return f"/organisations/{ids[0]}" if len(ids) == 1 else "/organisations"


@router.get("/suggestions")
async def listing(
    request: Request,
    member: Member,
    sort: Literal["best", "newest"] = "best",
    unread: bool = False,
    saved: bool = False,
    workplace: Literal["", "remote", "hybrid", "onsite"] = "",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
    hid: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """A page of the inbox. `hid`: what was hidden just now, for a button that takes it back."""
    chosen = {"sort": sort, "unread": str(unread).lower(), "saved": str(saved).lower(), "workplace": workplace or None}
    chosen |= {"kind": "suggestion"}
    found = await member.api.get("notifications", "/v1/inbox", **chosen, limit=SHOWN, cursor=cursor)
    me = None if found["items"] else await member.api.get("profiles", "/v1/me")
    shown = {"items": found["items"], "following": found["next"], "me": me, "hid": hid}
    filters = {"sort": sort, "unread": unread, "saved": saved, "workplace": workplace}
    return page(request, "suggestions.html.jinja", member, filters=filters, **shown)


@router.get("/suggestions/{item_id}")
async def one(request: Request, item_id: str, member: Member) -> Response:
    """One suggestion: the ways in, what matches, and a draft for whom one writes to oneself."""
    try:
        item = await member.api.get("notifications", under("/v1/inbox", item_id))
    except ServiceError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return await _gone(request, item_id, member)
    by_hand = [path["introducer_id"] for path in item["paths"] if path["ask"] == "hand"]
    where = under("/v1/inbox", item_id, "draft")
    why, asked, *drafts = await asyncio.gather(
        _asked(member, "matching", "/v1/explain", posting_id=item["posting_id"]),
        asked_by(member),
        *(_asked(member, "notifications", where, introducer=each) for each in by_hand),
    )
    written = {each: draft for each, draft in zip(by_hand, drafts, strict=True) if draft}
    return page(request, "suggestion.html.jinja", member, item=item, drafts=written, why=why, asked=asked)


async def _asked(member: Visitor, service: Literal["matching", "notifications"], path: str, **query: str) -> Any:
    """What a page can do without; None where it has just changed, or the service does not answer."""
    try:
        return await member.api.get(service, path, **query)
    except ServiceError:
        return None


async def _gone(request: Request, item_id: str, member: Visitor) -> Response:
    """The page of a suggestion that is no longer live, and why. Raises ServiceError where there never was one."""
    was = await member.api.get("notifications", under("/v1/inbox", item_id, "withdrawn"))
    why = await _asked(member, "matching", "/v1/explain", posting_id=was["posting_id"])
    return page(request, "suggestion_gone.html.jinja", member, status=HTTPStatus.GONE, why=why)


@router.post("/suggestions/{item_id}")
async def mark(item_id: str, member: Member, form: MembersForm) -> Response:
    """One of a suggestion's buttons: `what` says which, `then` where to go on."""
    what, then = text(form, "what"), local_path(text(form, "then"), "/suggestions")
    if what in MARKS:
        method, name = MARKS[what]
        await member.api.send("notifications", method, under("/v1/inbox", item_id, name))
    return to(f"/suggestions?hid={item_id}" if what == "hide" else then)


@router.get("/hidden")
async def hidden(request: Request, member: Member) -> Response:
    """What the member does not want to see, to take it back."""
    found = await member.api.get("notifications", "/v1/hidden")
    return page(request, "hidden.html.jinja", member, **found)


@router.post("/hidden/people/{person_id}")
async def hide_person(person_id: str, member: Member, form: MembersForm) -> Response:
    """Suggest nobody through this person, or again."""
    method = "DELETE" if text(form, "what") == "show" else "PUT"
    await member.api.send("notifications", method, under("/v1/hidden/people", person_id))
    return to("/hidden")
