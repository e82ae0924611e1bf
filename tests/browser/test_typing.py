"""Names are offered while somebody types, and slips are asked back; without scripts, too, as far as it can be."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Site, is_fine
from tests.browser.story import BOOK, member

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


async def test_what_was_begun_is_completed_by_keyboard(site: Site):
    seeker = await member(site, BOOK)
    async with site.visitor(width=360) as page:
        await site.signed_in(page, seeker)
        await page.goto("/welcome/search")
        for label, typed, name in (
            ("Job titles", "Cook\ndata eng", "Data Engineer"), ("Skills", "Python, postg", "PostgreSQL"),
            ("Places", "lisb", "Lisbon, Portugal"),
        ):  # fmt: skip
            field = page.get_by_label(label)
            await field.fill("")
            await field.press_sequentially(typed)
            await page.get_by_role("button", name=name, exact=True).press("Enter")
            await expect(field).to_be_focused()
        await is_fine(page)
        await expect(page.get_by_label("Job titles")).to_have_value("Cook\nData Engineer")
        await expect(page.get_by_label("Skills")).to_have_value("Python, PostgreSQL")


async def test_companies_of_ones_own_people_are_offered_before_others(site: Site):
    seeker = await member(site, BOOK)
    async with site.visitor() as page:
        await site.signed_in(page, seeker)
        await page.goto("/paths")
        await page.get_by_label("Company").press_sequentially("ko")
        await expect(page.locator("#company-offers option").first).to_have_attribute("value", "Koru Energy")


async def test_a_slip_is_asked_back_without_scripts_and_nothing_is_lost(site: Site):
    seeker = await member(site, BOOK)
    async with site.visitor(scripts=False) as page:
        await site.signed_in(page, seeker)
        await page.goto("/welcome/search")
        await page.get_by_label("Skills").fill("Pyhton, Wibble frobnication")
        await page.get_by_role("button", name="Save and continue").click()
        said = page.get_by_role("status")
        await expect(said).to_contain_text("“Pyhton”: did you mean Python")
        await expect(said).to_contain_text("“Wibble frobnication” is not a word we know")
        await expect(page.get_by_label("Skills")).to_have_value("Pyhton, Wibble frobnication")
        await page.get_by_label("Skills").fill("Python")
        await page.get_by_role("button", name="Save and continue").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Who")
        await page.goto("/paths?company=Gogle")
        await page.get_by_role("link", name="Google").click()
        await expect(page.get_by_label("Company")).to_have_value("Google")
