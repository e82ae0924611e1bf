"""The suggestions: openings that fit and who could introduce, best first, live."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.console.backend import ServiceError
from services.console.dependencies import Member
from services.console.forms import MembersForm
from services.console.rendering import page, to

router = APIRouter(include_in_schema=False)

SHOWN = 20


@router.get("/")
async def home(_member: Member) -> Response:
    """The suggestions are the home page."""
    return to("/suggestions")


@router.get("/suggestions")
async def listing(
    request: Request,
    member: Member,
    sort: Literal["best", "newest"] = "best",
    unread: bool = False,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """A page of the inbox."""
    query = {"sort": sort, "unread": str(unread).lower(), "limit": SHOWN, "cursor": cursor}
    found = await member.api.get("notifications", "/v1/inbox", **query)
    me = None if found["items"] else await member.api.get("profiles", "/v1/me")
    shown = {"items": found["items"], "following": found["next"], "sort": sort, "unread": unread, "me": me}
    return page(request, "suggestions.html.jinja", member, **shown)


@router.get("/suggestions/{item_id}")
async def one(request: Request, item_id: str, member: Member) -> Response:
    """One suggestion: the ways in, and a draft for whom one writes to oneself."""
    item = await member.api.get("notifications", f"/v1/inbox/{item_id}")
    drafts = {}
    for path in item["paths"]:
        if path["ask"] == "hand":
            where = f"/v1/inbox/{item_id}/draft"
            try:
                drafts[path["introducer_id"]] = await member.api.get(
                    "notifications", where, introducer=path["introducer_id"]
                )
            except ServiceError:
                continue  # it has just changed; the page says so when it is loaded again
    return page(request, "suggestion.html.jinja", member, item=item, drafts=drafts)


@router.post("/suggestions/{item_id}/read")
async def mark_as_read(item_id: str, member: Member, _form: MembersForm) -> Response:
    """Not to be shown as new any more."""
    await member.api.send("notifications", "POST", f"/v1/inbox/{item_id}/read")
    return to("/suggestions")
