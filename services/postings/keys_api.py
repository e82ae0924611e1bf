"""An organisation's own API keys: made, listed, replaced with an overlap, and deleted. Each is shown once."""

from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import Response

from services.postings import keys
from services.postings.dependencies import Deps
from services.postings.organisation_forms import Key, KeyForm, Keys, NewKey, RotationForm
from shared.storage.pool import Connection
from shared.web import audit
from shared.web.callers import Owner
from shared.web.documents import problems
from shared.web.identity import new_token
from shared.web.ids import PathId
from shared.web.problems import conflict, not_found

MOST_KEYS = 20

router = APIRouter(prefix="/v1/organisations/{organisation_id}/keys", tags=["organisations"])


@router.get("", summary="List API keys", responses=problems(404))
async def listing(acting: Owner, deps: Deps) -> Keys:
    """Names and dates, never the keys themselves; oldest first."""
    async with deps.pool.acquire() as conn:
        rows = await keys.of(conn, acting.organisation_id)
    return Keys(items=[Key.model_validate(row) for row in rows or ()])


@router.post("", status_code=201, summary="Make an API key", responses=problems(404, 409))
async def add(form: KeyForm, acting: Owner, deps: Deps) -> NewKey:
    """The key is shown this once. It acts as the organisation until it is deleted, whoever made it."""
    async with deps.pool.acquire() as conn, conn.transaction():
        return await _add(conn, deps, acting.organisation_id, form)


async def _add(conn: Connection, deps: Deps, organisation_id: str, form: KeyForm) -> NewKey:
    key, key_hash = new_token("recruiter")
    key_id = await keys.add(conn, organisation_id, key_hash, deps.now(), form.name, form.scope)
    if key_id is None:
        raise not_found("organisation")
    if len(await keys.of(conn, organisation_id) or ()) > MOST_KEYS:
        raise conflict(f"there are {MOST_KEYS} keys already; delete one first")
    await audit.note(conn, "key.added", key_id)
    return NewKey(organisation_id=organisation_id, key_id=key_id, api_key=key)


@router.post("/{key_id}/rotate", status_code=201, summary="Replace an API key", responses=problems(404, 409))
async def rotate(key_id: PathId, form: RotationForm, acting: Owner, deps: Deps) -> NewKey:
    """A new key of the same name and scope, shown this once. The old one goes on for `overlap_hours`."""
    async with deps.pool.acquire() as conn, conn.transaction():
        old = await keys.find(conn, acting.organisation_id, key_id)
        if old is None:
            raise not_found("key")
        if old["expires_at"] is not None:
            raise conflict("this key was replaced already; it ends by itself, or delete it")
        await keys.end(conn, key_id, timedelta(hours=form.overlap_hours))
        named = KeyForm(name=old["name"] or "made by an operator", scope=old["scope"])
        made = await _add(conn, deps, acting.organisation_id, named)
        await audit.note(conn, "key.replaced", key_id)
    return made


@router.delete(
    "/{key_id}", status_code=204, summary="Delete an API key", response_class=Response, responses=problems(404)
)
async def delete(key_id: PathId, acting: Owner, deps: Deps) -> Response:
    """It is rejected here at once, and by other services within half a minute."""
    async with deps.pool.acquire() as conn, conn.transaction():
        if not await keys.delete(conn, acting.organisation_id, key_id):
            raise not_found("key")
        await audit.note(conn, "key.removed", key_id)
    return Response(status_code=204)
