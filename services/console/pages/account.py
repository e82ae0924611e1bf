"""A member's settings: who may see what, e-mails, where they are signed in, and leaving."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.console import browser
from services.console.dependencies import Deps, Member, Visitor
from services.console.forms import MembersForm, chosen, text
from services.console.pages.welcome import consents_of
from services.console.rendering import page, to

router = APIRouter(prefix="/settings", include_in_schema=False)

ERASE = "erase me"


@router.get("")
async def show(request: Request, member: Member) -> Response:
    """All settings."""
    return await _settings(request, member, {})


async def _settings(request: Request, member: Visitor, errors: dict[str, str]) -> Response:
    me = await member.api.get("profiles", "/v1/me")
    mail = await member.api.get("notifications", "/v1/preferences")
    sessions = await member.api.get("profiles", "/v1/sessions")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    shown: dict[str, Any] = {"me": me, "mail": mail, "sessions": sessions["items"], "errors": errors}
    return page(request, "settings.html.jinja", member, status=status, erase=ERASE, **shown)


@router.post("/consents")
async def save_consents(member: Member, form: MembersForm) -> Response:
    """Who may see what."""
    await member.api.send("profiles", "PATCH", "/v1/me", json=consents_of(form))
    return to("/settings#consents")


@router.post("/mail")
async def save_mail(member: Member, form: MembersForm) -> Response:
    """Which e-mails are wanted."""
    wanted = set(chosen(form, "mail"))
    before = await member.api.get("notifications", "/v1/preferences")
    kinds = {name: name in wanted for name in before["email"]}
    await member.api.send("notifications", "PUT", "/v1/preferences", json=before | {"email": kinds})
    return to("/settings#mail")


@router.post("/sessions")
async def end_session(member: Member, form: MembersForm) -> Response:
    """Sign out elsewhere: one session, or all others."""
    session_id = text(form, "session_id")
    await member.api.send("profiles", "DELETE", f"/v1/sessions/{session_id}" if session_id else "/v1/sessions")
    return to("/settings#sessions")


@router.post("/erase")
async def erase(request: Request, member: Member, form: MembersForm, deps: Deps) -> Response:
    """Leave, after typing that this is meant."""
    if text(form, "sure").casefold() != ERASE:
        return await _settings(request, member, {"sure": f"Type “{ERASE}” if you mean it"})
    await member.api.send("profiles", "DELETE", "/v1/me")
    response = page(request, "goodbye.html.jinja")
    browser.sign_out(response, secure=deps.settings.secure)
    return response
