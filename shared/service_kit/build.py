"""From a declaration to an application: everything started in order, and stopped in reverse."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import chain
from typing import get_args

from fastapi import APIRouter, FastAPI

from shared.messaging.inspection.groups import consumer_group
from shared.messaging.topics.catalogue import CONSUMER_GROUPS
from shared.service_kit.declaration import D, Declaration, Moving, Resources
from shared.storage import pool as storage
from shared.storage.migrations import migrate
from shared.web.app import create_app
from shared.web.audit import audit_router
from shared.web.client import internal_client
from shared.web.dead_letters_api import dead_letters_router
from shared.web.identity import (
    TOKEN_OWNERS,
    Authenticator,
    RemoteAuthenticator,
    Source,
    TableAuthenticator,
    TableRoles,
    TokenKind,
    introspection_router,
)
from shared.web.lag_api import lag_router
from shared.web.reconciliation_api import reconciliation_router


def build(declaration: Declaration[D], *, background: bool = True) -> FastAPI:
    """The service's application.

    `app.state.dependencies` is what the declaration makes of its resources, `app.state.pool` the database. Without
    `background` only the HTTP API runs, with what it cannot do without: for tests that look at its effects themselves.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            resources = await _open(app, stack, declaration)
            await _start(app, stack, declaration, resources, background=background)
            yield

    app = create_app(
        declaration.settings,
        service=declaration.name,
        routers=[*declaration.routers, *_usual_routers(declaration)],
        lifespan=lifespan,
        body_limits=declaration.body_limits,
        refusals=declaration.refusals,
    )
    app.state.end_process = lambda: None
    return app


def _usual_routers(declaration: Declaration[D]) -> list[APIRouter]:
    """The endpoints that follow from what a service has."""
    routers = []
    if declaration.token_query is not None:
        routers.append(introspection_router())
    if declaration.migrations is not None:
        routers.append(audit_router())
    if declaration.name in CONSUMER_GROUPS:
        routers += [dead_letters_router(declaration.name), lag_router(consumer_group(declaration.name))]
    if declaration.topic_owners is not None:
        routers.append(reconciliation_router())
    return routers


async def _open(app: FastAPI, stack: AsyncExitStack, declaration: Declaration[D]) -> Resources:
    """The migrated database, the client for other services, and who may call."""
    settings, database = declaration.settings, None
    if declaration.migrations is not None:
        database = await storage.open_pool(settings.database_url.get_secret_value(), schema=declaration.name)
        stack.push_async_callback(database.close)
        await migrate(database, declaration.migrations)
        app.state.pool = database
        app.state.checks["database"] = partial(storage.check, database)
    client = await stack.enter_async_context(internal_client(settings))
    resources = Resources(declaration.name, settings, client, database, app.state.end_process)
    app.state.authenticator = Authenticator(settings, **_token_sources(declaration, resources))
    if declaration.role_query is not None:
        app.state.roles = TableRoles(resources.pool, declaration.role_query)
    return resources


def _token_sources(declaration: Declaration[D], resources: Resources) -> dict[TokenKind, Source]:
    """Every kind of token is known everywhere, if only to answer 403: its owner's table says whose it is."""
    sources: dict[TokenKind, Source] = {}
    for kind in get_args(TokenKind):
        owner = TOKEN_OWNERS[kind]
        if owner == declaration.name:
            if declaration.token_query is None:
                raise ValueError(f"{owner} owns the tokens of kind {kind}: its declaration needs a token_query")
            sources[kind] = TableAuthenticator(resources.pool, declaration.token_query, kind, *declaration.token_args)
        else:
            sources[kind] = RemoteAuthenticator(declaration.settings.urls[owner], resources.client, kind)
    return sources


async def _start(
    app: FastAPI, stack: AsyncExitStack, declaration: Declaration[D], resources: Resources, *, background: bool
) -> None:
    dependencies = app.state.dependencies = declaration.dependencies(resources)
    if declaration.topic_owners is not None:
        app.state.topic_owners = declaration.topic_owners(dependencies)
    app.state.on_stop.append(partial(declaration.on_stop, dependencies))
    beside_api = declaration.beside_api(dependencies)
    more = declaration.background(resources, dependencies) if background else {}
    for name, work in chain(beside_api.items(), more.items()):
        stack.push_async_callback(work.stop)
        await work.start()
        app.state.checks[name] = work.check
        if isinstance(work, Moving):
            app.state.live_checks[name] = work.check_moving
