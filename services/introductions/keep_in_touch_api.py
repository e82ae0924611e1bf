"""Keeping in touch: whom this week, why, and with what; done, later or never with one tap each."""

from collections.abc import Collection, Mapping
from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from services.introductions import give, keep_in_touch, store, words
from services.introductions.dependencies import Dependencies, Deps
from services.introductions.forms import TouchForm
from services.introductions.keep_in_touch import Acquaintance
from services.introductions.views import PersonView
from shared.storage.pool import Connection
from shared.web.callers import Member, Service
from shared.web.documents import problems
from shared.web.ids import PathId, QueryId
from shared.web.problems import not_found

router = APIRouter(tags=["keep in touch"], responses=problems(404))


class TouchView(BaseModel):
    """Somebody to write to, why, and a draft that gives something."""

    person: PersonView
    why: list[str]
    worth_waking: bool
    draft: str


class WeekView(BaseModel):
    """At most three people; those of whom the member said done, later or never are gone from it."""

    week: date
    people: list[TouchView]


class NamedView(BaseModel):
    """Somebody in a message."""

    id: str
    name: str | None = None
    why: list[str]


class TouchMessage(BaseModel):
    """What a message says."""

    people: list[NamedView]


@router.get("/v1/keep-in-touch", summary="Whom to keep in touch with this week", response_model_exclude_none=True)
async def read(caller: Member, deps: Deps) -> WeekView:
    """By what would be lost without them. The same people all week, however often it is asked."""
    return await _week(deps, caller.id)


@router.post("/v1/keep-in-touch/{person_id}", status_code=204, summary="Done, later or never", response_class=Response)
async def say(person_id: PathId, caller: Member, deps: Deps, form: TouchForm) -> Response:
    """Done: I wrote to them; not named for 90 days. Later: not for four weeks. Never: not again."""
    now = deps.now()
    async with deps.pool.acquire() as conn, conn.transaction():
        if person_id not in await store.people_of_week(conn, caller.id, keep_in_touch.week_of(now)):
            raise not_found("person in this week's list")
        await store.put_touch(conn, caller.id, person_id, keep_in_touch.until(form.what, now))
    return Response(status_code=204)


@router.get("/internal/v1/keep-in-touch", summary="What the weekly message says", response_model_exclude_none=True)
async def message(member: QueryId, _caller: Service, deps: Deps, kind: str = "keep_in_touch") -> TouchMessage:
    """404 where there is nobody to name."""
    week = await _week(deps, member) if kind == "keep_in_touch" else None
    if week is None or not week.people:
        raise not_found("people to keep in touch with")
    return TouchMessage(people=[NamedView(id=one.person.id, name=one.person.name, why=one.why) for one in week.people])


async def _week(deps: Dependencies, member_id: str) -> WeekView:
    week = keep_in_touch.week_of(deps.now())
    hidden = await deps.notifications.hidden(member_id)
    losses = await store.losses(deps.pool, member_id, hidden.suggestions)
    known = await _acquaintances(deps, member_id, losses)
    async with deps.pool.acquire() as conn, conn.transaction():
        chosen = await _chosen(conn, deps, member_id, week, known, hidden.people)
    names = await deps.profiles.names(member_id, [*chosen, member_id])
    called = await deps.profiles.called(member_id, chosen)
    people = []
    for person_id in chosen:
        one = known.get(person_id) or Acquaintance(person_id, 0.0, None)
        could = await give.openings(deps, member_id, person_id)
        opening = (could[0].title, could[0].company) if could else None
        people.append(
            TouchView(
                person=PersonView(id=person_id, name=names.get(person_id)),
                why=keep_in_touch.why(one, losses[person_id][1] if person_id in losses else 0),
                worth_waking=one.asleep,
                draft=words.greeting(called.get(person_id), names.get(member_id), opening),
            )
        )
    return WeekView(week=week, people=people)


async def _chosen(
    conn: Connection,
    deps: Dependencies,
    member_id: str,
    week: date,
    known: Mapping[str, Acquaintance],
    hidden: Collection[str],
) -> list[str]:
    """This week's people, chosen when first asked, without those hidden, or of whom something was said since."""
    now = deps.now()
    await store.lock_seeker(conn, member_id)
    left_out = await store.put_off(conn, member_id, now) | set(hidden)
    people = await store.people_of_week(conn, member_id, week)
    if not people:
        people = [one.person_id for one in keep_in_touch.choose(known.values(), left_out, now)]
        await store.put_week(conn, member_id, week, people)
    return [one for one in people if one not in left_out]


async def _acquaintances(
    deps: Dependencies, member_id: str, losses: Mapping[str, tuple[float, int]]
) -> dict[str, Acquaintance]:
    named, asleep = await deps.matcher.acquaintances(member_id, list(losses)[:200])
    introduced = await store.introduced_lately(deps.pool, member_id, deps.now() - keep_in_touch.TOUCHED_FOR)
    found = {}
    for one, sleeps in [*((one, False) for one in named), *((one, True) for one in asleep)]:
        last = deps.now().date() if one.person_id in introduced else one.last_sign
        loss = losses[one.person_id][0] if one.person_id in losses else 0.0
        found[one.person_id] = Acquaintance(
            one.person_id, loss, last, one.months_together, one.closeness, sleeps and one.person_id not in introduced
        )
    return found
