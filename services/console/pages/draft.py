"""A profile out of a file: a résumé or LinkedIn's export is read, and each field confirmed, changed or dropped."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.console import drafts
from services.console.backend import ServiceError
from services.console.dependencies import Member, Visitor
from services.console.forms import MembersForm, pieces, reason
from services.console.pages.welcome import STEPS
from services.console.rendering import page, to

router = APIRouter(prefix="/welcome/draft", include_in_schema=False)

UNREADABLE = (
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
)


@router.get("")
async def ask_for_file(request: Request, member: Member) -> Response:
    """Which file."""
    return _page(request, member, None, {})


@router.post("")
async def show(request: Request, member: Member, form: MembersForm) -> Response:
    """What a file says; or what the page before this one read already, and sends along."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        return _page(request, member, drafts.of_form(form), {})
    if not file.filename:
        return _page(request, member, None, {"file": "Choose a file first"})
    try:
        told = await member.api.upload("profiles", "/v1/me/import", pieces(file), "application/octet-stream")
    except ServiceError as error:
        if error.status not in UNREADABLE:
            raise
        return _page(request, member, None, {"file": reason(error)})
    me = await member.api.get("profiles", "/v1/me")
    return _page(request, member, drafts.of_file(told, me), {})


@router.post("/save")
async def save(request: Request, member: Member, form: MembersForm) -> Response:
    """Store what is confirmed; on an error show what is wrong beside what was entered."""
    me = await member.api.get("profiles", "/v1/me")
    try:
        await member.api.send("profiles", "PATCH", "/v1/me", json=drafts.change_of(form, me))
    except ServiceError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        return _page(request, member, drafts.of_form(form), drafts.what_is_wrong(error, form, me))
    return to("/welcome/search")


def _page(request: Request, member: Visitor, said: dict[str, Any] | None, errors: dict[str, str]) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    if said and said["unclear"] and not any(not job["company"] for job in said["jobs"]):
        said["jobs"].append(dict.fromkeys(drafts.JOB, "") | {"keep": True})  # for what was not understood
    return page(request, "draft.html.jinja", member, status=status, steps=STEPS, said=said, errors=errors)
