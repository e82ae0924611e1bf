"""Answering by the link in a message, without an account."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.console.backend import ServiceError, under
from services.console.browser import source_of
from services.console.dependencies import Dependencies, Deps, Member, as_console
from services.console.faults import in_short
from services.console.forms import MembersForm, OpenForm, chosen, reasons, text
from services.console.pages.introductions import NO_CONTACT, needs_contact, whole
from services.console.rendering import page, to

router = APIRouter(prefix="/answer", include_in_schema=False)

REFUSED = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)


@router.get("/{token}")
async def show(request: Request, token: str) -> Response:  # noqa: ARG001 - the same page for every token
    """A sentence and a button, the same for every link: mail scanners follow links, and some run scripts."""
    return page(request, "answer_closed.html.jinja")


@router.post("/{token}")
async def unfold(request: Request, token: str, deps: Deps) -> Response:
    """Who asks, for what, and why you."""
    found = await _opened(request, token, deps)
    return found if isinstance(found, Response) else _form(request, token, found)


async def _opened(request: Request, token: str, deps: Dependencies) -> dict[str, Any] | Response:
    """What a link opens, or the page that says why it cannot be answered."""
    try:
        found = await as_console(deps).send(
            "introductions", "POST", under("/v1/answers", token, "open"), json={"source": source_of(request)}
        )
    except ServiceError as error:
        return _refusal(request, error)
    return {"item": whole(found["view"]), "answer_token": found["form_token"]}


def _form(
    request: Request, token: str, found: dict[str, Any], contact: str = "", errors: dict[str, str] | None = None
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    shown = found | {"token": token, "contact": contact, "errors": errors or {}}
    return page(request, "answer.html.jinja", status=status, **shown)


def _refusal(request: Request, error: ServiceError) -> Response:
    """Why a link cannot be answered. Raises what is no answer to that."""
    if error.status not in REFUSED:
        raise error
    return page(
        request, "answer_done.html.jinja", status=error.status, says=in_short(error.detail), token=None, answer=""
    )


@router.post("/{token}/say")
async def say(request: Request, token: str, form: OpenForm, deps: Deps) -> Response:
    """Yes, not now, I don't know them well, or forget me."""
    contact = text(form, "contact")
    given: dict[str, Any] = {
        "source": source_of(request),
        "form_token": text(form, "answer_token"),
        "answer": text(form, "what"),
        "tell": "now" if "now" in chosen(form, "tell") else "quietly",
        **({"contact": contact} if contact else {}),
    }
    if given["answer"] == "yes" and not contact and (found := await _of_the_company(request, token, deps)):
        return _form(request, token, found, errors={"contact": NO_CONTACT})
    try:
        done = await as_console(deps).send("introductions", "POST", under("/v1/answers", token), json=given)
    except ServiceError as error:
        wrong = reasons(error, ("contact",))
        if "contact" in wrong and (found := await _of_the_company(request, token, deps)):
            return _form(request, token, found, contact, {"contact": wrong["contact"]})
        return _refusal(request, error)
    return page(request, "answer_done.html.jinja", says=done["says"], token=token, answer=given["answer"])


async def _of_the_company(request: Request, token: str, deps: Dependencies) -> dict[str, Any] | None:
    """What a link opens that asks whoever works at the company; None of others, and of a link that is used or over."""
    found = await _opened(request, token, deps)
    return None if isinstance(found, Response) or not needs_contact(found["item"]) else found


@router.get("/{token}/mine")
async def whose(request: Request, token: str, member: Member) -> Response:
    """After signing in: an answer by a link counts once its giver says that it was theirs."""
    return page(request, "answer_mine.html.jinja", member, token=token, refused=False)


@router.post("/{token}/mine")
async def mine(request: Request, token: str, member: Member, _form: MembersForm) -> Response:
    """It was I who answered; whoever wrote the link must hold the member's verified address for that."""
    try:
        await member.api.send("introductions", "POST", under("/v1/answers", token, "mine"))
    except ServiceError as error:
        if error.status not in REFUSED:
            raise
        return page(request, "answer_mine.html.jinja", member, status=error.status, token=token, refused=True)
    return to("/introductions")
