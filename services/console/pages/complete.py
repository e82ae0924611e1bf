"""Names to offer while somebody types, as JSON for the pages' script; without it pages work all the same."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from services.console.dependencies import Member

router = APIRouter(include_in_schema=False)


@router.get("/complete")
async def complete(
    member: Member,
    kind: Literal["titles", "skills", "places", "companies"],
    q: Annotated[str, Query(max_length=100)] = "",
) -> Any:
    """Names that go on from what was typed, and what may have been meant."""
    return await member.api.get("profiles", "/v1/vocabulary", kind=kind, q=q)
