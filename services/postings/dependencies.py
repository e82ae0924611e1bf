"""What the endpoints work with."""

from dataclasses import dataclass, field
from typing import Annotated, cast

import httpx2
from fastapi import Depends, Request

from services.postings.domain import Now
from services.postings.proof_sender import ProofSender
from services.postings.quota import LinksAnHour
from services.postings.records import Records
from services.postings.rules import Rules
from services.postings.settings import Settings
from shared.storage.pool import Pool
from shared.web.cards import Cards
from shared.web.fetcher import Fetcher

LINKS_AN_HOUR = 30
"""Links to adverts that a member may have read: more than anybody looks at, too few to read the web by."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The database, the client for other services, the clock, and what organisations need.

    `proof_sender` sends their e-mails, where there is a mail server; `records` looks up what proves their web domains,
    where there is a DNS server to ask; `cards` tells what their members are called. `fetcher` reads `links` to the
    outside, so many for each member.
    """

    settings: Settings
    pool: Pool
    client: httpx2.AsyncClient
    now: Now
    rules: Rules
    proof_sender: ProofSender | None
    records: Records | None
    cards: Cards
    links: LinksAnHour = field(default_factory=lambda: LinksAnHour(LINKS_AN_HOUR))
    fetcher: Fetcher = field(default_factory=Fetcher)


async def _dependencies(request: Request) -> Dependencies:
    return cast("Dependencies", request.app.state.dependencies)


Deps = Annotated[Dependencies, Depends(_dependencies)]
