"""Puts profiles together: database, relay, timer, HTTP API; started in order, stopped in reverse."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import date, timedelta
from functools import partial
from typing import Final

from fastapi import FastAPI, Request

from services.profiles import api, cleaning, contacts_api, imports_api, internal_api, store
from services.profiles.parts import Parts, utc_today
from services.profiles.reconciling import owners
from services.profiles.settings import Settings
from shared.messaging.publish.reconciling import Owner
from shared.messaging.publish.relay import Relay
from shared.storage import pool as storage
from shared.storage.migrations import migrate
from shared.storage.pool import Pool
from shared.web.app import create_app
from shared.web.audit import audit_router
from shared.web.client import internal_client
from shared.web.health import Heartbeat
from shared.web.identity import Authenticator, RemoteAuthenticator, TableAuthenticator, introspection_router
from shared.web.reconciling import reconciliation_router

NAME: Final = "profiles"


def make_app(settings: Settings, today: Callable[[], date] = utc_today) -> FastAPI:
    """The application. `today` is its calendar: for the day of an import and for jobs that go on."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await _start(app, stack, settings, today)
            yield

    return create_app(
        settings,
        service=NAME,
        routers=[
            api.router,
            imports_api.router,
            contacts_api.router,
            internal_api.router,
            introspection_router(),
            audit_router(lambda request: request.app.state.parts.pool),
            reconciliation_router(_owners),
        ],
        lifespan=lifespan,
        body_limits={imports_api.PATH: imports_api.BODY_LIMIT},
    )


def _owners(request: Request) -> dict[str, Owner]:
    parts: Parts = request.app.state.parts
    return owners(parts.today, parts.republish_after)


async def open_parts(app: FastAPI, stack: AsyncExitStack, settings: Settings, today: Callable[[], date]) -> Pool:
    """What the HTTP API needs: the migrated database and who may call. Closed by `stack`."""
    pool = await storage.open_pool(settings.database_url.get_secret_value(), schema=NAME)
    stack.push_async_callback(pool.close)
    await migrate(pool, store.MIGRATIONS)
    members = TableAuthenticator(pool, store.SQL["find_token"], "member")
    client = await stack.enter_async_context(internal_client(settings))
    recruiters = RemoteAuthenticator(settings.postings_url, client, "recruiter")  # known, to be told 403
    app.state.authenticator = Authenticator(settings, member=members, recruiter=recruiters)
    app.state.parts = Parts(pool, today, timedelta(hours=settings.republish_after_hours))
    app.state.checks.update(database=partial(storage.check, pool))
    return pool


async def _start(app: FastAPI, stack: AsyncExitStack, settings: Settings, today: Callable[[], date]) -> None:
    pool = await open_parts(app, stack, settings, today)
    relay = Relay(pool, settings.kafka_bootstrap_servers, NAME)
    await relay.start()
    stack.push_async_callback(relay.stop)
    heartbeat = Heartbeat("the timer", 2 * cleaning.EVERY_S)
    timer = asyncio.create_task(cleaning.run(pool, heartbeat.beat), name="cleaning")
    stack.push_async_callback(_cancel, timer)
    app.state.checks.update(relay=relay.check)
    app.state.live_checks.update(timer=heartbeat.check)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
