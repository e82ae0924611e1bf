"""The audit: who posted, changed, erased and replayed what. Written in the effect's own transaction, read by operators.

What happens in Kafka, or takes many transactions, is noted before (`replaying`) and after (`replayed`).

Kept true: rows are only ever added, and none holds a name, an address, a person's id or their words. People appear as a
digest of their random id: whoever knows the id finds what was done, and once the id is gone nothing leads back.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from shared.observability import trace
from shared.storage.pool import Connection
from shared.storage.queries import load
from shared.tokens import person_digest
from shared.web.callers import Operator
from shared.web.identity import current_caller
from shared.web.ids import PRINTABLE
from shared.web.pagination import Cursor, Limit, Page, bigint, decode_cursor, page_of

SQL = load(Path(__file__).with_name("audit.sql"))


def person(person_id: str) -> str:
    """How a member or contact appears in the audit."""
    return person_digest(person_id)


async def note(conn: Connection, action: str, *subjects: str) -> None:
    """Note what the caller of the current request did to each subject, in the open transaction of `conn`.

    `action` is like `posting.closed`. Subjects are ids; the id of a person goes through `person` first.
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
    """One action. `actor_id` is an organisation's id, an operator's name, or the digest of a member's id."""

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
        _caller: Operator,
        about: Annotated[
            str | None,
            Query(max_length=200, pattern=PRINTABLE, description="an id: of the subject or of the actor"),
        ] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[AuditLine]:
        """What was posted, changed and erased. People are found by their id and shown as a digest of it."""
        below = decode_cursor(cursor, 1, bigint)[0] if cursor else None
        names = [about, person(about)] if about else None
        rows = await request.app.state.pool.fetch(SQL["page"], below, names, limit + 1)
        return page_of(rows, limit, lambda row: AuditLine(**row), lambda row: (row["seq"],))

    return router
