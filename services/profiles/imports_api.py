"""The way in for address books. The body is the file itself: `curl --data-binary @Connections.csv`."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from services.profiles import importing, network
from services.profiles.dependencies import Deps
from services.profiles.forms import ImportReport
from services.profiles.imports import linkedin
from services.profiles.imports.report import MAX_BYTES, ImportProblem
from shared.observability.logs import get_logger
from shared.web import audit
from shared.web.callers import ActingMember
from shared.web.documents import problems
from shared.web.problems import Problem, invalid, not_found

PATH = "/v1/contacts/import"
BODY_LIMIT = MAX_BYTES
log = get_logger(__name__)
router = APIRouter(tags=["contacts"])

_MOST_REASONS = 200
_EXAMPLE = """First Name,Last Name,URL,Email Address,Company,Position,Connected On
Dana,Okafor,https://www.linkedin.com/in/dana-okafor-example,,Initech,Data Engineer,10 Mar 2024
"""


_REQUEST_BODY = {
    "required": True,
    "description": f"the file as it was downloaded, at most {BODY_LIMIT // 1024 // 1024} MiB",
    "content": {"text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE}},
}


@router.post(
    PATH,
    summary="Import an address book",
    responses=problems(404),
    openapi_extra={"requestBody": _REQUEST_BODY},
)
async def import_contacts(
    request: Request,
    member_id: ActingMember,
    deps: Deps,
    source: Annotated[Literal["linkedin"], Query(description="the file's format")] = "linkedin",
) -> ImportReport:
    """Makes the address book what the file says: adds, updates, removes. The same file again changes nothing.

    A contact who left the list goes, unless the member said something of them. A file without a usable row is a 422
    that names each row's reason, and changes nothing.
    """
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise invalid("body", "send the file itself as the body, as text/csv")
    data = await request.body()
    try:
        report = await asyncio.to_thread(linkedin.parse, data)
    except ImportProblem as problem:
        raise _unusable(problem) from problem
    async with deps.pool.acquire() as conn, conn.transaction():
        counts = await importing.import_contacts(conn, member_id, {report.format: report.records}, deps.today())
        if counts is None:
            raise not_found("member")
        await audit.note(conn, "contacts.imported", audit.person(member_id))
    async with deps.pool.acquire() as conn, conn.transaction():  # alone with the network, which an import is not
        await network.update_links(conn, member_id, deps.today())
    log.info("contacts_imported", member_id=member_id, source=source, accepted=report.accepted, read=report.read)
    return ImportReport.model_validate(report.summary() | asdict(counts))


def _unusable(problem: ImportProblem) -> Problem:
    rows = [(f"line {row.line}", row.reason) for row in problem.report.rejected[:_MOST_REASONS]]
    return Problem(422, "No usable contact", str(problem), rows or [("body", str(problem))])
