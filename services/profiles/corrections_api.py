"""What a member says of companies in their own address book. Nobody else sees it, and nobody else's words change."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query

from services.profiles import store
from services.profiles.correcting import correct
from services.profiles.corrections import MOST, Correction, Corrections, with_one, without_one
from services.profiles.dependencies import Dependencies, Deps
from services.profiles.forms import CorrectionForm, CorrectionList
from services.profiles.store import SQL
from shared.resolution import Vocabulary
from shared.web import audit
from shared.web.callers import ActingMember
from shared.web.documents import problems
from shared.web.ids import PRINTABLE
from shared.web.problems import invalid, not_found

router = APIRouter(prefix="/v1/me/corrections", tags=["contacts"], responses=problems(404))

Name = Annotated[str, Query(min_length=1, max_length=300, pattern=PRINTABLE, description="the company's name")]


@router.get("", summary="My corrections")
async def listing(member_id: ActingMember, deps: Deps) -> CorrectionList:
    """In the order in which they were said."""
    async with deps.pool.acquire() as conn:
        member = await store.find_member(conn, member_id)
    if member is None:
        raise not_found("member")
    return CorrectionList.of(member.corrections)


@router.put("", summary="Say that two names are one company, or that one is no employer")
async def put(form: CorrectionForm, member_id: ActingMember, deps: Deps) -> CorrectionList:
    """Contacts at the company of this name are at `company` from now on; without one, at none.

    It counts for every spelling of the name in my own address book, now and in later files, and for nobody else. What
    was said of the name before ends.
    """

    def change(said: Corrections) -> Corrections:
        changed = with_one(said, Correction(form.name, form.company), Vocabulary.default())
        if changed is None:
            raise invalid("company", "is the same company already")
        if len(changed) > MOST:
            raise invalid("name", f"there are {MOST} corrections: take one back first")
        return changed

    return await _change(deps, member_id, change)


@router.delete("", summary="Take a correction back")
async def delete(name: Name, member_id: ActingMember, deps: Deps) -> CorrectionList:
    """The name means again what it says; without a correction of it nothing changes."""
    return await _change(deps, member_id, lambda said: without_one(said, name, Vocabulary.default()))


async def _change(deps: Dependencies, member_id: str, change: Callable[[Corrections], Corrections]) -> CorrectionList:
    async with deps.pool.acquire() as conn, conn.transaction():
        await conn.execute(SQL["share_network"])
        member = await store.find_member(conn, member_id, "lock_member")
        if member is None:
            raise not_found("member")
        after = change(member.corrections)
        if after != member.corrections:
            await correct(conn, member, after, deps.today())
            await audit.note(conn, "companies.corrected", audit.person(member_id))
    return CorrectionList.of(after)
