"""The FastAPI application of a service: request ids, limits, problems, health and callers are the same in each."""

import gc
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from types import FrameType
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI

from shared.config import ServiceSettings
from shared.observability import trace
from shared.services import ServiceName
from shared.web import documents, problems
from shared.web.connections import Connection
from shared.web.context import RequestContext
from shared.web.described import Described
from shared.web.health import Check, health_router
from shared.web.identity import Authenticator, establish
from shared.web.limits import Limits, Responder, as_document
from shared.web.reference import reference_router

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
GRACE_S = 4
"""Seconds that open requests may take once a stop has begun; then they are cancelled, as endless streams always are."""

GC_THRESHOLDS = (100_000, 50, 100)
THREAD_SWITCH_S = 0.0005


def create_app(
    settings: ServiceSettings,
    *,
    service: ServiceName,
    routers: Sequence[APIRouter],
    lifespan: Lifespan | None = None,
    checks: Mapping[str, Check] | None = None,
    live_checks: Mapping[str, Check] | None = None,
    body_limits: Mapping[str, int] | None = None,
    refusals: Responder = as_document,
) -> FastAPI:
    """Build the application.

    Args:
        settings: kept as `app.state.settings`.
        service: its name, in its API description and for its metrics.
        routers: the service's endpoints; each guards itself with `identity.require`.
        lifespan: opens what the service needs and closes it in reverse. It sets `app.state.authenticator` where
            members or recruiters are known; until then only the stack's two secrets are. It may add to
            `app.state.checks` and `app.state.live_checks`.
        checks: for `/ready`, by name; each returns None when all is well, else the reason (no secrets: it is public).
        live_checks: for `/live`, likewise: loops that must have moved lately.
        body_limits: bytes that a body may have, by the beginning of the path, where that is not the usual.
        refusals: what is answered to a request that is refused before it is read.
    """
    app = FastAPI(
        title=f"Warmpath {service}", version="1", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.settings = settings
    app.state.service = service
    app.state.authenticator = Authenticator(settings)
    app.state.establish = establish
    app.state.described = Described(app)
    app.state.checks = dict(checks or {})
    app.state.live_checks = dict(live_checks or {})
    app.state.on_stop = []
    problems.install(app)
    documents.describe(app)
    for router in (*routers, health_router(), reference_router()):
        app.include_router(router)
    app.add_middleware(Limits, by_prefix=body_limits, patience_s=settings.patience_seconds, respond=refusals)
    app.add_middleware(RequestContext)  # added last, so it is outermost
    return app


class _Server(uvicorn.Server):
    """Announces a stop before it waits for open requests, since live streams would otherwise delay it."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        app = self.config.app
        if isinstance(app, FastAPI):
            for end in app.state.on_stop:
                end()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, and send the last spans: the signal that stopped the server ends the process right after it."""
        await super().shutdown(sockets)
        trace.shut_down()


def _tune_interpreter() -> None:
    """Collect garbage from now on, less often, and give the event loop the interpreter sooner while a thread works.

    An import makes millions of objects that live until its end; with Python's default thresholds a third of its time
    went into traversing them. And the event loop waits for the interpreter's lock once for each response it receives.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()
    sys.setswitchinterval(THREAD_SWITCH_S)


def server_config(app: Any, settings: ServiceSettings) -> uvicorn.Config:
    """How the server runs an application. What a request says of where it came from counts from known proxies only."""
    proxies = settings.proxies()
    options: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False, "http": Connection}
    options |= {"loop": "uvloop", "timeout_graceful_shutdown": GRACE_S}
    options |= {"proxy_headers": bool(proxies), "forwarded_allow_ips": proxies}
    return uvicorn.Config(app, host=settings.host, port=settings.port, **options)


def serve(app: FastAPI, settings: ServiceSettings) -> None:
    """Run the application until it is told to stop. Logging is already configured; uvicorn goes through it.

    The functions in `app.state.on_stop` are called, in a signal handler, when a stop begins.
    """
    server = _Server(server_config(app, settings))
    inherited = None if settings.listen_fd is None else [socket.socket(fileno=settings.listen_fd)]
    _tune_interpreter()
    with suppress(KeyboardInterrupt):  # Ctrl-C has stopped it in order: no traceback after that
        server.run(inherited)
    if not server.started:
        raise SystemExit(3)
