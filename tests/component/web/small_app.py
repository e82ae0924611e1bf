"""A small application made by the factory, with an endpoint for everything a test wants to see."""

from typing import Annotated

import asyncpg
import httpx2
import structlog
from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, Field

from shared.config import ServiceSettings
from shared.observability import trace
from shared.web import problems
from shared.web.identity import Caller, introspection_router, new_token, require

SETTINGS = ServiceSettings(service_token="service-secret-of-a-test", operator_token="operator-secret-of-a-test")
OPERATOR = {"Authorization": "Bearer operator-secret-of-a-test"}
SERVICE = {"Authorization": "Bearer service-secret-of-a-test"}
MEMBER, MEMBER_HASH = new_token("member")
API_KEY, API_KEY_HASH = new_token("recruiter")
ZOE = "Zoe Example"


class Salary(BaseModel):
    min: int


class Body(BaseModel):
    title: str = Field(max_length=10)
    salary: Salary


class Table:
    def __init__(self, **rows):
        self.rows = rows

    async def fetchrow(self, _query, token_hash):
        found = self.rows.get("h" + token_hash)
        return None if found is None else {0: found}


ERRORS = {
    "problem": lambda: problems.conflict("the posting has moved on"),
    "http": lambda: HTTPException(418),
    "database": lambda: asyncpg.UniqueViolationError(f"Key (name)=({ZOE}) already exists."),
    "away": lambda: ConnectionRefusedError(ZOE),
    "bug": lambda: ValueError(ZOE),
}


def routers():
    router = APIRouter(prefix="/v1")

    @router.post("/things/{thing_id}")
    async def make(thing_id: str, body: Body, limit: int = 1) -> dict[str, str]:
        return {"id": thing_id, "title": body.title, "limit": str(limit)}

    @router.post("/upload/new")
    async def upload(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.stream()])

    @router.get("/fail/{kind}")
    async def fail(kind: str) -> None:
        error = ERRORS[kind]()
        raise error

    @router.get("/me")
    async def me(caller: Annotated[Caller, Depends(require("member", "recruiter"))]) -> str:
        return f"{caller.kind} {caller.id}"

    @router.get("/search")
    async def search(
        _caller: Annotated[Caller, Depends(require("member"))], status: str | None = None, limit: int = 1
    ) -> str:
        return f"{status} {limit}"

    @router.delete("/search")
    async def forget(_caller: Annotated[Caller, Depends(require("member"))]) -> None:
        return None

    @router.get("/context")
    async def context() -> dict[str, str | None]:
        bound = structlog.contextvars.get_contextvars()
        return {"trace": trace.current_traceparent(), "request_id": bound["request_id"]}

    return [router, introspection_router()]


def is_problem(answer: httpx2.Response, status: int) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == status
    assert said["request_id"] == answer.headers["x-request-id"]
    assert said["type"]
    assert said["title"]
    assert said["instance"].startswith("/")
    return said
