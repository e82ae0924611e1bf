"""`/live` (do the loops still move?), `/ready` (can the process do its work?) and `/metrics`.

The first two are open and hold no personal data. A check returns None when all is well, else the reason. The findings
of `/ready` are also a metric.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, PlainTextResponse, Response

from shared.observability import metrics
from shared.observability.metric_list import READY
from shared.web.callers import ServiceOrOperator

Check = Callable[[], Awaitable[str | None]]
CHECK_TIMEOUT_S = 3.0


class Health(BaseModel):
    """What `/live` and `/ready` answer: each check by name, `ok` or the reason why not."""

    status: str
    checks: dict[str, str]


class Heartbeat:
    """A loop calls `beat()` each round; the check fails when it has not for `limit_s` seconds."""

    def __init__(self, what: str, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._limit_s, self._clock = what, limit_s, clock
        self._last = clock()

    def beat(self) -> None:
        """The loop has moved."""
        self._last = self._clock()

    async def check(self) -> str | None:
        """For `live_checks`."""
        silent_s = self._clock() - self._last
        return None if silent_s <= self._limit_s else f"{self._what} has not moved for {silent_s:.0f} s"


async def run_checks(checks: Mapping[str, Check]) -> dict[str, str]:
    """Each check's finding by name: `ok`, or the reason why not. A check that raises or hangs has failed."""
    findings = await asyncio.gather(*(_run(check) for check in checks.values()))
    return {name: finding or "ok" for name, finding in zip(checks, findings, strict=True)}


async def _run(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check()
    except Exception as error:  # noqa: BLE001 - any error is a finding; its text is left out, since it could hold a DSN
        return f"failed: {type(error).__name__}"


async def _respond(checks: Mapping[str, Check], passed: str, failed: str) -> Response:
    findings = await run_checks(checks)
    all_ok = all(finding == "ok" for finding in findings.values())
    return JSONResponse({"status": passed if all_ok else failed, "checks": findings}, 200 if all_ok else 503)


def health_router() -> APIRouter:
    """The three endpoints; checks are read from `app.state.live_checks` and `app.state.checks`."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/live", response_model=Health, responses={503: {"model": Health, "description": "A loop has stopped."}}
    )
    async def live(request: Request) -> Response:
        return await _respond(request.app.state.live_checks, "live", "stuck")

    @router.get(
        "/ready",
        response_model=Health,
        responses={503: {"model": Health, "description": "A part cannot work."}},
    )
    async def ready(request: Request) -> Response:
        return await _respond(request.app.state.checks, "ready", "not ready")

    @router.get("/metrics", response_class=PlainTextResponse)
    async def read_metrics(request: Request, _caller: ServiceOrOperator) -> Response:
        for check, finding in (await run_checks(request.app.state.checks)).items():
            READY.labels(check).set(finding == "ok")
        return Response(metrics.render(request.app.state.service), media_type=metrics.CONTENT_TYPE)

    return router
