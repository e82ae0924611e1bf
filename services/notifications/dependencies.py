"""What the endpoints work with."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from services.notifications.channels.sender import Sender
from services.notifications.introductions_client import Introductions
from services.notifications.live_stream import Hub
from services.notifications.settings import Settings
from services.notifications.telling import Teller
from shared.mail.email import Mailer
from shared.service_kit.declaration import Resources
from shared.storage.pool import Pool
from shared.web.cards import Cards


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The database, names, what introductions says, open live streams, what tells, and what sends e-mail, if on."""

    settings: Settings
    pool: Pool
    cards: Cards
    introductions: Introductions
    hub: Hub
    teller: Teller
    sender: Sender | None

    @classmethod
    def make(cls, settings: Settings, opened: Resources) -> "Dependencies":
        """From what is open; nothing is started yet."""
        cards = Cards(opened.client, settings.urls["profiles"])
        introductions = Introductions(opened.client, settings.urls["introductions"])
        mailer = Mailer(settings) if settings.smtp_host else None
        sender = Sender(opened.pool, mailer, cards, introductions, settings) if mailer else None
        teller = Teller(opened.pool, introductions, email=sender is not None)

        def wake() -> None:
            teller.loop.wake()
            if sender:
                sender.wake()

        hub = Hub(opened.pool, settings.streams_per_member, wake)
        return cls(settings, opened.pool, cards, introductions, hub, teller, sender)


async def _dependencies(request: Request) -> Dependencies:
    return cast("Dependencies", request.app.state.dependencies)


Deps = Annotated[Dependencies, Depends(_dependencies)]
