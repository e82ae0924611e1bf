"""A member's settings: who may see what, e-mails, where they are signed in, and leaving."""

import asyncio
from functools import cache
from http import HTTPStatus
from typing import Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.console import browser
from services.console.backend import ServiceError, under
from services.console.dependencies import Deps, Member, Visitor
from services.console.forms import MembersForm, chosen, text
from services.console.pages.welcome import consents_of
from services.console.rendering import page, to
from services.console.words import MAILS

router = APIRouter(prefix="/settings", include_in_schema=False)

ERASE = "erase me"
WRONG = {
    "email": "Enter an address such as mei@mail.example",
    "quiet": "Give two different times, such as 22:00 and 07:00, or none",
    "timezone": "Choose one of the time zones offered, such as Europe/Berlin",
    "code": "That code is wrong, was used, is too old, or was tried too often: check it, or have a new one sent",
}


@router.get("")
async def show(request: Request, member: Member, saved: bool = False) -> Response:
    """All settings. `saved`: something has just been."""
    return await _settings(request, member, {}, saved=saved)


async def _settings(
    request: Request, member: Visitor, errors: dict[str, str], made: str | None = None, *, saved: bool = False
) -> Response:
    me, mail, sessions, tokens = await asyncio.gather(
        member.api.get("profiles", "/v1/me"),
        member.api.get("notifications", "/v1/preferences"),
        member.api.get("profiles", "/v1/sessions"),
        member.api.get("profiles", "/v1/tokens"),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    shown: dict[str, Any] = {"me": me, "mail": mail, "sessions": sessions["items"], "errors": errors, "mails": MAILS}
    shown |= {"tokens": tokens["items"], "made": made, "saved": saved, "zones": _zones()}
    return page(request, "settings.html.jinja", member, status=status, erase=ERASE, **shown)


@cache
def _zones() -> list[str]:
    """Time zones to choose from, by area and city; the other names stand for some of these."""
    cities = (name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [*sorted(cities), "UTC"]


@router.post("/consents")
async def save_consents(member: Member, form: MembersForm) -> Response:
    """Who may see what."""
    await member.api.send("profiles", "PATCH", "/v1/me", json=consents_of(form))
    return to("/settings?saved=true")


@router.post("/mail")
async def save_mail(request: Request, member: Member, form: MembersForm) -> Response:
    """Which e-mails are wanted, and when none is sent."""
    wanted = set(chosen(form, "mail"))
    before = await member.api.get("notifications", "/v1/preferences")
    begins, ends, zone = (text(form, name) for name in ("quiet_from", "quiet_until", "timezone"))
    quiet = {"from": begins or None, "until": ends or None} if begins or ends else None
    now = {
        "email": {name: name in wanted for name in before["email"]},
        "quiet_hours": quiet,
        "timezone": zone or before["timezone"],
    }
    try:
        await member.api.send("notifications", "PUT", "/v1/preferences", json=now)
    except ServiceError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        field = "timezone" if any(each.field == "timezone" for each in error.errors) else "quiet"
        return await _settings(request, member, {field: WRONG[field]})
    return to("/settings?saved=true")


@router.post("/sessions")
async def end_session(member: Member, form: MembersForm) -> Response:
    """Sign out elsewhere: one session, or all others."""
    session_id, all_others = text(form, "session_id"), "/v1/sessions"
    await member.api.send("profiles", "DELETE", under(all_others, session_id) if session_id else all_others)
    return to("/settings?saved=true")


@router.post("/tokens")
async def change_tokens(request: Request, member: Member, form: MembersForm) -> Response:
    """Make a token for a program, shown this once, or delete one."""
    if token_id := text(form, "token_id"):
        await member.api.send("profiles", "DELETE", under("/v1/tokens", token_id))
        return to("/settings?saved=true")
    wanted = {"name": text(form, "token_name"), "scope": text(form, "scope")}
    try:
        made = await member.api.send("profiles", "POST", "/v1/tokens", json=wanted)
    except ServiceError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        return await _settings(request, member, {"token_name": "Give it a name you will recognise"})
    return await _settings(request, member, {}, made["token"])


@router.post("/email")
async def change_email(request: Request, member: Member, form: MembersForm) -> Response:
    """Another address: the old one stays until the new one is proven by the code that is sent to it."""
    code, email = text(form, "code"), text(form, "email")
    try:
        if code:
            await member.api.send("profiles", "POST", "/v1/me/email/verify", json={"code": code})
            return to("/settings?saved=true")
        await member.api.send("profiles", "POST", "/v1/me/email", json={"email": email})
    except ServiceError as error:
        if error.status not in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN):
            raise
        return await _settings(request, member, {"email": WRONG["code" if code else "email"]})
    return page(request, "new_email.html.jinja", member, email=email)


@router.post("/erase")
async def erase(request: Request, member: Member, form: MembersForm, deps: Deps) -> Response:
    """Leave, after typing that this is meant."""
    if text(form, "sure").casefold() != ERASE:
        return await _settings(request, member, {"sure": f"Type “{ERASE}” if you mean it"})
    await member.api.send("profiles", "DELETE", "/v1/me")
    response = page(request, "goodbye.html.jinja")
    browser.sign_out(response, secure=deps.settings.secure)
    return response
