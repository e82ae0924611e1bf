"""A member's own profile: read, replace, change in part, and erase everything."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import ValidationError
from starlette.responses import Response

from services.profiles import network, store
from services.profiles.dependencies import Dependencies, Deps
from services.profiles.domain import Member
from services.profiles.forms import Me, Profile, changed, profile_of
from services.profiles.store import SQL
from shared.messaging.publish.outbox import TooLarge
from shared.observability.logs import get_logger
from shared.storage.pool import Connection
from shared.web import audit
from shared.web.callers import ActingMember
from shared.web.documents import problems
from shared.web.problems import field_errors, invalid, invalid_fields, not_found

log = get_logger(__name__)
_MATTERS = frozenset(
    {"email", "profile_url", "employments", "seeking", "introduces", "visible_to_contacts", "findable", "discreet"}
)
"""Fields that ties, and who finds whom, depend on."""

router = APIRouter(prefix="/v1/me", tags=["profile"], responses=problems(404))


@router.get("", summary="My profile")
async def read(member_id: ActingMember, deps: Deps) -> Me:
    """The profile as it is."""
    async with deps.pool.acquire() as conn:
        member = await store.find_member(conn, member_id)
        if member is None:
            raise not_found("member")
        return await _shown(conn, member)


@router.put("", summary="Replace my profile")
async def put(profile: Profile, member_id: ActingMember, deps: Deps) -> Me:
    """What is left out falls back to its default. A changed address or profile link is no longer verified."""
    return await _change(deps, member_id, lambda _: profile, alone=True)


@router.patch("", summary="Change parts of my profile")
async def patch(changes: Annotated[dict[str, Any], Body()], member_id: ActingMember, deps: Deps) -> Me:
    """Fields of the profile, each replaced whole; null takes an optional one back. What is left out stays."""

    def merged(member: Member) -> Profile:
        try:
            return Profile.model_validate(profile_of(member) | changes)
        except ValidationError as error:
            raise invalid_fields(field_errors(error.errors())) from error

    return await _change(deps, member_id, merged, alone=not _MATTERS.isdisjoint(changes))


@router.delete("", status_code=204, summary="Erase me", response_class=Response)
async def erase(member_id: ActingMember, deps: Deps) -> Response:
    """Erases profile, address book, ties and tokens, here and on the topics. There is no way back."""
    async with deps.pool.acquire() as conn, conn.transaction():
        if not await network.erase_member(conn, member_id, deps.republish_after):
            raise not_found("member")
        await audit.note(conn, "member.erased", audit.person(member_id))
    log.info("member_erased", member_id=member_id)
    return Response(status_code=204)


async def _change(deps: Dependencies, member_id: str, profile: Callable[[Member], Profile], *, alone: bool) -> Me:
    """Change a profile. What other people's entries depend on is changed alone with the network."""
    try:
        async with deps.pool.acquire() as conn, conn.transaction():
            await conn.execute(SQL["lock_network" if alone else "share_network"])
            before = await store.find_member(conn, member_id, "lock_member")
            if before is None:
                raise not_found("member")
            after = changed(before, profile(before), deps.today())
            await network.change_profile(conn, before, after, deps.today())
            await audit.note(conn, "profile.changed", audit.person(member_id))
            return await _shown(conn, after)
    except TooLarge as error:
        raise invalid("employments", "the profile is too long") from error


async def _shown(conn: Connection, member: Member) -> Me:
    return Me.of(member, await conn.fetchval(SQL["count_contacts"], member.member_id))
