"""Introductions: asking for one, the board of all, and a page for each, as the seeker, the introducer or the target."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple
from uuid import uuid4

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.console.backend import ServiceError, under
from services.console.dependencies import Member, Visitor
from services.console.faults import in_short
from services.console.forms import MembersForm, chosen, reasons, text
from services.console.rendering import page, to
from services.console.words import OUTCOMES

router = APIRouter(prefix="/introductions", include_in_schema=False)

SHOWN = 50
ROLES = ("seeker", "introducer", "target")
OTHERS = 2
"""How many more a seeker may name, to be asked in turn."""

MAX_TITLE = 200
NO_CONTACT = "Say how they may reach you: an address, or a number"

DRAFT = "link"
"""The resource that makes a draft with a link of its own."""

BLOCKS = {"block-seeker": "seeker", "block-introducer": "introducer"}
"""Whose block a button asks for, by its name."""

FIELDS = (
    "title", "company", "url", "introducer", "seeker", "target", "direct", "next_introducers", "note", "record",
    "given", "contact", "address", "answered", "next", "leg", "sent", "draft", "sentence", "outcome",
)  # fmt: skip
"""What an introduction may be told without."""

Named = Annotated[str, Query(max_length=300)]
Places = Annotated[list[str] | None, Query(max_length=1000)]


@router.get("")
async def board(request: Request, member: Member, ended: bool = False, more: Places = None) -> Response:
    """Everything that is under way, or has ended. `more`: where to go on, by role."""
    places = dict(each.split(" ", 1) for each in more or () if " " in each)
    roles, query = [each for each in ROLES if not places or each in places], {"state": "ended" if ended else "open"}
    asked = [
        member.api.get("introductions", "/v1/introductions", role=role, limit=SHOWN, cursor=places.get(role), **query)
        for role in roles
    ]
    found = dict(zip(roles, await asyncio.gather(*asked), strict=True))
    for each in found.values():
        each["items"] = [whole(one) for one in each["items"]]
    waiting = [one for role in ROLES if role in found for one in found[role]["items"] if _is_asked(one)]
    waiting.sort(key=lambda one: ((one["next"] or {}).get("at") or "", one["id"]))
    shown: dict[str, Any] = {"waiting": waiting, "ended": ended}
    for role in ROLES:
        items = found[role]["items"] if role in found else []
        shown[role] = [one for one in items if one not in waiting]
    following = [f"{role} {each['next']}" for role, each in found.items() if each.get("next")]
    return page(request, "introductions.html.jinja", member, following=following, **shown)


async def asked_by(member: Visitor) -> dict[str, str]:
    """Whom the member has asked for what is still under way: the introduction's id by the introducer's.

    Empty where the service does not answer: a page can do without, and asking again is refused.
    """
    try:
        found = await member.api.get("introductions", "/v1/introductions", role="seeker", state="open")
    except ServiceError:
        return {}
    asks = [one for one in found["items"] if one.get("introducer") and one.get("origin") != "offer"]
    return {one["introducer"]["id"]: one["id"] for one in asks}


def whole(one: dict[str, Any]) -> dict[str, Any]:
    """An introduction with every field; None stands for what is not told."""
    return dict.fromkeys(FIELDS) | one


def needs_contact(one: dict[str, Any]) -> bool:
    """Whether a yes to it is of whoever works at the company: without how to reach them it leads the seeker nowhere."""
    at_the_company = one["role"] == "target" or (one["role"] == "introducer" and one["direct"])
    return bool(at_the_company and "yes" in one["possible"])


class Refused(NamedTuple):
    """What was entered, and what is wrong with it, by field; under "" what is not possible any more."""

    form: FormData
    errors: dict[str, str]


def _is_asked(one: dict[str, Any]) -> bool:
    """Whether it waits for an answer of the member's."""
    return "yes" in one["possible"]


@router.get("/ask")
async def before_asking(
    request: Request, member: Member, introducer: Named, suggestion: Named = "", company: Named = "", title: Named = ""
) -> Response:
    """What the introducer will see, and what one could do for them first. `title`: of a job that was seen elsewhere."""
    about = {"introducer": introducer, "suggestion": suggestion, "company": company}
    return await _ask_page(request, member, about, title=title)


async def _ask_page(
    request: Request, member: Visitor, about: dict[str, str], errors: dict[str, str] | None = None, note: str = "",
    refused: str | None = None, title: str = "",
) -> Response:  # fmt: skip
    """`refused`: why it cannot be asked, as the service said to the asking itself."""
    query = {
        "introducer_id": about["introducer"],
        "suggestion_id": about["suggestion"] or None,
        "company": about["company"] or None,
        "title": title[:MAX_TITLE] or None,
    }
    preview = {"title": None, "refused": None} | await member.api.get(
        "introductions", "/v1/introductions/preview", **query
    )
    preview["refused"] = refused or preview["refused"]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.CONFLICT if refused else HTTPStatus.OK
    shown = {
        "about": about,
        "preview": preview,
        "errors": errors or {},
        "note": note or preview["note"],
        "key": uuid4(),
    }
    return page(request, "introduction_ask.html.jinja", member, status=status, others=OTHERS, **shown)


@router.post("/ask")
async def ask(request: Request, member: Member, form: MembersForm) -> Response:
    """Ask the first introducer, and name those to be asked next."""
    about = {name: text(form, name) for name in ("introducer", "suggestion", "company")}
    note = text(form, "note")
    if "known" not in chosen(form, "known"):
        wrong = {"known": "Asking tells them that you are looking: tick this if that is all right"}
        return await _ask_page(request, member, about, wrong, note)
    others = list(dict.fromkeys(text(form, f"then{place}") for place in range(1, OTHERS + 1)))
    asked = {
        "introducer_ids": [about["introducer"], *(one for one in others if one and one != about["introducer"])],
        "note": note or None,
        "known_as_looking": True,
        **({"suggestion_id": about["suggestion"]} if about["suggestion"] else {"company": about["company"]}),
    }
    headers = {"Idempotency-Key": text(form, "key")}
    try:
        made = await member.api.send("introductions", "POST", "/v1/introductions", json=asked, headers=headers)
    except ServiceError as error:
        if error.status not in (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY):
            raise
        if error.status == HTTPStatus.CONFLICT:
            return await _ask_page(request, member, about, note=note, refused=in_short(error.detail))
        return await _ask_page(request, member, about, reasons(error, ("note",)), note)
    return to(f"/introductions/{made['id']}")


@router.get("/{introduction_id}")
async def one(request: Request, introduction_id: str, member: Member) -> Response:
    """One introduction, as this member may see it."""
    return await _page(request, member, introduction_id)


async def _page(
    request: Request, member: Visitor, introduction_id: str, refused: Refused | None = None, draft: Any = None
) -> Response:
    item = whole(await member.api.get("introductions", under("/v1/introductions", introduction_id)))
    item |= {"draft": draft}
    shown: dict[str, Any] = {
        "item": item,
        "outcomes": _later(item["outcome"]),
        "errors": {},
        "contact": "",
        "at_once": False,
    }
    status = HTTPStatus.OK
    if refused:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if "contact" in refused.errors else HTTPStatus.CONFLICT
        form = refused.form
        shown |= {"errors": refused.errors, "contact": text(form, "contact"), "at_once": _at_once(form)}
    return page(request, "introduction.html.jinja", member, status=status, **shown)


def _later(told: str | None) -> dict[str, str]:
    """The outcomes that may follow what was told, the best first; all of them where nothing was."""
    names = list(OUTCOMES)
    return {name: OUTCOMES[name] for name in (names[: names.index(told)] if told in OUTCOMES else names)}


@router.post("/{introduction_id}")
async def act(request: Request, introduction_id: str, member: Member, form: MembersForm) -> Response:
    """One of the page's buttons: `what` says which."""
    if (part := BLOCKS.get(text(form, "what"))) is not None:
        return await _block(request, member, introduction_id, part, form)
    path, body = _step(form)
    if await _lacks_contact(member, introduction_id, body or {}):
        return await _page(request, member, introduction_id, Refused(form, {"contact": NO_CONTACT}))
    try:
        where = under("/v1/introductions", introduction_id, path)
        done = await member.api.send("introductions", "POST", where, json=body)
    except ServiceError as error:
        if error.status not in (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY):
            raise
        said = reasons(error, ("contact",))
        wrong = {"contact": said["contact"]} if "contact" in said else {"": in_short(next(iter(said.values())))}
        return await _page(request, member, introduction_id, Refused(form, wrong))
    if path == DRAFT:
        return await _page(request, member, introduction_id, draft=done)
    return to(f"/introductions/{introduction_id}")


async def _block(request: Request, member: Visitor, introduction_id: str, part: str, form: FormData) -> Response:
    """Block somebody whom a yes of the member's made find them, though the member may not list them."""
    whom = (await member.api.get("introductions", under("/v1/introductions", introduction_id))).get(part)
    try:
        entry = await member.api.send("profiles", "PUT", under("/v1/contacts", whom["id"], "block")) if whom else None
    except ServiceError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        entry = None
    if entry is None:
        errors = {"": "they do not find you by your yes: nothing to block"}
        return await _page(request, member, introduction_id, Refused(form, errors))
    return to(f"/people/{entry['id']}")


async def _lacks_contact(member: Visitor, introduction_id: str, body: dict[str, Any]) -> bool:
    """Whether it is a yes that needs one. Who works at the company the service knows: a form may say anything."""
    if body.get("answer") != "yes" or "contact" in body:
        return False
    return needs_contact(whole(await member.api.get("introductions", under("/v1/introductions", introduction_id))))


def _step(form: FormData) -> tuple[str, dict[str, Any] | None]:
    """The resource of a button, and what is sent to it."""
    what, contact = text(form, "what"), text(form, "contact")
    reached = {"contact": contact} if contact else {}
    role = text(form, "role")
    if what == "draft":
        return DRAFT, None
    if role == "seeker" and what in OUTCOMES:
        return "outcome", {"outcome": what}
    if what in ("withdraw", "sent", "talked"):
        return what, None
    if role == "target":
        return "target-answer", {"answer": what, **reached}
    return "answer", {"answer": what, "tell": "now" if _at_once(form) else "quietly", **reached}


def _at_once(form: FormData) -> bool:
    """Whether a no is told at once."""
    return "now" in chosen(form, "tell")
