"""An organisation's openings: a list, a form for each, closing, deleting, and many at once from a file."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from services.console.backend import ServiceError, under
from services.console.dependencies import Member, Visitor
from services.console.faults import advice
from services.console.forms import MembersForm, lines, reason, reasons, text, text_lines
from services.console.pages.welcome import PERIODS, SENIORITIES
from services.console.rendering import page, to
from shared.pay import amount

router = APIRouter(prefix="/organisations/{organisation_id}", include_in_schema=False)

SHOWN = 20
FIELDS = (
    *("title", "company.name", "company.domain", "workplace", "locations", "skills", "seniority", "employment_type"),
    *("salary.min", "salary.max", "salary.currency", "salary.period", "salary", "description", "url", "valid_through"),
    *("referral_bonus", "hiring_contact", "external_id"),
)
"""Fields of the form, called as the API calls them."""

_ONE_LINE = ("title", "workplace", "seniority", "employment_type", "description", "url", "valid_through")
_ONE_LINE_TOO = ("referral_bonus", "hiring_contact", "external_id")
BEGINS_A_LIST = b"["
MOST_BAD_ROWS = 50
COLUMNS = {"company.name": "company", "salary.currency": "currency", "salary.period": "period"}
"""What a table calls some fields; the others by their names in the API, with `_` for each dot."""


@router.get("")
async def listing(
    request: Request,
    organisation_id: str,
    member: Member,
    state: Literal["", "open", "closed"] = "",
    title: Annotated[str, Query(max_length=300)] = "",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """A page of the openings, newest first."""
    query = {"organisation": organisation_id, "status": state or None, "title": title.strip() or None}
    organisation, found = await asyncio.gather(
        member.api.get("postings", under("/v1/organisations", organisation_id)),
        member.api.get("postings", "/v1/postings", **query, limit=SHOWN, cursor=cursor),
    )
    shown: dict[str, Any] = {"openings": found["items"], "following": found["next"], "state": state, "title": title}
    return page(request, "openings.html.jinja", member, organisation=organisation, **shown)


@router.get("/openings/new")
async def begin(request: Request, organisation_id: str, member: Member) -> Response:
    """An empty form."""
    return await _form(request, member, organisation_id, {"workplace": "remote"}, {})


@router.post("/openings/new")
async def post(request: Request, organisation_id: str, member: Member, form: MembersForm) -> Response:
    """Post an opening; on an error show what is wrong beside what was entered."""
    draft = draft_of(form)
    try:
        made = await member.api.send(
            "postings", "POST", "/v1/postings", json=draft, params={"organisation": organisation_id}
        )
    except ServiceError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        return await _form(request, member, organisation_id, draft, reasons(error, FIELDS))
    return to(f"/organisations/{organisation_id}/openings/{made['posting_id']}?saved=true")


async def _form(
    request: Request,
    member: Visitor,
    organisation_id: str,
    opening: dict[str, Any],
    errors: dict[str, str],
    posting_id: str = "",
    version: str = "",
    *,
    saved: bool = False,
) -> Response:
    """With `stale` in the opening somebody else has changed it since it was opened: what was entered is not saved."""
    base = under("/v1/organisations", organisation_id)
    organisation, people = await asyncio.gather(
        member.api.get("postings", base), member.api.get("postings", f"{base}/members")
    )
    shown: dict[str, Any] = {"opening": opening, "errors": errors, "posting_id": posting_id, "version": version}
    shown |= {"contacts": [one for one in people["items"] if one["hiring_contact"]], "saved": saved}
    shown |= {"seniorities": SENIORITIES, "periods": PERIODS}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors or opening.get("stale") else HTTPStatus.OK
    return page(request, "opening.html.jinja", member, status=status, organisation=organisation, **shown)


@router.get("/openings/{posting_id}")
async def one(request: Request, organisation_id: str, posting_id: str, member: Member, saved: bool = False) -> Response:
    """An opening as it is, to be changed."""
    where = under("/v1/postings", posting_id)
    opening, reach = await asyncio.gather(
        member.api.get("postings", where, organisation=organisation_id),
        member.api.get("postings", f"{where}/reach", organisation=organisation_id),
    )
    opening |= {"reach": reach}
    return await _form(request, member, organisation_id, opening, {}, posting_id, str(opening["version"]), saved=saved)


@router.post("/openings/{posting_id}")
async def change(
    request: Request, organisation_id: str, posting_id: str, member: Member, form: MembersForm
) -> Response:
    """Save, close, open again or delete: `what` says which. Saving what somebody else has changed since is refused."""
    where, query = under("/v1/postings", posting_id), {"organisation": organisation_id}
    what = text(form, "what")
    here = f"/organisations/{organisation_id}/openings/{posting_id}?saved=true"
    if what == "delete":
        await member.api.send("postings", "DELETE", where, params=query)
        return to(f"/organisations/{organisation_id}")
    if what == "close":
        await member.api.send("postings", "POST", f"{where}/close", params=query)
        return to(here)
    if what == "open":
        await member.api.send("postings", "PATCH", where, params=query, json={"status": "open"})
        return to(here)
    draft, version = draft_of(form), text(form, "version")
    try:
        seen = {"If-Match": f'"{version}"'}
        changes = {name: draft.get(name) for name in _SENT_BACK}
        await member.api.send("postings", "PATCH", where, params=query, json=changes, headers=seen)
    except ServiceError as error:
        if error.status == HTTPStatus.PRECONDITION_FAILED:
            return await _form(request, member, organisation_id, draft | {"stale": True}, {}, posting_id, version)
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        wrong = reasons(error, FIELDS)
        return await _form(request, member, organisation_id, draft, wrong, posting_id, version)
    return to(here)


_SENT_BACK = tuple(dict.fromkeys(name.partition(".")[0] for name in FIELDS))
"""A field that was emptied is null, which takes it away."""


def draft_of(form: FormData) -> dict[str, Any]:
    """The opening as postings takes it, without what was left empty."""
    draft: dict[str, Any] = {name: text(form, name) for name in (*_ONE_LINE, *_ONE_LINE_TOO)}
    draft |= {
        "company": {"name": text(form, "company.name"), "domain": text(form, "company.domain") or None},
        "skills": lines(form, "skills"),
        "locations": text_lines(form, "locations"),
    }
    least, most = (text(form, f"salary.{side}") for side in ("min", "max"))
    if least or most:
        draft["salary"] = {
            "min": amount(least) if least else None,
            "max": amount(most) if most else None,
            "currency": text(form, "salary.currency").upper(),
            "period": text(form, "salary.period") or "year",
        }
    return {name: value for name, value in draft.items() if value}


@router.get("/upload")
async def ask_for_file(request: Request, organisation_id: str, member: Member) -> Response:
    """Many openings from a file."""
    return await _upload(request, member, organisation_id, None, {})


@router.post("/upload")
async def upload(request: Request, organisation_id: str, member: Member, form: MembersForm) -> Response:
    """Post the rows that are right, and say what is wrong with the others."""
    file, report, errors = form.get("file"), None, {}
    if not isinstance(file, UploadFile) or not file.filename:
        errors = {"file": "Choose a file first"}
    else:
        content = await file.read()
        headers = {"Content-Type": kind_of(file.filename, content)}
        try:
            report = await member.api.send(
                "postings", "POST", "/v1/postings/bulk", params={"organisation": organisation_id}, content=content,
                headers=headers, timeout=60,
            )  # fmt: skip
        except ServiceError as error:
            if error.status not in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
                raise
            errors = {"file": reason(error)}
        else:
            word(report["results"], table=headers["Content-Type"] == "text/csv")
    return await _upload(request, member, organisation_id, report, errors)


def word(rows: list[dict[str, Any]], *, table: bool) -> None:
    """Say what is wrong with each row in the words of forms, by the names of the file's own columns."""
    for row in rows:
        wrong = row.get("errors") or ()
        row["wrong"] = [f"{_column(each['field'], table=table)}: {_advice(each['reason'])}" for each in wrong]


def _column(field: str, *, table: bool) -> str:
    return COLUMNS.get(field, field.replace(".", "_")) if table else field


def _advice(reason: str) -> str:
    """As for forms, but a file offers no choice: what is possible is named."""
    return reason.replace("Input should be", "write", 1) if reason.startswith("Input should be '") else advice(reason)


async def _upload(
    request: Request, member: Visitor, organisation_id: str, report: Any, errors: dict[str, str]
) -> Response:
    organisation = await member.api.get("postings", under("/v1/organisations", organisation_id))
    bad = [row for row in report["results"] if row["status"] == "refused"] if report else []
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    shown: dict[str, Any] = {"report": report, "errors": errors, "bad": bad[:MOST_BAD_ROWS], "bad_rows": len(bad)}
    return page(request, "openings_upload.html.jinja", member, status=status, organisation=organisation, **shown)


def kind_of(name: str, content: bytes) -> str:
    """The media type of a file of openings: by its name, else by how it begins."""
    if name.casefold().endswith(".csv"):
        return "text/csv"
    return "application/json" if content.lstrip()[:1] == BEGINS_A_LIST else "application/x-ndjson"
