"""Who could introduce me at …: any company, whether or not anybody posted an opening there."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.console.dependencies import Member, Visitor
from services.console.pages.introductions import asked_by
from services.console.rendering import page
from shared.text import without_accents

router = APIRouter(include_in_schema=False)

ALIKE, FIRST, KNOWN = 5, 10, 100
"""How many companies are offered instead, how many ways are shown at first, how many companies are offered to type."""

AT_ONCE = 100
"""So many contacts are asked for in one call."""


@router.get("/paths")
async def ways_in(request: Request, member: Member, company: Annotated[str, Query(max_length=300)] = "") -> Response:
    """The ways into a company, best first; with none, that there is none."""
    company = company.strip()
    shown = await into(member, company) if company else {"found": None, "known": await _known(member)}
    return page(request, "paths.html.jinja", member, company=company, **shown)


async def into(member: Visitor, company: str, domain: str = "") -> dict[str, Any]:
    """The ways into a company and who they lead through, or what to do where there is none."""
    found, known, me, asked = await asyncio.gather(
        member.api.get("matching", "/v1/paths", company=company, domain=domain or None),
        _known(member),
        member.api.get("profiles", "/v1/me"),
        asked_by(member),
    )
    blocked = (me["seeking"] or {}).get("blocked_companies", [])
    alike = [one for one in known if _like(one, company) and one != company]
    if not found["paths"] and not alike:
        meant = await member.api.get("profiles", "/v1/vocabulary", kind="companies", q=company[:100])
        alike = meant["did_you_mean"]
    return {
        "own": _hidden_from(me, company),
        "blocked": [one for one in blocked if _like(one, company)],
        "alike": list(dict.fromkeys(alike))[:ALIKE],
        "asked": asked,
        "first": FIRST,
        "found": found,
        "names": await named(member, [each["introducer_id"] for each in found["paths"]]),
        "known": known,
    }


def _hidden_from(me: dict[str, Any], company: str) -> list[str]:
    """The names of the member's own employers that are meant, where they keep their search from them."""
    jobs = me["employments"] if me["discreet"] else []
    return [one["company"] for one in jobs if not one.get("end") and _like(one["company"], company)]


async def _known(member: Visitor) -> list[str]:
    found = await member.api.get("profiles", "/v1/companies", people=False, limit=KNOWN)
    return [each["company"] for each in found["items"] if each["employer"]]


def _like(one: str, other: str) -> bool:
    """Whether one name holds the other, without regard to case and accents."""
    a, b = without_accents(one), without_accents(other)
    return bool(b) and (b in a or a in b)


async def named(member: Visitor, ids: list[str]) -> dict[str, Any]:
    """The member's own contacts by id; those who are gone meanwhile are left out."""
    some = (ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE))
    found = await asyncio.gather(*(member.api.get("profiles", "/v1/contacts/named", id=each) for each in some))
    return {contact["id"]: contact for page in found for contact in page["items"]}
