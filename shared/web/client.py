"""The HTTP client for calls between services: sends the service token, the request id and the trace context."""

from typing import Any

import httpx2
import structlog

from shared.config import ServiceSettings
from shared.observability import trace


class _Client(httpx2.AsyncClient):
    """Each call is a span of the trace it is made in."""

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send with request id and trace context. The span does not hold the path, which may hold ids."""
        if request_id := structlog.contextvars.get_contextvars().get("request_id"):
            request.headers["X-Request-Id"] = str(request_id)
        facts = {
            "http.request.method": request.method,
            "server.address": request.url.host,
            "server.port": request.url.port,
        }
        with trace.span(request.method, trace.current_traceparent(), kind="client", facts=facts) as span:
            request.headers["traceparent"] = span.traceparent
            answer = await super().send(request, **options)
            span.note({"http.response.status_code": answer.status_code})
            if answer.is_error:
                span.fail(str(answer.status_code))
            return answer


def internal_client(
    settings: ServiceSettings, transport: httpx2.AsyncBaseTransport | None = None
) -> httpx2.AsyncClient:
    """A client for our own services only: every request carries the service token. Close it at the end.

    Connecting may take 2 s, a response as long as the settings say. `transport` is for tests.
    """
    return _Client(
        headers={"Authorization": f"Bearer {settings.service_token.get_secret_value()}"},
        timeout=httpx2.Timeout(settings.answer_seconds, connect=2.0),
        limits=httpx2.Limits(max_connections=settings.calls, max_keepalive_connections=20),
        follow_redirects=False,  # a redirect must not carry the token elsewhere
        trust_env=False,  # proxies from the environment are for calls to the outside
        transport=transport,
    )
