"""The producer API: an organisation's openings. A change is committed together with its event before the response."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from math import ceil
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Request
from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from services.postings import store
from services.postings.answers import PostingLine, PostingView, Reach, Receipt
from services.postings.dependencies import Dependencies, Deps
from services.postings.domain import (
    Draft,
    Posting,
    RefusedError,
    Status,
    TooBigError,
    TooManyError,
    patched,
    seconds_until_midnight,
)
from shared.events.base import Instant
from shared.storage.pool import Connection
from shared.web import audit
from shared.web.callers import Poster, Reader
from shared.web.documents import problems
from shared.web.idempotency import Answer, IdempotencyKey, run_once
from shared.web.ids import PRINTABLE, PathId
from shared.web.pagination import Cursor, Limit, Page, decode_cursor, page_of
from shared.web.problems import Problem, conflict, field_errors, invalid, invalid_fields, not_found

router = APIRouter(prefix="/v1/postings", tags=["postings"], responses=problems(404))

Search = Annotated[str | None, Query(min_length=1, max_length=300, pattern=PRINTABLE)]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=1000, description="the ETag of the version you have seen; 412 when it changed"),
]


def refusal_problem(refusal: store.Refusal, now: datetime) -> Problem:
    """The problem to answer with when an opening is refused."""
    if isinstance(refusal, RefusedError):
        return invalid(refusal.field, refusal.reason)
    if isinstance(refusal, TooManyError):
        seconds = ceil(seconds_until_midnight(now))
        return Problem(429, "Too many new openings", str(refusal), headers={"Retry-After": str(seconds)})
    return Problem(413, "Opening too large", str(refusal))


async def audit_outcomes(conn: Connection, outcomes: Iterable[store.Outcome]) -> None:
    """Note in the audit what was posted, changed or closed."""
    done: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.status != "unchanged":
            record = outcome.posting.record
            closed = outcome.status == "updated" and record.status == "closed"
            verb = "closed" if closed else {"created": "posted", "updated": "changed"}[outcome.status]
            done.setdefault(f"posting.{verb}", []).append(record.posting_id)
    for action, postings in done.items():
        await audit.note(conn, action, *postings)


@router.post(
    "",
    status_code=201,
    summary="Post an opening",
    response_model=Receipt,
    responses={
        200: {"model": Receipt, "description": "Your posting with this external_id was replaced, or was the same."},
        **problems(409),
    },
)
async def create(request: Request, acting: Poster, deps: Deps, draft: Draft, _key: IdempotencyKey = None) -> Response:
    """Replaces your posting with the same `external_id`, if there is one; otherwise creates a new one."""

    async def effect(conn: Connection) -> Answer:
        [outcome] = await store.upsert(
            conn, acting.organisation_id, [draft], deps.now(), by="hand", most_new=deps.settings.openings_a_day
        )
        if not isinstance(outcome, store.Outcome):
            raise refusal_problem(outcome, deps.now())
        await audit_outcomes(conn, [outcome])
        status = 201 if outcome.status == "created" else 200
        return Answer(status, Receipt.of(outcome.posting), _headers(outcome.posting))

    return await run_once(request, deps.pool, acting.caller, effect)


async def _filters(
    status: Status | None = None,
    company: Annotated[Search, Query(description="the name or the web domain, in any case")] = None,
    title: Annotated[Search, Query(description="words of the title, in any order and any case")] = None,
    posted_after: Annotated[Instant | None, Query(description="at this moment or later")] = None,
    posted_before: Annotated[Instant | None, Query(description="before this moment")] = None,
    external_id: Annotated[Search, Query(description="your own id of it, exactly")] = None,
) -> store.Filters:
    return store.Filters(status, company, title, posted_after, posted_before, external_id)


ListFilters = Annotated[store.Filters, Depends(_filters)]


@router.get(
    "",
    summary="List your openings, newest first",
)
async def listing(
    acting: Reader,
    deps: Deps,
    filters: ListFilters,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[PostingLine]:
    """Filters can be combined; descriptions are left out. `next` of a page is the `cursor` of the following one."""
    after = None
    if cursor is not None:
        posted_at, posting_id = decode_cursor(cursor, 2, _moment, str)
        after = (posted_at, posting_id)
    async with deps.pool.acquire() as conn:
        rows = await store.page(conn, acting.organisation_id, filters, after, limit + 1)
    return page_of(rows, limit, PostingLine.of, _sort_key)


@router.get(
    "/{posting_id}",
    summary="Read an opening",
    response_model=PostingView,
    responses=problems(404),
)
async def read(posting_id: PathId, acting: Reader, deps: Deps) -> Response:
    """The opening as it was last published; the ETag is its version."""
    posting = await _find(deps, acting.organisation_id, posting_id)
    return JSONResponse(PostingView.of(posting).model_dump(mode="json"), headers=_headers(posting))


@router.put(
    "/{posting_id}",
    summary="Replace an opening",
    response_model=Receipt,
    responses=problems(404, 409, 412),
)
async def replace(posting_id: PathId, acting: Poster, deps: Deps, draft: Draft, if_match: IfMatch = None) -> Response:
    """Replaces the whole content: fields that are left out are deleted, except `posted_at` and `external_id`.

    It does not create: `POST` assigns ids. The default `status` is open, so a closed opening is opened again.
    """
    whole = draft if draft.status else draft.model_copy(update={"status": "open"})
    return await _replaced(deps, acting.organisation_id, posting_id, lambda _: whole, draft.external_id, if_match)


@router.patch(
    "/{posting_id}",
    summary="Change some fields of an opening",
    response_model=Receipt,
    responses=problems(404, 409, 412),
    openapi_extra={"requestBody": {"content": {"application/merge-patch+json": {"schema": {"type": "object"}}}}},
)
async def change(
    posting_id: PathId,
    acting: Poster,
    deps: Deps,
    changes: Annotated[dict[str, Any], Body(description="fields of an opening", examples=[{"status": "closed"}])],
    if_match: IfMatch = None,
) -> Response:
    """A JSON Merge Patch (RFC 7396): fields left out stay as they are, and null removes one."""
    external_id = changes.get("external_id")
    named = external_id if isinstance(external_id, str) else None
    try:
        return await _replaced(
            deps, acting.organisation_id, posting_id, lambda before: patched(before, changes), named, if_match
        )
    except ValidationError as error:
        raise invalid_fields(field_errors(error.errors(include_url=False, include_context=False))) from error


async def _replaced(
    deps: Dependencies,
    organisation_id: str,
    posting_id: str,
    draft_of: Callable[[Posting], Draft],
    external_id: str | None,
    if_match: str | None,
) -> Response:
    seen = _versions(if_match)
    try:
        async with deps.pool.acquire() as conn, conn.transaction():
            outcome = await store.replace(conn, organisation_id, posting_id, draft_of, external_id, deps.now(), seen)
            await audit_outcomes(conn, [outcome] if outcome else [])
    except (RefusedError, TooBigError) as refusal:
        raise refusal_problem(refusal, deps.now()) from refusal
    except store.TakenError as error:
        raise conflict("another of your postings has this external_id") from error
    except store.StaleError as error:
        raise _stale() from error
    return _receipt(outcome)


@router.delete(
    "/{posting_id}",
    status_code=204,
    summary="Delete an opening",
    response_class=Response,
    responses=problems(404, 412),
)
async def delete(posting_id: PathId, acting: Poster, deps: Deps, if_match: IfMatch = None) -> Response:
    """Deletes it for good and withdraws its suggestions. To end it but keep it, close it."""
    try:
        async with deps.pool.acquire() as conn, conn.transaction():
            found = await store.delete(conn, acting.organisation_id, posting_id, _versions(if_match))
            await audit.note(conn, "posting.deleted", *([posting_id] if found else []))
    except store.StaleError as error:
        raise _stale() from error
    if not found:
        raise not_found("posting")
    return Response(status_code=204)


@router.post(
    "/{posting_id}/close",
    summary="Close an opening",
    response_model=Receipt,
    responses=problems(404),
)
async def close(posting_id: PathId, acting: Poster, deps: Deps) -> Response:
    """Closes it. Closing a closed opening changes nothing, so it may be repeated."""
    async with deps.pool.acquire() as conn, conn.transaction():
        outcome = await store.close(conn, acting.organisation_id, posting_id, deps.now())
        await audit_outcomes(conn, [outcome] if outcome else [])
    return _receipt(outcome)


@router.get(
    "/{posting_id}/reach",
    summary="About how many fitting seekers have a path",
    responses=problems(404),
)
async def reach(posting_id: PathId, acting: Reader, deps: Deps) -> Reach:
    """Worked out when the opening is an hour old and then once a week, while it is open; no change brings that forward.

    Over people who have been seeking for a week, whatever pay they ask; discreet ones only if somebody vouches for you.
    """
    async with deps.pool.acquire() as conn:
        found = await store.find_reach(conn, acting.organisation_id, posting_id)
    if found is None:
        raise not_found("posting")
    return Reach.of(posting_id, *found)


def _sort_key(row: store.Listed) -> tuple[datetime, str]:
    return row.posting.record.posted_at, row.posting.record.posting_id


async def _find(deps: Dependencies, organisation_id: str, posting_id: str) -> Posting:
    async with deps.pool.acquire() as conn:
        posting = await store.find(conn, organisation_id, posting_id)
    if posting is None:
        raise not_found("posting")
    return posting


def _receipt(outcome: store.Outcome | None) -> Response:
    if outcome is None:
        raise not_found("posting")
    return JSONResponse(Receipt.of(outcome.posting).model_dump(mode="json"), headers=_headers(outcome.posting))


def _headers(posting: Posting) -> dict[str, str]:
    record = posting.record
    return {"Location": f"/v1/postings/{record.posting_id}", "ETag": f'"{record.version}"'}


def _versions(if_match: str | None) -> frozenset[int] | None:
    """The versions that `If-Match` accepts; None for any. Tags that are not versions match nothing."""
    if if_match is None or if_match.strip() == "*":
        return None
    tags = (tag.strip().strip('"') for tag in if_match.split(","))
    return frozenset(int(tag) for tag in tags if tag.isascii() and tag.isdecimal())


def _stale() -> Problem:
    return Problem(412, detail="the posting has changed since that version")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("times in cursors have a time zone")
    return moment.astimezone(UTC)  # raises OverflowError where the time zone moves it out of the calendar
