"""HTTP: what a job advert from elsewhere is about, for members who want to know who could introduce them there.

Nothing of it is kept. A link is opened by the fetcher of outside pages; whatever goes wrong with it, the answer is one.
"""

import asyncio
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.postings.advert import Advert, Source, read_page, read_text
from services.postings.dependencies import Deps
from shared.text import safe_url
from shared.web.callers import Member
from shared.web.documents import problems
from shared.web.fetcher import FetchError
from shared.web.problems import invalid

router = APIRouter(tags=["postings"])

_PAGES = ("text/html", "application/xhtml+xml")


class SeenForm(BaseModel):
    """A link to an advert, or its text."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    link: Annotated[str, Field(max_length=2_000)] | None = None
    text: Annotated[str, Field(max_length=50_000)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.link) == bool(self.text):
            raise ValueError("send a link or a text")
        return self


class SeenView(BaseModel):
    """What the advert says. `source`: its page's data, its words, or nothing that could be read."""

    source: Source
    title: str | None
    company: str | None
    domain: str | None
    locations: tuple[str, ...]
    link: str | None


@router.post("/v1/seen-openings", summary="What an advert from elsewhere is about", responses=problems(429))
async def seen(form: SeenForm, caller: Member, deps: Deps) -> SeenView:
    """Title, company and places of a job advert: of a page's JobPosting data, or of a text with simple labels."""
    if form.link is None:
        return _view(read_text(form.text or ""), None)
    if safe_url(form.link) is None:
        raise invalid("link", "this is no web address; it begins with https://")
    deps.links.take(caller.id)
    try:
        page = await deps.fetcher.get(form.link, _PAGES)
    except FetchError:
        raise invalid("link", "this page cannot be read from here; paste its text instead") from None
    return _view(await asyncio.to_thread(read_page, page.text), page.url)


def _view(found: Advert, link: str | None) -> SeenView:
    return SeenView(
        source=found.source,
        title=found.title,
        company=found.company,
        domain=found.domain,
        locations=found.locations,
        link=link,
    )
