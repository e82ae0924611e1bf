"""An introduction from the first question to its outcome, with four people in four browsers."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Locator, Page, expect

from shared.testing.wait import until
from tests.browser.conftest import Site, is_fine
from tests.browser.town import REACH, Town, answer, ask_mei, draft_link, opening, suggested, town

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

NOTE = "I build pipelines <b>every</b> day."
LATER = "Senior Data Engineer"

WAYS = [
    pytest.param(360, True, False, id="phones, without scripts where somebody is asked"),
    pytest.param(1280, True, True, id="desktops", marks=pytest.mark.long),
    pytest.param(360, False, False, id="phones without scripts", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("width", "asking", "asked"), WAYS)
async def test_from_the_first_question_to_a_direct_path(site: Site, width, asking, asked):
    """`asking`, `asked`: whether scripts run where somebody asks, or is asked."""
    here = await town(site.stack)
    async with (
        site.visitor(width=width, scripts=asking) as amara,
        site.visitor(width=width, scripts=asking) as kai,
        site.visitor(width=width, scripts=asked) as mei,
        site.visitor(width=width, scripts=asked) as ida,
    ):
        sees = _looks(site, amara) if not asking else _follows
        await site.signed_in(amara, here.amara.id)
        await ask_kai_and_then_mei(site, amara, here)
        await site.signed_in(kai, here.kai.id)
        await decline_at_once(site, kai, here)
        board = amara.get_by_role("listitem").filter(has_text="Mei Zhang").filter(has_text=here.title)
        await sees(board.locator("[aria-current=step]", has_text="Asked"))
        await agree_by_the_link(site, mei, here)
        await sees(board.locator("[aria-current=step]", has_text="Agreed to ask"))
        await site.is_fine(amara)
        assert "Ida" not in await amara.content(), "whom Mei knows there is not told before they agree"
        await board.get_by_role("link", name=here.title).click()
        await site.signed_in(ida, here.ida.id)
        await agree_to_talk(site, ida, here)
        await sees(amara.get_by_text(REACH))
        await site.is_fine(amara)
        await amara.get_by_role("button", name="We talked").click()
        await expect(amara.get_by_text("You talked.")).to_be_visible()
        await hear_of_it(site, mei, kai, here)
        await opening(site.stack, here.ida.company, LATER)
        later = await suggested(site.stack, here.amara, here.ida.company, LATER)
        await amara.goto(f"/suggestions/{later}")
        await site.is_fine(amara)
        await amara.get_by_role("link", name="Ask Ida Inside").click()
        await expect(amara.get_by_role("heading", level=1)).to_have_text("Ask Ida Inside to talk to you")
        await site.is_fine(amara)
    site.strange.clear()  # the 422 of the box that was not ticked, and the 409 of the link that was used


async def _follows(what: Locator) -> None:
    """The open page shows it by itself."""
    await expect(what).to_be_visible(timeout=30_000)


def _looks(site: Site, page: Page) -> Callable[[Locator], Awaitable[None]]:
    async def sees(what: Locator) -> None:
        await site.stack.rest()
        await page.reload()
        await expect(what).to_be_visible()

    return sees


async def ask_kai_and_then_mei(site: Site, amara: Page, here: Town) -> None:
    """Ends on the board."""
    await amara.goto(f"/suggestions/{here.suggestion}")
    await amara.get_by_role("link", name="Ask Kai Lund").click()
    await expect(amara.get_by_role("heading", level=1)).to_have_text("Ask Kai Lund to introduce you")
    await site.is_fine(amara)
    await amara.get_by_role("button", name="Ask Kai Lund").click()
    await expect(amara.get_by_role("alert")).to_contain_text("tick this")
    await amara.get_by_label("They learn that I am looking").check()
    await amara.get_by_label("Your note").fill(NOTE)
    await amara.get_by_label("then", exact=True).select_option("Mei Zhang")
    await amara.get_by_role("button", name="Ask Kai Lund").click()
    await expect(amara.get_by_text("They were asked")).to_be_visible()
    assert "Ida" not in await amara.content(), "whom Kai knows there is Kai's to tell"
    await site.is_fine(amara)
    await amara.get_by_role("link", name="All introductions").click()
    await expect(amara.get_by_role("heading", name="Yours")).to_be_visible()


async def decline_at_once(site: Site, kai: Page, here: Town) -> None:
    await kai.goto("/introductions")
    await expect(kai.get_by_role("heading", name="Waits for your answer")).to_be_visible()
    await site.is_fine(kai)
    await kai.get_by_role("link", name=here.title).click()
    await expect(kai.get_by_text(NOTE)).to_be_visible()
    await expect(kai.get_by_text("You know Ida Inside at")).to_be_visible()
    await site.is_fine(kai)
    await kai.get_by_label("tell Amara Okafor at once").check()
    await kai.get_by_role("button", name="Not now").click()
    await expect(kai.get_by_role("button", name="Not now")).to_have_count(0)


async def agree_by_the_link(site: Site, mei: Page, here: Town) -> None:
    """From the e-mail, without signing in."""
    link = await site.stack.mailed(here.mei.email, r"(/answer/[\w-]+)")
    await mei.goto(link)
    assert "Amara" not in await mei.content(), "it is opened by its button"
    await site.is_fine(mei)
    await mei.get_by_role("button", name="Read it").click()
    await expect(mei.get_by_role("heading", level=1)).to_have_text("Amara Okafor asks you for help")
    await expect(mei.get_by_text(NOTE)).to_be_visible()
    async with site.visitor() as same:  # reading changes nothing
        await same.goto(link)
        await same.get_by_role("button", name="Read it").click()
        await expect(same.get_by_text(NOTE)).to_be_visible()
        await is_fine(same)
    await mei.get_by_role("button", name="Yes, I will ask Ida Inside").click()
    await expect(mei.get_by_role("heading", level=1)).to_have_text("Thank you")
    await mei.goto(link)
    await mei.get_by_role("button", name="Read it").click()
    await expect(mei.get_by_text("This link was used")).to_be_visible()


async def agree_to_talk(site: Site, ida: Page, here: Town) -> None:
    await ida.goto("/introductions")
    await site.is_fine(ida)
    await ida.get_by_role("link", name=here.title).click()
    await expect(ida.get_by_role("heading", level=1)).to_have_text("Amara Okafor would like to meet you")
    await site.is_fine(ida)
    assert here.amara.email not in await ida.content(), "an address is shown after a yes"
    await ida.get_by_role("button", name="Yes, introduce us").click()
    await expect(ida.get_by_label("may reach you")).to_be_focused()  # a yes needs it, and the browser says so
    await ida.get_by_label("may reach you").fill(REACH)
    await ida.get_by_role("button", name="Yes, introduce us").click()
    await expect(ida.get_by_text(here.amara.email)).to_be_visible()
    await site.is_fine(ida)


async def hear_of_it(site: Site, mei: Page, kai: Page, here: Town) -> None:
    """Whoever helped hears how it went; whoever did not hears nothing of it."""
    await site.signed_in(mei, here.mei.id)
    await mei.goto("/introductions?ended=true")
    await expect(mei.get_by_text("They talked.")).to_be_visible()
    await site.is_fine(mei)
    await kai.goto("/introductions?ended=true")
    await expect(kai.get_by_role("link", name=here.title)).to_be_visible()
    assert "talked" not in await kai.locator("main").inner_text()


async def test_who_answered_by_a_link_joins_and_comes_back_to_say_that_it_was_they(site: Site):
    here = await town(site.stack, member=False)
    copies = site.visitor(permissions=["clipboard-read", "clipboard-write"])
    async with site.visitor() as amara, copies as mei, site.visitor(width=360) as ida:
        await ask_mei(site, amara, here)
        await answer(site, mei, here.mei, "Yes, I will ask Ida Inside", here)
        await expect(mei.get_by_text("You said yes.")).to_be_visible()
        await ida.goto(await draft_link(mei))
        await mei.get_by_role("button", name="Copy").first.click()
        await expect(mei.get_by_role("button", name="Copied ✓")).to_be_visible()
        await site.is_fine(mei)
        await ida.get_by_role("button", name="Read it").click()
        await ida.get_by_label("may reach you").fill(REACH)
        await ida.get_by_role("button", name="Yes, introduce us").click()
        await is_fine(ida)
        await ida.get_by_role("link", name="Sign in or join").click()
        await ida.get_by_label("Your e-mail address").fill(here.ida.email)
        await ida.get_by_role("button", name="Send me a code").click()
        await ida.get_by_label("The code").fill(await site.code_for(here.ida.email))
        await ida.get_by_role("button", name="Sign in").click()
        await expect(ida.get_by_role("heading", level=1)).to_have_text("Was it you who answered?")
        back = ida.url
        await is_fine(ida)
        await mei.goto(back)
        await mei.get_by_role("button", name="Yes, it was me").click()
        await expect(mei.get_by_role("heading", level=1)).to_have_text("Your answer stands")
        await site.is_fine(mei)
        await ida.get_by_role("button", name="Yes, it was me").click()
        await expect(ida).to_have_url(re.compile("/introductions$"))

        async def theirs() -> bool:
            await ida.reload()
            return await ida.get_by_role("link", name=here.title).is_visible()

        await until(theirs, timeout=60, every=1, what="the introduction goes by the member's id")
    site.strange.clear()  # the 404 of the one who carried the link


async def test_what_is_being_entered_stays_when_the_page_follows_what_happens(site: Site):
    here = await town(site.stack)
    async with site.visitor() as amara, site.visitor(width=360) as mei:
        await ask_mei(site, amara, here)
        await site.signed_in(mei, here.mei.id)
        await mei.goto("/introductions")
        await mei.get_by_role("link", name=here.title).click()
        box = mei.get_by_label("tell Amara Okafor at once")
        await box.check()
        async with mei.expect_response(lambda one: one.url == mei.url, timeout=30_000):  # it looks again
            await amara.get_by_role("button", name="Take it back").click()
        await mei.wait_for_load_state("networkidle")
        await expect(box).to_be_checked()
        await mei.get_by_role("button", name="Not now").click()
        await expect(mei.get_by_role("alert")).to_contain_text("It has ended")
    site.strange.clear()  # the 409


async def test_a_press_that_has_begun_keeps_its_target_while_the_page_follows_what_happens(site: Site):
    here = await town(site.stack)
    async with site.visitor() as amara, site.visitor() as mei:
        await site.signed_in(mei, here.mei.id)
        async with looks_again(mei):  # as the stream begins
            await mei.goto("/introductions")
        link = mei.get_by_role("link", name=here.title)
        await mei.get_by_role("heading", level=1).hover()
        await mei.mouse.down()
        async with looks_again(mei):
            await ask_mei(site, amara, here)
        await expect(link).to_have_count(0)
        await mei.mouse.up()
        await expect(link).to_be_visible()
        await link.hover()
        await mei.mouse.down()
        async with looks_again(mei):
            await amara.get_by_role("button", name="Take it back").click()
        await mei.mouse.up()
        await mei.wait_for_url("**/introductions/*")


@asynccontextmanager
async def looks_again(page: Page) -> AsyncIterator[None]:
    """The page has fetched itself anew by the end of this, and had the time to show what came."""
    async with page.expect_response(
        lambda one: one.url == page.url and one.request.resource_type == "fetch", timeout=30_000
    ) as looked:
        yield
    await (await looked.value).finished()
    await page.evaluate("fetch(location.href).then((one) => one.text())")


async def test_a_quiet_no_to_a_question_about_a_company_looks_like_silence(site: Site):
    here = await town(site.stack)
    async with site.visitor(width=360) as amara, site.visitor(width=360) as mei:
        await site.signed_in(amara, here.amara.id)
        await amara.goto(f"/paths?company={here.ida.company}")
        await amara.get_by_role("link", name="Ask Mei Zhang").click()
        await amara.get_by_label("They learn that I am looking").check()
        await amara.get_by_role("button", name="Ask Mei Zhang").click()
        await expect(amara.get_by_text("They were asked")).to_be_visible()
        await site.signed_in(mei, here.mei.id)
        before = await amara.locator("main").inner_text()
        await mei.goto("/introductions")
        await mei.get_by_role("link", name=here.ida.company, exact=True).click()
        await mei.get_by_role("button", name="Not now").click()
        await expect(mei.get_by_text("You have answered")).to_be_visible()
        await amara.reload()
        assert await amara.locator("main").inner_text() == before
        await amara.get_by_role("button", name="Take it back").click()
        await expect(amara.get_by_text("You took this back.")).to_be_visible()


async def test_limits_are_set_in_words(site: Site):
    here = await town(site.stack)
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
