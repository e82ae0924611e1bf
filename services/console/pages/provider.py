"""Signing in through another provider (OpenID Connect), where profiles has one configured."""

from http import HTTPStatus
from typing import Annotated

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
    known = browser.browser_id(request)
    asked = {"browser": known, "source": browser.source_of(request)}
    made = await as_console(deps).send("profiles", "POST", "/internal/v1/sign-ins/provider", json=asked)
    if not is_web_link(made["url"]):
        return page(request, "sign_in_link.html.jinja", status=403, token="", errors={"": FAILED})
    response = page(request, "sign_in_provider.html.jinja", url=made["url"])
    browser.remember(response, known, secure=deps.settings.secure)
    browser.want(response, local_path(text(form, "next")), secure=deps.settings.secure)
    return response


@router.get("")
async def finish(
    request: Request,
    deps: Deps,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """The provider sends the browser back here. `state` belongs to this browser and is used up."""
    given = {"state": state, "code": code, "browser": request.cookies.get(browser.BROWSER, "")}
    try:
        made = await as_console(deps).send(
            "profiles", "POST", "/internal/v1/sign-ins/provider/finish", json=given | {"about": browser.about(request)}
        )
    except ServiceError as error:
        if error.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.NOT_FOUND):
            raise
        return page(request, "sign_in_link.html.jinja", status=403, token="", errors={"": FAILED})
    return await signed_in(made["token"], local_path(browser.wanted(request)), new=made["new"], deps=deps)
