"""An operator's round: what is ready and what lags, a dead letter that is looked at and replayed, topics, the audit."""

import pytest
from aiokafka import AIOKafkaProducer
from playwright.async_api import expect

from shared.testing.wait import until
from tests.browser.conftest import OPERATOR_ADDRESS, Site, is_fine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

BAD = "<script>alert(1)</script>"
PAGES = ["", "/letters", "/letters?resolved=true", "/topics", "/topics/postings.v1", "/topics/postings.dlq", "/audit"]


async def operator(site: Site) -> str:
    """The operator's id as a member."""
    found = await site.stack.admin.fetchval("SELECT member_id FROM profiles.members WHERE email = $1", OPERATOR_ADDRESS)
    if found is None:
        person = {"name": "Olu Bello", "email": OPERATOR_ADDRESS, "verified": True}
        found = (await site.stack.ok("profiles", "POST", "/internal/v1/members", json=person))["member_id"]
    return str(found)


async def a_bad_record(site: Site) -> None:
    """Something that is no person arrives where people are read."""
    producer = AIOKafkaProducer(bootstrap_servers=site.stack.bootstrap)
    await producer.start()
    await producer.send_and_wait("people.v1", BAD.encode(), b"nobody")
    await producer.stop()

    async def there() -> bool:
        found = await site.stack.ok("postings", "GET", "/internal/v1/dead-letters")
        return bool(found["items"])

    await until(there, timeout=60, what="the letter is written")


@pytest.mark.parametrize(
    ("width", "scripts"),
    [
        pytest.param(360, True, id="phone"),
        pytest.param(1280, False, id="desktop without scripts"),
    ],
)
async def test_a_dead_letter_is_looked_at_and_replayed(site: Site, width, scripts):
    olu = await operator(site)
    await a_bad_record(site)
    async with site.visitor(width=width, scripts=scripts) as page:
        await site.signed_in(page, olu)
        await page.get_by_role("link", name="Operations").click()
        await expect(page.get_by_role("heading", name="Postings ready")).to_be_visible()
        await expect(
            page.get_by_role("row").filter(has_text="notifications").filter(has_text="people.v1")
        ).to_be_visible()
        await page.get_by_role("link", name="Dead letters").click()
        section = page.locator("section").filter(has_text="Postings:")
        await section.get_by_role("link").first.click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("of postings")
        await expect(page.locator("pre")).to_have_text(f'"{BAD}"')
        await page.get_by_role("button", name="Replay it").click()
        await expect(page.get_by_role("status")).to_contain_text("Done with 1 letter")
        await page.get_by_role("link", name="Audit").click()
        await page.get_by_role("button", name="Show").click()
        await expect(page.get_by_role("row").filter(has_text="letter.replayed").first).to_contain_text("person:")


async def test_the_menu_of_an_operator_who_recruits_is_one_line_on_a_desktop(site: Site):
    olu = await operator(site)
    made = await site.stack.ok("postings", "POST", "/internal/v1/organisations", json={"name": "Anybody"})
    where = f"/internal/v1/organisations/{made['organisation_id']}/members/{olu}"
    await site.stack.ok("postings", "PUT", where, json={"role": "owner"})
    async with site.visitor() as page:
        await site.signed_in(page, olu)
        links = page.get_by_role("navigation", name="Pages").get_by_role("link")
        await expect(links.last).to_have_text("Operations")
        await expect(links.filter(has_text="Organisations")).to_be_visible()
        brand = await page.get_by_role("link", name="Warmpath", exact=True).bounding_box()
        for each in await links.all():
            box = await each.bounding_box()
            assert box["y"] < brand["y"] + brand["height"], f"{await each.inner_text()} is below the first line"
        await is_fine(page)


async def test_nobody_else_gets_in(site: Site):
    person = {"name": "Ada Olsen", "email": "ada@mail.example", "verified": True}
    ada = (await site.stack.ok("profiles", "POST", "/internal/v1/members", json=person))["member_id"]
    async with site.visitor() as page:
        await site.signed_in(page, ada)
        await expect(page.get_by_role("navigation", name="Pages")).not_to_contain_text("Operations")
        for path in PAGES:
            await page.goto(f"/operations{path}")
            await expect(page.get_by_role("heading", level=1)).to_have_text("You may not do this")
    site.strange.clear()  # the 403s above


@pytest.mark.parametrize(
    ("width", "scheme"),
    [pytest.param(360, "light", id="phone, light"), pytest.param(1280, "dark", id="desktop, dark")],
)
async def test_each_page_is_accessible_and_as_wide_as_the_screen(site: Site, width, scheme):
    olu = await operator(site)
    await a_bad_record(site)
    async with site.visitor(width=width, color_scheme=scheme) as page:
        await site.signed_in(page, olu)
        for path in PAGES:
            await page.goto(f"/operations{path}")
            await is_fine(page)
        found = await site.stack.ok("postings", "GET", "/internal/v1/dead-letters?resolved=true")
        await page.goto(f"/operations/letters/postings/{found['items'][0]['id']}")
        await is_fine(page)
