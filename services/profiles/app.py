"""What profiles has: tables, an outbox, and the API for members, their address books and their names."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from fastapi import FastAPI

from services.profiles import api, contacts_api, imports_api, internal_api, store, timers
from services.profiles.dependencies import Dependencies, utc_today
from services.profiles.reconciling import owners
from services.profiles.settings import Settings
from shared.messaging.publish.relay import Relay
from shared.service_kit.build import build
from shared.service_kit.declaration import Declaration

NAME: Final = "profiles"


def make_app(settings: Settings, today: Callable[[], date] = utc_today, *, background: bool = True) -> FastAPI:
    """The application. `today` is its calendar: for the day of an import and for jobs that go on."""
    republish_after = timedelta(hours=settings.republish_after_hours)
    declaration = Declaration(
        name=NAME,
        settings=settings,
        routers=[api.router, imports_api.router, contacts_api.router, internal_api.router],
        body_limits={imports_api.PATH: imports_api.BODY_LIMIT},
        migrations=store.MIGRATIONS,
        token_query=store.SQL["find_token"],
        topic_owners=lambda _: owners(today, republish_after),
        dependencies=lambda opened: Dependencies(opened.pool, today, republish_after),
        background=lambda opened, _: {
            "relay": Relay(opened.pool, opened.bootstrap, NAME),
            **timers.loops(opened.pool, today),
        },
    )
    return build(declaration, background=background)
