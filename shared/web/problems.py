"""Errors as RFC 9457 problem details: raised as types where they are found, turned into responses only here.

A response never shows internals: an unforeseen error is a 500 with the request id to look for in the logs.
"""

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.observability.logs import get_logger
from shared.storage.errors import is_transient

log = get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

_PLAIN = {
    "tuple_type": "should be a list",
    "list_type": "should be a list",
    "model_type": "should be a JSON object",
    "model_attributes_type": "should be a JSON object",
    "dict_type": "should be a JSON object",
}
"""Reasons that pydantic words for Python, reworded for JSON."""


class FieldError(NamedTuple):
    """One invalid part of the request. `field` is a path such as `salary.min`, or the name of a parameter or header."""

    field: str
    reason: str


class Problem(Exception):  # noqa: N818 - it is RFC 9457's word, and not every one is an error of ours
    """An error response. `detail` and `errors` are shown to the caller."""

    def __init__(
        self,
        status: int,
        title: str | None = None,
        detail: str | None = None,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.title = title or HTTPStatus(status).phrase
        self.detail = detail
        self.errors = tuple(FieldError(*each) for each in errors)
        self.headers = dict(headers or {})
        super().__init__(f"{status} {self.title}")

    @property
    def type(self) -> str:
        """`about:blank` where the status says everything; else a stable name for this kind of problem."""
        if self.title == HTTPStatus(self.status).phrase:
            return "about:blank"
        return "/problems/" + re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


def not_found(what: str) -> Problem:
    """404, also for what belongs to somebody else: the caller cannot tell the difference. `what`: "posting"."""
    return Problem(404, detail=f"no such {what}")


def invalid(field: str, reason: str) -> Problem:
    """422 for one invalid field."""
    return invalid_fields([(field, reason)])


def invalid_fields(errors: Sequence[tuple[str, str]]) -> Problem:
    """422 for several invalid fields."""
    return Problem(422, "Invalid request", "; ".join(f"{field}: {reason}" for field, reason in errors[:3]), errors)


def conflict(detail: str) -> Problem:
    """409: the request is valid, but conflicts with the present state."""
    return Problem(409, detail=detail)


def forbidden(detail: str) -> Problem:
    """403: the caller is known, but not allowed to do this."""
    return Problem(403, detail=detail)


def unauthorized(detail: str, challenge: str = "Bearer") -> Problem:
    """401: no token, or an unknown one."""
    return Problem(401, detail=detail, headers={"WWW-Authenticate": challenge})


def unavailable(detail: str) -> Problem:
    """503: something this needs does not answer at the moment; the same request may succeed soon."""
    return Problem(503, detail=detail, headers={"Retry-After": str(RETRY_AFTER_S)})


def too_large(limit: int) -> Problem:
    """413: the body is longer than `limit` bytes."""
    return Problem(413, "Body too large", f"the body may have at most {limit} bytes", headers={"Connection": "close"})


def too_many_headers(most: int) -> Problem:
    """431: more header lines than any legitimate client sends."""
    return Problem(431, detail=f"a request may have at most {most} headers", headers={"Connection": "close"})


def too_slow() -> Problem:
    """408: the request did not arrive in time."""
    return Problem(408, detail="the request arrived too slowly; send it again", headers={"Connection": "close"})


_NOT_PARSED = "There was an error parsing the body"
"""FastAPI's message for a body that cannot be decoded."""


def respond(problem: Problem, instance: str | None) -> Response:
    """The response to send. `instance` is the request's path."""
    content: dict[str, Any] = {"type": problem.type, "title": problem.title, "status": problem.status}
    if problem.detail:
        content["detail"] = problem.detail
    if instance:
        content["instance"] = instance
    if request_id := structlog.contextvars.get_contextvars().get("request_id"):
        content["request_id"] = request_id
    if problem.errors:
        content["errors"] = [each._asdict() for each in problem.errors]
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, problem.status, problem.headers, MEDIA_TYPE)


def problem_of(error: Exception) -> Problem:
    """The problem that an error is shown as. Unforeseen errors are logged here, once, since the response hides them."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        if any(_is_not_json(each) for each in error.errors()):
            return Problem(415, detail="send a JSON object as application/json")
        return invalid_fields([_field_error(each) for each in error.errors()])
    if isinstance(error, HTTPException):
        return _of_http(error)
    if is_transient(error):
        log.warning("request_failed_temporarily", exc_info=error)
        return unavailable("something this service needs does not answer; try again")
    log.error("request_failed", exc_info=error)
    return Problem(500, detail="internal error; look for the request id in the logs")


def _of_http(error: HTTPException) -> Problem:
    if error.status_code == HTTPStatus.BAD_REQUEST and error.detail == _NOT_PARSED:
        return invalid("body", "not valid JSON in UTF-8")
    phrase = HTTPStatus(error.status_code).phrase
    return Problem(
        error.status_code, detail=error.detail if error.detail != phrase else None, headers=error.headers or {}
    )


def _is_not_json(error: Mapping[str, Any]) -> bool:
    """Whether the body was left as bytes: FastAPI parses it as JSON only if the content type says so."""
    return error["type"] == "model_attributes_type" and error["loc"] == ("body",) and isinstance(error["input"], bytes)


def _field_error(error: Mapping[str, Any]) -> FieldError:
    kind, location = error["type"], [str(part) for part in error["loc"]]
    if kind == "json_invalid":
        return FieldError("body", f"not valid JSON at character {location[-1]}")
    if kind == "model_attributes_type" and location == ["body"]:
        return FieldError("body", "a JSON object is expected")
    where = location[1:] if location[:1] and location[0] in {"body", "query", "path", "header", "cookie"} else location
    return FieldError(".".join(where) or "body", _reason(error))


def field_errors(errors: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Pydantic's errors in the same form: for bodies that an endpoint validates itself, row by row."""
    return [FieldError(".".join(str(part) for part in each["loc"]) or "body", _reason(each)) for each in errors]


def _reason(error: Mapping[str, Any]) -> str:
    return _PLAIN.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")


def _is_unreadable(error: Exception) -> bool:
    """Whether the body could not be parsed as JSON, which FastAPI tries before it identifies the caller."""
    if isinstance(error, RequestValidationError):
        return any(each["type"] == "json_invalid" for each in error.errors())
    return isinstance(error, HTTPException) and error.detail == _NOT_PARSED


async def _handle(request: Request, error: Exception) -> Response:
    if _is_unreadable(error):
        try:
            await request.app.state.establish(request)
        except Problem as unidentified:
            return respond(unidentified, request.url.path)
    problem = problem_of(error)
    if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:  # the router names the methods of the first route only
        problem.headers["Allow"] = ", ".join(request.app.state.described.methods(request.url.path))
    return respond(problem, request.url.path)


def install(app: FastAPI) -> None:
    """Turn every kind of error into a problem response."""
    for kind in (Problem, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _handle)
