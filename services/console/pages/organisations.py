"""Organisations: the list of a member's, making one, and showing that it is real by its web domain."""

import asyncio
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.console.backend import ServiceError, under
from services.console.browser import ORGANISATIONS, offer
from services.console.dependencies import Deps, Member, Visitor
from services.console.forms import MembersForm, reason, reasons, text
from services.console.rendering import page, to

router = APIRouter(prefix="/organisations", include_in_schema=False)

SHOWN_WITH_ITS_FIELD = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)


@router.get("")
async def mine(request: Request, member: Member, deps: Deps) -> Response:
    """The organisations that the member works in. From now on the menu leads here, or not any more."""
    found = (await member.api.get("postings", "/v1/organisations"))["items"]
    places = member.places | {ORGANISATIONS} if found else member.places - {ORGANISATIONS}
    response = _mine(request, replace(member, places=places), found)
    offer(response, places, secure=deps.settings.secure)
    return response


def _mine(
    request: Request, member: Visitor, found: list[Any], errors: dict[str, str] | None = None, name: str = ""
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    shown: dict[str, Any] = {"organisations": found, "errors": errors or {}, "name": name}
    return page(request, "organisations.html.jinja", member, status=status, **shown)


@router.post("")
async def make(request: Request, member: Member, form: MembersForm, deps: Deps) -> Response:
    """Make one, and go on with its web domain."""
    name = text(form, "name")
    try:
        made = await member.api.send("postings", "POST", "/v1/organisations", json={"name": name})
    except ServiceError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        found = (await member.api.get("postings", "/v1/organisations"))["items"]
        return _mine(request, member, found, {"name": "Enter the organisation's name"}, name)
    response = to(f"/organisations/{made['organisation_id']}/about")
    offer(response, member.places | {ORGANISATIONS}, secure=deps.settings.secure)
    return response


@router.get("/{organisation_id}/about")
async def about(request: Request, organisation_id: str, member: Member, saved: bool = False) -> Response:
    """Its name, its web domain, and leaving it."""
    return await _about(request, member, organisation_id, {}, saved=saved)


async def _about(
    request: Request,
    member: Visitor,
    organisation_id: str,
    errors: dict[str, str],
    said: dict[str, str] | None = None,
    *,
    saved: bool = False,
) -> Response:
    organisation, me = await asyncio.gather(
        member.api.get("postings", under("/v1/organisations", organisation_id)), member.api.get("profiles", "/v1/me")
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    shown: dict[str, Any] = {
        "organisation": organisation,
        "me": me,
        "errors": errors,
        "saved": saved,
        "said": said or {},
    }
    return page(request, "organisation.html.jinja", member, status=status, **shown)


@router.post("/{organisation_id}/about")
async def change(request: Request, organisation_id: str, member: Member, form: MembersForm) -> Response:
    """One of the page's buttons: `what` says which."""
    what, base = text(form, "what"), under("/v1/organisations", organisation_id)
    said = {name: text(form, name) for name in ("name", "email", "code", "domain")}
    actions = {
        "rename": ("PATCH", base, {"name": said["name"]}),
        "domain": ("POST", f"{base}/domain", {"email": said["email"]}),
        "verify": ("POST", f"{base}/domain/verify", {"code": said["code"]}),
        "record": ("POST", f"{base}/domain/record", {"domain": said["domain"]}),
        "no-domain": ("DELETE", f"{base}/domain", None),
    }
    if what not in actions:
        return to(f"/organisations/{organisation_id}/about")
    method, path, body = actions[what]
    try:
        await member.api.send("postings", method, path, json=body)
    except ServiceError as error:
        if error.status not in SHOWN_WITH_ITS_FIELD:
            raise
        wrong = {"code": reason(error)} if what == "verify" else reasons(error, ("name", "email", "domain"))
        return await _about(request, member, organisation_id, wrong, said)
    return to(f"/organisations/{organisation_id}/about?saved=true")


@router.post("/{organisation_id}/hiring-contact")
async def agree(organisation_id: str, member: Member, form: MembersForm) -> Response:
    """Whether the organisation may name this member as hiring contact."""
    me = await member.api.get("profiles", "/v1/me")
    named = [one for one in me["hiring_contact_for"] or () if one != organisation_id]
    if text(form, "agree"):
        named.append(organisation_id)
    await member.api.send("profiles", "PATCH", "/v1/me", json={"hiring_contact_for": named})
    return to(f"/organisations/{organisation_id}/about?saved=true")
