"""What somebody could do for others now. Nobody's search is shown but of those who let people they know see it."""

from collections.abc import Iterable

import asyncpg
from pydantic import BaseModel

from services.introductions import store, words
from services.introductions.dependencies import Dependencies
from services.introductions.views import HelpView, PersonView

MOST = 20


class HelperView(BaseModel):
    """Somebody who made introductions for the reader and looks openly, and what the reader could do for them."""

    person: PersonView
    made_for_you: int
    you_could: list[HelpView]


async def openings(deps: Dependencies, helper_id: str) -> list[HelpView]:
    """Openings that fit people who look openly and to which somebody could introduce them, best fit first."""
    return await _views(deps, helper_id, await store.helpable(deps.pool, helper_id, None, MOST))


async def for_person(deps: Dependencies, helper_id: str, person_id: str) -> list[HelpView]:
    """The same for one person; nothing where they do not look openly."""
    return await _views(deps, helper_id, await store.helpable(deps.pool, helper_id, person_id, MOST))


async def helpers(deps: Dependencies, member_id: str) -> list[HelperView]:
    """Who made introductions for somebody and looks openly, most introductions first."""
    found = await store.helpers(deps.pool, member_id, MOST)
    names = await deps.profiles.names(member_id, [row["person_id"] for row in found])
    return [
        HelperView(
            person=PersonView(id=row["person_id"], name=names.get(row["person_id"])),
            made_for_you=row["made"],
            you_could=await for_person(deps, member_id, row["person_id"]),
        )
        for row in found
    ]


async def _views(deps: Dependencies, helper_id: str, found: Iterable[asyncpg.Record]) -> list[HelpView]:
    rows = list(found)
    names = await deps.profiles.names(helper_id, [row["seeker_id"] for row in rows])
    return [
        HelpView(
            person=PersonView(id=row["seeker_id"], name=names.get(row["seeker_id"])),
            posting_id=row["posting_id"],
            title=row["title"],
            company=row["company"],
            url=row["url"],
            direct=any(each["introducer_id"] == each["insider_id"] == helper_id for each in row["paths"]),
            why=words.fit(row["fit"]),
        )
        for row in rows
    ]
