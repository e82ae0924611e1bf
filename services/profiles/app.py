"""What profiles has: tables, an outbox, and the API for members, their address books and their names."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from fastapi import FastAPI

from services.profiles import (
    api,
    contacts_api,
    corrections_api,
    email_api,
    entries_api,
    export_api,
    imports_api,
    internal_api,
    sessions_api,
    sign_in_api,
    sources_api,
    store,
    timers,
    vocabulary_api,
)
from services.profiles.dependencies import Dependencies, utc_today
from services.profiles.handlers import handlers
from services.profiles.proof_sender import ProofSender
from services.profiles.provider import Provider
from services.profiles.reconciling import owners
from services.profiles.settings import Settings
from services.profiles.sign_in import Rules
from shared.mail.email import Mailer
from shared.messaging.consume.consumer import Consumer
from shared.messaging.publish.relay import Relay
from shared.service_kit.build import build
from shared.service_kit.declaration import Declaration, Resources

NAME: Final = "profiles"


def make_app(settings: Settings, today: Callable[[], date] = utc_today, *, background: bool = True) -> FastAPI:
    """The application. `today` is its calendar: for the day of an import and for jobs that go on."""
    republish_after = timedelta(hours=settings.republish_after_hours)
    declaration = Declaration(
        name=NAME,
        settings=settings,
        routers=[
            api.router,
            imports_api.router,
            sources_api.router,
            contacts_api.router,
            corrections_api.router,
            email_api.router,
            export_api.router,
            sessions_api.router,
            sign_in_api.router,
            internal_api.router,
            vocabulary_api.router,
            entries_api.router,
        ],
        body_limits=dict.fromkeys((imports_api.PATH, imports_api.PROFILE_PATH), imports_api.BODY_LIMIT),
        migrations=store.MIGRATIONS,
        token_query=store.SQL["find_token"],
        token_args=(settings.operators_addresses(),),
        topic_owners=lambda _: owners(today, republish_after),
        dependencies=lambda opened: _dependencies(settings, opened, today),
        background=lambda opened, deps: {
            "relay": Relay(opened.pool, opened.bootstrap, NAME),
            "consumer": Consumer(NAME, opened.pool, opened.bootstrap, handlers(today)),
            **({"proof_sender": deps.proof_sender.loop} if deps.proof_sender else {}),
            **timers.loops(opened.pool, today),
        },
    )
    return build(declaration, background=background)


def _dependencies(settings: Settings, opened: Resources, today: Callable[[], date]) -> Dependencies:
    rules = Rules.of(settings)
    proof_sender = (
        ProofSender(opened.pool, Mailer(settings), rules.key, settings.console) if settings.smtp_host else None
    )
    republish_after = timedelta(hours=settings.republish_after_hours)
    return Dependencies(
        opened.pool,
        today,
        republish_after,
        rules,
        proof_sender,
        settings.console,
        Provider.of(settings, rules.key),
        opened.client,
        settings.urls,
    )
