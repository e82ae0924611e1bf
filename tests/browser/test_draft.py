"""A profile out of the member's own file: read, confirmed field by field, and stored only then."""

import os
import re
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Site, is_fine
from tests.browser.story import BOOK, HOSTILE, member
from tests.unit.profiles.archives import CONNECTIONS, PROFILE, packed
from tests.unit.profiles.resumes import GOOD, NAME, docx, paragraph

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

WAYS = [
    pytest.param(360, True, id="phone"),
    pytest.param(1280, False, id="desktop without scripts"),
    pytest.param(360, False, id="phone without scripts", marks=pytest.mark.long),
    pytest.param(1280, True, id="desktop", marks=pytest.mark.long),
]


async def me(site: Site, who: str) -> dict[str, object]:
    return await site.stack.ok("profiles", "GET", f"/v1/me?member={who}")


async def someone(site: Site) -> str:
    """A member who has said nothing of themself."""
    person = {"name": "Zoë", "email": f"{uuid4()}@mail.example", "verified": True}
    return str((await site.stack.ok("profiles", "POST", "/internal/v1/members", json=person))["member_id"])


async def bring(page: Page, name: str, data: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    await page.get_by_label("The file").set_input_files(file)


@pytest.mark.parametrize(("width", "scripts"), WAYS)
async def test_a_resume_is_confirmed_field_by_field(site: Site, width, scripts):
    who = await someone(site)
    async with site.visitor(width=width, scripts=scripts) as page:
        await site.signed_in(page, who)
        await page.goto("/welcome/search")
        await page.get_by_role("link", name="Fill it in from a file").click()
        await bring(page, "cv.pdf", GOOD["pdf"])
        await page.get_by_role("button", name="Read it").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
        await expect(page.get_by_role("complementary")).to_contain_text("is this a skill? Frobnication")
        assert (await me(site, who))["employments"] == []
        if scripts:
            await is_fine(page)
        await expect(page.get_by_label("Your name")).to_have_value(NAME)
        await page.get_by_label("What you do").fill("Data engineer in Stockholm")
        await page.get_by_label("Keep this job").nth(1).uncheck()
        await page.get_by_label("Company").nth(0).fill("Northwind")
        await page.get_by_label("Skills").fill("Python, Frobnication")
        await page.get_by_role("button", name="Save, and continue").click()
        await page.wait_for_url("**/welcome/search")
        await expect(page.get_by_label("Job titles you look for")).to_have_value("Senior Data Engineer")
        await expect(page.get_by_label("Where you work now")).to_have_value("Northwind")
    stored = await me(site, who)
    (job,) = stored["employments"]
    assert (job["company"], job["title"], job["start"]) == ("Northwind", "Senior Data Engineer", "2021-03-01")
    assert (stored["headline"], stored["skills"]) == ("Data engineer in Stockholm", ["Python", "Frobnication"])
    assert stored["seeking"]["locations"] == ["Stockholm, Sweden"]


@pytest.mark.parametrize(("width", "scripts"), WAYS)
async def test_the_export_that_brings_the_people_brings_the_profile_too(site: Site, width, scripts):
    who = await someone(site)
    async with site.visitor(width=width, scripts=scripts) as page:
        await site.signed_in(page, who)
        await page.goto("/welcome/file")
        await bring(page, "export.zip", packed({"Connections.csv": CONNECTIONS, **PROFILE}))
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("status")).to_contain_text("2 jobs and 2 skills")
        await page.get_by_role("button", name="Look at my profile").click()
        await expect(page.get_by_role("complementary")).to_contain_text("no company: Volunteer")
        await expect(page.get_by_label("Company")).to_have_count(3)
        await page.get_by_role("button", name="Save, and continue").click()
        await page.wait_for_url("**/welcome/search")
        await expect(page.get_by_label("What you do")).to_have_value("Engineer at Initech")
    stored = await me(site, who)
    assert [job["company"] for job in stored["employments"]] == ["Initech", "Globex"]
    assert stored["seeking"]["locations"] == ["Lisbon, Portugal"]


async def test_what_is_wrong_stands_beside_the_field_and_hostile_words_stay_words(site: Site):
    who = await member(site, BOOK[:1])
    async with site.visitor(width=360) as page:
        await site.signed_in(page, who)
        await page.goto("/welcome/draft")
        await is_fine(page)
        await bring(page, "cv.docx", b"no document")
        await page.get_by_role("button", name="Read it").click()
        await expect(page.get_by_role("alert")).to_contain_text("none of the files that can be read")
        body = "".join(map(paragraph, [f"{HOSTILE} x", "Experience", "Initech, Clerk", "2019 - 2020"]))
        await bring(page, "cv.docx", docx(body))
        await page.get_by_role("button", name="Read it").click()
        await expect(page.get_by_role("complementary")).to_contain_text(HOSTILE)
        await page.get_by_label("From").first.fill("some day")
        await page.get_by_role("button", name="Save, and continue").click()
        await expect(page.get_by_role("alert")).to_contain_text(re.compile("Enter a year, or a month"))
        await expect(page.get_by_label("From").first).to_have_attribute("aria-invalid", "true")
        await expect(page.get_by_label("Company").first).to_have_value("Initech")
        await is_fine(page)
    site.strange.clear()  # the 422s above


@pytest.mark.parametrize(
    ("scripts", "where", "button"),
    [
        pytest.param(True, "/welcome/file", "Upload", id="a list, scripts"),
        pytest.param(False, "/welcome/draft", "Read it", id="a profile, no scripts"),
    ],
)
async def test_a_large_file_is_read_and_one_that_is_too_large_is_refused_in_words(
    site: Site, scripts, where, button, tmp_path
):
    who, large, too_large = await someone(site), tmp_path / "export.zip", tmp_path / "film.zip"
    photo = {"Photo.jpg": os.urandom(2 * 1024 * 1024)}
    large.write_bytes(packed({"Connections.csv": CONNECTIONS, **PROFILE, **photo}))
    with too_large.open("wb") as file:
        file.truncate(111 * 1024 * 1024)
    async with site.visitor(scripts=scripts) as page:
        await site.signed_in(page, who)
        await page.goto("/welcome/draft")
        await page.get_by_label("The file").set_input_files(large)
        await page.get_by_role("button", name="Read it").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
        await page.goto(where)
        await page.get_by_label("The file").set_input_files(too_large)
        await page.get_by_role("button", name=button).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("The file is too large", timeout=60_000)
    site.strange.clear()  # the 413


async def test_two_names_are_put_right_to_be_one_company(site: Site):
    who = await member(site, [*BOOK, "Una,Unit,,,Lumenforge Garage,Engineer,", "Bea,Bee,,,Beekeeping for fun,Bees,"])
    async with site.visitor(width=360, scripts=False) as page:
        await site.signed_in(page, who)
        await page.goto("/corrections?name=Lumenforge%20Garage")
        await page.get_by_label("The company that it is").fill("Lumenforge")
        await page.get_by_role("button", name="They are one company").click()
        await page.get_by_label("The name as it stands there").fill("Beekeeping for fun")
        await page.get_by_role("button", name="The first is no employer").click()
        await page.goto("/companies")
        await expect(page.get_by_role("row", name="Lumenforge 3")).to_be_visible()
        await expect(page.get_by_role("row", name=re.compile("Beekeeping"))).to_have_count(0)
        await page.get_by_role("link", name="Two of them are one company, or one is none?").click()
        await page.get_by_role("button", name="Take back what you said of Lumenforge Garage").click()
        await page.get_by_role("button", name="They are one company").click()
        await expect(page.get_by_role("alert")).to_contain_text("Enter the company that it is")
        await page.goto("/companies")
        await expect(page.get_by_role("row", name="Lumenforge 2")).to_be_visible()
    site.strange.clear()  # the 422 above
