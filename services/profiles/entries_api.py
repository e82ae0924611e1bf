"""For introductions: what became of an entry of an address book, who answered for it, and who wants to be forgotten."""

from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field, model_validator
from starlette.responses import Response

from services.profiles import forgetting, introductions, sign_in
from services.profiles.dependencies import Dependencies, Deps
from services.profiles.forgotten import FORGETTING
from services.profiles.forms import Email, Form
from services.profiles.sign_in_forms import Opaque
from shared.events.base import Id
from shared.web import audit
from shared.web.callers import Service
from shared.web.documents import problems
from shared.web.ids import PathId
from shared.web.problems import conflict, not_found, unavailable

router = APIRouter(prefix="/internal/v1", tags=["internal"])

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


class AnsweredForm(Form):
    """Whose entry it is, and the member who says that they answered for it."""

    owner_id: Id
    member_id: Id


class EntryAnswered(BaseModel):
    """Whether the answer is the member's own."""

    theirs: bool


class ForgetForm(Form):
    """The address of who wants to be forgotten. `source`: the client's address."""

    email: Email
    source: Opaque


class ForgettingBegun(BaseModel):
    """What the code in the e-mail belongs to."""

    forgetting_id: UUID


class ForgetByProofForm(Form):
    """The link's token from the e-mail to the address, or its code."""

    link: Opaque | None = None
    forgetting_id: UUID | None = None
    code: Opaque | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_code = (self.forgetting_id is not None, self.code is not None)
        if by_code != (self.link is None, self.link is None):
            raise ValueError("send link, or forgetting_id and code")
        return self


@router.post("/entries/now", summary="What became of entries")
async def now(form: EntriesForm, _caller: Service, deps: Deps) -> EntriesNow:
    """Whoever was found to be a member is known by the member's id; who is not listed here is gone."""
    rows = await deps.pool.fetch(FORGETTING["find_entries"], form.ids)
    return EntriesNow(entries=[EntryNow(id=row["id"], now=row["now"]) for row in rows])


@router.post("/entries/{contact_id}/answered", summary="A member says that they answered for an entry")
async def answered(contact_id: PathId, form: AnsweredForm, _caller: Service, deps: Deps) -> EntryAnswered:
    """Theirs if they verified an address that the owner holds for it; the owner finds them then, until they block them.

    Nothing else of the entry is told, and of another member nothing changes. The member blocks the owner by their id.
    """
    async with deps.pool.acquire() as conn, conn.transaction():
        theirs = await introductions.answered(conn, contact_id, form.owner_id, form.member_id, deps.today())
    return EntryAnswered(theirs=theirs)


@router.post(
    "/entries/{contact_id}/forget",
    status_code=204,
    summary="Forget somebody who is no member",
    response_class=Response,
    responses=problems(404, 409),
)
async def forget(contact_id: PathId, _caller: Service, deps: Deps) -> Response:
    """Their entry leaves the address book it stands in, and later imports of its owner leave them out.

    They come in again only once they are a member who lets that owner find them. 404 for an entry that is gone, 409 for
    one that leads to a member.
    """
    try:
        async with deps.pool.acquire() as conn, conn.transaction():
            if not await forgetting.forget_entry(conn, contact_id, deps.today(), deps.republish_after):
                raise not_found("entry")
            await audit.note(conn, "contact.forgotten", audit.person(contact_id))
    except forgetting.LeadsToMemberError as error:
        raise conflict("it leads to a member, who signs in to leave") from error
    return Response(status_code=204)


@router.post(
    "/forgetting",
    status_code=202,
    summary="Send a code and a link to who wants to be forgotten",
    responses=problems(429),
)
async def ask(form: ForgetForm, _caller: Service, deps: Deps) -> ForgettingBegun:
    """The same for every address, whether or not anybody lists it."""
    if deps.proof_sender is None:
        raise unavailable("nobody can be sent a code: no mail server is configured")
    forgetting_id = await forgetting.ask(deps.pool, deps.rules, form.email, form.source)
    deps.proof_sender.wake()
    return ForgettingBegun(forgetting_id=forgetting_id)


@router.post(
    "/forgetting/finish",
    status_code=204,
    summary="Forget an address everywhere",
    response_class=Response,
    responses=problems(403),
)
async def finish(form: ForgetByProofForm, _caller: Service, deps: Deps) -> Response:
    """Entries with the address leave every address book, and imports leave them out.

    That its owner becomes a member changes nothing in that, except for whom they let find them. Entries that lead
    to a member stay: whoever is one leaves by erasing their account.
    """
    email = await _proven(form, deps)
    async with deps.pool.acquire() as conn, conn.transaction():
        await forgetting.forget_address(conn, email, deps.today(), deps.republish_after)
    return Response(status_code=204)


async def _proven(form: ForgetByProofForm, deps: Dependencies) -> str:
    """The address of a proof, which is used up."""
    if form.link is not None:
        return await forgetting.finish_by_link(deps.pool, form.link)
    of = form.forgetting_id or ""
    proof = await sign_in.finish_by_code(deps.pool, deps.rules, form.code or "", "lock_proof_of_forgetting", of)
    return str(proof["email"])
