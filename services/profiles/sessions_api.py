"""Where a member is signed in, and their tokens for programs: listed, made, and ended."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.profiles.dependencies import Deps
from services.profiles.sign_in_forms import NewToken, Sessions, SessionView, TokenForm, Tokens, TokenView
from services.profiles.store import SIGN_IN
from shared.storage.pool import Pool
from shared.web import audit
from shared.web.callers import Member
from shared.web.documents import problems
from shared.web.identity import Caller, new_token, token_hash_of
from shared.web.problems import conflict, not_found

MOST_TOKENS = 50

router = APIRouter(prefix="/v1", tags=["sign-in"])


@router.get("/sessions", summary="Where I am signed in")
async def sessions(request: Request, caller: Member, deps: Deps) -> Sessions:
    """Sessions that have not ended, last used first."""
    rows = await deps.pool.fetch(SIGN_IN["list_sessions"], caller.id)
    mine = token_hash_of(request)
    return Sessions(
        items=[
            SessionView(
                session_id=row["token_id"],
                created_at=row["created_at"],
                last_used_at=row["last_used_at"],
                current=row["token_hash"] == mine,
                about=row["name"],
            )
            for row in rows
        ]
    )


@router.delete("/sessions", status_code=204, summary="Sign out everywhere else", response_class=Response)
async def end_others(request: Request, caller: Member, deps: Deps) -> Response:
    """Ends every session but the one that asks: here at once, elsewhere within half a minute."""
    await _end(deps.pool, caller, "session.ended", "delete_other_sessions", token_hash_of(request))
    return Response(status_code=204)


@router.delete(
    "/sessions/current", status_code=204, summary="Sign out", response_class=Response, responses=problems(404)
)
async def end_current(request: Request, caller: Member, deps: Deps) -> Response:
    """Ends the session that asks. A token for a program is none."""
    await _end_one(deps.pool, caller, "session", "delete_session_by_hash", token_hash_of(request))
    return Response(status_code=204)


@router.delete(
    "/sessions/{session_id}", status_code=204, summary="End a session", response_class=Response, responses=problems(404)
)
async def end(session_id: UUID, caller: Member, deps: Deps) -> Response:
    """Ends one session: here at once, elsewhere within half a minute."""
    await _end_one(deps.pool, caller, "session", "delete_session", session_id)
    return Response(status_code=204)


@router.get("/tokens", summary="My tokens for programs")
async def tokens(caller: Member, deps: Deps) -> Tokens:
    """Names and dates, never the tokens themselves."""
    rows = await deps.pool.fetch(SIGN_IN["list_tokens"], caller.id)
    return Tokens(items=[TokenView(**row) for row in rows])


@router.post("/tokens", status_code=201, summary="Make a token for a program", responses=problems(409))
async def add_token(form: TokenForm, caller: Member, deps: Deps) -> NewToken:
    """The token is shown this once. It acts as the member until it is deleted; with scope `read` it changes nothing."""
    token, token_hash = new_token("member")
    async with deps.pool.acquire() as conn, conn.transaction():
        row = await conn.fetchrow(SIGN_IN["add_named_token"], token_hash, caller.id, form.name, form.scope, MOST_TOKENS)
        if row is None:
            raise conflict(f"there are {MOST_TOKENS} tokens already; delete one first")
        await audit.note(conn, "token.added", audit.person(caller.id))
    return NewToken(**row, token=token)


@router.delete(
    "/tokens/{token_id}", status_code=204, summary="Delete a token", response_class=Response, responses=problems(404)
)
async def delete_token(token_id: UUID, caller: Member, deps: Deps) -> Response:
    """It is rejected here at once, and by other services within half a minute."""
    await _end_one(deps.pool, caller, "token", "delete_token", token_id)
    return Response(status_code=204)


async def _end_one(pool: Pool, caller: Caller, what: str, query: str, which: UUID | str) -> None:
    """End one session or token of the caller's. 404 where there is no such one."""
    if not await _end(pool, caller, f"{what}.ended", query, which):
        raise not_found(what)


async def _end(pool: Pool, caller: Caller, action: str, query: str, *of: Any) -> bool:
    """Run a query that ends sessions or tokens of the caller's. Whether it ended any."""
    async with pool.acquire() as conn, conn.transaction():
        ended = await conn.fetch(SIGN_IN[query], caller.id, *of)
        if ended:
            await audit.note(conn, action, audit.person(caller.id))
    return bool(ended)
