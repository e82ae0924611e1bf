"""What the endpoints work with."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from services.notifications.cards import Cards
from services.notifications.channels.sender import Sender
from services.notifications.live_stream import Hub
from services.notifications.settings import Settings
from shared.mail.email import Mailer
from shared.service_kit.declaration import Resources
from shared.storage.pool import Pool


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The database, names, open live streams, and the e-mail queue's sender where e-mail is on."""

    settings: Settings
    pool: Pool
    cards: Cards
    hub: Hub
    sender: Sender | None

    @classmethod
    def make(cls, settings: Settings, opened: Resources) -> "Dependencies":
        """From what is open; nothing is started yet."""
        cards = Cards(opened.client, settings.urls["profiles"])
        sender = Sender(opened.pool, Mailer(settings), cards, settings) if settings.smtp_host else None
        hub = Hub(opened.pool, settings.streams_per_member, sender.wake if sender else lambda: None)
        return cls(settings, opened.pool, cards, hub, sender)


async def _dependencies(request: Request) -> Dependencies:
    return cast("Dependencies", request.app.state.dependencies)


Deps = Annotated[Dependencies, Depends(_dependencies)]
