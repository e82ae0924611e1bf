"""Who works in an organisation: roles, leaving, and their names, which profiles keeps."""

import asyncio
from collections.abc import Iterable

from fastapi import APIRouter
from starlette.responses import Response

from services.postings import colleagues
from services.postings.dependencies import Deps
from services.postings.organisation_forms import Colleagues, ColleagueView, RoleForm
from shared.web import audit
from shared.web.callers import Colleague, Owner
from shared.web.cards import Cards
from shared.web.documents import problems
from shared.web.ids import PathId
from shared.web.problems import Problem, conflict, forbidden, not_found

router = APIRouter(prefix="/v1/organisations/{organisation_id}/members", tags=["organisations"])


@router.get("", summary="Who works in an organisation", responses=problems(404))
async def listing(acting: Colleague, deps: Deps) -> Colleagues:
    """Longest there first. Whoever joins is told that the others see their name."""
    async with deps.pool.acquire() as conn:
        rows = await colleagues.members(conn, acting.organisation_id)
    names = await _names(deps.cards, [row["member_id"] for row in rows])
    return Colleagues(items=[ColleagueView(**row, name=names.get(row["member_id"])) for row in rows])


async def _names(cards: Cards, people: Iterable[str]) -> dict[str, str | None]:
    """What each calls themself, asked for as by themself: colleagues see it whether or not they find each other."""
    own = await asyncio.gather(*(cards.find_or_none(one, [one]) for one in people))
    return {one: card.name for found in own for one, card in found.items()}


@router.put(
    "/{member_id}",
    status_code=204,
    summary="Give somebody another role",
    response_class=Response,
    responses=problems(404, 409),
)
async def change_role(member_id: PathId, form: RoleForm, acting: Owner, deps: Deps) -> Response:
    """It counts at once. 409 where nobody would own the organisation any more."""
    try:
        async with deps.pool.acquire() as conn, conn.transaction():
            if not await colleagues.change_role(conn, acting.organisation_id, member_id, form.role):
                raise not_found("member of this organisation")
            await audit.note(conn, "member.role_changed", acting.organisation_id, audit.person(member_id))
    except colleagues.LastOwnerError as error:
        raise _last_owner() from error
    return Response(status_code=204)


@router.delete(
    "/{member_id}",
    status_code=204,
    summary="Take somebody out, or leave",
    response_class=Response,
    responses=problems(404, 409),
)
async def remove(member_id: PathId, acting: Colleague, deps: Deps) -> Response:
    """Owners take anybody out, everybody themselves. They are named in its openings no more, at once.

    409 for the last owner, who names another one first.
    """
    if acting.role != "owner" and member_id != acting.caller.id:
        raise forbidden("only owners take somebody else out")
    try:
        async with deps.pool.acquire() as conn, conn.transaction():
            if not await colleagues.remove(conn, acting.organisation_id, member_id, deps.now()):
                raise not_found("member of this organisation")
            await audit.note(conn, "member.removed", acting.organisation_id, audit.person(member_id))
    except colleagues.LastOwnerError as error:
        raise _last_owner() from error
    return Response(status_code=204)


def _last_owner() -> Problem:
    return conflict("this is the last owner: make somebody else an owner first")
