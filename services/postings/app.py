"""What postings has: tables, an outbox, a consumer of people, the clock, and the producer API."""

from typing import Final

from fastapi import FastAPI

from services.postings import (
    api,
    bulk_api,
    colleagues_api,
    internal_api,
    invitations_api,
    keys_api,
    organisations,
    organisations_api,
    records,
    seen_api,
    store,
    timers,
)
from services.postings.dependencies import Dependencies
from services.postings.domain import Now, utc_now
from services.postings.handlers import IGNORED, handlers
from services.postings.proof_sender import ProofSender
from services.postings.reach import ReachTimer
from services.postings.reconciling import OWNERS
from services.postings.rules import Rules
from services.postings.settings import Settings
from shared.mail.email import Mailer
from shared.messaging.consume.consumer import Consumer
from shared.messaging.publish.relay import Relay
from shared.service_kit.build import build
from shared.service_kit.declaration import Declaration, Resources
from shared.web.cards import Cards

NAME: Final = "postings"


def make_app(settings: Settings, now: Now = utc_now, *, background: bool = True) -> FastAPI:
    """The application. `now` is its clock: for the day, for expiry, and for when an opening was posted."""
    declaration = Declaration(
        name=NAME,
        settings=settings,
        routers=[
            api.router,
            bulk_api.router,
            organisations_api.router,
            colleagues_api.router,
            invitations_api.router,
            keys_api.router,
            internal_api.router,
            seen_api.router,
        ],
        body_limits={bulk_api.PATH: bulk_api.MAX_BYTES},
        migrations=store.MIGRATIONS,
        token_query=organisations.SQL["find_key"],
        role_query=organisations.SQL["find_role"],
        topic_owners=lambda _: OWNERS,
        dependencies=lambda opened: _dependencies(settings, opened, now),
        background=lambda opened, deps: {
            "relay": Relay(opened.pool, opened.bootstrap, NAME),
            "consumer": Consumer(NAME, opened.pool, opened.bootstrap, handlers(now), ignored=IGNORED),
            **({"proof_sender": deps.proof_sender.loop} if deps.proof_sender else {}),
            **({"records": records.loop(opened.pool, deps.records, now)} if deps.records else {}),
            **timers.loops(opened.pool, now),
            "reach": ReachTimer(deps).loop(),
        },
    )
    return build(declaration, background=background)


def _dependencies(settings: Settings, opened: Resources, now: Now) -> Dependencies:
    rules = Rules.of(settings)
    sender = ProofSender(opened.pool, Mailer(settings), rules.key, settings.console) if settings.smtp_host else None
    return Dependencies(
        settings, opened.pool, opened.client, now, rules, sender, records.Records.of(settings, rules.key),
        Cards(opened.client, settings.urls["profiles"]),
    )  # fmt: skip
