"""The API's documents where the API is: `/openapi.json`, and `/docs` for reading. Open, since they tell of nobody.

The page is made on the server from the same description; it needs no script, and nothing from another host.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.responses import HTMLResponse, JSONResponse, Response

_TEMPLATES = Path(__file__).with_name("templates")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
_LOCAL = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, as the page shows it."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    body: str | None
    answers: list[tuple[str, str, str | None]]
    """Status, what it says, and the name of what is in it."""

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"{self.method}{self.path}".replace("/", "-").replace("{", "").replace("}", "")


def reference_router() -> APIRouter:
    """`/openapi.json`, `/docs` and the page's style sheet."""
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    async def description(request: Request) -> Response:
        return JSONResponse(request.app.openapi())

    @router.get("/docs")
    async def page(request: Request) -> Response:
        return HTMLResponse(_render(request.app.openapi()), headers=_HEADERS)

    @router.get("/docs/style.css")
    async def style() -> Response:
        return Response((_TEMPLATES / "reference.css").read_bytes(), media_type="text/css", headers=_HEADERS)

    return router


def _render(document: Mapping[str, Any]) -> str:
    by_tag: dict[str, list[Operation]] = {}
    for tag, operation in _operations(document):
        by_tag.setdefault(tag, []).append(operation)
    schemas = {
        name: {"description": schema.get("description", ""), "fields": list(_fields(schema))}
        for name, schema in sorted(document["components"]["schemas"].items())
    }
    return _template().render(info=document["info"], tags=by_tag, schemas=schemas)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("reference.html.jinja")


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            yield (
                said.get("tags", ["other"])[0],
                Operation(
                    method.upper(),
                    path,
                    said.get("summary", ""),
                    said.get("description", ""),
                    [_parameter(each) for each in said.get("parameters", ())],
                    _content(said.get("requestBody", {})),
                    [_answer(document, status, answer) for status, answer in said["responses"].items()],
                ),
            )


def _parameter(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": said["name"],
        "in": said["in"],
        "type": _type(said.get("schema", {})),
        "required": said.get("required", False),
        "description": said.get("description", ""),
    }


def _answer(document: Mapping[str, Any], status: str, said: Mapping[str, Any]) -> tuple[str, str, str | None]:
    if "$ref" in said:
        said = document["components"]["responses"][said["$ref"].rpartition("/")[2]]
    return status, said.get("description", ""), _content(said)


def _content(said: Mapping[str, Any]) -> str | None:
    for content in said.get("content", {}).values():
        return _type(content.get("schema", {}))
    return None


def _fields(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    required = set(schema.get("required", ()))
    for name, said in schema.get("properties", {}).items():
        yield {
            "name": name,
            "type": _type(said),
            "required": name in required,
            "description": said.get("description", ""),
        }


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in a few words: `Company`, `text`, `list of text`, `open | closed`."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_LOCAL)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(_type(each) for each in schema[several] if each.get("type") != "null")
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', schema.get('prefixItems', [{}])[0]))}"
    named = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "object"}
    kind = str(schema.get("type", "anything"))
    return str(schema.get("format") or named.get(kind, kind))
