"""Leaving, with an account and without one: what happens at once, what others see then, and that nothing comes back."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.town import HEADER, REACH, Person, Town, answer, ask_mei, draft_link, town

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

OVER = "This introduction is no longer possible."
WAYS = [
    pytest.param(360, True, id="phone"),
    pytest.param(1280, False, id="desktop without scripts"),
]


async def ask_to_be_forgotten(site: Site, page: Page, email: str) -> str:
    """Up to the page for the code; what that says, without the address and what belongs to this one request."""
    await page.goto("/sign-in")
    await page.get_by_role("link", name="address book").click()
    await site.is_fine(page)
    await page.get_by_label("Your e-mail address").fill(email)
    await page.get_by_role("button", name="Send me a code").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Check your e-mail")
    return re.sub(r'name="forgetting_id" value="[^"]+"', "", (await page.content()).replace(email, "-"))


@pytest.mark.parametrize(("width", "scripts"), WAYS)
async def test_whoever_has_no_account_is_forgotten_by_everybody_and_stays_gone(site: Site, width, scripts):
    ana, nobody = Person("Ana", "Silvestre", "Initech"), f"{uuid4()}@mail.example"
    dana, eve = Person("Dana", "Okafor", "Globex"), Person("Eve", "Stone", "Globex")
    for who in (dana, eve):
        await who.join(site.stack)
        await who.imports(site.stack, ana.row(ana.email))
    async with site.visitor(width=width, scripts=scripts) as page, site.visitor(width=width, scripts=scripts) as book:
        unknown = await ask_to_be_forgotten(site, page, nobody)
        assert unknown == await ask_to_be_forgotten(site, page, ana.email), "a page tells who is listed"
        code = await site.code_for(ana.email)
        wrong = "".join(str((int(digit) + 1) % 10) for digit in code if digit.isdigit())
        await page.get_by_label("The code").fill(wrong)
        await page.get_by_role("button", name="Forget me everywhere").click()
        await expect(page.get_by_role("alert")).to_contain_text("That code is wrong")
        assert [each["name"] for each in await dana.contacts(site.stack)] == [ana.name]
        await page.get_by_label("The code").fill(code)
        await page.get_by_role("button", name="Forget me everywhere").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("You are forgotten")
        assert await dana.contacts(site.stack) == await eve.contacts(site.stack) == []
        ben = Person("Ben", "Ito", "Hooli")
        await bring(site, book, dana, ana.row(ana.email), ben.row())
        await book.goto("/people")
        await expect(book.get_by_role("link", name=ben.name)).to_be_visible()
        assert "Silvestre" not in await book.content()
        assert [each["name"] for each in await dana.contacts(site.stack)] == [ben.name]
    site.strange.clear()  # the 403 of the wrong code


async def bring(site: Site, page: Page, who: Person, *rows: str) -> None:
    """Bring a file, on the page for it."""
    await site.signed_in(page, who.id)
    await page.goto("/welcome/file")
    file = {"name": "Connections.csv", "mimeType": "text/csv", "buffer": "\n".join([HEADER, *rows]).encode()}
    await page.get_by_label("The file").set_input_files(file)
    await page.get_by_role("button", name="Upload").click()
    await expect(page.get_by_role("status")).to_contain_text("in your address book")


async def leave(page: Page) -> None:
    await page.goto("/settings")
    await page.get_by_label("if you mean it").fill("erase me")
    await page.get_by_role("button", name="Erase me").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are erased")


async def sees_the_end(site: Site, page: Page, here: Town, gone: str) -> None:
    """The page says that it is over, and holds the name of whoever left nowhere."""
    await page.goto("/introductions?ended=true")
    await page.get_by_role("link", name=here.title).click()
    await expect(page.get_by_text(OVER)).to_be_visible()
    assert gone not in await page.locator("main").inner_text()
    await site.is_fine(page)


@asynccontextmanager
async def asked(site: Site, *, width: int = 1280, member: bool = True) -> AsyncIterator[tuple[Town, Page, Page]]:
    """Amara has asked Mei, and is on the page of it; Mei is not signed in. `member`: whether Ida is one."""
    here = await town(site.stack, member=member)
    async with site.visitor(width=width) as amara, site.visitor(width=width) as mei:
        await ask_mei(site, amara, here)
        yield here, amara, mei


@asynccontextmanager
async def agreed(site: Site, *, member: bool = True) -> AsyncIterator[tuple[Town, Page, Page]]:
    """As above, and Mei has said that she asks Ida."""
    async with asked(site, member=member) as (here, amara, mei):
        await answer(site, mei, here.mei, "Yes, I will ask Ida Inside", here)
        yield here, amara, mei


async def test_a_seeker_leaves_while_somebody_is_asked(site: Site):
    async with asked(site, width=360) as (here, amara, mei):
        await site.signed_in(mei, here.mei.id)
        await mei.goto("/introductions")
        await mei.get_by_role("link", name=here.title).click()
        await expect(mei.get_by_role("heading", level=1)).to_contain_text("Amara Okafor")
        await leave(amara)
        await expect(mei.get_by_text(OVER)).to_be_visible(timeout=30_000)
        await sees_the_end(site, mei, here, "Amara")


async def test_an_introducer_leaves_after_a_yes(site: Site):
    async with agreed(site) as (here, amara, mei), site.visitor() as ida:
        await site.signed_in(ida, here.ida.id)
        await ida.goto("/introductions")
        await expect(ida.get_by_role("link", name=here.title)).to_be_visible()
        await leave(mei)
        await expect(amara.get_by_text(OVER)).to_be_visible(timeout=30_000)
        await sees_the_end(site, amara, here, "Mei")
        await sees_the_end(site, ida, here, "Mei")


async def test_whoever_was_met_leaves_and_is_named_nowhere(site: Site):
    async with agreed(site) as (here, amara, mei), site.visitor() as ida:
        await answer(site, ida, here.ida, "Yes, introduce us", here)
        await expect(amara.get_by_text(REACH)).to_be_visible(timeout=30_000)
        await leave(ida)
        await expect(amara.get_by_text(OVER)).to_be_visible(timeout=30_000)
        await sees_the_end(site, amara, here, "Ida")
        await expect(amara.get_by_text(REACH)).to_have_count(0)
        await sees_the_end(site, mei, here, "Ida Inside")


async def test_a_contact_takes_themself_out_by_the_link_that_they_got(site: Site):
    async with agreed(site, member=False) as (here, amara, mei), site.visitor(width=360, scripts=False) as ida:
        await ida.goto(await draft_link(mei))
        await mei.get_by_role("button", name="I sent it").click()
        await ida.get_by_role("button", name="Read it").click()
        await expect(ida.get_by_role("heading", level=1)).to_have_text("Amara Okafor would like to meet you")
        await ida.get_by_role("button", name="Forget me").click()
        await expect(ida.get_by_role("heading", level=1)).to_have_text("You are taken out")
        await expect(ida.get_by_role("link", name="Forget me everywhere")).to_be_visible()
        await expect(mei.get_by_text(OVER)).to_be_visible(timeout=30_000)
        await sees_the_end(site, mei, here, "Ida Inside")
        await sees_the_end(site, amara, here, "Ida")
        await here.mei.imports(site.stack, here.ida.row(here.ida.email))
        assert "Ida Inside" not in [each["name"] for each in await here.mei.contacts(site.stack)]
