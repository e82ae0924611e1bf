"""Puts postings together: database, relay, consumer, timer, HTTP API; started in order, stopped in reverse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Final

from fastapi import FastAPI, Request

from services.postings import api, bulk_api, clock, internal_api, store
from services.postings.domain import Now, utc_now
from services.postings.handlers import IGNORED, handlers
from services.postings.parts import Parts
from services.postings.reconciling import OWNERS
from services.postings.settings import Settings
from shared.messaging.consume.consumer import Consumer
from shared.messaging.publish.relay import Relay
from shared.storage import pool as storage
from shared.storage.migrations import migrate
from shared.storage.pool import Pool
from shared.web.app import create_app
from shared.web.audit import audit_router
from shared.web.client import internal_client
from shared.web.health import Heartbeat
from shared.web.identity import Authenticator, RemoteAuthenticator, TableAuthenticator, introspection_router
from shared.web.letters import letters_router
from shared.web.reconciling import reconciliation_router

NAME: Final = "postings"
TICK_LIMIT_S = clock.LONGEST_SLEEP_S + 60


def make_app(settings: Settings, now: Now = utc_now) -> FastAPI:
    """The application. `now` is its clock: for the day, for expiry, and for when an opening was posted."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await _start(app, stack, settings, now)
            yield

    return create_app(
        settings,
        service=NAME,
        routers=[
            api.router,
            bulk_api.router,
            internal_api.router,
            introspection_router(),
            audit_router(_pool),
            letters_router(NAME, _pool),
            reconciliation_router(lambda _request: OWNERS),
        ],
        lifespan=lifespan,
        body_limits={bulk_api.PATH: bulk_api.MAX_BYTES},
    )


def _pool(request: Request) -> Pool:
    pool: Pool = request.app.state.parts.pool
    return pool


async def _start(app: FastAPI, stack: AsyncExitStack, settings: Settings, now: Now) -> None:
    parts = await open_parts(app, stack, settings, now)
    bootstrap = settings.kafka_bootstrap_servers
    relay = Relay(parts.pool, bootstrap, NAME)
    await relay.start()
    stack.push_async_callback(relay.stop)
    consumer = Consumer(service=NAME, pool=parts.pool, bootstrap=bootstrap, handlers=handlers(now), ignored=IGNORED)
    await consumer.start()
    stack.push_async_callback(consumer.stop)
    heartbeat = Heartbeat("the timer", TICK_LIMIT_S)
    timer = asyncio.create_task(clock.run(parts.pool, now, heartbeat.beat), name="clock")
    stack.push_async_callback(_cancel, timer)
    app.state.checks.update(database=partial(storage.check, parts.pool), relay=relay.check, consumer=consumer.check)
    app.state.live_checks.update(timer=heartbeat.check)


async def open_parts(app: FastAPI, stack: AsyncExitStack, settings: Settings, now: Now) -> Parts:
    """What the HTTP API needs by itself: the database with its tables, the callers, the way to other services."""
    pool = await storage.open_pool(settings.database_url.get_secret_value(), schema=NAME)
    stack.push_async_callback(pool.close)
    await migrate(pool, store.MIGRATIONS)
    keys = TableAuthenticator(pool, store.SQL["find_key"], "recruiter")
    client = await stack.enter_async_context(internal_client(settings))
    members = RemoteAuthenticator(settings.profiles_url, client, "member")  # known, to be told 403
    app.state.authenticator = Authenticator(settings, recruiter=keys, member=members)
    parts = Parts(pool, client, settings.matching_url, now, settings.openings_a_day)
    app.state.parts = parts
    return parts


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
