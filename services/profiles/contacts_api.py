"""A member's address book: contacts, what the member states about them, and which of them are members."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.profiles import introductions, network, store
from services.profiles.dependencies import Dependencies, Deps
from services.profiles.domain import Contact
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
from services.profiles.sort_keys import name_key
from services.profiles.store import SQL
from shared.events.base import Id
from shared.events.ties import WorkedTogether
from shared.resolution import Vocabulary
from shared.storage.pool import Connection
from shared.web import audit
from shared.web.callers import ActingMember
from shared.web.documents import problems
from shared.web.ids import PRINTABLE, PathId
from shared.web.pagination import Cursor, Limit, Page, bigint, decode_cursor, page_of
from shared.web.problems import conflict, invalid, not_found

router = APIRouter(prefix="/v1", tags=["contacts"], responses=problems(404))

Search = Annotated[str | None, Query(max_length=100, pattern=PRINTABLE, description="part of a name or company")]
People = Annotated[bool, Query(description="whether people are named; without, the answer is quicker")]
Ids = Annotated[
    list[Id], Query(alias="id", min_length=1, max_length=100, description="a contact's or member's id; repeated")
]
Claimed = Annotated[bool, Query(description="only contacts whose profile link is claimed by somebody I may find")]


@router.get("/contacts", summary="My contacts")
async def listing(
    member_id: ActingMember, deps: Deps, search: Search = None, claimed: Claimed = False, limit: Limit = 50,
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


@router.get("/contacts/named", summary="Some of my contacts")
async def named(member_id: ActingMember, deps: Deps, ids: Ids) -> Page[ContactView]:
    """By name, as in the list of all of them; whoever is no contact of mine is left out."""
    async with deps.pool.acquire() as conn:
        found = await store.contacts(conn, "find_contacts_named", member_id, ids)
        claims = await _claims(conn, member_id, found, deps.today())
    views = [ContactView.of(contact, claims.get(contact.contact_id, ())) for contact in found]
    return Page[ContactView](items=views, next=None)


@router.get("/companies", summary="Where my contacts work")
async def companies(
    member_id: ActingMember, deps: Deps, people: People = True, limit: Limit = 50, cursor: Cursor = None
) -> Page[CompanyView]:
    """The companies with the most contacts first; at most 50 people are named for each."""
    after, words = decode_cursor(cursor, 2, bigint, str) if cursor else (None, None), Vocabulary.default()
    async with deps.pool.acquire() as conn:
        query = SQL["list_companies" if people else "count_by_company"]
        rows = await conn.fetch(query, member_id, *after, limit + 1)
    return page_of(
        rows,
        limit,
        lambda row: CompanyView(
            company=row["company"],
            employer=words.company(row["company"]) is not None,
            contacts=row["contacts"],
            people=[Colleague(id=one, position=at) for one, at in zip(row["ids"], row["positions"], strict=True)],
        ),
        lambda row: (row["contacts"], row["company_key"]),
    )


@router.get("/contacts/{contact_id}", summary="A contact")
async def read(contact_id: PathId, member_id: ActingMember, deps: Deps) -> ContactView:
    """By the contact's id, or the member's id if the contact is linked to one."""
    async with deps.pool.acquire() as conn:
        contact = await _find(conn, member_id, contact_id, "find_contact")
        claims = await _claims(conn, member_id, [contact], deps.today())
    return ContactView.of(contact, claims.get(contact.contact_id, ()))


@router.put("/contacts/{contact_id}/closeness", summary="State how well I know somebody")
async def set_closeness(form: ClosenessForm, contact_id: PathId, member_id: ActingMember, deps: Deps) -> ContactView:
    """From 1 (barely) to 5 (very well). It orders my own paths, and is never shown to anybody else.

    A member of whom I say 1 or 2 can neither ask me nor lead others to me; that much they may notice.
    """
    return await _update(deps, member_id, contact_id, lambda contact: replace(contact, closeness=form.value))


@router.put(
    "/contacts/closeness", status_code=204, summary="State how well I know many people", response_class=Response
)
async def set_closeness_of_many(form: RatingsForm, member_id: ActingMember, deps: Deps) -> Response:
    """Applies all or, where one of them is not a contact of mine or is named twice, nothing."""
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
                raise invalid(f"ratings.{index}.contact_id", "names the same contact twice")
            rated[contact.contact_id] = replace(contact, closeness=rating.value)
        await network.update_contacts(conn, list(rated.values()), deps.today())
        await audit.note(conn, "contact.changed", *map(audit.person, rated))
    return Response(status_code=204)


@router.delete("/contacts/{contact_id}/closeness", summary="Withdraw the statement")
async def delete_closeness(contact_id: PathId, member_id: ActingMember, deps: Deps) -> ContactView:
    """The tie's strength is derived from the evidence again."""
    return await _update(deps, member_id, contact_id, lambda contact: replace(contact, closeness=None))


@router.put("/contacts/{contact_id}/worked-together", summary="State that I worked with somebody")
async def set_worked_together(
    form: WorkedTogetherForm, contact_id: PathId, member_id: ActingMember, deps: Deps
) -> ContactView:
    """Replaces an earlier statement."""
    stated = WorkedTogether(**form.model_dump(), stated=True)
    return await _update(deps, member_id, contact_id, lambda contact: replace(contact, worked_together=stated))


@router.delete("/contacts/{contact_id}/worked-together", summary="Withdraw the statement")
async def delete_worked_together(contact_id: PathId, member_id: ActingMember, deps: Deps) -> ContactView:
    """What both profiles show stays evidence."""
    return await _update(deps, member_id, contact_id, lambda contact: replace(contact, worked_together=None))


@router.put("/contacts/{contact_id}/block", summary="Keep somebody off every path of mine")
async def block(contact_id: PathId, member_id: ActingMember, deps: Deps) -> ContactView:
    """No path will contain both of us, and they cannot find me any more.

    Also by the id of a member to whom I said yes and who is not among my contacts, until I unblock them.
    """
    async with deps.pool.acquire() as conn, conn.transaction():
        await conn.execute(SQL["lock_network"])
        if not await store.contacts(conn, "lock_contact", member_id, contact_id):
            made = await introductions.block(conn, member_id, contact_id, deps.today())
            if made is None:
                raise not_found("contact")
            await audit.note(conn, "contact.changed", audit.person(contact_id))
            return ContactView.of(await _find(conn, member_id, made.contact_id))
    return await _update(deps, member_id, contact_id, lambda contact: replace(contact, blocked=True), update_links=True)


@router.delete("/contacts/{contact_id}/block", summary="Unblock")
async def unblock(contact_id: PathId, member_id: ActingMember, deps: Deps) -> ContactView:
    """Ends the block. Whoever became a contact of mine only by it is none afterwards."""
    async with deps.pool.acquire() as conn, conn.transaction():
        await conn.execute(SQL["lock_network"])
        before = await _find(conn, member_id, contact_id)
        now = await introductions.unblock(conn, before, deps.today())
        await audit.note(conn, "contact.changed", audit.person(contact_id))
        left = await store.contacts(conn, "find_contact", member_id, before.contact_id)
        return ContactView.of(left[0] if left else now)


@router.put("/contacts/{contact_id}/may-find-me", summary="Let somebody find me")
async def allow(contact_id: PathId, member_id: ActingMember, deps: Deps) -> ContactView:
    """If they are a member and have me in their address book, they see me there, and where I work."""
    return await _update(
        deps, member_id, contact_id, lambda contact: replace(contact, may_find_me=True), update_links=True
    )


@router.delete("/contacts/{contact_id}/may-find-me", summary="Withdraw the statement")
async def disallow(contact_id: PathId, member_id: ActingMember, deps: Deps) -> ContactView:
    """Withdraws this consent; others stay."""
    return await _update(
        deps, member_id, contact_id, lambda contact: replace(contact, may_find_me=False), update_links=True
    )


@router.post(
    "/contacts/{contact_id}/confirm",
    summary="Confirm that a contact is the member who claims it",
    responses=problems(409),
)
async def confirm(
    contact_id: PathId, member_id: ActingMember, deps: Deps, form: ConfirmForm | None = None
) -> ContactView:
    """They claim the link and let me find them; from now on the tie leads to them."""
    wanted = form.member_id if form else None
    async with deps.pool.acquire() as conn, conn.transaction():
        await conn.execute(SQL["lock_network"])
        contact = await _find(conn, member_id, contact_id)
        if contact.member_id is not None and wanted in {None, contact.member_id}:
            return ContactView.of(contact)
        claims = (await _claims(conn, member_id, [contact], deps.today())).get(contact.contact_id, ())
        chosen = [claim for claim in claims if wanted in {None, claim.member_id}]
        if len(chosen) != 1:
            raise conflict("several members claim this contact: name one" if chosen else "no such claim")
        await store.update_contacts(conn, [replace(contact, confirmed=chosen[0].member_id)])
        await network.update_links(conn, member_id, deps.today())
        linked = await _find(conn, member_id, contact.contact_id)
        if linked.member_id != chosen[0].member_id:
            raise conflict("another of your contacts is that member already")
        await audit.note(conn, "contact.confirmed", audit.person(contact_id))
        return ContactView.of(linked)


async def _update(
    deps: Dependencies,
    member_id: str,
    contact_id: str,
    change: Callable[[Contact], Contact],
    *,
    update_links: bool = False,
) -> ContactView:
    """Change what the member states about a contact, and publish it.

    `update_links`: the statement also decides who finds the member.
    """
    async with deps.pool.acquire() as conn, conn.transaction():
        await conn.execute(SQL["lock_network" if update_links else "share_network"])
        before = await _find(conn, member_id, contact_id)
        await network.update_contacts(conn, [change(before)], deps.today())
        if update_links:
            await network.update_links(conn, member_id, deps.today())
        await audit.note(conn, "contact.changed", audit.person(contact_id))
        return ContactView.of(await _find(conn, member_id, before.contact_id))


async def _find(conn: Connection, member_id: str, contact_id: str, query: str = "lock_contact") -> Contact:
    found = await store.contacts(conn, query, member_id, contact_id)
    if not found:
        raise not_found("contact")
    return found[0]


async def _claims(
    conn: Connection, member_id: str, contacts: list[Contact], today: date
) -> dict[str, tuple[Claim, ...]]:
    """By contact id: who claims the contact's profile link, and lets the member find them."""
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
