"""What operators look at: health, lag, dead letters, topics and the audit. The services let nobody else in."""

import asyncio
import json
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.console.backend import ServiceError, under
from services.console.bars import charts
from services.console.dependencies import Member, Visitor
from services.console.forms import MembersForm, text
from services.console.rendering import page, to
from shared.messaging.topics.catalogue import CONSUMER_GROUPS, STATE_TOPICS, all_topics
from shared.messaging.topics.documents import json_schema
from shared.services import SERVICES, WITH_DATABASE, ServiceName
from shared.web.problems import not_found

router = APIRouter(prefix="/operations", include_in_schema=False)

SHOWN = 50
READERS = tuple(
    name for name in SERVICES if name in CONSUMER_GROUPS or any(name in topic.readers for topic in STATE_TOPICS)
)
"""Services that read topics; each tells its own lag."""


async def _operator(member: Member) -> Visitor:
    """A member whom the services know as an operator. Raises ServiceError 403."""
    for name in WITH_DATABASE:
        try:
            await member.api.get(name, "/internal/v1/audit", limit=1)
        except ServiceError as error:  # the page is needed most while one of them does not answer
            if error.status < HTTPStatus.INTERNAL_SERVER_ERROR or name == WITH_DATABASE[-1]:
                raise
        else:
            break
    return member


Operator = Annotated[Visitor, Depends(_operator)]


@router.get("")
async def overview(request: Request, member: Operator) -> Response:
    """Whether each service works, and how far behind each reader is."""
    healths = await asyncio.gather(*(member.api.health(name) for name in SERVICES))
    lags = await asyncio.gather(*(_told(member, name, "/internal/v1/lag") for name in READERS))
    behind = [row for told in lags if told is not None for row in told["items"]]
    shown: dict[str, Any] = {
        "healths": dict(zip(SERVICES, healths, strict=True)),
        "behind": behind,
        "silent": [name for name, told in zip(READERS, lags, strict=True) if told is None],
        "bars": charts([(f"{row['group']} ← {row['topic']}", row["lag"]) for row in behind if row["lag"]]),
    }
    return page(request, "operations.html.jinja", member, **shown)


async def _told(member: Visitor, service: ServiceName, path: str, **query: Any) -> dict[str, Any] | None:
    """What a service tells; None where it does not answer: what the others tell is needed all the more."""
    try:
        found: dict[str, Any] = await member.api.get(service, path, **query)
    except ServiceError as error:
        if error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return None
    return found


@router.get("/letters")
async def letters(request: Request, member: Operator, resolved: bool = False, done: str = "") -> Response:
    """Dead letters of every group, by kind and one by one. `done`: what has just been done."""
    asked = [
        _told(member, name, "/internal/v1/dead-letters", resolved=str(resolved).lower(), limit=SHOWN)
        for name in CONSUMER_GROUPS
    ]
    told = dict(zip(CONSUMER_GROUPS, await asyncio.gather(*asked), strict=True))
    found = [one for one in told.values() if one is not None]
    kinds = [(f"{one['group']}: {kind['error']}", kind["letters"]) for one in found for kind in one["kinds"]]
    shown: dict[str, Any] = {"groups": found, "resolved": resolved, "done": done, "bars": charts(kinds)}
    shown |= {"silent": [name for name, one in told.items() if one is None]}
    return page(request, "operations_letters.html.jinja", member, **shown)


@router.get("/letters/{group}/{letter}")
async def letter(request: Request, group: str, letter: str, member: Operator) -> Response:
    """One dead letter in full."""
    found = await member.api.get(_group(group), under("/internal/v1/dead-letters", letter))
    value = json.dumps(found["value"], indent=2, ensure_ascii=False)
    return page(request, "operations_letter.html.jinja", member, group=group, letter=found, value=value)


@router.post("/letters/{group}")
async def resolve(group: str, member: Member, form: MembersForm) -> Response:
    """Replay or drop a letter, or all that the page showed."""
    ids = [one for one in text(form, "letters").split(",") if one]
    body = {"outcome": text(form, "outcome"), "letters": ids}
    done = await member.api.send(_group(group), "POST", "/internal/v1/dead-letters/resolve", json=body, timeout=60)
    return to(f"/operations/letters?done={len(done['done'])}")


def _group(name: str) -> ServiceName:
    found = next((group for group in CONSUMER_GROUPS if group == name), None)
    if found is None:
        raise not_found("group")
    return found


@router.get("/topics")
async def topics(request: Request, member: Operator) -> Response:
    """Every topic: who writes and reads it, and what of."""
    return page(request, "operations_topics.html.jinja", member, topics=list(all_topics()))


@router.get("/topics/{name}")
async def topic(request: Request, name: str, member: Operator) -> Response:
    """One topic and the schema of its values."""
    found = next((one for one in all_topics() if one.name == name), None)
    if found is None:
        raise not_found("topic")
    schema = json.dumps(json_schema(found), indent=2, ensure_ascii=False) if found.model else None
    return page(request, "operations_topic.html.jinja", member, topic=found, schema=schema)


@router.get("/audit")
async def audit(
    request: Request,
    member: Operator,
    service: str = WITH_DATABASE[0],
    about: Annotated[str, Query(max_length=200)] = "",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """Who did what, newest first."""
    named = next((one for one in WITH_DATABASE if one == service), WITH_DATABASE[0])
    query = {"about": about.strip() or None, "limit": SHOWN, "cursor": cursor}
    found = await member.api.get(named, "/internal/v1/audit", **query)
    shown: dict[str, Any] = {"lines": found["items"], "following": found["next"], "service": named, "about": about}
    return page(request, "operations_audit.html.jinja", member, services=WITH_DATABASE, **shown)
