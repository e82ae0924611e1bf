"""Many openings in one request: valid rows are accepted although others fail, and each row gets a result."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from services.postings import store
from services.postings.answers import BulkReport, RowResult
from services.postings.api import audit_outcomes
from services.postings.bulk_csv import NoTableError, read_table
from services.postings.dependencies import Deps
from services.postings.domain import Draft, RefusedError
from shared.storage.pool import Connection
from shared.web.callers import Poster
from shared.web.documents import FieldProblem, problems
from shared.web.idempotency import Answer, IdempotencyKey, run_once
from shared.web.problems import Problem, field_errors, invalid

router = APIRouter(prefix="/v1/postings", tags=["postings"], responses=problems(404))

PATH = "/v1/postings/bulk"
MAX_ROWS = 1_000
MAX_BYTES = 8 * 1024 * 1024
JSON_TYPES = ("application/json",)
NDJSON_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-lines")
CSV_TYPES = ("text/csv",)
REFUSED_ROW = "row"
"""The field that is named when no single one is invalid."""

_ROW_SCHEMA = {"$ref": "#/components/schemas/Draft"}
_REQUEST_BODY = {
    "required": True,
    "description": f"at most {MAX_ROWS} rows and {MAX_BYTES // 1024 // 1024} MiB",
    "content": {
        "application/json": {"schema": {"type": "array", "items": _ROW_SCHEMA, "maxItems": MAX_ROWS}},
        "application/x-ndjson": {
            "schema": {"type": "string", "description": "one opening a line"},
            "example": '{"company": {"name": "Initech"}, "title": "Data Engineer", "workplace": "remote"}\n',
        },
        "text/csv": {
            "schema": {"type": "string", "description": "a table; its columns are called as the fields"},
            "example": "title,company,workplace,skills\nData Engineer,Initech,remote,Python; PostgreSQL\n",
        },
    },
}


@dataclass(frozen=True, slots=True)
class Row:
    """A parsed row: a draft, or its errors."""

    index: int
    line: int | None
    draft: Draft | None
    errors: tuple[FieldProblem, ...] = ()


@router.post(
    "/bulk",
    summary="Post many openings",
    response_model=BulkReport,
    response_model_exclude_none=True,
    responses=problems(409),
    openapi_extra={"requestBody": _REQUEST_BODY},
)
async def bulk(request: Request, acting: Poster, deps: Deps, _key: IdempotencyKey = None) -> Response:
    """JSON (an array), NDJSON or CSV, by the content type. Each row is handled like a `POST`, and has a result."""
    rows = read_rows(request.headers.get("content-type", ""), await request.body())

    async def effect(conn: Connection) -> Answer:
        drafts = [row.draft for row in rows if row.draft is not None]
        accepted = await store.upsert(
            conn, acting.organisation_id, drafts, deps.now(), by="feed", most_new=deps.settings.openings_a_day
        )
        await audit_outcomes(conn, [each for each in accepted if isinstance(each, store.Outcome)])
        outcomes = iter(accepted)
        results = [_result(row, next(outcomes) if row.draft is not None else None) for row in rows]
        return Answer(200, _report(results).model_dump(mode="json", exclude_none=True))

    return await run_once(request, deps.pool, acting.caller, effect)


def read_rows(content_type: str, body: bytes) -> list[Row]:
    """The rows of a request.

    Raises:
        Problem: 415 for another content type, 413 for too many rows, 422 for none or for what is not a JSON array.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in JSON_TYPES:
        rows = [_row(index, None, value) for index, value in enumerate(_array(body))]
    elif kind in NDJSON_TYPES:
        rows = list(_lines(body))
    elif kind in CSV_TYPES:
        rows = _table(body)
    else:
        known = f"{JSON_TYPES[0]} (an array), {NDJSON_TYPES[0]} (one opening a line) or {CSV_TYPES[0]} (a table)"
        raise Problem(415, detail=f"send {known}")
    if not rows:
        raise invalid("body", "holds no openings")
    return rows


def _array(body: bytes) -> list[Any]:
    try:
        values = _parse(body)
    except ValueError as error:
        raise invalid("body", "not valid JSON in UTF-8") from error
    if not isinstance(values, list):
        raise invalid("body", "not a JSON array; send one opening to /v1/postings")
    _check_count(len(values))
    return values


def _lines(body: bytes) -> Iterator[Row]:
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), start=1) if line.strip()]
    _check_count(len(lines))
    for index, (number, line) in enumerate(lines):
        try:
            value = _parse(line)
        except ValueError:
            yield Row(index, number, None, (FieldProblem(field=REFUSED_ROW, reason="not valid JSON in UTF-8"),))
        else:
            yield _row(index, number, value)


def _table(body: bytes) -> list[Row]:
    try:
        found = list(read_table(body.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise invalid("body", "is not UTF-8: save the table as CSV UTF-8") from error
    except NoTableError as error:
        raise invalid("body", str(error)) from error
    _check_count(len(found))
    return [
        Row(index, line, None, (FieldProblem(field=REFUSED_ROW, reason=opening[REFUSED_ROW]),))
        if REFUSED_ROW in opening
        else _row(index, line, opening)
        for index, (line, opening) in enumerate(found)
    ]


def _check_count(count: int) -> None:
    if count > MAX_ROWS:
        raise Problem(413, "Too many rows", f"{count} rows; at most {MAX_ROWS} in one request")


def _parse(text: bytes) -> Any:
    try:
        return json.loads(text.decode("utf-8-sig"), parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _row(index: int, line: int | None, value: Any) -> Row:
    try:
        return Row(index, line, Draft.model_validate(value))
    except ValidationError as error:
        found = field_errors(error.errors(include_url=False, include_context=False, include_input=False))
        wrong = (
            FieldProblem(field=_printable(REFUSED_ROW if f == "body" else f), reason=reason) for f, reason in found
        )
        return Row(index, line, None, tuple(wrong))


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _result(row: Row, outcome: store.Outcome | store.Refusal | None) -> RowResult:
    if isinstance(outcome, store.Outcome):
        record, external_id = outcome.posting.record, outcome.posting.external_id
        return RowResult(
            index=row.index,
            line=row.line,
            status=outcome.status,
            posting_id=record.posting_id,
            external_id=external_id,
            version=record.version,
        )
    errors = list(row.errors)
    if outcome is not None:
        field, reason = (outcome.field, outcome.reason) if isinstance(outcome, RefusedError) else (REFUSED_ROW, None)
        errors = [FieldProblem(field=field, reason=reason or str(outcome))]
    return RowResult(index=row.index, line=row.line, status="refused", errors=errors)


def _report(results: Sequence[RowResult]) -> BulkReport:
    counts = {
        status: sum(result.status == status for result in results)
        for status in ("created", "updated", "unchanged", "refused")
    }
    return BulkReport(**counts, results=list(results))
