"""A repeated POST with the same `Idempotency-Key` gets the first response again and has no second effect.

The response is stored in the effect's own transaction, so there is never one without the other. Of two simultaneous
requests the later one waits for the commit of the earlier. Not for responses that hold a secret: they are stored as is.
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import asyncpg
from fastapi import Header, Request
from fastapi.encoders import jsonable_encoder
from starlette.responses import Response

from shared.storage.pool import Connection, Pool
from shared.storage.queries import load
from shared.web.identity import Caller
from shared.web.problems import conflict, invalid
from shared.web.routes import template_of

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)

IdempotencyKey = Annotated[
    str | None,
    Header(alias=HEADER, description="a repeated request with this key gets the first one's answer (24 h)"),
]
"""Use as `_key: IdempotencyKey = None`, and answer with `run_once`."""

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_SQL = load(Path(__file__).with_name("idempotency.sql"))


@dataclass(frozen=True, slots=True)
class Answer:
    """An endpoint's response: a status, a value that JSON can hold (models too), and headers such as `Location`."""

    status: int
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Effect = Callable[[Connection], Awaitable[Answer]]


async def run_once(request: Request, pool: Pool, caller: Caller, effect: Effect) -> Response:
    """Run `effect` in a transaction and respond after its commit; once only where the request has a key.

    An effect that raises leaves nothing behind, not even the key, so a corrected request may use it again.

    Raises:
        Problem: 409 for a key that was used with another request before, 422 for a malformed one.
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
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        await connection.execute(_SQL["store"], *scope, answer.status_code, headers, bytes(answer.body))
    return answer


async def clean_up(connection: Pool | Connection) -> None:
    """Delete responses older than a day. Call it regularly."""
    await connection.execute(_SQL["clean_up"], KEPT)


async def forget(connection: Pool | Connection, caller: Caller) -> None:
    """Delete a caller's responses: part of erasing a person."""
    await connection.execute(_SQL["forget"], f"{caller.kind}:{caller.id}")


def _stored(row: asyncpg.Record | None, fingerprint: str) -> Response:
    if row is None or row["status"] is None:
        raise conflict(f"the first request with this {HEADER} is still being processed")
    if row["fingerprint"] != fingerprint:
        raise conflict(f"this {HEADER} was used with another request; use a new key")
    return Response(row["body"], row["status"], {**row["headers"], "idempotent-replayed": "true"})


def _response(answer: Answer) -> Response:
    if answer.content is None:
        return Response(status_code=answer.status, headers=dict(answer.headers))
    body = json.dumps(jsonable_encoder(answer.content), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body.encode(), answer.status, dict(answer.headers), "application/json")


async def _fingerprint(request: Request) -> str:
    # Path and query too: the scope has only the template, and one key must not serve two postings.
    parts = (request.scope["path"].encode(), request.scope.get("query_string", b""), await request.body())
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()
