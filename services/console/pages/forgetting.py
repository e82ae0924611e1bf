"""Leaving everybody's address book without an account: an address, then the code or the link that was mailed to it.

Nothing here tells whether anybody lists an address: the pages are the same for all of them.
"""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.console.backend import ServiceError
from services.console.browser import source_of
from services.console.dependencies import Deps, as_console
from services.console.forms import OpenForm, digits, text
from services.console.rendering import page

router = APIRouter(prefix="/forget-me", include_in_schema=False)

WRONG = "That code is wrong, was used, is too old, or was tried too often: follow the link in the e-mail instead"
DEAD = "This link was used, or is older than a quarter of an hour."
NO_ADDRESS = "Enter an address such as mei@mail.example"
REFUSED = (HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)


@router.get("")
async def ask_for_address(request: Request) -> Response:
    """Which address, and what happens then."""
    return page(request, "forget.html.jinja", email="", errors={})


@router.post("")
async def begin(request: Request, form: OpenForm, deps: Deps) -> Response:
    """Send a code, whoever it is."""
    email = text(form, "email")
    asked = {"email": email, "source": source_of(request)}
    try:
        made = await as_console(deps).send("profiles", "POST", "/internal/v1/forgetting", json=asked)
    except ServiceError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        return page(request, "forget.html.jinja", status=422, email=email, errors={"email": NO_ADDRESS})
    return page(request, "forget_code.html.jinja", email=email, forgetting_id=made["forgetting_id"], errors={})


@router.post("/code")
async def finish(request: Request, form: OpenForm, deps: Deps) -> Response:
    """The six digits from the e-mail: nobody can take out an address that is not theirs."""
    shown: dict[str, Any] = {name: text(form, name) for name in ("email", "forgetting_id")}
    given = {"forgetting_id": shown["forgetting_id"], "code": digits(form, "code")}
    try:
        await as_console(deps).send("profiles", "POST", "/internal/v1/forgetting/finish", json=given)
    except ServiceError as error:
        if error.status not in REFUSED:
            raise
        return page(request, "forget_code.html.jinja", status=403, errors={"code": WRONG}, **shown)
    return page(request, "forgotten.html.jinja", email=shown["email"])


@router.get("/link")
async def show_link(request: Request, token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Mail scanners follow links: this page changes nothing, its button does."""
    return page(request, "forget_link.html.jinja", token=token, errors={})


@router.post("/link")
async def by_link(request: Request, form: OpenForm, deps: Deps) -> Response:
    """The button behind the link. It works in any browser, and however many codes were tried."""
    given = {"link": text(form, "token")}
    try:
        await as_console(deps).send("profiles", "POST", "/internal/v1/forgetting/finish", json=given)
    except ServiceError as error:
        if error.status not in REFUSED:
            raise
        return page(request, "forget_link.html.jinja", status=403, token="", errors={"": DEAD})
    return page(request, "forgotten.html.jinja", email="")
