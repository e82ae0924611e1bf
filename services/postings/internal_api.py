"""For operators: organisations and their API keys, until there is a sign-up. A key is shown only once."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.postings import organisations
from services.postings.dependencies import Deps
from services.postings.domain import Line
from shared.web import audit
from shared.web.callers import Operator
from shared.web.documents import problems
from shared.web.identity import new_token
from shared.web.ids import PathId
from shared.web.problems import not_found

router = APIRouter(prefix="/internal/v1/organisations", tags=["operator"])


class OrganisationDraft(BaseModel):
    """A recruiters' organisation."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: Line = Field(examples=["Initech Recruiting"])
    vouched: bool = Field(default=True, description="whether you vouch for it; if not, discreet seekers are not told")


class Vouching(BaseModel):
    """Whether an organisation is vouched for."""

    model_config = ConfigDict(extra="forbid")

    vouched: bool


class Key(BaseModel):
    """An API key, without the secret."""

    key_id: str
    created_at: datetime


class Keys(BaseModel):
    """An organisation's API keys, oldest first."""

    items: list[Key]


class NewKey(BaseModel):
    """A new API key. Store it safely: we keep only its hash."""

    organisation_id: str
    key_id: str
    api_key: str


@router.post("", status_code=201, summary="Add an organisation")
async def add_organisation(draft: OrganisationDraft, _caller: Operator, deps: Deps) -> NewKey:
    """Returns the organisation's id and its first API key."""
    key, key_hash = new_token("recruiter")
    async with deps.pool.acquire() as conn, conn.transaction():
        organisation_id, key_id = await organisations.add_organisation(
            conn, draft.name, key_hash, deps.now(), vouched=draft.vouched
        )
        await audit.note(conn, "organisation.added", organisation_id)
    return NewKey(organisation_id=organisation_id, key_id=key_id, api_key=key)


@router.put(
    "/{organisation_id}/vouched",
    status_code=204,
    summary="Vouch for an organisation",
    response_class=Response,
    responses=problems(404),
)
async def vouch(organisation_id: PathId, form: Vouching, _caller: Operator, deps: Deps) -> Response:
    """Its openings are published again within a quarter of an hour."""
    async with deps.pool.acquire() as conn, conn.transaction():
        if not await organisations.vouch(conn, organisation_id, vouched=form.vouched):
            raise not_found("organisation")
        await audit.note(conn, "organisation.vouched" if form.vouched else "organisation.not_vouched", organisation_id)
    return Response(status_code=204)


@router.get("/{organisation_id}/keys", summary="List API keys", responses=problems(404))
async def list_keys(organisation_id: PathId, _caller: Operator, deps: Deps) -> Keys:
    """Their ids, for deleting one; the keys themselves are shown once, when they are created."""
    async with deps.pool.acquire() as conn:
        found = await organisations.keys(conn, organisation_id)
    if found is None:
        raise not_found("organisation")
    return Keys(items=[Key(key_id=key_id, created_at=created_at) for key_id, created_at in found])


@router.post("/{organisation_id}/keys", status_code=201, summary="Add an API key", responses=problems(404))
async def add_key(organisation_id: PathId, _caller: Operator, deps: Deps) -> NewKey:
    """To rotate a key: add one, switch to it, delete the old one."""
    key, key_hash = new_token("recruiter")
    async with deps.pool.acquire() as conn, conn.transaction():
        key_id = await organisations.add_key(conn, organisation_id, key_hash, deps.now())
        await audit.note(conn, "key.added", *([key_id] if key_id else []))
    if key_id is None:
        raise not_found("organisation")
    return NewKey(organisation_id=organisation_id, key_id=key_id, api_key=key)


@router.delete(
    "/{organisation_id}/keys/{key_id}",
    status_code=204,
    summary="Delete an API key",
    response_class=Response,
    responses=problems(404),
)
async def delete_key(organisation_id: PathId, key_id: PathId, _caller: Operator, deps: Deps) -> Response:
    """The key is rejected here at once, and by other services within half a minute."""
    async with deps.pool.acquire() as conn, conn.transaction():
        if not await organisations.delete_key(conn, organisation_id, key_id):
            raise not_found("key")
        await audit.note(conn, "key.removed", key_id)
    return Response(status_code=204)
