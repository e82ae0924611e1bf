"""HTTP: which files a member's address book is made of, and taking one of them back."""

from fastapi import APIRouter
from pydantic import BaseModel

from services.profiles import importing, network
from services.profiles.dependencies import Deps
from services.profiles.store import SQL
from shared.observability.logs import get_logger
from shared.web import audit
from shared.web.callers import ActingMember
from shared.web.documents import problems
from shared.web.ids import PathId
from shared.web.problems import not_found

log = get_logger(__name__)
router = APIRouter(tags=["contacts"])


class BookSource(BaseModel):
    """A kind of file, and how many people the latest one lists."""

    source: str
    listed: int


class BookSources(BaseModel):
    """What the address book is made of, by name."""

    items: list[BookSource]


class TakenBack(BaseModel):
    """`removed` people are gone; `kept` ones stay, because another file lists them or the member said something."""

    source: str
    removed: int
    kept: int


@router.get("/v1/contact-sources", summary="Which files my address book is made of", responses=problems(404))
async def sources(member_id: ActingMember, deps: Deps) -> BookSources:
    """Each kind of file that lists somebody."""
    listed = _listed(await deps.pool.fetchval(SQL["find_books"], member_id))
    return BookSources(items=[BookSource(source=name, listed=listed[name]) for name in sorted(listed)])


@router.delete("/v1/contact-sources/{source}", summary="Take a file's people back", responses=problems(404, 429))
async def take_back(source: PathId, member_id: ActingMember, deps: Deps) -> TakenBack:
    """As if an empty file of this kind were imported: whom nothing else lists goes, unless the member spoke of them."""
    async with deps.pool.acquire() as conn, conn.transaction():
        listed = _listed(await conn.fetchval(SQL["find_books"], member_id))
        if source not in listed:
            raise not_found("source")
        counts = await importing.import_contacts(conn, member_id, {source: []}, deps.today())
        if counts is None:
            raise not_found("member")
        await deps.rules.imports.demand(conn, deps.rules.key, member_id)
        await audit.note(conn, "contacts.taken_back", audit.person(member_id))
    async with deps.pool.acquire() as conn, conn.transaction():  # alone with the network, which an import is not
        await network.update_links(conn, member_id, deps.today())
    log.info("contacts_taken_back", member_id=member_id, source=source, removed=counts.removed)
    return TakenBack(source=source, removed=counts.removed, kept=listed[source] - counts.removed)


def _listed(books: dict[str, dict[str, int]] | None) -> dict[str, int]:
    return {source: told["listed"] for source, told in (books or {}).items() if told["listed"]}
