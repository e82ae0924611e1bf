"""HTTP: what a member saves and hides in their inbox. Each request can be repeated, and taken back."""

from fastapi import APIRouter
from pydantic import BaseModel

from services.notifications import marks, rendering, store
from services.notifications.dependencies import Deps
from services.notifications.rendering import ItemView
from services.notifications.store import Item
from shared.web.callers import ActingMember, Service
from shared.web.documents import problems
from shared.web.ids import PathId, QueryId
from shared.web.problems import conflict, not_found

router = APIRouter(tags=["notifications"])


class HiddenPerson(BaseModel):
    """An introducer whom the member does not want to be suggested."""

    id: str
    name: str


class HiddenView(BaseModel):
    """What a member hid: the newest 200 openings that are live, and all people, the last first."""

    items: list[ItemView]
    people: list[HiddenPerson]


class HiddenIds(BaseModel):
    """What a member hid: ids of live suggestions, and of people."""

    suggestions: list[str]
    people: list[str]


class WithdrawnView(BaseModel):
    """A suggestion that is not live any more, and the opening it was about."""

    id: str
    posting_id: str


async def _view(item: Item | None, member_id: str, deps: Deps) -> ItemView:
    if item is None:
        raise not_found("item")
    return rendering.show(item, await deps.cards.find_or_none(member_id, rendering.people_in([item])))


@router.put("/v1/inbox/{item_id}/saved", responses=problems(404))
async def save(item_id: PathId, member_id: ActingMember, deps: Deps) -> ItemView:
    """Keep an item at hand: `GET /v1/inbox?saved=true` lists those."""
    async with deps.pool.acquire() as connection, connection.transaction():
        item = await marks.save_item(connection, member_id, item_id, on=True)
    return await _view(item, member_id, deps)


@router.delete("/v1/inbox/{item_id}/saved", responses=problems(404))
async def unsave(item_id: PathId, member_id: ActingMember, deps: Deps) -> ItemView:
    """No longer."""
    async with deps.pool.acquire() as connection, connection.transaction():
        item = await marks.save_item(connection, member_id, item_id, on=False)
    return await _view(item, member_id, deps)


@router.put("/v1/inbox/{item_id}/hidden", responses=problems(404))
async def hide(item_id: PathId, member_id: ActingMember, deps: Deps) -> ItemView:
    """Leave this opening out of the list and of messages, whatever becomes of it. Nobody is told."""
    async with deps.pool.acquire() as connection, connection.transaction():
        item = await marks.hide_item(connection, member_id, item_id, on=True)
    return await _view(item, member_id, deps)


@router.delete("/v1/inbox/{item_id}/hidden", responses=problems(404))
async def unhide(item_id: PathId, member_id: ActingMember, deps: Deps) -> ItemView:
    """Show it again."""
    async with deps.pool.acquire() as connection, connection.transaction():
        item = await marks.hide_item(connection, member_id, item_id, on=False)
    return await _view(item, member_id, deps)


@router.get("/v1/inbox/{item_id}/withdrawn", responses=problems(404))
async def withdrawn(item_id: PathId, member_id: ActingMember, deps: Deps) -> WithdrawnView:
    """Which opening a suggestion was about that is gone. Matching says why: `GET /v1/explain`."""
    posting_id = await marks.withdrawn_subject(deps.pool, member_id, item_id)
    if posting_id is None:
        raise not_found("item")
    return WithdrawnView(id=item_id, posting_id=posting_id)


@router.get("/v1/hidden", responses=problems(404))
async def list_hidden(member_id: ActingMember, deps: Deps) -> HiddenView:
    """What the member hid, to take it back."""
    items, people = await marks.hidden_items(deps.pool, member_id), await marks.hidden_people(deps.pool, member_id)
    known = await deps.cards.find_or_none(member_id, [*rendering.people_in(items), *people])
    named = [HiddenPerson(id=each, name=rendering.name_of(known, each)) for each in people]
    return HiddenView(items=[rendering.show(item, known) for item in items], people=named)


@router.get("/internal/v1/hidden")
async def hidden_ids(member: QueryId, _caller: Service, deps: Deps) -> HiddenIds:
    """For other services, which count none of it either."""
    return HiddenIds(
        suggestions=await marks.hidden_ids(deps.pool, member), people=await marks.hidden_people(deps.pool, member)
    )


@router.put("/v1/hidden/people/{person_id}", status_code=204, responses=problems(404, 409))
async def hide_person(person_id: PathId, member_id: ActingMember, deps: Deps) -> None:
    """Suggest nobody through this introducer any more. They are not told, and stay in the address book."""
    async with deps.pool.acquire() as connection, connection.transaction():
        hidden = await marks.hide_person(connection, member_id, person_id)
        if await store.is_erased(connection, member_id):
            raise not_found("member")
    if not hidden:
        raise conflict(f"at most {marks.MOST_PEOPLE} people can be hidden; show some again first")


@router.delete("/v1/hidden/people/{person_id}", status_code=204, responses=problems(404))
async def unhide_person(person_id: PathId, member_id: ActingMember, deps: Deps) -> None:
    """Suggest them again."""
    async with deps.pool.acquire() as connection, connection.transaction():
        await marks.show_person(connection, member_id, person_id)
