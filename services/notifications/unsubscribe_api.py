"""Turning one kind of e-mail off by the link that is in each e-mail (RFC 8058): no cookie, no sign-in.

The token is the only key. It says nothing to whoever does not hold the e-mail: every token gets the same answers.
"""

from pathlib import Path

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from services.notifications import preferences
from services.notifications.dependencies import Deps
from services.notifications.rendering import UNSUBSCRIBE
from shared.web import audit

MAX_BYTES = 1024
"""`List-Unsubscribe=One-Click` is all that a mail program sends."""

router = APIRouter(tags=["notifications"])

_PAGE = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, undefined=StrictUndefined
).get_template("unsubscribe.html.jinja")


@router.get(UNSUBSCRIBE + "/{token}", summary="The page to turn a kind of e-mail off", response_class=HTMLResponse)
async def show(token: str) -> HTMLResponse:  # noqa: ARG001 - the same page for every token
    """A page with a button. It changes nothing, since mail scanners follow links."""
    return HTMLResponse(_PAGE.render(done=False))


@router.post(UNSUBSCRIBE + "/{token}", summary="Turn a kind of e-mail off", response_class=HTMLResponse)
async def turn_off(token: str, deps: Deps) -> HTMLResponse:
    """Turns off the kind of e-mail that has this link. `PUT /v1/preferences` turns it on again.

    The answer is the same for an unknown token, and the body is not read.
    """
    async with deps.pool.acquire() as connection, connection.transaction():
        member_id = await preferences.unsubscribe(connection, token)
        if member_id is not None:
            await audit.note(connection, "preferences.unsubscribed", audit.person(member_id))
    return HTMLResponse(_PAGE.render(done=True))
