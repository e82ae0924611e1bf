"""The API for members: introductions they asked for, were asked for, or take part in."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.introductions import commands, disclosure, domain, showing, store, working
from services.introductions.dependencies import Dependencies, Deps
from services.introductions.domain import Case, LimitError, NotPossibleError, UnknownError
from services.introductions.examples import seeker_views
from services.introductions.forms import AnswerForm, AskForm, OutcomeForm, TargetAnswerForm
from services.introductions.introduction import Introduction
from services.introductions.preview_api import opening_of
from services.introductions.store import About
from services.introductions.transitions import Outcome, Who
from services.introductions.views import IntroductionView, Role
from shared.storage.pool import Connection
from shared.web import audit
from shared.web.callers import Member
from shared.web.documents import problems
from shared.web.idempotency import Answer, IdempotencyKey, run_once
from shared.web.ids import PathId
from shared.web.pagination import Cursor, Limit, Page, decode_cursor, page_of
from shared.web.problems import Problem, conflict, not_found

router = APIRouter(prefix="/v1/introductions", tags=["introductions"], responses=problems(404))

WhichState = Annotated[Literal["open", "ended"] | None, Query(description="only those that are open, or have ended")]


def refused(error: Exception) -> Problem:
    """The problem to answer with when a step is refused."""
    if isinstance(error, UnknownError):
        return not_found("introduction")
    if isinstance(error, LimitError) or not isinstance(error, NotPossibleError):
        return conflict(str(error))
    can = f"now you can: {', '.join(error.possible)}" if error.possible else "there is nothing you can do about it now"
    return conflict(f"{error.reason}; {can}")


@router.post(
    "", status_code=201, summary="Ask for an introduction", response_model=IntroductionView, responses=problems(409)
)
async def ask(request: Request, caller: Member, deps: Deps, form: AskForm, _key: IdempotencyKey = None) -> Response:
    """Asks the first of the introducers as soon as they have time for it; that may take some weeks.

    The others are asked in turn where that leads to nothing, within three weeks of the first, and never two at once.
    """
    opening = await opening_of(deps, caller.id, form.suggestion_id, form.company)
    introducers = tuple(form.introducer_ids)
    paths = await working.paths_of(deps, caller.id, [(opening, introducers)])
    await deps.profiles.names(caller.id, introducers)  # so that nobody is waited for while people are locked

    async def effect(conn: Connection) -> Answer:
        def step(case: Case) -> Introduction:
            return domain.ask(case, opening, introducers, form.note)

        try:
            made = await working.run(conn, deps, caller.id, paths, step, About(introducers=introducers))
        except NotPossibleError as error:
            raise refused(error) from error
        await audit.note(conn, "introduction.asked", made.id)
        shown = await showing.view(deps, made, Who.SEEKER, conn)
        return Answer(201, shown.model_dump(exclude_none=True), {"Location": f"/v1/introductions/{made.id}"})

    return await run_once(request, deps.pool, caller, effect)


@router.get("", summary="My introductions", response_model_exclude_none=True)
async def listing(
    caller: Member,
    deps: Deps,
    role: Annotated[Role, Query(description="as whom")] = "seeker",
    state: WhichState = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[IntroductionView]:
    """Newest first. An introducer and a target see what has reached them."""
    after = decode_cursor(cursor, 2, datetime.fromisoformat, str) if cursor else None
    who, is_open = Who(role), None if state is None else state == "open"
    found = await store.page(deps.pool, caller.id, who, is_open=is_open, after=after, limit=limit + 1)
    views = {one.id: each for one, each in zip(found, await showing.views(deps, found, who), strict=True)}
    return page_of(found, limit, lambda one: views[one.id], lambda one: (one.begun_at, one.id))


@router.get(
    "/{introduction_id}", summary="An introduction", response_model_exclude_none=True,
    responses={200: {"content": {"application/json": {"examples": seeker_views()}}}},
)  # fmt: skip
async def read(introduction_id: PathId, caller: Member, deps: Deps) -> IntroductionView:
    """As the caller may see it: as seeker, introducer or target."""
    one, who = await part(deps, introduction_id, caller.id)
    return await showing.view(deps, one, who)


@router.post(
    "/{introduction_id}/answer", summary="Answer an ask or an offer", response_model_exclude_none=True,
    responses=problems(409),
)  # fmt: skip
async def answer(introduction_id: PathId, caller: Member, deps: Deps, form: AnswerForm) -> IntroductionView:
    """The introducer's answer to an ask, or the seeker's to an offer. The same answer again changes nothing."""
    quietly = form.tell == "quietly"
    return await _carry_out(
        deps, introduction_id, caller.id, (Who.INTRODUCER, Who.SEEKER),
        lambda case, who: commands.answer(
            case, introduction_id, who, form.answer, quietly=quietly, contact=form.contact
        ),
    )  # fmt: skip


@router.post(
    "/{introduction_id}/target-answer", summary="Answer as the one to be introduced", response_model_exclude_none=True,
    responses=problems(409),
)  # fmt: skip
async def target_answer(
    introduction_id: PathId, caller: Member, deps: Deps, form: TargetAnswerForm
) -> IntroductionView:
    """Yes introduces you to the seeker. Nobody learns of a no before the time to answer is over."""
    return await _carry_out(
        deps, introduction_id, caller.id, (Who.TARGET,),
        lambda case, who: commands.answer(case, introduction_id, who, form.answer, contact=form.contact),
    )  # fmt: skip


@router.post(
    "/{introduction_id}/withdraw", summary="Take back an ask or an offer", response_model_exclude_none=True,
    responses=problems(409),
)  # fmt: skip
async def withdraw(introduction_id: PathId, caller: Member, deps: Deps) -> IntroductionView:
    """The seeker takes back an ask before it led to an introduction, the introducer an offer that waits."""
    return await _carry_out(
        deps, introduction_id, caller.id, (Who.SEEKER, Who.INTRODUCER),
        lambda case, who: commands.withdraw(case, introduction_id, who),
    )  # fmt: skip


@router.post(
    "/{introduction_id}/sent", summary="Say that I sent the draft", response_model_exclude_none=True,
    responses=problems(409),
)  # fmt: skip
async def sent(introduction_id: PathId, caller: Member, deps: Deps) -> IntroductionView:
    """By hand: the time to answer runs from now."""
    return await _carry_out(
        deps, introduction_id, caller.id, (Who.SEEKER, Who.INTRODUCER),
        lambda case, who: commands.sent(case, introduction_id, who),
    )  # fmt: skip


@router.post(
    "/{introduction_id}/outcome", summary="Say how it went", response_model_exclude_none=True, responses=problems(409)
)
async def outcome(introduction_id: PathId, caller: Member, deps: Deps, form: OutcomeForm) -> IntroductionView:
    """The seeker's word, which introducer and target hear. Within a year a later one may follow."""
    return await _carry_out(
        deps, introduction_id, caller.id, (Who.SEEKER,),
        lambda case, who: commands.tell(case, introduction_id, who, Outcome(form.outcome)),
    )  # fmt: skip


@router.post(
    "/{introduction_id}/talked", summary="Say that we talked", response_model_exclude_none=True,
    responses=problems(409),
)  # fmt: skip
async def talked(introduction_id: PathId, caller: Member, deps: Deps) -> IntroductionView:
    """The introducer's or the target's word: it strengthens their own tie to the seeker."""
    return await _carry_out(
        deps, introduction_id, caller.id, (Who.INTRODUCER, Who.TARGET),
        lambda case, who: commands.talked(case, introduction_id, who),
    )  # fmt: skip


async def part(deps: Dependencies, introduction_id: str, member_id: str) -> tuple[Introduction, Who]:
    """An introduction, and the part that a member has in it as far as they may know."""
    one = await store.find(deps.pool, introduction_id)
    roles = () if one is None else one.roles_of(member_id)
    visible = [who for who in roles if one is not None and disclosure.is_visible(one, who)]
    if one is None or not visible:
        raise not_found("introduction")
    return one, visible[0]


async def _carry_out(
    deps: Dependencies,
    introduction_id: str,
    member_id: str,
    parts: tuple[Who, ...],
    command: Callable[[Case, Who], Introduction],
) -> IntroductionView:
    """Carry out a command of a member who has one of these parts; the view as it is then."""
    one, who = await part(deps, introduction_id, member_id)
    if who not in parts:
        raise refused(NotPossibleError(disclosure.standing(one, who), commands.possible(one, who, deps.now())))
    paths = await working.paths_of(deps, one.seeker_id)

    def step(case: Case) -> Introduction:
        return command(case, who)

    try:
        async with deps.pool.acquire() as conn, conn.transaction():
            done = await working.run(conn, deps, one.seeker_id, paths, step, About(introduction_id))
    except (NotPossibleError, UnknownError) as error:
        raise refused(error) from error
    return await showing.view(deps, done, who)
