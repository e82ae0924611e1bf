"""What the endpoints work with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, cast

import httpx2
from fastapi import Depends, Request

from services.profiles.proof_sender import ProofSender
from services.profiles.provider import Provider
from services.profiles.sign_in import Rules
from shared.services import ServiceName
from shared.storage.pool import Pool


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The database, the day it is, when tombstones of erased people are published again, and what sign-in needs.

    `proof_sender` sends the e-mails that prove an address, where there is a mail server; `console` is where they lead.
    `provider` signs people in as well, where one is configured. `client` and `urls` are for calls to other services.
    """

    pool: Pool
    today: Callable[[], date]
    republish_after: timedelta
    rules: Rules
    proof_sender: ProofSender | None
    console: str | None
    provider: Provider | None
    client: httpx2.AsyncClient
    urls: Mapping[ServiceName, str]


def utc_today() -> date:
    """The day it is (UTC)."""
    return datetime.now(UTC).date()


async def _dependencies(request: Request) -> Dependencies:
    return cast("Dependencies", request.app.state.dependencies)


Deps = Annotated[Dependencies, Depends(_dependencies)]
