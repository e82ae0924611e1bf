"""Invitations into an organisation: by a link in an e-mail, which somebody who is signed in accepts.

Kept true: inviting an address answers the same whoever has it; who accepts is seen in the organisation afterwards.
"""

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from services.postings import colleagues, organisations, web_domains
from services.postings.dependencies import Deps
from services.postings.domain import RefusedError
from services.postings.organisation_forms import InvitationForm, Invitations, InvitationView, InvitedTo, LinkForm
from services.postings.proof_sender import INVITATION_HOLDS
from shared.web import audit
from shared.web.callers import Member, Owner
from shared.web.documents import problems
from shared.web.problems import conflict, invalid, not_found

MOST_OPEN = 100

router = APIRouter(prefix="/v1", tags=["organisations"])


@router.get("/organisations/{organisation_id}/invitations", summary="Who is invited", responses=problems(404))
async def listing(acting: Owner, deps: Deps) -> Invitations:
    """Those who have not accepted yet, newest first; an invitation ends after seven days."""
    async with deps.pool.acquire() as conn:
        rows = await colleagues.invitations(conn, acting.organisation_id)
    return Invitations(items=[InvitationView(invitation_id=row.pop("proof_id"), **row) for row in rows])


@router.post(
    "/organisations/{organisation_id}/invitations",
    status_code=202,
    summary="Invite somebody",
    responses=problems(404, 409, 429),
)
async def invite(form: InvitationForm, acting: Owner, deps: Deps) -> InvitationView:
    """Sends a link to the address. Another invitation of the same address takes the place of the first.

    409 while nobody vouches for the organisation: its name is in the e-mail, so verify its web domain first.
    """
    if deps.proof_sender is None or deps.settings.console is None:
        raise conflict("nobody can be invited here: no mail server or no address of the console is configured")
    try:
        email = web_domains.email_of(form.email)
    except RefusedError as refusal:
        raise invalid(refusal.field, refusal.reason) from refusal
    async with deps.pool.acquire() as conn, conn.transaction():
        await organisations.lock(conn, acting.organisation_id)
        found = await organisations.find(conn, acting.organisation_id)
        if found is None or not found["vouched"]:
            raise conflict("verify the organisation's web domain first, then invite people")
        await deps.rules.invitations.demand(conn, deps.rules.key, acting.organisation_id)
        send = await deps.rules.mails.use(conn, deps.rules.key, email)
        made = await organisations.begin_proof(
            conn, acting.organisation_id, email, acting.caller.id, INVITATION_HOLDS, role=form.role, send=send
        )
        if await colleagues.count_invitations(conn, acting.organisation_id) > MOST_OPEN:
            raise conflict(f"{MOST_OPEN} invitations are open: revoke some first")
        await audit.note(conn, "invitation.sent", acting.organisation_id)
    deps.proof_sender.wake()
    return InvitationView(invitation_id=made.pop("proof_id"), email=email, role=form.role, **made)


@router.delete(
    "/organisations/{organisation_id}/invitations/{invitation_id}",
    status_code=204,
    summary="Revoke an invitation",
    response_class=Response,
    responses=problems(404),
)
async def revoke(invitation_id: UUID, acting: Owner, deps: Deps) -> Response:
    """Its link opens nothing any more."""
    async with deps.pool.acquire() as conn, conn.transaction():
        if not await colleagues.revoke(conn, acting.organisation_id, invitation_id):
            raise not_found("invitation")
        await audit.note(conn, "invitation.revoked", acting.organisation_id)
    return Response(status_code=204)


@router.post("/invitations/look", summary="What an invitation is for", responses=problems(404))
async def look(form: LinkForm, _caller: Member, deps: Deps) -> InvitedTo:
    """Changes nothing. 404 whatever is wrong with the link."""
    async with deps.pool.acquire() as conn:
        row = await colleagues.invitation_of(conn, form.link)
    if row is None:
        raise not_found("invitation, or not any more")
    return InvitedTo.model_validate(row)


@router.post("/invitations/accept", summary="Accept an invitation", responses=problems(404, 409))
async def accept(form: LinkForm, caller: Member, deps: Deps) -> InvitedTo:
    """You work there from now on; the others see your name. 409 where you do already."""
    async with deps.pool.acquire() as conn, conn.transaction():
        row = await colleagues.invitation_of(conn, form.link)
        if row is None:
            raise not_found("invitation, or not any more")
        await organisations.lock(conn, row["organisation_id"])
        if not await organisations.end_proof(conn, row["proof_id"]):
            raise not_found("invitation, or not any more")  # somebody else was quicker
        if not await colleagues.add(conn, row["organisation_id"], caller.id, row["role"], deps.now()):
            raise conflict("you work in this organisation already")
        await audit.note(conn, "member.joined", row["organisation_id"], audit.person(caller.id))
    return InvitedTo.model_validate(row)
