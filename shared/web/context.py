"""The outermost layer around a request: its id, trace, log line and metrics, and the handling of unforeseen errors.

Pure ASGI, so that live streams pass through unbuffered.
"""

import re
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observability import trace
from shared.observability.logs import get_logger
from shared.observability.metric_list import HTTP_REQUESTS, HTTP_SECONDS
from shared.web.problems import problem_of, respond
from shared.web.routes import template_of

log = get_logger(__name__)

_ACCEPTED_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_PROBES = frozenset({"/live", "/ready", "/metrics"})
_CLIENT_GONE = 499
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FAILED_FROM = 500
_SAFE_HEADERS = {
    "cache-control": "no-store",  # responses hold personal data; an endpoint may override it
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class RequestContext:
    """Wraps everything else. Takes the client's `X-Request-Id` if it is well-formed, else a new one, and returns it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one HTTP request; other kinds of scope pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex
        parent = headers.get("traceparent")
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            if scope["path"] in _PROBES:  # frequent, and part of no trace
                await self._handle(scope, receive, send, request_id, None)
                return
            with trace.span(_method(scope), parent, kind="server") as span:
                await self._handle(scope, receive, send, request_id, span)

    async def _handle(
        self, scope: Scope, receive: Receive, send: Send, request_id: str, span: trace.Span | None
    ) -> None:
        status = 0
        began = time.perf_counter()

        async def send_and_note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete(message, request_id)
            await send(message)

        try:
            await self._app(scope, receive, send_and_note_status)
        except ClientDisconnect:
            status = status or _CLIENT_GONE
        except Exception as error:
            problem = problem_of(error)
            if status:
                raise  # the response has begun: the server breaks the connection off
            await respond(problem, scope["path"])(scope, receive, send_and_note_status)
        finally:
            _record(scope, status or _CLIENT_GONE, time.perf_counter() - began)
            if span is not None:
                _describe(span, scope, status or _CLIENT_GONE)


def _complete(message: MutableMapping[str, Any], request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _SAFE_HEADERS.items():
        headers.setdefault(name, value)
    headers["x-request-id"] = request_id


def _record(scope: Scope, status: int, seconds: float) -> None:
    path = template_of(scope) or "unmatched"
    HTTP_SECONDS.labels(scope["method"], path).observe(seconds)
    HTTP_REQUESTS.labels(scope["method"], path, str(status)).inc()
    caller = scope.get("state", {}).get("caller")
    facts = {"method": scope["method"], "path": path, "status": status, "ms": round(seconds * 1000, 1)}
    if caller is not None:
        facts["caller"] = f"{caller.kind}:{caller.id}"
    (log.debug if path in _PROBES else log.info)("request", **facts)


def _method(scope: Scope) -> str:
    """The method, if it is a known one: a client may send any word."""
    method: str = scope["method"]
    return method if method in _METHODS else "_OTHER"


def _describe(span: trace.Span, scope: Scope, status: int) -> None:
    """Describe the span by the route's template: paths and query strings may hold personal data."""
    method, route = _method(scope), template_of(scope)
    span.rename(f"{method} {route}" if route else method)
    span.note({"http.request.method": method, "http.route": route, "http.response.status_code": status})
    if status >= _FAILED_FROM:
        span.fail(str(status))
