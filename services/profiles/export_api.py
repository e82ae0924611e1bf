"""A member's own data, to take away."""

from typing import Any
from urllib.parse import quote

import httpx2
from fastapi import APIRouter
from starlette.responses import StreamingResponse

from services.profiles import store
from services.profiles.dependencies import Dependencies, Deps
from services.profiles.export import FROM_POSTINGS, Export
from services.profiles.forms import Me
from services.profiles.store import SQL
from shared.web import audit
from shared.web.callers import ActingMember
from shared.web.documents import problems
from shared.web.problems import not_found, unavailable

router = APIRouter(tags=["profile"])

_ARCHIVE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}
_HEADERS = {"Content-Disposition": 'attachment; filename="warmpath.zip"', "Cache-Control": "no-store"}


@router.get(
    "/v1/me/export",
    summary="All that is kept of me",
    response_class=StreamingResponse,
    responses={**_ARCHIVE, **problems(404)},
)
async def export(member_id: ActingMember, deps: Deps) -> StreamingResponse:
    """A ZIP with JSON and CSV files, sent while it is made, and with a list of what the other services keep."""
    elsewhere = await _kept_by_postings(deps, member_id)
    async with deps.pool.acquire() as conn, conn.transaction():
        member = await store.find_member(conn, member_id)
        if member is None:
            raise not_found("member")
        me = Me.of(member, await conn.fetchval(SQL["count_contacts"], member_id))
        await audit.note(conn, "member.exported", audit.person(member_id))
    archive = Export(deps.pool, member_id, me.model_dump(mode="json"), elsewhere)
    return StreamingResponse(archive.stream(), headers=_HEADERS, media_type="application/zip")


async def _kept_by_postings(deps: Dependencies, member_id: str) -> dict[str, list[dict[str, Any]]]:
    """The lists of `FROM_POSTINGS`. 503 where postings does not answer: an archive is whole, or not there."""
    url = f"{deps.urls['postings'].rstrip('/')}/internal/v1/members/{quote(member_id, safe='')}/organisations"
    try:
        answer = await deps.client.get(url)
        found = answer.raise_for_status().json()
        return {name: list(found[name]) for name in FROM_POSTINGS}
    except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
        raise unavailable("postings does not answer, which keeps a part of this; try again") from error
