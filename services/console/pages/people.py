"""The people a member knows: a list that can be searched, and a page for each."""

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.console.backend import ServiceError, under
from services.console.dependencies import Member, Visitor
from services.console.forms import MembersForm, number, reasons, text
from services.console.rendering import page, to
from services.console.words import CLOSENESS, SOURCES

router = APIRouter(prefix="/people", include_in_schema=False)

SHOWN = 50


@router.get("")
async def listing(
    request: Request,
    member: Member,
    search: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
    gone: Annotated[int | None, Query(ge=0)] = None,
) -> Response:
    """A page of the address book. `gone`: how many a file that was just taken back has left with."""
    query = {"search": search.strip() or None, "limit": SHOWN, "cursor": cursor}
    found, files = await asyncio.gather(
        member.api.get("profiles", "/v1/contacts", **query), member.api.get("profiles", "/v1/contact-sources")
    )
    shown = {"people": found["items"], "following": found["next"], "search": search, "gone": gone}
    return page(
        request, "people.html.jinja", member, files=files["items"], closeness=CLOSENESS, sources=SOURCES, **shown
    )


@router.post("/files")
async def take_back(member: Member, form: MembersForm) -> Response:
    """Remove the people whom only this file brought."""
    found = await member.api.send("profiles", "DELETE", under("/v1/contact-sources", text(form, "source")))
    return to(f"/people?gone={found['removed']}")


@router.get("/{contact_id}")
async def one(request: Request, contact_id: str, member: Member) -> Response:
    """Somebody, what is known of the two, and what they may see of me."""
    return await _person(request, member, contact_id, {})


async def _person(request: Request, member: Visitor, contact_id: str, errors: dict[str, str]) -> Response:
    contact, me, hidden = await asyncio.gather(
        member.api.get("profiles", under("/v1/contacts", contact_id)),
        member.api.get("profiles", "/v1/me"),
        _is_hidden(member, contact_id),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    shown = {"contact": contact, "me": me, "hidden": hidden, "closeness": CLOSENESS, "errors": errors}
    return page(request, "person.html.jinja", member, status=status, **shown)


async def _is_hidden(member: Visitor, contact_id: str) -> bool:
    """Whether no suggestion is made through them, as the member wished; the page can do without the answer."""
    try:
        found = await member.api.get("notifications", "/v1/hidden")
    except ServiceError:
        return False
    return any(one["id"] == contact_id for one in found["people"])


@router.post("/{contact_id}")
async def change(request: Request, contact_id: str, member: Member, form: MembersForm) -> Response:
    """One of the page's buttons: `what` says which."""
    base, what = under("/v1/contacts", contact_id), text(form, "what")
    worked = {"company": text(form, "company"), "months": number(form, "months")}
    actions = {
        "closeness": ("PUT", "closeness", {"value": number(form, "value")}),
        "no-closeness": ("DELETE", "closeness", None),
        "worked-together": ("PUT", "worked-together", worked),
        "not-worked-together": ("DELETE", "worked-together", None),
        "block": ("PUT", "block", None),
        "unblock": ("DELETE", "block", None),
        "may-find-me": ("PUT", "may-find-me", None),
        "may-not-find-me": ("DELETE", "may-find-me", None),
    }
    if what in actions:
        method, name, body = actions[what]
        try:
            await member.api.send("profiles", method, f"{base}/{name}", json=body)
        except ServiceError as error:
            if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
                raise
            return await _person(request, member, contact_id, reasons(error, ("company", "months", "value")))
        if what == "unblock" and await _is_gone(member, contact_id):
            return to("/people")
    return to(f"/people/{contact_id}")


async def _is_gone(member: Visitor, contact_id: str) -> bool:
    """Whether they are no contact any more: whom only a block brought into the book are none without it."""
    try:
        await member.api.get("profiles", under("/v1/contacts", contact_id))
    except ServiceError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return True
    return False
