"""An introduction from the first question to its outcome, with three people in three browsers."""

from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from shared.testing.wait import until
from tests.browser.conftest import Site, is_fine

pytestmark = [pytest.mark.timeout(240), pytest.mark.kafka, pytest.mark.postgres]

HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"


@dataclass
class Person:
    """A member; `url` is their proven profile link."""

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

    def row(self) -> str:
        return f"{self.first},{self.last},{self.url},,{self.company},Data Engineer,01 Feb 2021"

    async def join(self, site: Site, **more: object) -> None:
        form = {
            "name": self.name, "email": self.email, "verified": True, "profile_url": self.url, "introduces": True,
            "discreet": False, "employments": [{"company": self.company, "title": "Data Engineer"}], **more,
        }  # fmt: skip
        made = await site.stack.ok("profiles", "POST", "/internal/v1/members", json=form)
        self.id, self.token = made["member_id"], made["token"]

    async def knows(self, site: Site, *others: "Person") -> None:
        rows = "\n".join([HEADER, *(each.row() for each in others)])
        headers = {"Content-Type": "text/csv; charset=utf-8"}
        where = "/v1/contacts/import?source=linkedin"
        await site.stack.ok("profiles", "POST", where, self.token, content=rows, headers=headers)
        found = await site.stack.ok("profiles", "GET", "/v1/contacts", self.token)
        for contact in found["items"]:
            where = f"/v1/contacts/{contact['id']}/closeness"
            await site.stack.ok("profiles", "PUT", where, self.token, json={"value": 5})


@dataclass
class Town:
    """Amara looks for work; Mei knows Ida, who works where an opening is."""

    amara: Person
    mei: Person
    ida: Person
    title: str
    suggestion: str


async def town(site: Site) -> Town:
    employer = f"Lumenforge {uuid4().hex[:6]}"
    amara = Person("Amara", "Okafor", "Initech")
    mei, ida = Person("Mei", "Zhang", "Globex"), Person("Ida", "Inside", employer)
    await amara.join(site, seeking={"titles": ["Data Engineer"], "skills": ["Python", "PostgreSQL"]})
    await mei.join(site)
    await ida.join(site)
    await amara.knows(site, mei)
    await mei.knows(site, amara, ida)
    await ida.knows(site, mei)
    made = await site.stack.ok("postings", "POST", "/internal/v1/organisations", json={"name": "Anybody"})
    opening = {"company": {"name": employer}, "title": "Data Engineer", "skills": ["Python"], "workplace": "remote"}
    await site.stack.ok(
        "postings", "POST", "/v1/postings", made["api_key"], json=opening | {"external_id": str(uuid4())}
    )

    async def suggested() -> str | None:
        inbox = await site.stack.ok("notifications", "GET", "/v1/inbox", amara.token)
        return next((str(one["id"]) for one in inbox["items"] if one["company"] == employer), None)

    found = await until(suggested, timeout=60, what="Amara is told of the opening")
    return Town(amara, mei, ida, f"Data Engineer at {employer}", found)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_from_the_first_question_to_its_outcome(site: Site, scripts):
    here = await town(site)

    async def fine(page: Page) -> None:
        if scripts:  # axe is one
            await is_fine(page)

    async with (
        site.visitor(scripts=scripts) as amara,
        site.visitor(width=360, scripts=scripts) as mei,
        site.visitor(width=360, scripts=scripts) as ida,
    ):
        for page, person in ((amara, here.amara), (mei, here.mei), (ida, here.ida)):
            await site.signed_in(page, person.id)
        await amara.goto(f"/suggestions/{here.suggestion}")
        await amara.get_by_role("link", name="Ask Mei Zhang").click()
        await expect(amara.get_by_role("heading", level=1)).to_have_text("Ask Mei Zhang to introduce you")
        await fine(amara)
        await amara.get_by_role("button", name="Ask Mei Zhang").click()
        await expect(amara.get_by_role("alert")).to_contain_text("tick this")
        await amara.get_by_label("They learn that I am looking").check()
        await amara.get_by_label("Your note").fill("I build pipelines <b>every</b> day.")
        await amara.get_by_role("button", name="Ask Mei Zhang").click()
        await expect(amara.get_by_text("They were asked")).to_be_visible()
        assert "Ida" not in await amara.content(), "whom Mei knows there is Mei's to tell"
        await fine(amara)

        await mei.goto("/introductions")
        await expect(mei.get_by_role("heading", name="Waits for your answer")).to_be_visible()
        await fine(mei)
        await mei.get_by_role("link", name=here.title).click()
        await expect(mei.get_by_text("I build pipelines <b>every</b> day.")).to_be_visible()
        await expect(mei.get_by_text("You know Ida Inside at")).to_be_visible()
        await fine(mei)
        await mei.get_by_role("button", name="Yes, I will ask Ida Inside").click()

        await ida.goto("/introductions")
        await ida.get_by_role("link", name=here.title).click()
        await expect(ida.get_by_role("heading", level=1)).to_have_text("Amara Okafor would like to meet you")
        await fine(ida)
        assert here.amara.email not in await ida.content(), "an address is shown after a yes"
        await ida.get_by_label("may reach you").fill("ida@lumenforge.example")
        await ida.get_by_role("button", name="Yes, introduce us").click()
        await expect(ida.get_by_text(here.amara.email)).to_be_visible()

        await amara.reload()
        await expect(amara.get_by_text("ida@lumenforge.example")).to_be_visible()
        await fine(amara)
        await amara.get_by_role("button", name="We talked").click()
        await expect(amara.get_by_text("They talked.")).to_be_visible()
        await mei.goto("/introductions?ended=true")
        await expect(mei.get_by_text("They talked.")).to_be_visible()
    site.strange.clear()  # the 422 of the box that was not ticked


async def test_a_quiet_no_looks_like_silence(site: Site):
    here = await town(site)
    async with site.visitor(width=360) as amara, site.visitor(width=360) as mei:
        await site.signed_in(amara, here.amara.id)
        await site.signed_in(mei, here.mei.id)
        await amara.goto(f"/introductions/ask?suggestion={here.suggestion}&introducer={here.mei.id}")
        await amara.get_by_label("They learn that I am looking").check()
        await amara.get_by_role("button", name="Ask Mei Zhang").click()
        await expect(amara.get_by_text("They were asked")).to_be_visible()
        before = await amara.locator("main").inner_text()
        await mei.goto("/introductions")
        await mei.get_by_role("link", name=here.title).click()
        await mei.get_by_role("button", name="Not now").click()
        await expect(mei.get_by_text("You have answered")).to_be_visible()
        await amara.reload()
        assert await amara.locator("main").inner_text() == before
        await amara.get_by_role("button", name="Take it back").click()
        await expect(amara.get_by_text("You took this back.")).to_be_visible()


async def test_limits_are_set_in_words(site: Site):
    here = await town(site)
    async with site.visitor(width=360) as mei:
        await site.signed_in(mei, here.mei.id)
        await mei.goto("/limits")
        await is_fine(mei)
        await mei.get_by_label("Requests within 30 days").fill("lots")
        await mei.get_by_role("button", name="Save").click()
        await expect(mei.get_by_role("alert")).to_be_visible()
        await mei.get_by_label("Requests within 30 days").fill("2")
        await mei.get_by_label("Only people I know well").check()
        await mei.get_by_label("Never about these companies").fill("Hooli\nInitech")
        await mei.get_by_role("button", name="Save").click()
        await expect(mei.get_by_role("status")).to_have_text("Saved.")
        await expect(mei.get_by_label("Never about these companies")).to_have_value("Hooli\nInitech")
        await expect(mei.get_by_label("Only people I know well")).to_be_checked()
    site.strange.clear()  # the 422
