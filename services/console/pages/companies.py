"""The company map: where a member's contacts work, as a picture and as a table."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.console.dependencies import Member, Visitor
from services.console.pages.paths import named
from services.console.rendering import page
from services.console.treemap import layout

router = APIRouter(include_in_schema=False)

DRAWN, LISTED = 40, 200
WIDE, NARROW = (960, 540), (340, 460)
"""Width and height of the drawing, on screens and on phones."""


@router.get("/companies")
async def company_map(request: Request, member: Member) -> Response:
    """The largest as a picture, all of the first two hundred as a table."""
    found = (await member.api.get("profiles", "/v1/companies", people=False, limit=LISTED))["items"]
    counts = [(each["company"], each["contacts"]) for each in found[:DRAWN]]
    maps = [(name, *size, layout(counts, *size)) for name, size in (("wide-map", WIDE), ("narrow-map", NARROW))]
    return page(request, "companies.html.jinja", member, companies=found, drawn=len(counts), maps=maps)


@router.get("/company")
async def people_there(
    request: Request, member: Member, name: Annotated[str, Query(min_length=1, max_length=300)]
) -> Response:
    """The contacts at one company, and who could introduce there; nobody does where the name is no employer's."""
    (people, employer), ways = await asyncio.gather(
        _contacts(member, name), member.api.get("matching", "/v1/paths", company=name)
    )
    return page(request, "company.html.jinja", member, name=name, people=people, employer=employer, ways=ways)


async def _contacts(member: Visitor, company: str) -> tuple[list[Any], bool]:
    """The contacts at a company, whichever way their files spell it, and whether it is one."""
    found, drawn = await asyncio.gather(
        member.api.get("profiles", "/v1/contacts", search=company[:100], limit=LISTED),
        member.api.get("profiles", "/v1/companies", people=True, limit=LISTED),
    )
    there = [each for each in found["items"] if _employer(each).casefold() == company.casefold()]
    listed = {each["id"] for each in there}
    same = [each for each in drawn["items"] if each["company"].casefold() == company.casefold()]
    grouped = [one for each in same for one in each["people"]]
    others = await named(member, [one["id"] for one in grouped if one["id"] not in listed])
    people = sorted([*there, *others.values()], key=lambda each: str(each["name"]).casefold())
    return people, all(each["employer"] for each in same)


def _employer(contact: dict[str, Any]) -> str:
    """The company's name as the member corrected it, if they did."""
    said = contact["corrected"]
    return str((contact["company"] if said is None else said) or "")
