"""Any job somebody saw: read where it can be read, completed by hand where not, and the ways in with drafts."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Site, is_fine
from tests.browser.story import BOOK, member
from tests.browser.test_suggestions import WAYS

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.mark.parametrize(("width", "scripts"), WAYS)
async def test_a_text_leads_to_the_ways_in_with_a_draft(site: Site, width, scripts):
    seeker = await member(site, BOOK)
    await site.stack.rest()
    async with site.visitor(width=width, scripts=scripts) as page:
        await site.signed_in(page, seeker)
        await page.get_by_role("link", name="Ways in").click()
        await page.get_by_role("link", name="Paste its link or its text").click()
        await page.get_by_label("Link or text").fill("Staff Gardener at Lumenforge | Some board\n\nWe look for …")
        await page.get_by_role("button", name="Who could introduce me?").click()
        await expect(page.get_by_role("heading", name="Staff Gardener at Lumenforge")).to_be_visible()
        await expect(page.get_by_text("ways into Lumenforge")).to_be_visible()
        await page.get_by_text("A message to").first.click()
        await expect(page.get_by_label(re.compile("^Short")).first).to_have_value(re.compile("Staff Gardener"))
        if scripts:
            await is_fine(page)


async def test_a_page_that_cannot_be_read_is_completed_by_hand_and_by_keyboard(site: Site):
    seeker = await member(site, BOOK)
    await site.stack.rest()
    async with site.visitor(width=360) as page:
        await site.signed_in(page, seeker)
        await page.goto("/seen")
        await page.get_by_label("Link or text").fill("http://169.254.169.254/latest/meta-data")
        await page.get_by_role("button", name="Who could introduce me?").press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("cannot be read from here")
        await is_fine(page)
        await page.get_by_label("Job title").fill("Gardener")
        await page.get_by_label("Company").fill("Nowhere & Sons")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Nobody you know can introduce you at Nowhere & Sons yet")).to_be_visible()
        await is_fine(page)
        await page.get_by_role("link", name="Change it").click()
        await expect(page.get_by_label("Job title")).to_have_value("Gardener")
    site.strange.clear()  # the 422 above
