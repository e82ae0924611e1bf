"""A browser of the console, whose services answer with what a test hands over."""

from collections.abc import Callable
from functools import cache
from typing import Any

import httpx2
from fastapi import FastAPI

from infra.documents import app_of
from services.console.dependencies import Dependencies
from shared.services import ServiceName

Answers = dict[str, Any]
"""JSON by path, or by service and path; None where the service does not answer."""


@cache
def _console() -> FastAPI:
    """One for all: to make an application costs more than a hundred requests."""
    return app_of("console")


def browser(answer: Callable[[httpx2.Request], httpx2.Response], **cookies: str) -> httpx2.AsyncClient:
    """A browser that follows no redirects; `answer` is what the services behind the console say to it."""
    app = _console()
    transport = httpx2.MockTransport(answer)
    app.state.dependencies = Dependencies(app.state.settings, httpx2.AsyncClient(transport=transport))
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1:8100", cookies=cookies, follow_redirects=False
    )


def client(answers: Answers, **cookies: str) -> httpx2.AsyncClient:
    """A browser of the console, whose services answer with these."""
    services: dict[str, ServiceName] = {url: name for name, url in _console().state.settings.urls.items()}

    def answer(request: httpx2.Request) -> httpx2.Response:
        service = services[f"{request.url.scheme}://{request.url.netloc.decode()}"]
        found = answers.get(f"{service} {request.url.path}", answers.get(request.url.path))
        return httpx2.Response(503) if found is None else httpx2.Response(200, json=found)

    return browser(answer, **cookies)
