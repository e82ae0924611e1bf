"""Puts matching together: the matcher's loop and the HTTP API; started in order, stopped in reverse."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from fastapi import FastAPI

from services.matching import api
from services.matching.settings import Settings
from services.matching.stream.matcher import Matcher
from shared.resolution import Vocabulary
from shared.web.app import create_app
from shared.web.client import internal_client
from shared.web.identity import Authenticator, RemoteAuthenticator

NAME: Final = "matching"


def make_app(settings: Settings, on_failure: Callable[[], None] = lambda: None) -> FastAPI:
    """The application. `on_failure` is called when the matcher has stopped for good."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(internal_client(settings))
            members = RemoteAuthenticator(settings.profiles_url, client, "member")
            recruiters = RemoteAuthenticator(settings.postings_url, client, "recruiter")  # known, to be told 403
            app.state.authenticator = Authenticator(settings, member=members, recruiter=recruiters)
            matcher = app.state.matcher = Matcher(settings, Vocabulary.load(settings.vocabulary), on_failure)
            await matcher.start()
            stack.push_async_callback(matcher.stop)
            app.state.checks.update(matcher=matcher.check)
            app.state.live_checks.update(matcher=matcher.heartbeat.check)
            yield

    return create_app(settings, service=NAME, routers=[api.router], lifespan=lifespan)
