"""For operators: organisations and their API keys, beside those that members make. A key is shown only once."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.postings import colleagues, keys, organisations
from services.postings.dependencies import Deps
from services.postings.domain import Line
from services.postings.organisation_forms import Key, Keys, NewKey, OfMember, RoleForm
from shared.web import audit
from shared.web.callers import Operator, ServiceOrOperator
from shared.web.documents import problems
from shared.web.identity import new_token
from shared.web.ids import PathId
from shared.web.problems import not_found

router = APIRouter(prefix="/internal/v1", tags=["operator"])


class OrganisationDraft(BaseModel):
    """A recruiters' organisation."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: Line = Field(examples=["Initech Recruiting"])
    vouched: bool = Field(default=True, description="whether you vouch for it; if not, discreet seekers are not told")


class Vouching(BaseModel):
    """Whether an organisation is vouched for."""

    model_config = ConfigDict(extra="forbid")

    vouched: bool


@router.post("/organisations", status_code=201, summary="Add an organisation")
async def add_organisation(draft: OrganisationDraft, _caller: Operator, deps: Deps) -> NewKey:
    """Returns the organisation's id and its first API key."""
    key, key_hash = new_token("recruiter")
    async with deps.pool.acquire() as conn, conn.transaction():
        organisation_id = await organisations.add(conn, draft.name, deps.now(), vouched=draft.vouched, by_operator=True)
        key_id = await keys.add(conn, organisation_id, key_hash, deps.now())
        await audit.note(conn, "organisation.added", organisation_id)
    return NewKey(organisation_id=organisation_id, key_id=str(key_id), api_key=key)


@router.put(
    "/organisations/{organisation_id}/vouched",
    status_code=204,
    summary="Vouch for an organisation",
    response_class=Response,
    responses=problems(404),
)
async def vouch(organisation_id: PathId, form: Vouching, _caller: Operator, deps: Deps) -> Response:
    """Your word, yes or no, outweighs a verified web domain. Its openings are published again within a quarter hour."""
    async with deps.pool.acquire() as conn, conn.transaction():
        if not await organisations.vouch(conn, organisation_id, vouched=form.vouched):
            raise not_found("organisation")
        await audit.note(conn, "organisation.vouched" if form.vouched else "organisation.not_vouched", organisation_id)
    return Response(status_code=204)


@router.get("/organisations/{organisation_id}/keys", summary="List API keys", responses=problems(404))
async def list_keys(organisation_id: PathId, _caller: Operator, deps: Deps) -> Keys:
    """Their ids, for deleting one; the keys themselves are shown once, when they are created."""
    async with deps.pool.acquire() as conn:
        found = await keys.of(conn, organisation_id)
    if found is None:
        raise not_found("organisation")
    return Keys(items=[Key.model_validate(row) for row in found])


@router.post(
    "/organisations/{organisation_id}/keys", status_code=201, summary="Add an API key", responses=problems(404)
)
async def add_key(organisation_id: PathId, _caller: Operator, deps: Deps) -> NewKey:
    """To rotate a key: add one, switch to it, delete the old one."""
    key, key_hash = new_token("recruiter")
    async with deps.pool.acquire() as conn, conn.transaction():
        key_id = await keys.add(conn, organisation_id, key_hash, deps.now())
        await audit.note(conn, "key.added", *([key_id] if key_id else []))
    if key_id is None:
        raise not_found("organisation")
    return NewKey(organisation_id=organisation_id, key_id=key_id, api_key=key)


@router.delete(
    "/organisations/{organisation_id}/keys/{key_id}",
    status_code=204,
    summary="Delete an API key",
    response_class=Response,
    responses=problems(404),
)
async def delete_key(organisation_id: PathId, key_id: PathId, _caller: Operator, deps: Deps) -> Response:
    """The key is rejected here at once, and by other services within half a minute."""
    async with deps.pool.acquire() as conn, conn.transaction():
        if not await keys.delete(conn, organisation_id, key_id):
            raise not_found("key")
        await audit.note(conn, "key.removed", key_id)
    return Response(status_code=204)


@router.put(
    "/organisations/{organisation_id}/members/{member_id}",
    status_code=204,
    summary="Give a member a role",
    response_class=Response,
    responses=problems(404),
)
async def put_member(
    organisation_id: PathId, member_id: PathId, form: RoleForm, _caller: Operator, deps: Deps
) -> Response:
    """For an organisation that you made, or whose owner is gone. That there is such a member is not checked."""
    async with deps.pool.acquire() as conn, conn.transaction():
        if not await organisations.lock(conn, organisation_id):
            raise not_found("organisation")
        if not await colleagues.add(conn, organisation_id, member_id, form.role, deps.now()):
            await conn.execute(organisations.SQL["set_role"], organisation_id, member_id, form.role)
        await audit.note(conn, "member.role_changed", organisation_id, audit.person(member_id))
    return Response(status_code=204)


@router.get("/members/{member_id}/organisations", summary="What is kept here of a member")
async def of_member(member_id: PathId, _caller: ServiceOrOperator, deps: Deps) -> OfMember:
    """Where they work, and whom they invited: for their export. Empty for somebody of whom nothing is kept."""
    async with deps.pool.acquire() as conn:
        return OfMember(
            organisations=await organisations.of_member(conn, member_id),
            invitations=await colleagues.invitations_by(conn, member_id),
        )
