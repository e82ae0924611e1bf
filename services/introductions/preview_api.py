"""Before an ask is sent: what the introducer will see, what the seeker could do for them, a draft, whom to ask next."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.introductions import balance, domain, give, store, words, working
from services.introductions.balance import LAST
from services.introductions.dependencies import Dependencies, Deps
from services.introductions.introduction import Leg, Opening, Path
from services.introductions.store import About
from services.introductions.views import GivenView, HelpView, PersonView, RecordView
from shared.web.callers import Member
from shared.web.documents import problems
from shared.web.ids import PRINTABLE, QueryId
from shared.web.problems import invalid, not_found

router = APIRouter(prefix="/v1/introductions", tags=["introductions"], responses=problems(404))

SuggestionId = Annotated[str | None, Query(min_length=1, max_length=200, pattern=PRINTABLE)]
Company = Annotated[str | None, Query(min_length=1, max_length=300, description="where it is about no single opening")]
Title = Annotated[
    str | None, Query(min_length=1, max_length=200, description="the job there, for the draft of the note")
]


class PreviewView(BaseModel):
    """What an ask would be."""

    title: str | None = None
    company: str
    url: str | None = None
    introducer: PersonView
    direct: bool = Field(description="they work there themself")
    leg: Leg = Field(description="app: we ask them; hand: you send a draft yourself")
    they_see: list[str] = Field(description="what the introducer will see of you, in words")
    record: RecordView
    given: GivenView
    you_could: list[HelpView] = Field(description="what you could do for them first; only if they let you see it")
    note: str = Field(description="a draft")
    others: list[PersonView] = Field(
        description="whom you could ask next, best first; without those whom your own limits refuse now"
    )
    says: str
    refused: str | None = Field(default=None, description="why it cannot be asked now, by your own limits")


@router.get("/preview", summary="What asking would be", response_model_exclude_none=True, responses=problems(429))
async def preview(
    caller: Member,
    deps: Deps,
    introducer_id: QueryId,
    suggestion_id: SuggestionId = None,
    company: Company = None,
    title: Title = None,
) -> PreviewView:
    """Nothing is asked yet."""
    opening = await opening_of(deps, caller.id, suggestion_id, company)
    paths = await deps.matcher.paths(caller.id, opening, asked=True)
    path = next((one for one in paths if one.introducer_id == introducer_id), None)
    if path is None:
        raise not_found("path through this person")
    names = await deps.profiles.names(caller.id, [caller.id, *(one.introducer_id for one in paths)])
    called = await deps.profiles.called(caller.id, [introducer_id])
    pair = (introducer_id, caller.id)
    refused = await _refused(deps, caller.id, opening, paths)
    return PreviewView(
        title=opening.title,
        company=opening.company,
        url=opening.url,
        introducer=PersonView(id=introducer_id, name=names.get(introducer_id)),
        direct=path.direct,
        leg=path.leg,
        they_see=words.they_see(opening, path),
        record=RecordView.of(balance.record(await store.asks(deps.pool, caller.id, LAST))),
        given=GivenView(
            to_you=await store.given(deps.pool, *pair), by_you=await store.given(deps.pool, *reversed(pair))
        ),
        you_could=await give.openings(deps, caller.id, introducer_id),
        note=words.note(
            called.get(introducer_id), names.get(caller.id), opening.title or title, opening.company, direct=path.direct
        ),
        others=[
            PersonView(id=one.introducer_id, name=names.get(one.introducer_id))
            for one in paths
            if one is not path and refused[one.introducer_id] is None
        ],
        says=words.takes_time(path.leg),
        refused=refused[introducer_id],
    )


async def opening_of(deps: Dependencies, seeker_id: str, suggestion_id: str | None, company: str | None) -> Opening:
    """What an ask is about: the opening of a live suggestion, or a company.

    Raises:
        Problem: 422 where neither or both are named, 404 where the seeker has no such suggestion.
    """
    if (suggestion_id is None) == (company is None):
        raise invalid("suggestion_id", "name either a suggestion or a company")
    if company is not None:
        return working.company_of(company)
    found = await store.suggestion(deps.pool, seeker_id, suggestion_id or "")
    if found is None:
        raise not_found("suggestion")
    return working.opening_of(found["posting_id"], found["company"], found["title"], found["url"])


async def _refused(
    deps: Dependencies, seeker_id: str, opening: Opening, paths: Sequence[Path]
) -> dict[str, str | None]:
    """Why the seeker's own limits refuse each of these, by introducer; no limit of anybody else's is looked at."""
    about = About(introducers=tuple(one.introducer_id for one in paths))
    async with deps.pool.acquire() as conn, conn.transaction():
        case = await store.open_case(conn, seeker_id, deps.now(), {}, about)
    return {one.introducer_id: domain.why_not(case, opening, one) for one in paths}
