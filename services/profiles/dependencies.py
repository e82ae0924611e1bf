"""What the endpoints work with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, cast

from fastapi import Depends, Request

from shared.storage.pool import Pool


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The database, the day it is, and when tombstones of erased people are published again."""

    pool: Pool
    today: Callable[[], date]
    republish_after: timedelta


def utc_today() -> date:
    """The day it is (UTC)."""
    return datetime.now(UTC).date()


async def _dependencies(request: Request) -> Dependencies:
    return cast("Dependencies", request.app.state.dependencies)


Deps = Annotated[Dependencies, Depends(_dependencies)]
