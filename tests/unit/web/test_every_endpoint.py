"""No endpoint of any service is open: every one of them, found in its own description, asks for a token first."""

from collections.abc import Iterator
from functools import cache
from typing import get_args

import httpx2
import pytest

from infra.documents import app_of, files
from shared.services import SERVICES
from shared.web.identity import Caller, Kind

OPEN = {("get", "/live"), ("get", "/ready"), ("get", "/unsubscribe/{token}"), ("post", "/unsubscribe/{token}")}
"""The last two: by the token of an e-mail (tests/component/notifications/test_unsubscribing.py)."""


one_app_of = cache(app_of)
"""For those who ask and change nothing: to make an app costs more than a hundred requests."""


def endpoints() -> Iterator[tuple[str, str, str]]:
    for service in SERVICES:
        for path, methods in one_app_of(service).openapi()["paths"].items():
            for method in methods:
                if (method, path) not in OPEN:
                    yield service, method, path


ENDPOINTS = list(endpoints())


def test_committed_documents_are_those_of_the_services():
    for path, text in files().items():
        assert path.read_text() == text, f"{path} is not what the service says; run `make docs`"


def test_the_services_have_endpoints_at_all():
    assert {service for service, _, _ in ENDPOINTS} == set(SERVICES)
    assert len(ENDPOINTS) > 40


@pytest.mark.parametrize(("service", "method", "path"), ENDPOINTS)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nobody"}], ids=["no token", "an unknown token"])
@pytest.mark.parametrize("body", [b"", b"{not json", b"\xff"], ids=["no body", "no JSON", "no text"])
async def test_every_endpoint_asks_for_a_token_before_anything_else(service, method, path, headers, body):
    where = path.replace("{", "").replace("}", "")
    transport = httpx2.ASGITransport(one_app_of(service))
    async with httpx2.AsyncClient(transport=transport, base_url="http://service.test") as client:
        sent = headers | {"Content-Type": "application/json"}
        answer = await client.request(method, where, headers=sent, content=body)
    assert answer.status_code == 401, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")


class _Anybody:
    """Lets every token in, as a caller of one kind."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    async def authenticate(self, _token: str, **_: bool) -> Caller:
        return Caller(self._kind, "somebody")


@pytest.mark.parametrize("service", SERVICES)
async def test_nothing_that_an_endpoint_needs_is_fetched_by_a_thread(service, monkeypatch):
    """What is no coroutine FastAPI runs on a thread of its own: two switches in the way of each answer."""
    threads, reached = [], set()

    async def on_a_thread(work, *args, **named):
        threads.append(work)
        return work(*args, **named)

    for place in ("fastapi.dependencies.utils", "fastapi.routing"):
        monkeypatch.setattr(f"{place}.run_in_threadpool", on_a_thread)
    app = app_of(service)
    endpoints = [(method, path) for name, method, path in ENDPOINTS if name == service]
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://service.test") as client:
        for kind in get_args(Kind):
            app.state.authenticator = _Anybody(kind)
            for method, path in endpoints:
                where = path.replace("{", "").replace("}", "")
                answer = await client.request(method, where, headers={"Authorization": "Bearer any"})
                if answer.status_code not in (401, 403):
                    reached.add((method, path))
    assert reached == set(endpoints)
    assert threads == []
