"""A job seeker's first ten minutes: signing in, the welcome, suggestions as they come, and the pages around them."""

import re
import zipfile
from contextlib import AsyncExitStack
from uuid import uuid4

import httpx2
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Site, is_fine
from tests.browser.story import BOOK, HOSTILE, member, post

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

PAGES = ["suggestions", "companies", "taps", "paths?company=Lumenforge", "people", "settings", "welcome/file"]
PAGES += [
    *("introductions", "introductions?ended=true", "give", "keep-in-touch", "limits", "privacy", "forget-me"),
    "corrections",
    "hidden",
    "seen",
    "seen?company=Lumenforge&title=Cook",
    "welcome/draft",
    "welcome/search",
    "welcome/consents",
    "company?name=Lumenforge",
    "nowhere",
]


async def sign_in(site: Site, page: Page, email: str) -> None:
    await page.goto("/")
    await page.get_by_label("Your e-mail address").fill(email)
    await page.get_by_role("button", name="Send me a code").click()
    await page.get_by_label("The code").fill(await site.code_for(email))
    await page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize(
    ("width", "scripts"),
    [
        pytest.param(360, True, id="phone"),
        pytest.param(1280, False, id="desktop without scripts"),
        pytest.param(360, False, id="phone without scripts", marks=pytest.mark.long),
        pytest.param(1280, True, id="desktop", marks=pytest.mark.long),
    ],
)
async def test_from_nothing_to_the_first_suggestion(site: Site, scripts, width):
    async with site.visitor(scripts=scripts, width=width) as page:
        await sign_in(site, page, f"{uuid4()}@mail.example")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Bring the people you know")
        await page.get_by_label("The file").set_input_files(
            {"name": "Connections.csv", "mimeType": "text/csv", "buffer": "\n".join(BOOK).encode()}
        )
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("status")).to_contain_text("4 people in your address book")
        await expect(page.get_by_role("status")).to_contain_text("Lumenforge (2)")
        await page.get_by_role("link", name="Continue").first.click()
        await page.get_by_label("Your name").fill("Amara Okafor")
        await page.get_by_label("Job titles you look for").fill("Data Engineer")
        await page.get_by_label("Skills").fill("Python, PostgreSQL")
        await page.get_by_role("button", name="Save and continue").click()
        await page.get_by_role("button", name="Save and show my suggestions").click()
        await page.wait_for_url("**/suggestions")
        title = f"Data Engineer {uuid4().hex[:6]}"
        await post(site, title=title)
        if not scripts:
            await site.stack.rest()
            await page.reload()
        await expect(page.get_by_role("link", name=title)).to_be_visible()
        await page.get_by_role("link", name=title).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(title)
        await page.get_by_text("A message to").first.click()
        await expect(page.get_by_label(re.compile("^Short")).first).to_have_value(re.compile("Lumenforge"))


async def test_the_link_in_the_mail_changes_nothing_until_its_button_is_pressed_and_works_here_only(site: Site):
    email = f"{uuid4()}@mail.example"
    async with site.visitor() as page, site.visitor() as elsewhere:
        await page.goto("/sign-in")
        await page.get_by_label("Your e-mail address").fill(email)
        await page.get_by_role("button", name="Send me a code").click()
        link = await site.stack.mailed(email, r"(/sign-in/link\?token=\S+)")
        for _ in range(2):  # as a mail scanner does
            await elsewhere.goto(link)
        await elsewhere.get_by_role("button", name="Sign in").click()
        await expect(elsewhere.get_by_role("heading", level=1)).to_have_text("This link does not work any more")
        await page.goto(link)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Bring the people you know")
    site.strange.clear()  # the 403 above


async def test_ten_taps_by_keyboard_warm_the_network(site: Site):
    await post(site)
    seeker = await member(site, BOOK)
    await site.stack.rest()
    async with site.visitor() as page:
        await site.signed_in(page, seeker)
        await page.get_by_role("link", name="Ten taps", exact=True).press("Enter")
        asked = page.locator(".tap h2")
        name = await asked.inner_text()
        await page.wait_for_load_state()  # keys need the script
        await page.keyboard.press("4")
        await expect(page.get_by_text("1 of 10 done")).to_be_visible()
        contacts = await site.stack.ok("profiles", "GET", f"/v1/contacts?member={seeker}")
        assert {each["name"]: each["closeness"] for each in contacts["items"]}[name] == 4


async def test_the_company_map_leads_to_people_and_what_is_said_of_them(site: Site):
    seeker = await member(site, BOOK)
    async with site.visitor() as page:
        await site.signed_in(page, seeker)
        await page.get_by_role("link", name="Company map").click()
        await page.get_by_role("link", name="Lumenforge, 2 contacts").first.click()
        await page.get_by_role("link", name="Gus Guest").click()
        await page.get_by_role("button", name="I know them well", exact=False).first.click()
        await expect(page.get_by_role("button", name="I know them well", exact=False).first).to_have_attribute(
            "aria-pressed", "true"
        )
        await page.get_by_role("button", name="Let them find me").click()
        await expect(page.get_by_text("may find you here")).to_be_visible()


async def test_what_is_wrong_stands_beside_the_field_and_nothing_entered_is_lost(site: Site):
    seeker = await member(site, BOOK[:2])
    async with site.visitor() as page:
        await site.signed_in(page, seeker)
        await page.goto("/welcome/search")
        await page.get_by_label("Amount").fill("lots")
        await page.get_by_label("Skills").fill("Kubernetes")
        await page.get_by_role("button", name="Save and continue").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_label("Amount")).to_have_attribute("aria-invalid", "true")
        await expect(page.get_by_label("Skills")).to_have_value("Kubernetes")
    site.strange.clear()  # the 422 above


async def test_two_people_see_each_others_changes_live(site: Site):
    seeker = await member(site, BOOK)
    async with site.visitor() as page, site.visitor() as other:
        await site.signed_in(page, seeker)
        await site.signed_in(other, seeker)
        title = f"Data Engineer {uuid4().hex[:6]}"
        await post(site, title=title)
        for each in (page, other):
            await expect(each.get_by_role("link", name=title)).to_be_visible(timeout=15_000)


async def test_many_open_pages_leave_room_for_the_next(site: Site):
    """Each page that follows the inbox holds a connection to notifications as long as it is open."""
    members = [await member(site, BOOK[:1]) for _ in range(7)]
    async with AsyncExitStack() as stack:
        for who in members:
            made = await site.stack.ok("profiles", "POST", f"/internal/v1/members/{who}/tokens")
            cookies = {"session": made["token"]}
            http = await stack.enter_async_context(
                httpx2.AsyncClient(base_url=site.url, cookies=cookies, timeout=20, limits=httpx2.Limits())
            )
            for _ in range(9):
                answer = await stack.enter_async_context(http.stream("GET", "/changes"))
                assert answer.status_code == 200
        assert (await http.get("/people")).status_code == 200


async def test_signing_out_everywhere_else_ends_the_other_browser(site: Site):
    seeker = await member(site, BOOK[:2])
    async with site.visitor() as page, site.visitor() as other:
        await site.signed_in(page, seeker)
        await site.signed_in(other, seeker)
        await page.goto("/settings")
        await page.get_by_role("button", name="Sign out everywhere else").click()
        await other.goto("/people")
        await expect(other.get_by_role("heading", level=1)).to_have_text("Who could introduce you?")


async def test_leaving_is_asked_twice_and_then_done(site: Site):
    seeker = await member(site, BOOK[:2])
    async with site.visitor() as page:
        await site.signed_in(page, seeker)
        await page.goto("/settings")
        await page.get_by_role("button", name="Erase me").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.get_by_label("if you mean it").fill("erase me")
        await page.get_by_role("button", name="Erase me").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("You are erased")
        assert (await site.stack.call("profiles", "GET", f"/v1/me?member={seeker}")).status_code == 404
    site.strange.clear()  # the 422 above


@pytest.mark.parametrize(
    ("width", "scheme", "book"),
    [
        pytest.param(360, "light", BOOK, id="phone, light, full"),
        pytest.param(1280, "dark", BOOK[:1], id="desktop, dark, empty"),
        pytest.param(360, "dark", BOOK[:1], id="phone, dark, empty", marks=pytest.mark.long),
        pytest.param(1280, "light", BOOK, id="desktop, light, full", marks=pytest.mark.long),
        pytest.param(1280, "dark", BOOK, id="desktop, dark, full", marks=pytest.mark.long),
    ],
)
async def test_each_page_is_accessible_and_as_wide_as_the_screen(site: Site, width, scheme, book):
    await post(site)
    who = await member(site, book)
    await site.stack.rest()
    async with site.visitor(width=width, color_scheme=scheme) as page:
        await page.goto("/sign-in")
        await is_fine(page)
        await site.signed_in(page, who)
        for path in PAGES:
            await page.goto(f"/{path}")
            await is_fine(page)
            assert HOSTILE not in await page.content(), "words became elements"
    site.strange.clear()  # the 404 of `nowhere`


async def test_tokens_a_new_address_and_everything_to_take_away(site: Site):
    seeker, address = await member(site, BOOK[:2]), f"{uuid4()}@mail.example"
    async with site.visitor() as page:
        await site.signed_in(page, seeker)
        await page.goto("/settings")
        await page.get_by_text("Make a token").click()
        await page.get_by_label("Name", exact=True).fill("my script")
        await page.get_by_role("button", name="Make it").click()
        token = await page.get_by_role("status").locator("code").inner_text()
        me = await site.stack.ok("profiles", "GET", "/v1/me", token)
        assert me["member_id"] == seeker
        refused = await site.stack.call("profiles", "PATCH", "/v1/me", token, json={"name": "X"})
        assert refused.status_code == 403, "it may read only"
        await page.goto("/settings")
        assert token not in await page.content(), "shown once"
        await page.get_by_text("Use another address").click()
        await page.get_by_label("New address").fill(address)
        await page.get_by_role("button", name="Send a code there").click()
        await page.get_by_label("The code").fill(await site.code_for(address))
        await page.get_by_role("button", name="Use this address").click()
        await expect(page.locator("#profile")).to_contain_text(address)
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name="Download").click()
        with zipfile.ZipFile(await (await downloading.value).path()) as archive:
            assert archive.testzip() is None
            assert any("Ida" in archive.read(name).decode(errors="replace") for name in archive.namelist())
