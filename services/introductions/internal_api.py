"""For notifications: what a message says now. For operators: how many there are, and the way of one of them."""

from datetime import datetime
from typing import Annotated

import asyncpg
from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.introductions import api, messages, showing, store
from services.introductions.dependencies import Deps
from services.introductions.introduction import ERASED
from services.introductions.messages import Kind
from services.introductions.transitions import OPEN, State
from services.introductions.views import IntroductionView
from shared.web.callers import Operator, Service
from shared.web.documents import problems
from shared.web.ids import PathId, QueryId
from shared.web.pagination import Cursor, Limit, Page, decode_cursor, page_of
from shared.web.problems import not_found

router = APIRouter(prefix="/internal/v1", tags=["internal"], responses=problems(404))


class OverviewView(BaseModel):
    """How many introductions there are. A quiet answer is in none of these numbers."""

    states: dict[str, int]
    overdue: int
    waiting_for_room: int


class LineView(BaseModel):
    """An introduction in a list."""

    id: str
    state: str
    outcome: str | None
    begun_at: datetime
    due_at: datetime | None
    waits_for_room: bool


class JourneyStep(BaseModel):
    """A step of an introduction."""

    state: str
    at: datetime
    outcome: str | None = None


class JourneyView(BaseModel):
    """The way of one introduction, without words that people wrote and without quiet answers."""

    id: str
    version: int | None = None
    origin: str
    seeker_id: str
    introducer_id: str
    insider_id: str
    posting_id: str | None = None
    company: str
    state: str
    due_at: datetime | None = None
    waits_for: str | None = None
    history: list[JourneyStep]


@router.get("/introductions/{introduction_id}/message", summary="What a message about it says now",
            response_model_exclude_none=True)  # fmt: skip
async def message(
    introduction_id: PathId,
    member: QueryId,
    _caller: Service,
    deps: Deps,
    kind: Annotated[Kind, Query(description="what is to be said")],
) -> IntroductionView:
    """The introduction as this member may see it. 404 where this is not, or no longer, to be said to them."""
    one, who = await api.part(deps, introduction_id, member)
    if member.startswith(ERASED) or not messages.is_to_be_said(one, who, kind, deps.now()):
        raise not_found("message")
    return await showing.view(deps, one, who)


@router.get("/introductions", summary="All introductions, newest first")
async def listing(
    _caller: Operator,
    deps: Deps,
    state: Annotated[State | None, Query(description="only in this state")] = None,
    overdue: Annotated[bool, Query(description="only those past their deadline: there should be none")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[LineView]:
    """For operators: ids, states and times."""
    after = decode_cursor(cursor, 2, datetime.fromisoformat, str) if cursor else None
    found = await store.all_page(deps.pool, state, deps.now(), overdue=overdue, after=after, limit=limit + 1)
    return page_of(found, limit, _line, lambda row: (row["begun_at"], row["introduction_id"]))


def _line(row: asyncpg.Record) -> LineView:
    return LineView(
        id=row["introduction_id"], state=row["state"], outcome=row["outcome"], begun_at=row["begun_at"],
        due_at=row["due_at"], waits_for_room=row["waits_for"] is not None,
    )  # fmt: skip


@router.get("/overview", summary="How many introductions there are")
async def overview(_caller: Operator, deps: Deps) -> OverviewView:
    """By state, how many are past their deadline (none should be), and how many wait until somebody has room."""
    found = await store.states(deps.pool, deps.now())
    return OverviewView(
        states={state.value: 0 for state in State} | {state: there for state, there, _, _ in found},
        overdue=sum(late for _, _, late, _ in found),
        waiting_for_room=sum(waits for state, _, _, waits in found if state in OPEN),
    )


@router.get("/introductions/{introduction_id}", summary="The way of an introduction", response_model_exclude_none=True)
async def journey(introduction_id: PathId, _caller: Operator, deps: Deps) -> JourneyView:
    """For operators: ids, states and times."""
    one = await store.find(deps.pool, introduction_id)
    if one is None:
        raise not_found("introduction")
    return JourneyView(
        id=one.id, version=one.version, origin=one.origin, seeker_id=one.seeker_id,
        introducer_id=one.path.introducer_id, insider_id=one.path.insider_id, posting_id=one.opening.posting_id,
        company=one.opening.company, state=one.state, due_at=one.due_at, waits_for=one.waits_for_room_of,
        history=[JourneyStep(state=step.state, at=step.at, outcome=step.outcome) for step in one.history],
    )  # fmt: skip
