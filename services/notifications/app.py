"""What notifications has: tables, a consumer, notices that become due, live streams, e-mail, and the inbox API."""

from typing import Final

from fastapi import FastAPI

from services.notifications import api, drafts_api, marks_api, store, timers, unsubscribe_api
from services.notifications.dependencies import Dependencies
from services.notifications.handlers import IGNORED, Handlers
from services.notifications.rendering import UNSUBSCRIBE
from services.notifications.settings import Settings
from shared.messaging.consume.consumer import Consumer
from shared.service_kit.build import build
from shared.service_kit.declaration import Background, Declaration, Resources

NAME: Final = "notifications"


def make_app(settings: Settings, *, background: bool = True) -> FastAPI:
    """The application."""
    declaration = Declaration(
        name=NAME,
        settings=settings,
        routers=[api.router, drafts_api.router, marks_api.router, unsubscribe_api.router],
        body_limits={UNSUBSCRIBE: unsubscribe_api.MAX_BYTES},
        migrations=store.MIGRATIONS,
        dependencies=lambda opened: Dependencies.make(settings, opened),
        beside_api=lambda deps: {"listener": deps.hub},
        background=_background,
        on_stop=lambda deps: deps.hub.close(),
    )
    return build(declaration, background=background)


def _background(opened: Resources, deps: Dependencies) -> dict[str, Background]:
    settings, email = deps.settings, deps.sender is not None
    handlers = Handlers(settings.quiet, settings.longest, email=email)
    return {
        **({"sender": deps.sender} if deps.sender else {}),
        "notices": deps.teller.loop,
        "consumer": Consumer(NAME, opened.pool, opened.bootstrap, handlers.by_topic(), ignored=IGNORED),
        **timers.loops(deps.pool, settings.quiet, email=email),
    }
