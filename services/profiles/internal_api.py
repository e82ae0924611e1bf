"""For operators: members and their tokens. For other services: names for messages."""

from uuid import uuid4

import asyncpg
from fastapi import APIRouter
from starlette.responses import Response

from services.profiles import network, store
from services.profiles.dependencies import Deps
from services.profiles.domain import Member, current_jobs
from services.profiles.forms import Card, Cards, CardsForm, Made, NewMember, PublishedBook, VerifiedEmailForm, changed
from services.profiles.imports.names import called
from services.profiles.store import SQL, TakenError
from shared.events.people import Employment
from shared.messaging.publish.outbox import TooLarge
from shared.web import audit
from shared.web.callers import Operator, ServiceOrOperator
from shared.web.documents import problems
from shared.web.identity import new_token
from shared.web.ids import PathId
from shared.web.problems import conflict, invalid, not_found

router = APIRouter(prefix="/internal/v1", tags=["internal"])


@router.post("/members", status_code=201, summary="Add a member", responses=problems(409))
async def add_member(form: NewMember, _caller: Operator, deps: Deps) -> Made:
    """Returns the member's id and first token. They are linked to entries of everybody whom they let find them."""
    token, token_hash = new_token("member")
    blank = Member(
        str(uuid4()),
        form.name,
        form.email,
        form.verified,
        form.profile_url,
        form.verified and form.profile_url is not None,
    )
    member = changed(blank, form, deps.today())
    try:
        async with deps.pool.acquire() as conn, conn.transaction():
            await network.add_member(conn, member, deps.today())
            await store.add_token(conn, member.member_id, token_hash)
            await audit.note(conn, "member.added", audit.person(member.member_id))
    except TakenError as error:
        raise conflict("another member has that address or profile link, verified") from error
    except TooLarge as error:
        raise invalid("employments", "the profile is too long") from error
    return Made(member_id=member.member_id, token=token)


@router.post("/members/{member_id}/tokens", status_code=201, summary="Add a token", responses=problems(404))
async def add_token(member_id: PathId, _caller: Operator, deps: Deps) -> Made:
    """Adds a token; existing ones stay valid."""
    token, token_hash = new_token("member")
    async with deps.pool.acquire() as conn, conn.transaction():
        if not await store.add_token(conn, member_id, token_hash):
            raise not_found("member")
        await audit.note(conn, "token.added", audit.person(member_id))
    return Made(member_id=member_id, token=token)


@router.delete(
    "/members/{member_id}/tokens",
    status_code=204,
    summary="Revoke all tokens and sessions",
    response_class=Response,
    responses=problems(404),
)
async def delete_tokens(member_id: PathId, _caller: Operator, deps: Deps) -> Response:
    """They are rejected here at once, and by other services within half a minute."""
    async with deps.pool.acquire() as conn, conn.transaction():
        if await store.find_member(conn, member_id) is None:
            raise not_found("member")
        await conn.execute(SQL["delete_tokens"], member_id)
        await audit.note(conn, "tokens.revoked", audit.person(member_id))
    return Response(status_code=204)


@router.put(
    "/members/{member_id}/verified-email",
    status_code=204,
    summary="Vouch for an address",
    response_class=Response,
    responses=problems(404, 409),
)
async def verify_email(member_id: PathId, form: VerifiedEmailForm, _caller: Operator, deps: Deps) -> Response:
    """The address that the member gave is theirs: it counts from now on, and the one before it no longer does."""
    try:
        async with deps.pool.acquire() as conn, conn.transaction():
            await conn.execute(SQL["lock_network"])
            before = await store.find_member(conn, member_id, "lock_member")
            if before is None:
                raise not_found("member")
            if form.email != (before.new_email or before.email):
                raise invalid("email", "is not the address that the member gave last")
            await network.verify_email(conn, before, form.email, deps.today())
    except TakenError as error:
        raise conflict("another member has that address, verified") from error
    return Response(status_code=204)


@router.get(
    "/members/{member_id}/book", summary="What was published of a member's address book", responses=problems(404)
)
async def published_book(member_id: PathId, _caller: Operator, deps: Deps) -> PublishedBook:
    """The matcher says the same of what it read: so whoever waits for an import knows when all of it counts."""
    async with deps.pool.acquire() as conn:
        if await store.find_member(conn, member_id) is None:
            raise not_found("member")
        (row,) = await conn.fetch(SQL["published_book"], member_id)
    return PublishedBook(member_id=member_id, ties=row["ties"], people=row["people"], versions=int(row["versions"]))


@router.post("/cards", summary="Names and work of people, as one viewer may see them")
async def cards(form: CardsForm, _caller: ServiceOrOperator, deps: Deps) -> Cards:
    """Members for whoever found them, contacts for their owner only; address and headline only of the viewer."""
    rows = await deps.pool.fetch(SQL["find_cards"], form.ids, form.viewer)
    today = deps.today()
    made = []
    for row in rows:
        company, title = row["company"], row["position"]
        if row["member"]:
            now = current_jobs([Employment.model_validate(job) for job in row["employments"]], today)
            latest = max(now, key=lambda job: job.start.toordinal() if job.start else 0, default=None)
            company, title = (latest.company, latest.title) if latest else (None, None)
        made.append(_card(row, company, title))
    return Cards(cards=made)


def _card(row: asyncpg.Record, company: str | None, title: str | None) -> Card:
    told = {name: row[name] for name in ("id", "name", "email", "headline", "member", "profile_url", "connected_on")}
    return Card(**told, given_name=row["given_name"] or called(row["name"]), company=company, title=title)
