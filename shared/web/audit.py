"""Who posted, changed, erased and replayed what: noted in the effect's own transaction, and read by operators.

What is done in Kafka, and what takes many transactions, is noted before (`replaying`) and after (`replayed`).

Kept true: only added to, and nobody's name, address, id or words are in it. People stand there by a digest of their id,
which is random: it finds what was done where the id is known, and leads back to nobody once the id is gone.
"""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from shared.observability import trace
from shared.storage.pool import Connection
from shared.storage.queries import load
from shared.web.identity import Caller, current_caller, require
from shared.web.ids import PRINTABLE
from shared.web.pagination import Cursor, Limit, Page, bigint, decode_cursor, page_of

SQL = load(Path(__file__).with_name("audit.sql"))
DIGEST_LETTERS = 32


def person(person_id: str) -> str:
    """How a member or contact stands in the audit."""
    return "person:" + sha256(person_id.encode()).hexdigest()[:DIGEST_LETTERS]


async def note(conn: Connection, action: str, *subjects: str) -> None:
    """Note what the present request's caller did, in the caller's transaction; nothing for no subjects.

    `action` is like `posting.closed`. Subjects are ids; a person's goes through `person`.
    """
    if subjects:
        caller = current_caller()
        actor, actor_id = (caller.kind, caller.id) if caller else ("service", "itself")
        who = person(actor_id) if actor == "member" else actor_id
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        await conn.execute(SQL["note"], actor, who, action, subjects, request_id, _trace_id())


def _trace_id() -> str | None:
    current = trace.current_traceparent()
    return trace.id_of(current) if current else None


class AuditLine(BaseModel):
    """One thing that was done. `actor_id` is an organisation's, an operator's name, or a digest for a member."""

    seq: int
    at: datetime
    actor: str
    actor_id: str
    action: str
    subject: str
    request_id: str | None
    trace_id: str | None


def audit_router() -> APIRouter:
    """`GET /internal/v1/audit`, for operators, newest first."""
    router = APIRouter(tags=["operator"])

    @router.get("/internal/v1/audit", summary="Who did what")
    async def read(
        request: Request,
        _caller: Annotated[Caller, Depends(require("operator"))],
        about: Annotated[
            str | None,
            Query(max_length=200, pattern=PRINTABLE, description="an id: of whom or what it was done, or by whom"),
        ] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[AuditLine]:
        """What was posted, changed and erased. People are found by their id and shown by a digest of it."""
        below = decode_cursor(cursor, 1, bigint)[0] if cursor else None
        names = [about, person(about)] if about else None
        rows = await request.app.state.pool.fetch(SQL["page"], below, names, limit + 1)
        return page_of(rows, limit, lambda row: AuditLine(**row), lambda row: (row["seq"],))

    return router
