"""What the endpoints work with, opened by the application's lifespan."""

from dataclasses import dataclass
from typing import Annotated, cast

import httpx2
from fastapi import Depends, Request

from services.postings.domain import Now
from shared.storage.pool import Pool
from shared.web.identity import Caller, require


@dataclass(frozen=True, slots=True)
class Parts:
    """The database, the way to other services, and the clock."""

    pool: Pool
    client: httpx2.AsyncClient
    matching_url: str
    now: Now
    openings_a_day: int


async def _parts(request: Request) -> Parts:
    return cast("Parts", request.app.state.parts)


Use = Annotated[Parts, Depends(_parts)]
Recruiter = Annotated[Caller, Depends(require("recruiter"))]
"""An organisation, known by its API key; `id` is the organisation's."""

Operator = Annotated[Caller, Depends(require("operator"))]
