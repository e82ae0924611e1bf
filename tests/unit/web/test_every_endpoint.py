"""No endpoint of any service is open: every one of them, found in its own description, asks for a token first."""

from collections.abc import Iterator

import httpx
import pytest

from infra.documents import SERVICES, app_of, files

OPEN = {("get", "/live"), ("get", "/ready")}


def endpoints() -> Iterator[tuple[str, str, str]]:
    for service in SERVICES:
        for path, methods in app_of(service).openapi()["paths"].items():
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
    transport = httpx.ASGITransport(app_of(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        sent = headers | {"Content-Type": "application/json"}
        answer = await client.request(method, where, headers=sent, content=body)
    assert answer.status_code == 401, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
