"""How an application's OpenAPI document describes problems: the same in every service, and true.

Which problems an endpoint may answer with mostly follows from its shape (a token, parameters, a body); only the others
(404, 409 …) are declared at the endpoint.
"""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from shared.web.problems import MEDIA_TYPE


class FieldProblem(BaseModel):
    """One thing wrong with a field."""

    field: str = Field(examples=["salary.max"])
    reason: str = Field(examples=["is below salary.min"])


class ProblemDocument(BaseModel):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    request_id: str | None = None
    errors: list[FieldProblem] | None = None


_ABOUT: dict[int, tuple[str, str]] = {
    400: ("Bad Request", "The request is not valid HTTP."),
    401: ("Unauthorized", "There is no token, or it is unknown."),
    403: ("Forbidden", "The token belongs to another kind of caller."),
    404: ("Not Found", "It does not exist, or belongs to somebody else."),
    408: ("Request Timeout", "The request did not arrive in time."),
    409: ("Conflict", "It conflicts with what exists already."),
    412: ("Precondition Failed", "It has changed since the version in If-Match."),
    413: ("Body too large", "The body, or the record made from it, is too long."),
    415: ("Unsupported Media Type", "The content type of the body is not accepted here."),
    422: ("Invalid request", "Fields are invalid; each is named."),
    429: ("Too Many Requests", "A limit is reached; try again after the seconds in Retry-After."),
    431: ("Request Header Fields Too Large", "There are too many headers, or they are too long."),
    503: (
        "Service Unavailable",
        "Something this needs does not answer, or is busy; try again after the seconds in Retry-After.",
    ),
}
_ALWAYS = (400, 408, 413, 431)
_GUARDED = (401, 403, 503)
_WITH_BODY = (415, 422)
_FASTAPI_SCHEMAS = ("HTTPValidationError", "ValidationError")
"""Schemas of FastAPI's own error response, which is never sent: ours takes its place."""

_EVERYWHERE = "Errors are problem details (RFC 9457) and carry the id of the request."


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For `responses=`: problems that do not follow from the shape of the endpoint."""
    return {status: {"description": _ABOUT[status][1]} for status in statuses}


def describe(app: FastAPI) -> None:
    """Make `app.openapi()` describe the problems as they are; FastAPI would describe errors that are never sent."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(plain())
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation does it


def _complete(document: dict[str, Any]) -> None:
    document["info"]["description"] = _EVERYWHERE
    used: set[str] = set()
    for methods in document["paths"].values():
        for operation in methods.values():
            problems_here = _problems_of(operation)
            used |= problems_here
            refs = {status: {"$ref": f"#/components/responses/{status}"} for status in problems_here}
            operation["responses"] = dict(sorted((operation["responses"] | refs).items()))
    components = document["components"]
    components["responses"] = {status: _documented(int(status)) for status in sorted(used)}
    for name in _FASTAPI_SCHEMAS:
        components["schemas"].pop(name, None)
    described = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    components["schemas"].update(described.pop("$defs"))
    components["schemas"][ProblemDocument.__name__] = described


def _problems_of(operation: dict[str, Any]) -> set[str]:
    """Statuses answered with problem details: those declared at the endpoint, and those its shape implies."""
    implied = {
        *_ALWAYS,
        *(_GUARDED if "security" in operation else ()),
        *((422,) if "parameters" in operation else ()),
        *(_WITH_BODY if "requestBody" in operation else ()),
    }
    said = {status for status, answer in operation["responses"].items() if _is_problem(status, answer)}
    return said | {str(status) for status in implied}


def _is_problem(status: str, answer: dict[str, Any]) -> bool:
    if not status.isdecimal() or int(status) not in _ABOUT:
        return False
    content = answer.get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    return not content or str(schema.get("$ref", "")).endswith(_FASTAPI_SCHEMAS[0])


def _documented(status: int) -> dict[str, Any]:
    title, about = _ABOUT[status]
    example = {"type": "about:blank", "title": title, "status": status, "detail": about}
    schema = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
    return {"description": about, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}
