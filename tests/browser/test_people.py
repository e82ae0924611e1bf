"""What a member brought and what is known of them: a file is taken back, and one page says who can see what."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Site, is_fine
from tests.browser.story import BOOK, member
from tests.browser.test_suggestions import WAYS

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.mark.parametrize(("width", "scripts"), WAYS)
async def test_a_files_people_are_removed_but_for_whom_something_was_said_of(site: Site, width, scripts):
    seeker = await member(site, BOOK)
    async with site.visitor(width=width, scripts=scripts) as page:
        await site.signed_in(page, seeker)
        await page.goto("/people")
        await page.get_by_role("link", name="Gus Guest").click()
        await page.get_by_role("button", name="I know them well", exact=False).first.click()
        await page.goto("/people")
        await page.get_by_text("Where they come from").click()
        await page.get_by_role("button", name="Remove the people of LinkedIn").click()
        await expect(page.get_by_role("status")).to_contain_text("3 people are gone")
        await expect(page.locator("tbody tr")).to_have_count(1)
        if scripts:
            await is_fine(page)


async def test_one_page_says_what_is_known_and_who_can_see_it_and_follows_the_choices(site: Site):
    seeker = await member(site, BOOK)
    async with site.visitor(width=360) as page:
        await site.signed_in(page, seeker)
        await page.get_by_role("link", name="What Warmpath knows about me").press("Enter")
        now = page.get_by_role("region", name="As you have it now")
        await expect(now).to_contain_text("4 people, in your own words")
        await expect(now).to_contain_text("Nobody may ask you")
        for name, said in (("Organisations with openings can see", "fewer than 10"), ("What is kept", "Address books")):
            await page.locator("summary", has_text=name).press("Enter")
            await expect(page.locator("details[open]").last).to_contain_text(said)
        await is_fine(page)
        await page.get_by_role("link", name="Change who may see what").press("Enter")
        await page.get_by_label("I can be asked to introduce").check()
        await page.locator("#consents").get_by_role("button", name="Save").press("Enter")
        await page.goto("/privacy")
        await expect(now).to_contain_text("People you know may ask you")
        await is_fine(page)
