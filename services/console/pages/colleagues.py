"""The people of an organisation: roles, invitations, leaving, and accepting an invitation."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.console.backend import ServiceError, under
from services.console.browser import ORGANISATIONS, offer
from services.console.dependencies import Deps, Member, Visitor
from services.console.forms import MembersForm, reasons, text
from services.console.rendering import page, query, to

router = APIRouter(include_in_schema=False)

SHOWN_ON_THE_PAGE = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT)


@router.get("/organisations/{organisation_id}/people")
async def people(
    request: Request,
    organisation_id: str,
    member: Member,
    saved: bool = False,
    sent: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Who works here, and who is invited. `sent`: the invitation that was made just now."""
    return await _people(request, member, organisation_id, {}, saved=saved, sent=sent)


async def _people(
    request: Request,
    member: Visitor,
    organisation_id: str,
    errors: dict[str, str],
    *,
    saved: bool = False,
    sent: str = "",
    email: str = "",
) -> Response:
    base = under("/v1/organisations", organisation_id)
    organisation, me, people = await asyncio.gather(
        member.api.get("postings", base),
        member.api.get("profiles", "/v1/me"),
        member.api.get("postings", f"{base}/members"),
    )
    invited = []
    if organisation["role"] == "owner":
        invited = (await member.api.get("postings", f"{base}/invitations"))["items"]
    shown: dict[str, Any] = {"people": people["items"], "invited": invited, "me": me, "errors": errors, "email": email}
    shown["sent_to"] = next((one["email"] for one in invited if one["invitation_id"] == sent), None)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return page(
        request, "colleagues.html.jinja", member, status=status, organisation=organisation, saved=saved, **shown
    )


@router.post("/organisations/{organisation_id}/people")
async def change(request: Request, organisation_id: str, member: Member, form: MembersForm) -> Response:
    """One of the page's buttons: `what` says which."""
    what, base = text(form, "what"), under("/v1/organisations", organisation_id)
    email, role = text(form, "email"), text(form, "role")
    actions = {
        "invite": ("POST", f"{base}/invitations", None, {"email": email, "role": role}),
        "revoke": ("DELETE", f"{base}/invitations", "invitation_id", None),
        "role": ("PUT", f"{base}/members", "member_id", {"role": role}),
        "remove": ("DELETE", f"{base}/members", "member_id", None),
        "leave": ("DELETE", f"{base}/members", "member_id", None),
    }
    if what in actions:
        method, path, about, body = actions[what]
        path = under(path, text(form, about)) if about else path
        try:
            made = await member.api.send("postings", method, path, json=body)
        except ServiceError as error:
            if error.status not in SHOWN_ON_THE_PAGE:
                raise
            return await _people(request, member, organisation_id, reasons(error, ("email", "role")), email=email)
        if what == "invite":  # the address itself stays out of addresses, which are written down in many places
            return to(f"/organisations/{organisation_id}/people" + query({"sent": made["invitation_id"]}))
    return to("/organisations" if what == "leave" else f"/organisations/{organisation_id}/people?saved=true")


@router.get("/invitations")
async def invitation(request: Request, member: Member, token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """What the link in an e-mail invites to, with a button: following a link changes nothing."""
    try:
        found = await member.api.send("postings", "POST", "/v1/invitations/look", json={"link": token})
    except ServiceError as error:
        if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY):
            raise
        return page(request, "invitation.html.jinja", member, status=404, invitation=None, token="")
    return page(request, "invitation.html.jinja", member, invitation=found, token=token)


@router.post("/invitations")
async def accept(request: Request, member: Member, form: MembersForm, deps: Deps) -> Response:
    """Work there from now on."""
    try:
        found = await member.api.send("postings", "POST", "/v1/invitations/accept", json={"link": text(form, "token")})
    except ServiceError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return page(request, "invitation.html.jinja", member, status=404, invitation=None, token="")
    response = to(f"/organisations/{found['organisation_id']}")
    offer(response, member.places | {ORGANISATIONS}, secure=deps.settings.secure)
    return response
