"""The HTTP client for calls between services: it shows the service token and carries request id and trace along."""

import httpx
import structlog

from shared.config import ServiceSettings
from shared.observability import trace


async def _carry_context(request: httpx.Request) -> None:
    if request_id := structlog.contextvars.get_contextvars().get("request_id"):
        request.headers["X-Request-Id"] = str(request_id)
    if current := trace.current_traceparent():
        request.headers["traceparent"] = trace.child(current)


def internal_client(settings: ServiceSettings, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client for our own services only (it shows the service token to whomever it calls). Close it at the end.

    Connecting may take 2 s, an answer 5 s. `transport` is for tests.
    """
    return httpx.AsyncClient(
        headers={"Authorization": f"Bearer {settings.service_token.get_secret_value()}"},
        timeout=httpx.Timeout(5.0, connect=2.0),
        limits=httpx.Limits(max_connections=50, max_keepalive_connections=20),
        event_hooks={"request": [_carry_context]},
        follow_redirects=False,  # a redirect must not carry the token elsewhere
        trust_env=False,  # proxies of the environment are for the world outside
        transport=transport,
    )
