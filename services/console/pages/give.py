"""Giving before receiving: whom I could help now, and whom I should not lose touch with."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.console.backend import ServiceError, under
from services.console.dependencies import Member, Visitor
from services.console.forms import MembersForm, reasons, text
from services.console.pages.introductions import NO_CONTACT, whole
from services.console.rendering import page, to

router = APIRouter(include_in_schema=False)

TOUCH = ("done", "later", "never")


@router.get("/give")
async def give(request: Request, member: Member) -> Response:
    """Asks that wait for me, openings I can help somebody to, and who has helped me."""
    return await _give(request, member)


async def _give(
    request: Request,
    member: Visitor,
    status: int = HTTPStatus.OK,
    problem: str = "",
    offered: dict[str, str] | None = None,
) -> Response:
    """`offered`: what was entered, where that is refused."""
    found = await member.api.get("introductions", "/v1/give")
    found["asks"] = [whole(one) for one in found["asks"]]
    asked = {_about(one, one["seeker"]) for one in found["asks"]}  # one answers those, instead of offering the same
    found["openings"] = [one for one in found["openings"] if _about(one, one["person"]) not in asked]
    errors = {"": problem} if problem else {}
    return page(request, "give.html.jinja", member, status=status, errors=errors, offered=offered or {}, **found)


def _about(one: dict[str, Any], whom: dict[str, Any] | None) -> tuple[Any, ...]:
    """What an ask and an opening have in common when they are about the same."""
    return (whom and whom["id"], one["title"], one["company"])


@router.post("/give")
async def offer(request: Request, member: Member, form: MembersForm) -> Response:
    """Offer an introduction."""
    entered = {name: text(form, name) for name in ("posting_id", "seeker_id", "contact")}
    offered = {name: value for name, value in entered.items() if value}
    try:
        made = await member.api.send("introductions", "POST", "/v1/offers", json=offered)
    except ServiceError as error:
        if error.status not in (HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY):
            raise
        status = HTTPStatus.CONFLICT if error.status == HTTPStatus.NOT_FOUND else error.status
        return await _give(request, member, status, _problem(error, entered["contact"]), entered)
    return to(f"/introductions/{made['id']}")


def _problem(error: ServiceError, contact: str) -> str:
    wrong = reasons(error, ("contact",)).get("contact")
    if wrong is None:
        return error.detail
    return wrong if contact else NO_CONTACT


@router.get("/keep-in-touch")
async def keep_in_touch(request: Request, member: Member) -> Response:
    """Three people a week."""
    found = await member.api.get("introductions", "/v1/keep-in-touch")
    return page(request, "keep_in_touch.html.jinja", member, **found)


@router.post("/keep-in-touch/{person_id}")
async def touched(person_id: str, member: Member, form: MembersForm) -> Response:
    """Done, later, or never."""
    what = text(form, "what")
    if what in TOUCH:
        await member.api.send("introductions", "POST", under("/v1/keep-in-touch", person_id), json={"what": what})
    return to("/keep-in-touch")
