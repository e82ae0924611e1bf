"""The way in for files of contacts. The body is the file itself: `curl --data-binary @Connections.csv`."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from typing import Annotated, BinaryIO, Literal, cast
from weakref import WeakValueDictionary

from fastapi import APIRouter, Query, Request

from services.profiles import importing, network, store
from services.profiles.dependencies import Deps
from services.profiles.domain import Member
from services.profiles.imports import registry
from services.profiles.imports.draft import Draft
from services.profiles.imports.report import MAX_BYTES, ImportProblem, Owner, Report, by_reason, name_lines
from services.profiles.imports_forms import ImportReport, ProfileDraft
from shared.observability.logs import get_logger
from shared.web import audit
from shared.web.callers import ActingMember
from shared.web.documents import problems
from shared.web.problems import Problem, invalid, not_found

PATH = "/v1/contacts/import"
PROFILE_PATH = "/v1/me/import"
BODY_LIMIT = MAX_BYTES
log = get_logger(__name__)
router = APIRouter(tags=["contacts"])

_MOST_REASONS = 200
_IN_MEMORY = 1024 * 1024
"""A larger body waits in a file without a name."""

_one_at_a_time: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
"""Of each member's files one is read at a time: a large one takes a thread half a minute, whatever comes of it."""

_EXAMPLE = """First Name,Last Name,URL,Email Address,Company,Position,Connected On
Dana,Okafor,https://www.linkedin.com/in/dana-okafor-example,,Initech,Data Engineer,10 Mar 2024
"""


_REQUEST_BODY = {
    "required": True,
    "description": f"the file as it was downloaded, at most {BODY_LIMIT // 1024 // 1024} MiB",
    "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        "text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE},
    },
}

Missing = Annotated[
    Literal["remove", "keep"],
    Query(description="what becomes of whom such a file listed before, and this one does not"),
]
Source = Annotated[registry.FormatName | None, Query(description="the file's format; recognised where it is left out")]


@router.post(
    PATH,
    summary="Import contacts",
    responses=problems(404, 429),
    response_model_exclude_unset=True,
    openapi_extra={"requestBody": _REQUEST_BODY},
)
async def import_contacts(
    request: Request, member_id: ActingMember, deps: Deps, source: Source = None, missing: Missing = "remove"
) -> ImportReport:
    """Makes what this kind of file tells the same as the file: adds, updates, removes. The same one changes nothing.

    A contact whom no file lists any more goes, unless the member said something of them. A file without a usable row is
    a 422 that names each row's reason, and changes nothing. Only so many imports a day may change something: 429.
    """
    async with deps.pool.acquire() as conn:
        member = await store.find_member(conn, member_id)
    if member is None:
        raise not_found("member")
    report = await _read(request, registry.read_contacts, member, source)
    async with deps.pool.acquire() as conn, conn.transaction():
        keep = missing == "keep"
        counts = await importing.import_contacts(conn, member_id, report.books, deps.today(), keep_missing=keep)
        if counts is None:
            raise not_found("member")
        if counts.costs:
            await deps.rules.imports.demand(conn, deps.rules.key, member_id)
        await audit.note(conn, "contacts.imported", audit.person(member_id))
    async with deps.pool.acquire() as conn, conn.transaction():  # alone with the network, which an import is not
        await network.update_links(conn, member_id, deps.today())
    if report.profile:
        report = replace(report, profile=_new_to(member, report.profile))
    log.info("contacts_imported", member_id=member_id, source=report.format, accepted=report.accepted, read=report.read)
    told = {outcome: count for outcome, count in asdict(counts).items() if outcome != "left_out"}
    return ImportReport.model_validate(report.summary() | told)


@router.post(
    PROFILE_PATH,
    summary="Read my profile out of a file",
    responses=problems(404),
    openapi_extra={"requestBody": _REQUEST_BODY},
)
async def read_profile(request: Request, member_id: ActingMember, deps: Deps) -> ProfileDraft:
    """Out of LinkedIn's whole export or a résumé (PDF, Word, JSON Resume): what to confirm and send to `/v1/me`.

    Jobs and skills that the profile has already are left out. Nothing is stored.
    """
    async with deps.pool.acquire() as conn:
        member = await store.find_member(conn, member_id)
    if member is None:
        raise not_found("member")
    report = await _read(request, registry.read, member)
    if report.profile is None:
        raise _unusable(ImportProblem("there is no profile in this file", report))
    return ProfileDraft.model_validate(_new_to(member, report.profile).told())


def _new_to(member: Member, draft: Draft) -> Draft:
    """What a file tells of a member beyond their profile."""
    jobs = {(work.company.casefold(), (work.title or "").casefold()) for work in member.employments}
    return draft.without(jobs, {skill.casefold() for skill in member.skills})


async def _read(request: Request, reader: Callable[..., Report], member: Member, source: str | None = None) -> Report:
    """What the file in the request's body gives."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise invalid("body", "send the file itself as the body")
    links = frozenset({member.profile_key} if member.profile_key else ())
    owner = Owner(frozenset({member.email}), links, frozenset({member.name.casefold()}))
    async with _body(request) as file, _one_at_a_time.setdefault(member.member_id, asyncio.Lock()):
        try:
            return await asyncio.to_thread(reader, file, source=source, owner=owner)
        except ImportProblem as problem:
            raise _unusable(problem) from problem


@asynccontextmanager
async def _body(request: Request) -> AsyncGenerator[BinaryIO]:
    """The body as a stream that can be searched. It is on disk only without a name, and gone afterwards."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spooled:
        async for chunk in request.stream():
            await asyncio.to_thread(spooled.write, chunk)
        yield cast("BinaryIO", spooled)


def _unusable(problem: ImportProblem) -> Problem:
    reasons = by_reason(problem.report.rejected).items()
    rows = [(name_lines(lines), reason) for reason, lines in reasons]
    return Problem(422, "No usable contact", str(problem), rows[:_MOST_REASONS] or [("body", str(problem))])
