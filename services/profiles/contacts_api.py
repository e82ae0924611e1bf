"""A member's address book: who is in it, what the member says of them, and who of them turned out to be a member."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.profiles import network, store
from services.profiles.dependencies import Acting, Dependencies, Deps
from services.profiles.domain import Contact, name_key
from services.profiles.forms import (
    Claim,
    ClosenessForm,
    Colleague,
    CompanyView,
    ConfirmForm,
    ContactView,
    RatingsForm,
    WorkedTogetherForm,
)
from services.profiles.links import Links
from services.profiles.store import SQL
from shared.events.ties import WorkedTogether
from shared.storage.pool import Connection
from shared.web import audit
from shared.web.documents import problems
from shared.web.ids import PathId
from shared.web.pagination import Cursor, Limit, Page, bigint, decode_cursor, page_of
from shared.web.problems import conflict, invalid, not_found

router = APIRouter(prefix="/v1", tags=["contacts"], responses=problems(404))

Search = Annotated[str | None, Query(max_length=100, description="part of a name or company")]
Claimed = Annotated[bool, Query(description="only contacts whose profile link is claimed by somebody I may find")]


@router.get("/contacts", summary="My contacts")
async def listing(
    member_id: Acting, deps: Deps, search: Search = None, claimed: Claimed = False, limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ContactView]:  # fmt: skip
    """By name."""
    after = decode_cursor(cursor, 2) if cursor else (None, None)
    async with deps.pool.acquire() as conn:
        found = await store.contacts(conn, "list_contacts", member_id, _like(search), claimed, *after, limit + 1)
        claims = await _claims(conn, member_id, found, deps.today())
    return page_of(
        found,
        limit,
        lambda contact: ContactView.of(contact, claims.get(contact.contact_id, ())),
        lambda contact: (name_key(contact.name), contact.contact_id),
    )


@router.get("/companies", summary="Where my contacts work")
async def companies(member_id: Acting, deps: Deps, limit: Limit = 50, cursor: Cursor = None) -> Page[CompanyView]:
    """Most contacts first; of each company at most 50 people are named."""
    after = decode_cursor(cursor, 2, bigint, str) if cursor else (None, None)
    async with deps.pool.acquire() as conn:
        rows = await conn.fetch(SQL["list_companies"], member_id, *after, limit + 1)
    return page_of(
        rows,
        limit,
        lambda row: CompanyView(
            company=row["company"],
            contacts=row["contacts"],
            people=[Colleague(id=one, position=at) for one, at in zip(row["ids"], row["positions"], strict=True)],
        ),
        lambda row: (row["contacts"], row["company_key"]),
    )


@router.get("/contacts/{contact_id}", summary="A contact")
async def read(contact_id: PathId, member_id: Acting, deps: Deps) -> ContactView:
    """By the contact's id, or the member's id where the contact is one."""
    async with deps.pool.acquire() as conn, conn.transaction():
        contact = await _find(conn, member_id, contact_id)
        claims = await _claims(conn, member_id, [contact], deps.today())
    return ContactView.of(contact, claims.get(contact.contact_id, ()))


@router.put("/contacts/{contact_id}/closeness", summary="Say how well I know somebody")
async def say_closeness(form: ClosenessForm, contact_id: PathId, member_id: Acting, deps: Deps) -> ContactView:
    """From 1 (barely) to 5 (very well). Nobody else ever learns it."""
    return await _say(deps, member_id, contact_id, lambda contact: replace(contact, closeness=form.value))


@router.put("/contacts/closeness", status_code=204, summary="Say how well I know many people", response_class=Response)
async def say_closeness_of_many(form: RatingsForm, member_id: Acting, deps: Deps) -> Response:
    """All of it, or nothing where one of them is no contact of mine or is named twice."""
    async with deps.pool.acquire() as conn, conn.transaction():
        await conn.execute(SQL["share_network"])
        named = [rating.contact_id for rating in form.ratings]
        found = await store.contacts(conn, "lock_contacts_named", member_id, named)
        by_id = {one: contact for contact in found for one in (contact.contact_id, contact.member_id) if one}
        rated: dict[str, Contact] = {}
        for index, rating in enumerate(form.ratings):
            contact = by_id.get(rating.contact_id)
            if contact is None:
                raise not_found(f"contact (ratings.{index}.contact_id)")
            if contact.contact_id in rated:
                raise invalid(f"ratings.{index}.contact_id", "names somebody for the second time")
            rated[contact.contact_id] = replace(contact, closeness=rating.value)
        await network.retell(conn, list(rated.values()), deps.today())
        await audit.note(conn, "contact.changed", *map(audit.person, rated))
    return Response(status_code=204)


@router.delete("/contacts/{contact_id}/closeness", summary="Take it back")
async def unsay_closeness(contact_id: PathId, member_id: Acting, deps: Deps) -> ContactView:
    """The tie's strength follows from the evidence again."""
    return await _say(deps, member_id, contact_id, lambda contact: replace(contact, closeness=None))


@router.put("/contacts/{contact_id}/worked-together", summary="Say that I worked with somebody")
async def say_worked_together(
    form: WorkedTogetherForm, contact_id: PathId, member_id: Acting, deps: Deps
) -> ContactView:
    """Replaces what was said before."""
    stated = WorkedTogether(**form.model_dump(), stated=True)
    return await _say(deps, member_id, contact_id, lambda contact: replace(contact, worked_together=stated))


@router.delete("/contacts/{contact_id}/worked-together", summary="Take it back")
async def unsay_worked_together(contact_id: PathId, member_id: Acting, deps: Deps) -> ContactView:
    """What both profiles show stays."""
    return await _say(deps, member_id, contact_id, lambda contact: replace(contact, worked_together=None))


@router.put("/contacts/{contact_id}/block", summary="Keep somebody off every path of mine")
async def block(contact_id: PathId, member_id: Acting, deps: Deps) -> ContactView:
    """No path on which both stand, whoever seeks; and they find me no more."""
    return await _say(deps, member_id, contact_id, lambda contact: replace(contact, blocked=True), refind=True)


@router.delete("/contacts/{contact_id}/block", summary="Unblock")
async def unblock(contact_id: PathId, member_id: Acting, deps: Deps) -> ContactView:
    """As before the block."""
    return await _say(deps, member_id, contact_id, lambda contact: replace(contact, blocked=False), refind=True)


@router.put("/contacts/{contact_id}/may-find-me", summary="Say that somebody may find me")
async def allow(contact_id: PathId, member_id: Acting, deps: Deps) -> ContactView:
    """Should they be here too and have me in their address book, they see me there, and where I work."""
    return await _say(deps, member_id, contact_id, lambda contact: replace(contact, may_find_me=True), refind=True)


@router.delete("/contacts/{contact_id}/may-find-me", summary="Take it back")
async def disallow(contact_id: PathId, member_id: Acting, deps: Deps) -> ContactView:
    """As before; other things I agreed to stay."""
    return await _say(deps, member_id, contact_id, lambda contact: replace(contact, may_find_me=False), refind=True)


@router.post(
    "/contacts/{contact_id}/confirm",
    summary="Confirm that a contact is the member who claims it",
    responses=problems(409),
)
async def confirm(contact_id: PathId, member_id: Acting, deps: Deps, form: ConfirmForm | None = None) -> ContactView:
    """They say that the link is theirs and that I may find them; from now on the tie leads to them."""
    wanted = form.member_id if form else None
    async with deps.pool.acquire() as conn, conn.transaction():
        await conn.execute(SQL["lock_network"])
        contact = await _find(conn, member_id, contact_id)
        if contact.member_id is not None and wanted in {None, contact.member_id}:
            return ContactView.of(contact)
        claims = (await _claims(conn, member_id, [contact], deps.today())).get(contact.contact_id, ())
        chosen = [claim for claim in claims if wanted in {None, claim.member_id}]
        if len(chosen) != 1:
            raise conflict("several members claim this contact: say which" if chosen else "no such claim")
        await store.update_contacts(conn, [(contact.contact_id, replace(contact, confirmed=chosen[0].member_id))])
        await network.refind(conn, member_id, deps.today())
        told = await _find(conn, member_id, contact.contact_id)
        if told.member_id != chosen[0].member_id:
            raise conflict("another of your contacts is that member already")
        await audit.note(conn, "contact.confirmed", audit.person(contact_id))
        return ContactView.of(told)


async def _say(
    deps: Dependencies,
    member_id: str,
    contact_id: str,
    change: Callable[[Contact], Contact],
    *,
    refind: bool = False,
) -> ContactView:
    """Change what the member says of a contact, and tell the topics. A contact nothing speaks for any more stays.

    `refind`: it decides who finds the member, too.
    """
    async with deps.pool.acquire() as conn, conn.transaction():
        await conn.execute(SQL["lock_network" if refind else "share_network"])
        before = await _find(conn, member_id, contact_id)
        await network.retell(conn, [change(before)], deps.today())
        if refind:
            await network.refind(conn, member_id, deps.today())
        await audit.note(conn, "contact.changed", audit.person(contact_id))
        return ContactView.of(await _find(conn, member_id, before.contact_id))


async def _find(conn: Connection, member_id: str, contact_id: str) -> Contact:
    found = await store.contacts(conn, "lock_contact", member_id, contact_id)
    if not found:
        raise not_found("contact")
    return found[0]


async def _claims(
    conn: Connection, member_id: str, contacts: list[Contact], today: date
) -> dict[str, tuple[Claim, ...]]:
    """By contact id: who says that the contact's profile link is theirs, and that the member may find them."""
    owner = await store.find_member(conn, member_id)
    claims = await Links(conn, today).claims(owner, contacts) if owner else {}
    return {
        contact_id: tuple(Claim(member_id=one.member_id, name=one.name) for one in members)
        for contact_id, members in claims.items()
    }


def _like(search: str | None) -> str | None:
    if not search or not search.strip():
        return None
    escaped = search.strip().casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
