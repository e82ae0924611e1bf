"""Puts notifications together: database, listener, consumer, timers, sender, HTTP API; stopped in reverse."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI

from services.notifications import api
from services.notifications.cards import Cards
from services.notifications.channels.email import Mailer
from services.notifications.channels.sender import Sender
from services.notifications.handlers import IGNORED, Handlers
from services.notifications.live_stream import Hub
from services.notifications.settings import Settings
from services.notifications.timers import Timers
from shared.messaging.consume.consumer import Consumer
from shared.storage import pool as storage
from shared.storage.migrations import migrate
from shared.storage.pool import Pool
from shared.web.app import create_app
from shared.web.audit import audit_router
from shared.web.client import internal_client
from shared.web.identity import Authenticator, RemoteAuthenticator
from shared.web.letters import letters_router

NAME: Final = "notifications"
MIGRATIONS = Path(__file__).with_name("migrations")
_LONGEST_TICK = timedelta(seconds=1)


def make_app(settings: Settings) -> FastAPI:
    """The application."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            pool, sender = await open_parts(app, stack, settings)
            await _start_loops(app, stack, settings, pool, sender)
            yield

    return create_app(settings, service=NAME, routers=routers(), lifespan=lifespan)


def routers() -> list[APIRouter]:
    """All endpoints."""
    return [api.router, audit_router(api.pool_of), letters_router(NAME, api.pool_of)]


async def open_parts(app: FastAPI, stack: AsyncExitStack, settings: Settings) -> tuple[Pool, Sender | None]:
    """What the HTTP API needs by itself: the database with its tables, names, callers, live streams."""
    pool = await storage.open_pool(settings.database_url.get_secret_value(), schema=NAME)
    stack.push_async_callback(pool.close)
    await migrate(pool, MIGRATIONS)
    client = await stack.enter_async_context(internal_client(settings))
    cards = Cards(client, settings.profiles_url)
    sender = Sender(pool, Mailer(settings), cards) if settings.smtp_host else None
    hub = Hub(pool, settings.streams_per_member, sender.wake if sender else lambda: None)
    hub.start()
    stack.push_async_callback(hub.stop)
    app.state.on_stop.append(hub.close)
    app.state.pool, app.state.cards, app.state.hub = pool, cards, hub
    members = RemoteAuthenticator(settings.profiles_url, client, "member")
    recruiters = RemoteAuthenticator(settings.postings_url, client, "recruiter")  # known, to be told 403
    app.state.authenticator = Authenticator(settings, member=members, recruiter=recruiters)
    app.state.checks.update(database=partial(storage.check, pool), listener=hub.check)
    return pool, sender


async def _start_loops(
    app: FastAPI, stack: AsyncExitStack, settings: Settings, pool: Pool, sender: Sender | None
) -> None:
    email = sender is not None
    if sender is not None:
        sender.start()
        stack.push_async_callback(sender.stop)
        app.state.checks.update(sender=sender.check)
    handlers = Handlers(settings.quiet, settings.longest, email=email)
    consumer = Consumer(
        service=NAME,
        pool=pool,
        bootstrap=settings.kafka_bootstrap_servers,
        handlers=handlers.by_topic(),
        ignored=IGNORED,
    )
    await consumer.start()
    stack.push_async_callback(consumer.stop)
    timers = Timers(pool, min(_LONGEST_TICK, settings.quiet / 4), email=email)
    timers.start()
    stack.push_async_callback(timers.stop)
    app.state.checks.update(consumer=consumer.check, timers=timers.check)
