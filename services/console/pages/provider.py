"""Signing in through another provider (OpenID Connect), where profiles has one configured."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.console import browser
from services.console.backend import ServiceError
from services.console.dependencies import Deps, as_console
from services.console.forms import OpenForm, local_path, text
from services.console.pages.sign_in import signed_in
from services.console.rendering import is_web_link, page

router = APIRouter(prefix=browser.PROVIDER, include_in_schema=False)

FAILED = "That did not work: it was another browser, too long ago, or the provider refused."


@router.post("")
async def begin(request: Request, form: OpenForm, deps: Deps) -> Response:
    """A page that leads to the provider: browsers do not let a form of ours end on another site."""
    known = browser.new_id()
    asked = {"browser": known, "source": browser.source_of(request)}
    made = await as_console(deps).send("profiles", "POST", "/internal/v1/sign-ins/provider", json=asked)
    if not is_web_link(made["url"]):
        return page(request, "sign_in_link.html.jinja", status=403, token="", errors={"": FAILED})
    response = page(request, "sign_in_provider.html.jinja", url=made["url"])
    state = parse_qs(urlsplit(made["url"]).query).get("state", [""])[0]
    wanted = local_path(text(form, "next"))
    browser.attempt(request, response, state, known, wanted, secure=deps.settings.secure)
    return response


@router.get("")
async def finish(
    request: Request,
    deps: Deps,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """The provider sends the browser back here. `state` belongs to one tab's attempt in this browser and is used up."""
    known, wanted = browser.attempted(request, state)
    given = {"state": state, "code": code, "browser": known}
    try:
        made = await as_console(deps).send(
            "profiles", "POST", "/internal/v1/sign-ins/provider/finish", json=given | {"about": browser.about(request)}
        )
    except ServiceError as error:
        if error.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.NOT_FOUND):
            raise
        return page(request, "sign_in_link.html.jinja", status=403, token="", errors={"": FAILED})
    response = await signed_in(made["token"], local_path(wanted), new=made["new"], deps=deps)
    browser.end_attempt(response, browser.attempt_name(state), secure=deps.settings.secure)
    return response
