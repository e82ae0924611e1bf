"""A repeated POST with the same `Idempotency-Key` gets the first one's answer and has no second effect.

The answer is stored in the effect's own transaction, so there is never one without the other. Of two at the same time
the later waits for the earlier one's commit. Not for answers that hold a secret: what is stored could be read.
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
from fastapi import Request
from fastapi.encoders import jsonable_encoder
from starlette.responses import Response

from shared.storage.pool import Connection, Pool
from shared.storage.queries import load
from shared.web.identity import Caller
from shared.web.problems import conflict, invalid
from shared.web.routes import template_of

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_SQL = load(Path(__file__).with_name("idempotency.sql"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answers: a status, a value that JSON can hold (models too), and headers such as `Location`."""

    status: int
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Effect = Callable[[Connection], Awaitable[Answer]]


async def run_once(request: Request, pool: Pool, caller: Caller, effect: Effect) -> Response:
    """Run `effect` in a transaction and answer after its commit; once only where the request bears a key.

    An effect that raises leaves nothing behind, its key included, so a corrected request may use it again.

    Raises:
        Problem: 409 for a key that came with another request before, 422 for a malformed one.
    """
    key = request.headers.get(HEADER)
    if key is None:
        async with pool.acquire() as connection, connection.transaction():
            return _response(await effect(connection))
    if not _KEY.fullmatch(key):
        raise invalid(HEADER, "1 to 200 visible ASCII characters")
    scope = (f"{caller.kind}:{caller.id}", f"{request.method} {template_of(request.scope)}", key)
    fingerprint = await _fingerprint(request)
    async with pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval(_SQL["claim"], *scope, fingerprint, KEPT):
            return _stored(await connection.fetchrow(_SQL["find"], *scope), fingerprint)
        answer = _response(await effect(connection))
        kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
        await connection.execute(_SQL["keep"], *scope, answer.status_code, kept, bytes(answer.body))
    return answer


async def clean_up(connection: Pool | Connection) -> None:
    """Forget what is older than a day. Call it now and then."""
    await connection.execute(_SQL["clean_up"], KEPT)


async def forget(connection: Pool | Connection, caller: Caller) -> None:
    """Forget a caller's answers: part of erasing a person."""
    await connection.execute(_SQL["forget"], f"{caller.kind}:{caller.id}")


def _stored(row: asyncpg.Record | None, fingerprint: str) -> Response:
    if row is None or row["status"] is None:
        raise conflict(f"the first request with this {HEADER} is still under way")
    if row["fingerprint"] != fingerprint:
        raise conflict(f"this {HEADER} came with another request before; use a new key")
    return Response(row["body"], row["status"], {**row["headers"], "idempotent-replayed": "true"})


def _response(answer: Answer) -> Response:
    if answer.content is None:
        return Response(status_code=answer.status, headers=dict(answer.headers))
    body = json.dumps(jsonable_encoder(answer.content), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body.encode(), answer.status, dict(answer.headers), "application/json")


async def _fingerprint(request: Request) -> str:
    # The path and query too: the scope has the template only, and one key must not answer for two postings.
    parts = (request.scope["path"].encode(), request.scope.get("query_string", b""), await request.body())
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()
