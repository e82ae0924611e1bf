"""Suggestions as a seeker uses them: what fits and what is missing, saved, hidden and taken back, and gone."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import expect

from shared.testing.wait import until
from tests.browser.conftest import Site, is_fine
from tests.browser.story import BOOK, member, post

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

SKILLS = ["Python", "PostgreSQL", "Kafka"]
WAYS = [
    pytest.param(360, True, id="phone"),
    pytest.param(1280, False, id="desktop without scripts"),
    pytest.param(360, False, id="phone without scripts", marks=pytest.mark.long),
    pytest.param(1280, True, id="desktop", marks=pytest.mark.long),
]


async def with_an_opening(site: Site, **more: object) -> tuple[str, str]:
    """A seeker to whom one opening of this title is suggested."""
    title = f"Data Engineer {uuid4().hex[:6]}"
    seeker = await member(site, BOOK)
    await post(site, title=title, **more)
    await until(lambda: is_suggested(site, seeker, title), timeout=60, what="the opening is suggested")
    return seeker, title


async def is_suggested(site: Site, seeker: str, title: str) -> bool:
    found = await site.stack.ok("notifications", "GET", f"/v1/inbox?member={seeker}")
    return any(item["title"] == title for item in found["items"])


@pytest.mark.parametrize(("width", "scripts"), WAYS)
async def test_a_card_says_what_it_is_about_and_its_page_what_fits(site: Site, width, scripts):
    pay = {"min": 60000, "max": 70000, "currency": "EUR"}
    seeker, title = await with_an_opening(site, skills=SKILLS, locations=["Lisbon, Portugal"], salary=pay)
    async with site.visitor(width=width, scripts=scripts) as page:
        await site.signed_in(page, seeker)
        card = page.locator(".card", has_text=title)
        await expect(card).to_contain_text("Remote · Lisbon, Portugal · 60,000 to 70,000 EUR a year")
        await page.get_by_role("link", name=title).click()
        fit = page.get_by_role("region", name="How it fits")
        await expect(fit).to_contain_text(re.compile("You bring.*Python.*PostgreSQL.*also asks for.*Kafka", re.DOTALL))
        if scripts:
            await is_fine(page)


@pytest.mark.parametrize(("width", "scripts"), WAYS)
async def test_an_opening_is_saved_found_again_hidden_and_taken_back(site: Site, width, scripts):
    seeker, title = await with_an_opening(site)
    async with site.visitor(width=width, scripts=scripts) as page:
        await site.signed_in(page, seeker)
        await page.get_by_role("button", name=f"Save {title}").click()
        await page.get_by_role("link", name="Saved").click()
        await expect(page.get_by_role("link", name=title)).to_be_visible()
        await page.get_by_role("link", name="At the office", exact=True).click()
        await expect(page.get_by_text("Nothing saved with this filter")).to_be_visible()
        if scripts:
            await is_fine(page)
        await page.goto("/suggestions")
        await page.get_by_role("button", name=f"Hide {title}").click()
        await expect(page.get_by_role("status")).to_contain_text("That opening is hidden")
        await expect(page.get_by_role("link", name=title)).to_have_count(0)
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_role("link", name=title)).to_be_visible()


async def test_somebody_who_is_hidden_is_suggested_nowhere_until_shown_again_by_keyboard(site: Site):
    seeker, title = await with_an_opening(site)
    async with site.visitor() as page:
        await site.signed_in(page, seeker)
        await page.get_by_role("link", name=title).press("Enter")
        await page.get_by_role("button", name="Not this person").first.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("What I have hidden")
        name = await page.get_by_role("region", name="People").get_by_role("link").inner_text()
        await is_fine(page)
        await page.goto("/suggestions")
        await expect(page.locator(".card", has_text=title)).not_to_contain_text(name)
        await page.goto("/hidden")
        await page.get_by_role("button", name=f"Suggest {name} again").press("Enter")
        await expect(page.get_by_text("Nothing is hidden")).to_be_visible()


async def test_a_draft_is_copied_and_what_is_being_written_stays_when_the_page_follows_the_inbox(site: Site):
    seeker, title = await with_an_opening(site)
    async with site.visitor(permissions=["clipboard-read", "clipboard-write"]) as page:
        await site.signed_in(page, seeker)
        await page.get_by_role("link", name=title).click()
        await page.get_by_text("A message to").first.click()
        short = page.get_by_label(re.compile("^Short")).first
        await short.fill("My own words")
        async with page.expect_response("**/suggestions/**"):
            await post(site)  # the page looks again
        await expect(short).to_have_value("My own words")
        await page.get_by_role("button", name="Copy").first.click()
        await expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert await page.evaluate("navigator.clipboard.readText()") == "My own words"


async def test_a_closed_opening_has_a_page_that_says_so_and_what_next(site: Site):
    seeker = await member(site, BOOK)
    made = await site.stack.ok("postings", "POST", "/internal/v1/organisations", json={"name": "Anybody"})
    title = f"Data Engineer {uuid4().hex[:6]}"
    opening = {"company": {"name": "Lumenforge"}, "title": title, "skills": SKILLS, "workplace": "remote"}
    posting = await site.stack.ok(
        "postings", "POST", "/v1/postings", made["api_key"], json=opening | {"external_id": str(uuid4())}
    )
    await until(lambda: is_suggested(site, seeker, title), timeout=60, what="the opening is suggested")
    async with site.visitor(width=360) as page:
        await site.signed_in(page, seeker)
        await page.get_by_role("link", name=title).first.click()
        address = page.url
        await site.stack.ok("postings", "POST", f"/v1/postings/{posting['posting_id']}/close", made["api_key"])
        await site.stack.rest()
        await page.goto(address)
        await expect(page.get_by_role("heading", level=1)).to_have_text(title)
        await expect(page.get_by_text("The opening is closed")).to_be_visible()
        await is_fine(page)
        await page.get_by_role("link", name="Who could introduce me at Lumenforge").click()
        await expect(page.get_by_role("heading", level=2).first).to_contain_text("into Lumenforge")
    site.strange.clear()  # the 410 above
