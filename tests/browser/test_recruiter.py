"""A recruiter's first hour: an organisation, its web domain, openings one by one and from a file, colleagues, keys."""

import json
import re
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Site, is_fine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

HOSTILE = "<b>Initech</b> & Söhne"
SIZES = [
    pytest.param(360, True, id="phone"),
    pytest.param(1280, False, id="desktop without scripts"),
    pytest.param(360, False, id="phone without scripts", marks=pytest.mark.long),
    pytest.param(1280, True, id="desktop", marks=pytest.mark.long),
]


async def member(site: Site, name: str) -> str:
    person = {"name": name, "email": f"{uuid4()}@mail.example", "verified": True}
    return str((await site.stack.ok("profiles", "POST", "/internal/v1/members", json=person))["member_id"])


async def organisation(site: Site, page: Page, name: str = "Initech", *, verified: bool = True) -> str:
    """Make one in the browser; its path."""
    domain = f"{uuid4().hex[:12]}.example"
    await page.get_by_role("link", name="For recruiters").click()
    await page.get_by_label("Its name").fill(name)
    await page.get_by_role("button", name="Make it").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)
    path = re.sub(r"/about.*", "", page.url.removeprefix(site.url))
    if verified:
        await page.get_by_label("own domain").fill(f"ada@{domain}")
        await page.get_by_role("button", name="Send a code there").click()
        await page.get_by_label("The code").fill(await site.code_for(f"ada@{domain}"))
        await page.get_by_role("button", name="Verify the domain").click()
        await expect(page.locator("#domain")).to_contain_text(f"{domain} verified")
    return path


@pytest.mark.parametrize(("width", "scripts"), SIZES)
async def test_from_nothing_to_an_opening_that_is_changed_and_closed(site: Site, width, scripts):
    ada = await member(site, "Ada Olsen")
    async with site.visitor(width=width, scripts=scripts) as page:
        await site.signed_in(page, ada)
        path = await organisation(site, page, HOSTILE)
        await page.goto(path)
        await page.get_by_role("link", name="Post an opening").click()
        await expect(page.get_by_label("Company where they would work")).to_have_value(HOSTILE)
        await page.get_by_label("From").fill("lots")
        await page.get_by_role("button", name="Post it").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.get_by_label("Title").fill("Data Engineer")
        await page.get_by_label("Skills").fill("Python, SQL")
        await page.get_by_label("From").fill("60,000")
        await page.get_by_label("To", exact=True).fill("70k")
        await page.get_by_role("button", name="Post it").click()
        await expect(page.get_by_role("status")).to_have_text("Saved.")
        await expect(page.get_by_label("From")).to_have_value("60000")
        await page.get_by_label("To", exact=True).fill("")
        await page.get_by_label("Last day").fill("2999-12-31")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_label("To", exact=True)).to_have_value("")
        await page.get_by_role("button", name="Close it").click()
        await expect(page.get_by_text("by somebody here")).to_be_visible()
        await page.goto(f"{path}?state=open")
        await expect(page.get_by_text("No opening like that.")).to_be_visible()
        await page.get_by_role("link", name="Show all").click()
        await expect(page.get_by_role("row").filter(has_text="Data Engineer")).to_contain_text("closed")
        await page.get_by_role("link", name="Data Engineer").click()
        await page.get_by_role("button", name="Open it again").click()
        await expect(page.get_by_role("button", name="Close it")).to_be_visible()
        await page.get_by_text("Delete it", exact=True).click()
        await page.get_by_role("button", name="Delete it for good").click()
        await expect(page.get_by_text("No openings yet.")).to_be_visible()
    site.strange.clear()  # the 422 above


async def test_what_a_colleague_has_changed_meanwhile_is_not_lost(site: Site):
    ada = await member(site, "Ada Olsen")
    async with site.visitor() as page, site.visitor() as other:
        await site.signed_in(page, ada)
        await site.signed_in(other, ada)
        path = await organisation(site, page, verified=False)
        await page.goto(f"{path}/openings/new")
        await page.get_by_label("Title").fill("Data Engineer")
        await page.get_by_role("button", name="Post it").click()
        await expect(page.get_by_role("status")).to_be_visible()
        await other.goto(page.url)
        for each, title in ((other, "Data Architect"), (page, "Data Scientist")):
            await each.get_by_label("Title").fill(title)
            await each.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("alert")).to_contain_text("Somebody has changed this opening")
        await expect(page.get_by_label("Title")).to_have_value("Data Scientist")
        await page.goto(path)
        await expect(page.get_by_role("link", name="Data Architect")).to_be_visible()
    site.strange.clear()  # the 422 above


async def test_bad_rows_of_a_file_are_told_and_the_good_ones_go_in(site: Site):
    ada = await member(site, "Ada Olsen")
    good = {"company": {"name": "Initech"}, "title": "Data Engineer", "workplace": "remote", "external_id": "R-1"}
    rows = [good, good | {"external_id": "R-2", "workplace": "moon"}]
    file = {"name": "openings.ndjson", "mimeType": "application/octet-stream", "buffer": b""}
    async with site.visitor(width=360) as page:
        await site.signed_in(page, ada)
        path = await organisation(site, page, verified=False)
        await page.goto(f"{path}/upload")
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("alert")).to_contain_text("Choose a file first")
        content = "\n".join(map(json.dumps, rows)).encode()
        await page.get_by_label("The file").set_input_files(file | {"buffer": content})
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("status")).to_contain_text("1 opening posted")
        await expect(page.get_by_role("row").filter(has_text="line 2")).to_contain_text("workplace")
        await is_fine(page)
    site.strange.clear()  # the 422 above


@pytest.mark.parametrize("known", [True, False], ids=["a member", "somebody new"])
async def test_a_colleague_is_invited_joins_and_is_taken_out(site: Site, known):
    ada, address = await member(site, "Ada Olsen"), f"{uuid4()}@mail.example"
    async with site.visitor() as page, site.visitor(width=360, scripts=not known) as other:
        await site.signed_in(page, ada)
        path = await organisation(site, page)
        await page.goto(f"{path}/people")
        await expect(page.get_by_role("row").filter(has_text="Ada Olsen")).to_contain_text("Owner")
        await page.get_by_role("button", name="Leave").click()
        await expect(page.get_by_role("alert")).to_contain_text("last owner")
        await page.get_by_label("Their e-mail address").fill(address)
        await page.get_by_role("button", name="Send the invitation").click()
        await expect(page.locator("#invited")).to_contain_text(address)
        link = await site.stack.mailed(address, r"(/invitations\?token=\S+)")
        if known:
            await site.signed_in(other, await member(site, "Ben Okoro"))
            await other.goto(link)
        else:
            await other.goto(link)
            await other.get_by_label("Your e-mail address").fill(address)
            await other.get_by_role("button", name="Send me a code").click()
            await other.get_by_label("The code").fill(await site.code_for(address))
            await other.get_by_role("button", name="Sign in").click()
        await expect(other.get_by_role("heading", level=1)).to_have_text("Work in Initech?")
        await other.get_by_role("button", name="Accept").click()
        await expect(other.get_by_role("link", name="Post an opening")).to_be_visible()
        menu = other.get_by_role("navigation", name="Pages")
        await menu.get_by_role("link", name="Organisations").click()
        await expect(other.get_by_role("link", name="Initech")).to_be_visible()
        await other.goto(link)
        await expect(other.get_by_role("heading", level=1)).to_have_text("This invitation does not work any more")
        await page.goto(f"{path}/people")
        row = page.get_by_role("row").filter(has_text="Recruiter").filter(has_not_text="Ada")
        await row.get_by_text("Change").first.click()
        await row.get_by_role("button", name="Take out").click()
        await expect(page.get_by_role("row")).to_have_count(2)
        await other.goto(path)
        await expect(other.get_by_role("heading", level=1)).to_have_text("This is no longer here")
        await other.goto("/organisations")
        await expect(menu).to_be_visible()
        await expect(menu.get_by_role("link", name="Organisations")).to_have_count(0)
    site.strange.clear()  # the 404 and 422 above


async def test_a_key_is_shown_once_works_and_is_replaced(site: Site):
    ada = await member(site, "Ada Olsen")
    async with site.visitor() as page:
        await site.signed_in(page, ada)
        path = await organisation(site, page, verified=False)
        await page.goto(f"{path}/keys")
        await page.get_by_label("Name").fill("applicant system")
        await page.get_by_role("button", name="Make it").click()
        key = await page.get_by_role("status").locator("code").inner_text()
        assert (await site.stack.ok("postings", "GET", "/v1/postings", key))["items"] == []
        await page.goto(f"{path}/keys")
        assert key not in await page.content(), "shown once"
        await page.locator("summary").click()
        await page.get_by_label("The old one ends").select_option("at once")
        await page.get_by_role("button", name="Replace it").click()
        again = await page.get_by_role("status").locator("code").inner_text()
        assert (await site.stack.call("postings", "GET", "/v1/postings", key)).status_code == 401
        await site.stack.ok("postings", "GET", "/v1/postings", again)


@pytest.mark.parametrize(
    ("width", "scheme"),
    [pytest.param(360, "dark", id="phone, dark"), pytest.param(1280, "light", id="desktop, light")],
)
async def test_each_page_is_accessible_and_as_wide_as_the_screen(site: Site, width, scheme):
    ada = await member(site, "Ada Olsen")
    async with site.visitor(width=width, color_scheme=scheme) as page:
        await site.signed_in(page, ada)
        path = await organisation(site, page, f"{HOSTILE} {'Verylongname' * 6}")
        pages = ["", "/people", "/keys", "/about", "/upload", "/openings/new"]
        for where in ["/organisations", *(path + one for one in pages)]:
            await page.goto(where)
            await is_fine(page)
        await page.goto(f"{path}/openings/new")
        await page.get_by_label("Title").fill("Engineer" * 12)
        await page.get_by_role("button", name="Post it").click()
        await expect(page.get_by_role("status")).to_have_text("Saved.")
        await is_fine(page)
        await page.goto(path)
        await is_fine(page)
        await page.goto("/invitations?token=none")
        await is_fine(page)
    site.strange.clear()  # the 404 above
