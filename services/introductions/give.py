"""What somebody could do for others now. Nobody's search is shown but of those who let people they know see it.

Of that search, least pay and blocked companies have no part in what is shown: neither can be read off it.
"""

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


async def openings(deps: Dependencies, helper_id: str, person_id: str | None = None) -> list[HelpView]:
    """Openings that fit people (or this one) who look openly and to which somebody could introduce them.

    The best fit comes first.
    """
    found = await deps.matcher.could_introduce(helper_id, person_id)
    known = await store.helpable(deps.pool, [(one.seeker_id, one.posting_id) for one in found])
    names = await deps.profiles.names(helper_id, [seeker_id for seeker_id, _ in known])
    return [
        HelpView(
            person=PersonView(id=one.seeker_id, name=names.get(one.seeker_id)),
            posting_id=one.posting_id,
            title=opening["title"],
            company=opening["company"],
            url=opening["url"],
            direct=one.path.direct,
            why=words.fit(one.fit),
        )
        for one in found
        if (opening := known.get((one.seeker_id, one.posting_id))) is not None
    ]


async def helpers(deps: Dependencies, member_id: str) -> list[HelperView]:
    """Who made introductions for somebody and looks openly, most introductions first."""
    found = await store.helpers(deps.pool, member_id, MOST)
    names = await deps.profiles.names(member_id, [row["person_id"] for row in found])
    return [
        HelperView(
            person=PersonView(id=row["person_id"], name=names.get(row["person_id"])),
            made_for_you=row["made"],
            you_could=await openings(deps, member_id, row["person_id"]),
        )
        for row in found
    ]
