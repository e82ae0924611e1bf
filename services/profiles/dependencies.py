"""What the endpoints work with, and who may call them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, cast

from fastapi import Depends, Request

from shared.storage.pool import Pool
from shared.web.identity import Caller, acting_member, require
from shared.web.ids import WhichMember


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


async def _acting(
    caller: Annotated[Caller, Depends(require("member", "operator"))],
    member: WhichMember = None,
) -> str:
    return acting_member(caller, member)


Deps = Annotated[Dependencies, Depends(_dependencies)]
Acting = Annotated[str, Depends(_acting)]
"""The member whose affairs these are: the caller, or the one an operator names with `?member=ID`."""

Operator = Annotated[Caller, Depends(require("operator"))]
Service = Annotated[Caller, Depends(require("service", "operator"))]
