"""HTTP: what to write to somebody outside the application, about a suggestion or about any opening.

A draft is for the member who asks: names are those of their own address book.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.notifications import store
from services.notifications.dependencies import Deps
from services.notifications.drafts import Introducer, Seeker, Wanted, draft
from services.notifications.kinds import SUGGESTION
from services.notifications.store import Item
from shared.events.suggestions import PathV1
from shared.text import units
from shared.web.callers import ActingMember
from shared.web.cards import Card
from shared.web.documents import problems
from shared.web.ids import PRINTABLE, PathId
from shared.web.problems import conflict, not_found

router = APIRouter(tags=["notifications"])


class DraftView(BaseModel):
    """Drafts to send outside the application. `characters`: the length of `message`, at most 300."""

    introducer_id: str
    message: str
    characters: int
    subject: str
    mail: str
    forwardable: str


@router.get("/v1/inbox/{item_id}/draft", responses=problems(404, 409))
async def get_draft(
    item_id: PathId,
    member_id: ActingMember,
    deps: Deps,
    introducer: Annotated[
        str | None,
        Query(
            max_length=200, pattern=PRINTABLE, description="if left out: the best one to ask outside the application"
        ),
    ] = None,
) -> DraftView:
    """What to write to an introducer who is asked outside the application."""
    item = await store.find_item(deps.pool, member_id, item_id)
    if item is None or item.kind is not SUGGESTION:
        raise not_found("item")
    opening = item.suggestion.opening
    wanted = Wanted(opening.title, opening.company, opening.url) if opening else Wanted()
    return await _written(deps, member_id, _by_hand(item, introducer).introducer_id, wanted)


@router.get("/v1/draft", responses=problems(404))
async def get_draft_about_any_opening(
    member_id: ActingMember,
    deps: Deps,
    introducer: Annotated[str, Query(min_length=1, max_length=200, pattern=PRINTABLE, description="who is written to")],
    company: Annotated[str, Query(min_length=1, max_length=300)],
    title: Annotated[str, Query(max_length=300)] = "",
    url: Annotated[str | None, Query(max_length=2_000)] = None,
) -> DraftView:
    """What to write about an opening that nobody posted here. Only whom the member may see is named."""
    return await _written(deps, member_id, introducer, Wanted(title, company, url))


async def _written(deps: Deps, member_id: str, introducer: str, wanted: Wanted) -> DraftView:
    known = await deps.cards.find_or_none(member_id, [member_id, introducer])
    to, me = (known.get(one) or Card(id=one) for one in (introducer, member_id))
    words = draft(
        Introducer(to.given_name or to.name or "", to.company, to.title),
        Seeker(me.name or "", me.given_name or "", me.headline),
        wanted,
    )
    return DraftView(
        introducer_id=introducer,
        message=words.message,
        characters=units(words.message),
        subject=words.subject,
        mail=words.mail,
        forwardable=words.forwardable,
    )


def _by_hand(item: Item, introducer: str | None) -> PathV1:
    paths = [path for path in item.suggestion.paths if introducer in (None, path.introducer_id)]
    if not paths:
        raise not_found("introducer")
    for path in paths:
        if path.ask == "hand":
            return path
    raise conflict(
        "all introducers are asked in the application"
        if introducer is None
        else "this introducer is asked in the application"
    )
