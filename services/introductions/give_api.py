"""Give before you receive: what waits for the caller, whom they could help, and offers to introduce somebody."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from services.introductions import domain, give, showing, store, working
from services.introductions.api import refused
from services.introductions.dependencies import Dependencies, Deps
from services.introductions.domain import NotPossibleError
from services.introductions.forms import OfferForm
from services.introductions.give import HelperView
from services.introductions.introduction import Introduction, Opening, Path
from services.introductions.store import About
from services.introductions.transitions import Who
from services.introductions.views import HelpView, IntroductionView
from shared.storage.pool import Connection
from shared.web import audit
from shared.web.callers import Member
from shared.web.documents import problems
from shared.web.idempotency import Answer, IdempotencyKey, run_once
from shared.web.problems import invalid, not_found

router = APIRouter(prefix="/v1", tags=["give"])

Order = Annotated[
    Literal["deadline", "gain"],
    Query(description="of the asks: the nearest deadline first, or those that give most to both sides"),
]
A_DAY = timedelta(days=1)
NO_CONTACT = "say how they may reach you, who work there"


class GiveView(BaseModel):
    """Asks that wait for the caller's answer; whom they could help; who helped them."""

    asks: list[IntroductionView]
    openings: list[HelpView]
    helped_you: list[HelperView]


@router.get("/give", summary="What I can do for others now", response_model_exclude_none=True)
async def read(caller: Member, deps: Deps, order: Order = "deadline") -> GiveView:
    """Searches are shown only of people who let those they know see that they look."""
    waiting = await store.waiting_for_answer(deps.pool, caller.id, give.MOST)
    if order == "gain":
        waiting = await showing.in_order(deps, waiting, caller.id)
    return GiveView(
        asks=await showing.views(deps, waiting, Who.INTRODUCER),
        openings=await give.openings(deps, caller.id),
        helped_you=await give.helpers(deps, caller.id),
    )


@router.post(
    "/offers", status_code=201, summary="Offer to introduce somebody", response_model=IntroductionView,
    responses=problems(404, 409),
)  # fmt: skip
async def offer(request: Request, caller: Member, deps: Deps, form: OfferForm, _key: IdempotencyKey = None) -> Response:
    """To somebody who looks openly, to an opening that fits them and that the caller is an introducer for.

    The same offer again is the one that waits. Of an offer that their least pay or blocked companies leave out they
    learn nothing: it waits as any other does, and ends without an answer.
    """
    offered = await _offered(deps, caller.id, form)
    if offered.path.direct and form.contact is None:  # their yes introduces them at once: nobody else is asked
        raise invalid("contact", NO_CONTACT)
    # The names in the answer are known before people are locked, so that nobody is waited for meanwhile.
    await deps.profiles.names(form.seeker_id, [form.seeker_id])
    await deps.profiles.names(caller.id, [offered.path.insider_id])

    async def effect(conn: Connection) -> Answer:
        try:
            made = await _offer(conn, deps, form, offered)
        except NotPossibleError as error:
            raise refused(error) from error
        await audit.note(conn, "introduction.offered", made.id)
        shown = await showing.view(deps, made, Who.INTRODUCER, conn)
        return Answer(201, shown.model_dump(exclude_none=True), {"Location": f"/v1/introductions/{made.id}"})

    return await run_once(request, deps.pool, caller, effect)


@dataclass(frozen=True, slots=True)
class _Offered:
    """What is offered. `hidden`: the seeker has no such path, for what only they may know; nor will they see it."""

    opening: Opening
    path: Path
    hidden: bool


async def _offered(deps: Dependencies, introducer_id: str, form: OfferForm) -> _Offered:
    """404 for everything that is not in the list of what the introducer may offer."""
    found = await deps.matcher.could_introduce(introducer_id, form.seeker_id, form.posting_id)
    known = await store.helpable(deps.pool, [(one.seeker_id, one.posting_id) for one in found])
    row = known.get((form.seeker_id, form.posting_id))
    if row is None or not await store.introduces(deps.pool, introducer_id):
        raise not_found("opening to introduce them to")
    opening, path = working.opening_of(row["posting_id"], row["company"], row["title"], row["url"]), found[0].path
    live = await deps.matcher.paths(form.seeker_id, opening)
    is_live = any((one.introducer_id, one.insider_id) == (introducer_id, path.insider_id) for one in live)
    return _Offered(opening, path, hidden=not is_live)


async def _offer(conn: Connection, deps: Dependencies, form: OfferForm, what: _Offered) -> Introduction:
    opening, path = what.opening, what.path
    # Under a key of its own: whoever it names is locked, and no ask of the seeker's goes on for it.
    paths = dict(await working.paths_of(deps, form.seeker_id)) | {("offer", path.introducer_id): path}
    case = await store.open_case(conn, form.seeker_id, deps.now(), paths, About(introducers=(path.introducer_id,)))
    before = dict(case.introductions)
    sent = await store.offers_sent(conn, path.introducer_id, deps.now() - A_DAY)
    made = domain.offer(
        case,
        opening,
        path,
        sent=sent,
        hidden=what.hidden,
        note=form.note,
        contact=form.contact if path.direct else None,
    )
    await working.save(conn, case, before)
    return case.introductions[made.id]
