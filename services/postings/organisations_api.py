"""Organisations: a member makes one, and shows that it is real by an address at its own web domain."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.postings import colleagues, organisations, web_domains
from services.postings.dependencies import Dependencies, Deps
from services.postings.domain import RefusedError
from services.postings.organisation_forms import (
    AddressForm,
    DomainCodeForm,
    DomainForm,
    NameForm,
    OrganisationLine,
    Organisations,
    OrganisationView,
)
from services.postings.proof_sender import CODE_HOLDS
from shared.mail.proofs import right_code
from shared.storage.pool import Connection
from shared.web import audit
from shared.web.callers import ActingMember, Colleague, Member, Owner
from shared.web.documents import problems
from shared.web.idempotency import Answer, run_once
from shared.web.identity import Role
from shared.web.problems import conflict, forbidden, invalid, not_found, unavailable

router = APIRouter(prefix="/v1/organisations", tags=["organisations"])


@router.get("", summary="The organisations I work in")
async def mine(member_id: ActingMember, deps: Deps) -> Organisations:
    """By name, with what you may do in each."""
    async with deps.pool.acquire() as conn:
        rows = await organisations.of_member(conn, member_id)
    return Organisations(items=[OrganisationLine.model_validate(row) for row in rows])


@router.post(
    "", status_code=201, summary="Make an organisation", response_model=OrganisationView, responses=problems(409, 429)
)
async def make(request: Request, form: NameForm, caller: Member, deps: Deps) -> Response:
    """You own it. Until its web domain is verified nobody who looks discreetly hears of its openings."""

    async def effect(conn: Connection) -> Answer:
        await deps.rules.organisations.demand(conn, deps.rules.key, caller.id)
        organisation_id = await organisations.add(conn, form.name, deps.now(), vouched=None, by_operator=False)
        await colleagues.add(conn, organisation_id, caller.id, "owner", deps.now())
        await audit.note(conn, "organisation.added", organisation_id)
        made = await _view(conn, organisation_id, "owner")
        return Answer(201, made, {"Location": f"/v1/organisations/{organisation_id}"})

    return await run_once(request, deps.pool, caller, effect)


@router.get("/{organisation_id}", summary="Read an organisation", responses=problems(404))
async def read(acting: Colleague, deps: Deps) -> OrganisationView:
    """For everybody who works in it."""
    async with deps.pool.acquire() as conn:
        return await _view(conn, acting.organisation_id, acting.role)


@router.patch("/{organisation_id}", summary="Rename an organisation", responses=problems(404))
async def rename(form: NameForm, acting: Owner, deps: Deps) -> OrganisationView:
    """Openings name the company where somebody would work, which may be another."""
    async with deps.pool.acquire() as conn, conn.transaction():
        await organisations.rename(conn, acting.organisation_id, form.name)
        await audit.note(conn, "organisation.renamed", acting.organisation_id)
        return await _view(conn, acting.organisation_id, "owner")


@router.post(
    "/{organisation_id}/domain",
    status_code=202,
    summary="Send a code to an address at the web domain",
    responses=problems(404, 409, 429),
)
async def begin_domain(form: AddressForm, acting: Owner, deps: Deps) -> OrganisationView:
    """An address at the organisation's own domain, not at a provider where anybody can have one."""
    email = _own_address(form.email)
    if deps.proof_sender is None:
        raise conflict("no web domain can be verified by e-mail here: no mail server is configured")
    async with deps.pool.acquire() as conn, conn.transaction():
        await deps.rules.codes.demand(conn, deps.rules.key, acting.organisation_id)
        send = await deps.rules.may_send_code(conn, email)
        await organisations.begin_proof(
            conn, acting.organisation_id, email, acting.caller.id, CODE_HOLDS, role=None, send=send
        )
        view = await _view(conn, acting.organisation_id, "owner")
    deps.proof_sender.wake()
    return view


def _own_address(text: str) -> str:
    try:
        email = web_domains.email_of(text)
        web_domains.domain_of(email)
    except RefusedError as refusal:
        raise invalid(refusal.field, refusal.reason) from refusal
    return email


@router.post(
    "/{organisation_id}/domain/verify", summary="Verify the web domain by the code", responses=problems(403, 404)
)
async def verify_domain(form: DomainCodeForm, acting: Owner, deps: Deps) -> OrganisationView:
    """Its openings are vouched for from now on, and published again within a quarter of an hour. 403: wrong code."""
    if not await _use_code(deps, acting.organisation_id, form.code):
        raise forbidden("this code is not valid, or not any more; ask for a new one")
    async with deps.pool.acquire() as conn:
        return await _view(conn, acting.organisation_id, "owner")


async def _use_code(deps: Dependencies, organisation_id: str, code: str) -> bool:
    """Use up the proof, or count the try; the count stays where the code was wrong."""
    async with deps.pool.acquire() as conn, conn.transaction():
        proof = await organisations.lock_proof_of_domain(conn, organisation_id)
        if proof is None:
            return False
        if not right_code(deps.rules.key, proof["proof_id"], proof["code_hash"], proof["tries"], code):
            await conn.execute(organisations.SQL["count_try"], proof["proof_id"])
            return False
        await organisations.end_proof(conn, proof["proof_id"])
        await organisations.set_domain(conn, organisation_id, web_domains.domain_of(proof["email"]), deps.now())
        await audit.note(conn, "domain.verified", organisation_id)
        return True


@router.post(
    "/{organisation_id}/domain/record",
    summary="Verify the web domain by a TXT record",
    responses=problems(404, 409, 429),
)
async def verify_record(form: DomainForm, acting: Owner, deps: Deps) -> OrganisationView:
    """Looks it up now; 409 says which record is missing. It has to stay: three days after it is gone the domain is."""
    if deps.records is None:
        raise conflict("no web domain can be verified by a record here: no DNS server is configured")
    if web_domains.is_anybodys(form.domain):
        raise invalid("domain", "is a provider's, where anybody can have an address")
    async with deps.pool.acquire() as conn, conn.transaction():
        await deps.rules.codes.demand(conn, deps.rules.key, acting.organisation_id)
    there = await deps.records.is_there(acting.organisation_id, form.domain)
    if there is None:
        raise unavailable("the DNS does not answer at the moment; try again")
    if not there:
        record = deps.records.record(acting.organisation_id, form.domain)
        raise conflict(f"{form.domain} has no TXT record {record}; add it, wait until it is published, and ask again")
    async with deps.pool.acquire() as conn, conn.transaction():
        await organisations.set_domain(conn, acting.organisation_id, form.domain, deps.now(), by_record=True)
        await audit.note(conn, "domain.verified", acting.organisation_id)
        return await _view(conn, acting.organisation_id, "owner")


@router.delete(
    "/{organisation_id}/domain",
    status_code=204,
    summary="Take the web domain away",
    response_class=Response,
    responses=problems(404),
)
async def remove_domain(acting: Owner, deps: Deps) -> Response:
    """Unless an operator vouches for it, nobody does any more: its openings are published again accordingly."""
    async with deps.pool.acquire() as conn, conn.transaction():
        if not await organisations.set_domain(conn, acting.organisation_id, None, deps.now()):
            raise not_found("web domain")
        await audit.note(conn, "domain.removed", acting.organisation_id)
    return Response(status_code=204)


async def _view(conn: Connection, organisation_id: str, role: Role) -> OrganisationView:
    row = await organisations.find(conn, organisation_id)
    if row is None:
        raise not_found("organisation")
    return OrganisationView.of(row, role)
