"""An organisation's API keys: made, replaced and deleted. Each is shown once."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.console.backend import ServiceError, under
from services.console.dependencies import Member, Visitor
from services.console.forms import MembersForm, number, reasons, text
from services.console.rendering import page, to

router = APIRouter(prefix="/organisations/{organisation_id}/keys", include_in_schema=False)

OVERLAPS = {0: "at once", 24: "after a day", 168: "after a week"}
"""When the old key ends, in hours."""


@router.get("")
async def listing(request: Request, organisation_id: str, member: Member, saved: bool = False) -> Response:
    """The keys, without the secrets."""
    return await _keys(request, member, organisation_id, {}, saved=saved)


async def _keys(
    request: Request,
    member: Visitor,
    organisation_id: str,
    errors: dict[str, str],
    made: str | None = None,
    *,
    saved: bool = False,
) -> Response:
    base = under("/v1/organisations", organisation_id)
    organisation = await member.api.get("postings", base)
    found = (await member.api.get("postings", f"{base}/keys"))["items"] if organisation["role"] == "owner" else []
    shown: dict[str, Any] = {"keys": found, "errors": errors, "made": made, "saved": saved, "overlaps": OVERLAPS}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return page(request, "keys.html.jinja", member, status=status, organisation=organisation, **shown)


@router.post("")
async def change(request: Request, organisation_id: str, member: Member, form: MembersForm) -> Response:
    """Make one, replace one or delete one: `what` says which."""
    what, base = text(form, "what"), under("/v1/organisations", organisation_id, "keys")
    here, key_id = f"/organisations/{organisation_id}/keys?saved=true", text(form, "key_id")
    if what == "delete":
        await member.api.send("postings", "DELETE", under(base, key_id))
        return to(here)
    path = base
    body: dict[str, Any] = {"name": text(form, "name"), "scope": text(form, "scope")}
    if what == "replace":
        path, body = under(base, key_id, "rotate"), {"overlap_hours": number(form, "overlap") or 0}
    try:
        made = await member.api.send("postings", "POST", path, json=body)
    except ServiceError as error:
        if error.status not in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT):
            raise
        return await _keys(request, member, organisation_id, reasons(error, ("name",)))
    return await _keys(request, member, organisation_id, {}, made["api_key"])
