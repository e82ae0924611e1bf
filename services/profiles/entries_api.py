"""For introductions: what became of an entry of an address book, and entries of people who want to be forgotten."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.profiles import forgetting
from services.profiles.dependencies import Deps
from services.profiles.forgetting import FORGETTING
from services.profiles.forms import Form
from shared.events.base import Id
from shared.web import audit
from shared.web.callers import Service
from shared.web.documents import problems
from shared.web.ids import PathId
from shared.web.problems import not_found

router = APIRouter(prefix="/internal/v1/entries", tags=["internal"])

MOST_ENTRIES = 100


class EntriesForm(Form):
    """Ids of entries or members."""

    ids: list[Id] = Field(min_length=1, max_length=MOST_ENTRIES)


class EntryNow(BaseModel):
    """An entry, and the id by which whoever it is about is known now: a member's, or its own."""

    id: str
    now: str


class EntriesNow(BaseModel):
    """Those that are still there."""

    entries: list[EntryNow]


@router.post("/now", summary="What became of entries")
async def now(form: EntriesForm, _caller: Service, deps: Deps) -> EntriesNow:
    """Whoever was found to be a member is known by the member's id; who is not listed here is gone."""
    rows = await deps.pool.fetch(FORGETTING["find_entries"], form.ids)
    return EntriesNow(entries=[EntryNow(id=row["id"], now=row["now"]) for row in rows])


@router.post(
    "/{contact_id}/forget",
    status_code=204,
    summary="Forget somebody who is no member",
    response_class=Response,
    responses=problems(404),
)
async def forget(contact_id: PathId, _caller: Service, deps: Deps) -> Response:
    """Their entry leaves the address book it stands in, and later imports of its owner leave them out.

    404 for a member, and for an entry that is gone.
    """
    async with deps.pool.acquire() as conn, conn.transaction():
        if not await forgetting.forget_entry(conn, contact_id, deps.today(), deps.republish_after):
            raise not_found("entry")
        await audit.note(conn, "contact.forgotten", audit.person(contact_id))
    return Response(status_code=204)
