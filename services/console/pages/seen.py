"""Any job somebody saw: its link or its text, what it is about, and who could introduce there, with drafts."""

import asyncio
import re
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.console.backend import ServiceError
from services.console.dependencies import Member, Visitor
from services.console.forms import MembersForm, reason, text
from services.console.pages.paths import into
from services.console.rendering import page, query, to

router = APIRouter(prefix="/seen", include_in_schema=False)

DRAFTED = 3
"""For so many of the best who are written to by hand there is a draft."""
_LINK = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
_NOTHING = {"advert": "", "title": "", "company": "", "link": "", "place": ""}

Words = Annotated[str, Query(max_length=300)]


@router.get("")
async def result(
    request: Request,
    member: Member,
    company: Words = "",
    title: Words = "",
    domain: Words = "",
    place: Words = "",
    link: Annotated[str, Query(max_length=2_000)] = "",
    by_hand: bool = False,
) -> Response:
    """The form, and with a company the ways in. The address holds what was asked, so that it can be kept."""
    said = _NOTHING | {"advert": link, "company": company.strip(), "title": title.strip(), "link": link, "place": place}
    if by_hand or not said["company"]:
        return _form(request, member, said, {}, by_hand=by_hand or bool(said["title"]))
    shown = await into(member, said["company"], domain)
    drafts = await _drafts(member, shown["found"]["paths"], said)
    return page(request, "seen.html.jinja", member, said=said, errors={}, by_hand=False, drafts=drafts, **shown)


async def _drafts(member: Visitor, paths: list[Any], said: dict[str, str]) -> dict[str, Any]:
    async def ask(introducer: str) -> Any:
        about = {"company": said["company"], "title": said["title"], "url": said["link"] or None}
        try:
            return await member.api.get("notifications", "/v1/draft", introducer=introducer, **about)
        except ServiceError:
            return None

    by_hand = [each["introducer_id"] for each in paths if each["ask"] == "hand"][:DRAFTED]
    return dict(zip(by_hand, await asyncio.gather(*map(ask, by_hand)), strict=True))


@router.post("")
async def read(request: Request, member: Member, form: MembersForm) -> Response:
    """Find out what the advert is about; what it does not say is asked for."""
    said = _NOTHING | {name: text(form, name) for name in ("advert", "title", "company")}
    is_link = _LINK.fullmatch(said["advert"]) is not None
    link = (said["advert"] if "://" in said["advert"] else f"https://{said['advert']}") if is_link else ""
    if said["company"]:
        known = {name: said[name][:300] for name in ("title", "company")}
        return to("/seen" + query(known | {"link": link}))
    if not said["advert"]:
        errors = {"company" if "company" in form else "advert": "Say which company it is at, or paste the advert"}
        return _form(request, member, said, errors, by_hand="company" in form)
    try:
        body = {"link": link} if link else {"text": said["advert"][:50_000]}
        found = await member.api.send("postings", "POST", "/v1/seen-openings", json=body)
    except ServiceError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        return _form(request, member, said, {"advert": reason(error)}, by_hand=True)
    told = {"title": found["title"] or said["title"], "company": found["company"] or ""}
    if not told["company"]:
        return _form(request, member, said | told, {}, by_hand=True)
    rest = {"domain": found["domain"], "place": " / ".join(found["locations"])[:300], "link": found["link"]}
    return to("/seen" + query(told | rest))


def _form(
    request: Request, member: Visitor, said: dict[str, str], errors: dict[str, str], *, by_hand: bool
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    shown: dict[str, Any] = {"said": said, "errors": errors, "by_hand": by_hand, "found": None, "known": []}
    return page(request, "seen.html.jinja", member, status=status, **shown)
