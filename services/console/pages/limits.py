"""How often, when and by whom a member may be asked."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.console.backend import ServiceError
from services.console.dependencies import Member, Visitor
from services.console.forms import MembersForm, chosen, number, reasons, text, text_lines
from services.console.rendering import page, to

router = APIRouter(prefix="/limits", include_in_schema=False)

FIELDS = ("asks_a_month", "quiet_until", "from", "never")


@router.get("")
async def show(request: Request, member: Member, saved: bool = False) -> Response:
    """The limits, in words."""
    return await _limits(request, member, await member.api.get("introductions", "/v1/limits"), saved=saved)


async def _limits(
    request: Request, member: Visitor, limits: dict[str, Any], errors: dict[str, str] | None = None, *,
    saved: bool = False,
) -> Response:  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return page(request, "limits.html.jinja", member, status=status, limits=limits, errors=errors or {}, saved=saved)


@router.post("")
async def save(request: Request, member: Member, form: MembersForm) -> Response:
    """Change them; nobody is told."""
    until = text(form, "quiet_until")
    wanted = {
        "asks_a_month": number(form, "asks_a_month"),
        "quiet_until": f"{until}T00:00:00Z" if until else None,
        "from": text(form, "from"),
        "never": {"companies": text_lines(form, "companies"), "members": chosen(form, "members")},
    }
    try:
        await member.api.send("introductions", "PUT", "/v1/limits", json=wanted)
    except ServiceError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        return await _limits(request, member, wanted, reasons(error, FIELDS))
    return to("/limits?saved=true")
