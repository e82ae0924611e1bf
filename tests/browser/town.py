"""Invented people who know each other, with accounts, for journeys of introductions."""

import re
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

from playwright.async_api import Page, expect

from shared.services import ServiceName
from shared.testing.wait import until
from tests.browser.conftest import Site

HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
REACH = "ida@lumenforge.example"
SEEKING = {"titles": ["Data Engineer"], "skills": ["Python", "PostgreSQL"]}


class Api(Protocol):
    """A running stack."""

    async def ok(self, name: ServiceName, method: str, path: str, token: str = ..., **options: Any) -> Any:
        """The JSON of an answer that must be a success; without a token an operator asks."""


@dataclass
class Person:
    """Somebody who can become a member; `url` is their profile link."""

    first: str
    last: str
    company: str
    id: str = ""
    token: str = ""

    def __post_init__(self) -> None:
        self.url = f"https://www.linkedin.com/in/{self.first.lower()}-{uuid4().hex[:10]}"
        self.email = f"{uuid4()}@mail.example"

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    def row(self, email: str = "") -> str:
        """The line in a file of LinkedIn's."""
        return f"{self.first},{self.last},{self.url},{email},{self.company},Data Engineer,01 Feb 2021"

    async def join(self, api: Api, **more: object) -> None:
        """Become a member, whose profile link is proven."""
        form = {
            "name": self.name, "email": self.email, "verified": True, "profile_url": self.url, "introduces": True,
            "discreet": False, "employments": [{"company": self.company, "title": "Data Engineer"}], **more,
        }  # fmt: skip
        made = await api.ok("profiles", "POST", "/internal/v1/members", json=form)
        self.id, self.token = made["member_id"], made["token"]

    async def imports(self, api: Api, *rows: str) -> None:
        """Bring a file of LinkedIn's."""
        headers = {"Content-Type": "text/csv; charset=utf-8"}
        where = "/v1/contacts/import?source=linkedin"
        await api.ok("profiles", "POST", where, self.token, content="\n".join([HEADER, *rows]), headers=headers)

    async def knows(self, api: Api, *others: "Person", rows: tuple[str, ...] = ()) -> None:
        """List others, and say of everybody listed that they know them very well."""
        await self.imports(api, *(each.row() for each in others), *rows)
        for contact in await self.contacts(api):
            where = f"/v1/contacts/{contact['id']}/closeness"
            await api.ok("profiles", "PUT", where, self.token, json={"value": 5})

    async def contacts(self, api: Api) -> list[dict[str, str]]:
        found = await api.ok("profiles", "GET", "/v1/contacts", self.token)
        return list(found["items"])


@dataclass
class Town:
    """Amara looks for work; Mei and Kai know Ida, who works where an opening is."""

    amara: Person
    mei: Person
    kai: Person
    ida: Person
    suggestion: str
    """Of the first opening at Ida's employer, to Amara."""

    @property
    def title(self) -> str:
        return f"Data Engineer at {self.ida.company}"


async def town(api: Api, *, member: bool = True) -> Town:
    """A town of its own for each test. `member`: whether Ida is one, or somebody whom Mei alone lists."""
    ida = Person("Ida", "Inside", f"Lumenforge {uuid4().hex[:6]}")
    amara, mei = Person("Amara", "Okafor", "Initech"), Person("Mei", "Zhang", "Globex")
    kai = Person("Kai", "Lund", "Hooli")
    await amara.join(api, seeking=SEEKING)
    await mei.join(api)
    if member:
        await kai.join(api)
        await ida.join(api)
        await ida.knows(api, mei, kai)
        await kai.knows(api, amara, ida)
    await amara.knows(api, mei, *([kai] if member else []))
    await mei.knows(api, amara, rows=(ida.row("" if member else ida.email),))
    await opening(api, ida.company)
    return Town(amara, mei, kai, ida, await suggested(api, amara, ida.company, "Data Engineer"))


async def opening(api: Api, company: str, title: str = "Data Engineer") -> None:
    """An opening of a recruiter's who knows none of them."""
    made = await api.ok("postings", "POST", "/internal/v1/organisations", json={"name": "Anybody"})
    posted = {"company": {"name": company}, "title": title, "skills": ["Python"], "workplace": "remote"}
    await api.ok("postings", "POST", "/v1/postings", made["api_key"], json=posted | {"external_id": str(uuid4())})


async def suggested(api: Api, seeker: Person, company: str, title: str) -> str:
    """The id of the suggestion of this opening, once it is there."""

    async def found() -> str | None:
        inbox = await api.ok("notifications", "GET", "/v1/inbox", seeker.token)
        wanted = (company, title)
        items = ((str(each["id"]), (each.get("company"), each.get("title"))) for each in inbox["items"])
        return next((item_id for item_id, about in items if about == wanted), None)

    return await until(found, timeout=60, what=f"{seeker.name} is told of the opening")


async def ask_mei(site: Site, amara: Page, here: Town) -> None:
    """Ends on the page of the ask."""
    await site.signed_in(amara, here.amara.id)
    await amara.goto(f"/introductions/ask?suggestion={here.suggestion}&introducer={here.mei.id}")
    await amara.get_by_label("They learn that I am looking").check()
    await amara.get_by_role("button", name="Ask Mei Zhang").click()
    await expect(amara.get_by_text("They were asked")).to_be_visible()


async def answer(site: Site, page: Page, who: Person, button: str, here: Town) -> None:
    """Sign in, and say yes; who works there says how they may be reached."""
    await site.signed_in(page, who.id)
    await page.goto("/introductions")
    await page.get_by_role("link", name=here.title).click()
    await expect(page.get_by_role("button", name=button)).to_be_visible()
    if await page.get_by_label("may reach you").count():
        await page.get_by_label("may reach you").fill(REACH)
    await page.get_by_role("button", name=button).click()
    await expect(page.get_by_role("button", name=button)).to_have_count(0)


async def draft_link(page: Page) -> str:
    """Of the message that the writer is to send themself: the path of its link."""
    await page.get_by_role("button", name="Show my message and its link").click()
    await expect(page.locator("[data-live]")).to_have_count(0)  # else it goes when the page follows what happens
    found = re.search(r"(/answer/[\w-]+)", await page.get_by_label("Short").input_value())
    assert found is not None
    return found[1]
