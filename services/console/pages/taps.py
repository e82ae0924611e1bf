"""Ten taps: how well do you know these people? Asked about those with whom it helps most, one at a time."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.console.backend import under
from services.console.dependencies import Member
from services.console.forms import MembersForm, number, text
from services.console.rendering import page, query, to
from services.console.words import CLOSENESS

router = APIRouter(prefix="/taps", include_in_schema=False)

ASKED = 10


@router.get("")
async def next_tap(request: Request, member: Member, done: int = 0, skip: str = "") -> Response:
    """One person. `skip` holds those who were asked about, `done` how many were answered."""
    skipped = [one for one in skip.split(",") if one]
    found, inbox = await asyncio.gather(
        member.api.get("matching", "/v1/ask-next", n=min(50, ASKED + len(skipped))),
        member.api.get("notifications", "/v1/inbox/count"),
    )
    waiting = [each["person_id"] for each in found["taps"] if each["person_id"] not in skipped]
    shown: dict[str, Any] = {"openings": inbox["suggestions"], "done": done, "asked": ASKED}
    contact = None
    if waiting and done < ASKED:
        contact = await member.api.get("profiles", under("/v1/contacts", waiting[0]))
    return page(
        request, "taps.html.jinja", member, contact=contact, says=found["says"], skip=skip, closeness=CLOSENESS, **shown
    )


@router.post("")
async def tap(member: Member, form: MembersForm) -> Response:
    """Save an answer, or pass over somebody."""
    contact, skip, done = text(form, "contact"), text(form, "skip"), number(form, "done")
    done, value = done if isinstance(done, int) else 0, number(form, "closeness")
    if isinstance(value, int):
        await member.api.send("profiles", "PUT", under("/v1/contacts", contact, "closeness"), json={"value": value})
        done += 1
    skip = ",".join(one for one in (skip, contact) if one)  # the matcher may not have read the answer yet
    return to("/taps" + query({"done": done, "skip": skip}))
