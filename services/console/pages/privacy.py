"""What Warmpath knows about the member and who can see it: the tables that guard it, and their own choices."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.console.dependencies import Member
from services.console.rendering import page
from shared.privacy import ACCEPTED, DISCLOSURES, KEPT

router = APIRouter(include_in_schema=False)

READERS = {"member": "Other members", "recruiter": "Organisations with openings"}
"""Whose reading is listed. Operators can see what members can, and are named in the audit when they look."""


@router.get("/privacy")
async def known(request: Request, member: Member) -> Response:
    """Everything that is kept of people, for how long, who may read what, and what can be concluded all the same."""
    me = await member.api.get("profiles", "/v1/me")
    read = {
        name: [one for one in DISCLOSURES if one.reader == reader and one.about != "an organisation with an opening"]
        for reader, name in READERS.items()
    }
    kept = [one for one in KEPT if one.how_long]
    return page(request, "privacy.html.jinja", member, me=me, read=read, kept=kept, accepted=ACCEPTED)
