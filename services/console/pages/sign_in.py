"""Signing in: an address, then the code or the link from the e-mail. Nothing tells who has an account."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.console import browser
from services.console.backend import Backend, ServiceError
from services.console.dependencies import Dependencies, Deps, Member, as_console
from services.console.forms import MembersForm, OpenForm, digits, local_path, text
from services.console.rendering import page, to

router = APIRouter(include_in_schema=False)

Next = Annotated[str, Query(max_length=10_000)]
WRONG = "That code is wrong, was used, is too old, or was tried too often: check it, or have a new one sent."
NO_SEEKERS = ("/invitations", "/organisations", "/answer/")
"""Whoever comes for one of these looks for no work: they are not asked what they look for."""
DEAD = (
    "This link is not for this browser, was used, or is older than a quarter of an hour. If you asked for it in "
    "another browser, enter the e-mail's six digits there, or have a new one sent for this browser."
)


@router.get("/sign-in")
async def ask_for_address(request: Request, deps: Deps, next: Next = "/") -> Response:  # noqa: A002 - the word in the address
    """The first page: an e-mail address."""
    if request.cookies.get(browser.SESSION):
        return to(local_path(next))
    return await _first_page(request, deps, {"next": local_path(next), "email": "", "errors": {}})


async def _first_page(request: Request, deps: Dependencies, shown: dict[str, Any], status: int = 200) -> Response:
    provider = await as_console(deps).get("profiles", "/internal/v1/sign-ins/provider")
    return page(request, "sign_in.html.jinja", status=status, provider=provider["name"], **shown)


@router.post("/sign-in")
async def begin(request: Request, form: OpenForm, deps: Deps) -> Response:
    """Send an e-mail, whoever it is."""
    email, target = text(form, "email"), local_path(text(form, "next"))
    known = browser.browser_id(request)
    asked = {"email": email, "browser": known, "source": browser.source_of(request)}
    try:
        made = await as_console(deps).send("profiles", "POST", "/internal/v1/sign-ins", json=asked)
    except ServiceError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        wrong = {"email": "Enter an address such as mei@mail.example"}
        return await _first_page(request, deps, {"next": target, "email": email, "errors": wrong}, 422)
    response = page(
        request, "sign_in_code.html.jinja", next=target, email=email, sign_in_id=made["sign_in_id"], errors={}
    )
    browser.remember(response, known, secure=deps.settings.secure)
    browser.go_on_to(response, target, secure=deps.settings.secure)
    return response


@router.post("/sign-in/code")
async def by_code(request: Request, form: OpenForm, deps: Deps) -> Response:
    """The six digits from the e-mail."""
    shown: dict[str, Any] = {name: text(form, name) for name in ("email", "sign_in_id")} | {
        "next": local_path(text(form, "next"))
    }
    given = {"sign_in_id": shown["sign_in_id"], "code": digits(form, "code"), "about": browser.about(request)}
    try:
        made = await as_console(deps).send("profiles", "POST", "/internal/v1/sign-ins/finish", json=given)
    except ServiceError as error:
        if error.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY):
            raise
        return page(request, "sign_in_code.html.jinja", status=403, **shown, errors={"code": WRONG})
    return await signed_in(made["token"], shown["next"], new=made["new"], deps=deps)


@router.get("/sign-in/link")
async def show_link(
    request: Request,
    token: Annotated[str, Query(max_length=200)] = "",
    next: Next = "/",  # noqa: A002 - the word in the address
) -> Response:
    """Mail scanners follow links: this page changes nothing, its button does."""
    target = local_path(next)
    target = local_path(browser.goes_on_to(request)) if target == "/" else target
    return page(request, "sign_in_link.html.jinja", token=token, next=target, errors={})


@router.post("/sign-in/link")
async def by_link(request: Request, form: OpenForm, deps: Deps) -> Response:
    """The button behind the link."""
    given = {"link": text(form, "token"), "about": browser.about(request)}
    if known := request.cookies.get(browser.BROWSER):
        given["browser"] = known
    try:
        made = await as_console(deps).send("profiles", "POST", "/internal/v1/sign-ins/finish", json=given)
    except ServiceError as error:
        if error.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY):
            raise
        return page(request, "sign_in_link.html.jinja", status=403, token="", next="/", errors={"": DEAD})
    return await signed_in(made["token"], local_path(text(form, "next")), new=made["new"], deps=deps)


@router.post("/sign-out")
async def sign_out(member: Member, _form: MembersForm, deps: Deps) -> Response:
    """End this session."""
    await member.api.send("profiles", "DELETE", "/v1/sessions/current")
    response = to("/sign-in")
    browser.sign_out(response, secure=deps.settings.secure)
    return response


async def signed_in(token: str, target: str, *, new: bool, deps: Dependencies) -> Response:
    """After a sign-in: the welcome for who is new and may look for work; else where they wanted to go."""
    response = to("/welcome" if new and not target.startswith(NO_SEEKERS) else target)
    browser.sign_in(response, token, secure=deps.settings.secure)
    browser.offer(response, await _places(token, deps), secure=deps.settings.secure)
    return response


async def _places(token: str, deps: Dependencies) -> list[str]:
    """What the menu is to offer beyond everybody's pages; less where a service does not answer."""
    theirs = Backend(deps.client, deps.settings.urls, token)
    operates, works = await asyncio.gather(_operates(token, deps), _works_somewhere(theirs))
    return [name for name, offered in ((browser.OPERATIONS, operates), (browser.ORGANISATIONS, works)) if offered]


async def _operates(token: str, deps: Dependencies) -> bool:
    try:
        caller = await as_console(deps).send("profiles", "POST", "/internal/v1/introspect", json={"token": token})
    except ServiceError:
        return False
    return bool(caller.get("operates"))


async def _works_somewhere(theirs: Backend) -> bool:
    try:
        return bool((await theirs.get("postings", "/v1/organisations"))["items"])
    except ServiceError:
        return False
