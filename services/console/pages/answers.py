"""Answering by the link in a message, without an account."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.console.backend import ServiceError
from services.console.dependencies import Deps, as_console
from services.console.forms import OpenForm, text
from services.console.pages.introductions import whole
from services.console.rendering import page

router = APIRouter(prefix="/answer", include_in_schema=False)

GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.CONFLICT)


@router.get("/{token}")
async def show(request: Request, token: str) -> Response:  # noqa: ARG001 - the same page for every token
    """A sentence and a button, the same for every link: mail scanners follow links, and some run scripts."""
    return page(request, "answer_closed.html.jinja")


@router.post("/{token}")
async def unfold(request: Request, token: str, deps: Deps) -> Response:
    """Who asks, for what, and why you."""
    try:
        found = await as_console(deps).send("introductions", "POST", f"/v1/answers/{token}/open")
    except ServiceError as error:
        if error.status not in GONE:
            raise
        return page(request, "answer_done.html.jinja", status=error.status, says=error.detail, token=None)
    return page(request, "answer.html.jinja", item=whole(found["view"]), answer_token=found["form_token"], token=token)


@router.post("/{token}/say")
async def say(request: Request, token: str, form: OpenForm, deps: Deps) -> Response:
    """Yes, not now, I don't know them well, or forget me."""
    contact = text(form, "contact")
    given = {"form_token": text(form, "answer_token"), "answer": text(form, "what")}
    given |= {"contact": contact} if contact else {}
    try:
        done = await as_console(deps).send("introductions", "POST", f"/v1/answers/{token}", json=given)
    except ServiceError as error:
        if error.status not in (*GONE, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN):
            raise
        return page(request, "answer_done.html.jinja", status=error.status, says=error.detail, token=None)
    return page(request, "answer_done.html.jinja", says=done["says"], token=token)
