"""What a member says of companies in their own address book: two names are one company, or one is no employer."""

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.console.backend import ServiceError
from services.console.dependencies import Member, Visitor
from services.console.forms import MembersForm, reasons, text
from services.console.rendering import page, to

router = APIRouter(prefix="/corrections", include_in_schema=False)

PATH = "/v1/me/corrections"
OFFERED = 200
"""Names to choose from, of the companies with the most contacts."""


@router.get("")
async def listing(request: Request, member: Member, name: Annotated[str, Query(max_length=300)] = "") -> Response:
    """What was said, and what can be said; `name`: of which company."""
    return await _page(request, member, {"name": name, "company": ""}, {})


@router.post("")
async def change(request: Request, member: Member, form: MembersForm) -> Response:
    """One of the page's buttons: `what` says which."""
    said = {name: text(form, name) for name in ("name", "company")}
    what = text(form, "what")
    if what == "same" and not said["company"]:
        return await _page(request, member, said, {"company": "Enter the company that it is"})
    try:
        if what == "undo":
            await member.api.send("profiles", "DELETE", PATH, params={"name": said["name"]})
        else:
            body = {"name": said["name"], "company": said["company"] if what == "same" else None}
            await member.api.send("profiles", "PUT", PATH, json=body)
    except ServiceError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        return await _page(request, member, said, reasons(error, ("name", "company")))
    return to("/corrections")


async def _page(request: Request, member: Visitor, said: dict[str, str], errors: dict[str, str]) -> Response:
    said_before, companies = await asyncio.gather(
        member.api.get("profiles", PATH),
        member.api.get("profiles", "/v1/companies", people=False, limit=OFFERED),
    )
    found, names = said_before["corrections"], [each["company"] for each in companies["items"]]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return page(
        request, "corrections.html.jinja", member, status=status, corrections=found, names=names, said=said,
        errors=errors,
    )  # fmt: skip
