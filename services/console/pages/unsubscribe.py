"""Turning a kind of e-mail off by the link in it, or by one click in the mail program (RFC 8058). No sign-in."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.console.backend import under
from services.console.dependencies import Deps, as_console
from services.console.rendering import page

router = APIRouter(prefix="/unsubscribe", include_in_schema=False)


@router.get("/{token}")
async def show(request: Request, token: str) -> Response:  # noqa: ARG001 - the same page for every token
    """A button: mail scanners follow links, so this changes nothing."""
    return page(request, "unsubscribe.html.jinja", done=False)


@router.post("/{token}")
async def turn_off(request: Request, token: str, deps: Deps) -> Response:
    """Turn it off; the page is the same for a link that nobody made."""
    await as_console(deps).send("notifications", "POST", under("/unsubscribe", token), parse=False)
    return page(request, "unsubscribe.html.jinja", done=True)
