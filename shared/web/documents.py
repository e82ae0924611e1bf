"""What an application's OpenAPI document says of problems: the same in every service, and nothing that is not so.

What every guarded endpoint may answer follows from its shape; only the rest (404, 409 …) is said at the endpoint.
"""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from shared.web.problems import MEDIA_TYPE


class Wrong(BaseModel):
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
    errors: list[Wrong] | None = None


_ABOUT: dict[int, tuple[str, str]] = {
    400: ("Bad Request", "This is no HTTP."),
    401: ("Unauthorized", "No token, or one that nobody is known by."),
    403: ("Forbidden", "The token is another kind of caller's."),
    404: ("Not Found", "There is none, or it is somebody else's."),
    408: ("Request Timeout", "The request did not come in time."),
    409: ("Conflict", "What is there already stands against it."),
    412: ("Precondition Failed", "It has changed since the version in If-Match."),
    413: ("Body too large", "The body, or what is made of it, is too long."),
    415: ("Unsupported Media Type", "The body is of a type that is not read here."),
    422: ("Invalid request", "A field is wrong; each is named."),
    429: ("Too Many Requests", "As much as is allowed goes on already; try again after the seconds in Retry-After."),
    431: ("Request Header Fields Too Large", "There are too many headers, or they are too long."),
    503: ("Service Unavailable", "Something this needs is away, or all hands are full; try again after Retry-After."),
}
_ALWAYS = (400, 408, 413, 431)
_GUARDED = (401, 403, 503)
_WITH_BODY = (415, 422)
_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")
"""Schemas of an answer that is never given: ours takes its place."""

_EVERYWHERE = "Whatever is not a success is told as problem details (RFC 9457) and bears the request's id."


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For `responses=`: problems that do not follow from the endpoint's shape."""
    return {status: {"description": _ABOUT[status][1]} for status in statuses}


def describe(app: FastAPI) -> None:
    """Make `app.openapi()` tell of problems as they are; FastAPI itself would tell of answers that are never given."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(plain())
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents


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
    for name in _FASTAPIS_OWN:
        components["schemas"].pop(name, None)
    described = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    components["schemas"].update(described.pop("$defs"))
    components["schemas"][ProblemDocument.__name__] = described


def _problems_of(operation: dict[str, Any]) -> set[str]:
    """The statuses that are answered with problem details: those said at the endpoint, and those its shape implies."""
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
    return not content or str(schema.get("$ref", "")).endswith(_FASTAPIS_OWN[0])


def _documented(status: int) -> dict[str, Any]:
    title, about = _ABOUT[status]
    example = {"type": "about:blank", "title": title, "status": status, "detail": about}
    schema = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
    return {"description": about, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}
