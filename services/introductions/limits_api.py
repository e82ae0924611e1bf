"""How often, when and by whom a member may be asked. Nobody else is told any of it."""

from fastapi import APIRouter

from services.introductions import store, working
from services.introductions.dependencies import Deps
from services.introductions.forms import LimitsForm, Never
from services.introductions.limits import Limits
from shared.web.callers import Member

router = APIRouter(prefix="/v1/limits", tags=["limits"])


@router.get("", summary="How I may be asked", response_model_by_alias=True)
async def read(caller: Member, deps: Deps) -> LimitsForm:
    """What the caller allows; the usual limits until they say something else."""
    allowed, companies = await store.limits_of(deps.pool, caller.id)
    return LimitsForm(
        asks_a_month=allowed.asks_a_month,
        quiet_until=allowed.quiet_until,
        never=Never(companies=list(companies), members=sorted(allowed.never_members)),
        asked_from=allowed.asked_from,
    )


@router.put("", summary="Say how I may be asked", response_model_by_alias=True)
async def replace(caller: Member, deps: Deps, form: LimitsForm) -> LimitsForm:
    """Replaces all of it. A higher limit lets waiting requests through within moments; a lower one recalls nothing."""
    companies = {name: working.family_key(name) for name in form.never.companies}
    allowed = Limits(
        asks_a_month=form.asks_a_month,
        quiet_until=form.quiet_until,
        never_companies=frozenset(companies.values()),
        never_members=frozenset(form.never.members),
        asked_from=form.asked_from,
    )
    async with deps.pool.acquire() as conn, conn.transaction():
        await store.put_limits(conn, caller.id, allowed, companies)
    return await read(caller, deps)
