"""What introductions has: tables, an outbox, a consumer of what introductions rest on, and the API for members."""

from typing import Final

from fastapi import FastAPI

from services.introductions import (
    api,
    departures,
    give_api,
    internal_api,
    keep_in_touch_api,
    limits_api,
    links_api,
    mirror,
    preview_api,
    timers,
)
from services.introductions.dependencies import Dependencies, Now, utc_now
from services.introductions.handlers import HANDLERS, IGNORED
from services.introductions.reconciling import owners
from services.introductions.settings import Settings
from shared.messaging.consume.consumer import Consumer
from shared.messaging.publish.relay import Relay
from shared.service_kit.build import build
from shared.service_kit.declaration import Background, Declaration, Resources

NAME: Final = "introductions"


def make_app(settings: Settings, now: Now = utc_now, *, background: bool = True) -> FastAPI:
    """The application. `now` is its clock: every deadline runs by it."""
    declaration = Declaration(
        name=NAME,
        settings=settings,
        routers=[
            preview_api.router,
            api.router,
            give_api.router,
            keep_in_touch_api.router,
            limits_api.router,
            links_api.router,
            internal_api.router,
        ],
        migrations=mirror.MIGRATIONS,
        topic_owners=owners,
        dependencies=lambda opened: Dependencies.make(settings, opened, now),
        background=_background,
    )
    return build(declaration, background=background)


def _background(opened: Resources, deps: Dependencies) -> dict[str, Background]:
    return {
        "relay": Relay(opened.pool, opened.bootstrap, NAME),
        "consumer": Consumer(NAME, opened.pool, opened.bootstrap, HANDLERS, ignored=IGNORED),
        "timers": timers.Timers(deps),
        **timers.loops(deps),
        **departures.loops(deps),
    }
