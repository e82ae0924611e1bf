"""What the endpoints work with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, cast

import httpx2
from fastapi import Depends, Request

from services.introductions.guesses import Guesses
from services.introductions.matcher_client import Matcher
from services.introductions.notifications_client import Notifications
from services.introductions.profiles_client import Profiles
from services.introductions.settings import Settings
from shared.service_kit.declaration import Resources
from shared.storage.pool import Pool

Now = Callable[[], datetime]
"""A clock, in UTC."""


def utc_now() -> datetime:
    """The clock of production; tests pass their own."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The database, the client for other services and what it asks, and the clock by which deadlines run."""

    settings: Settings
    pool: Pool
    client: httpx2.AsyncClient
    now: Now
    profiles: Profiles
    matcher: Matcher
    notifications: Notifications
    guesses: Guesses = field(default_factory=Guesses)

    @classmethod
    def make(cls, settings: Settings, opened: Resources, now: Now) -> "Dependencies":
        """From what is open; nothing is started yet."""
        profiles = Profiles(opened.client, settings.urls["profiles"])
        matcher = Matcher(opened.client, settings.urls["matching"])
        notifications = Notifications(opened.client, settings.urls["notifications"])
        return cls(settings, opened.pool, opened.client, now, profiles, matcher, notifications)


async def _dependencies(request: Request) -> Dependencies:
    return cast("Dependencies", request.app.state.dependencies)


Deps = Annotated[Dependencies, Depends(_dependencies)]
