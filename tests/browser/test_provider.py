"""Signing in through another provider, in a browser, against an OpenID provider that runs on this machine."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.provider import NAME, LocalProvider

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture
def provider(site: Site) -> Iterator[LocalProvider]:
    """As it is, whatever the test makes of it."""
    yield site.provider
    site.provider.verified = True


async def agree(page: Page, email: str, wanted: str = "/sign-in") -> None:
    """Through the provider, where the browser goes by itself, as somebody with this address."""
    await page.goto(wanted)
    await page.get_by_role("button", name=f"Sign in with {NAME}").click()
    await page.get_by_label("Address").fill(email)
    await page.get_by_role("button", name="Agree").click()


@pytest.fixture(autouse=True)
def only_the_provider_is_elsewhere(request: pytest.FixtureRequest, provider: LocalProvider) -> Any:
    """Pages of ours ask nobody else; the browser goes to the provider, which is another site."""
    yield
    site: Site = request.node.funcargs["site"]
    site.strange[:] = [each for each in site.strange if not each.startswith(provider.url)]


@pytest.mark.parametrize(
    ("width", "scripts"), [pytest.param(360, True, id="phone"), pytest.param(1280, False, id="plain")]
)
async def test_whose_address_the_provider_verified_gets_in_and_is_the_same_the_next_time(site: Site, width, scripts):
    email = f"{secrets.token_hex(6)}@university.example"
    async with site.visitor(width=width, scripts=scripts) as page:
        await agree(page, email)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Bring the people you know")
        await page.get_by_role("button", name="Sign out").click()
        await agree(page, email)
        await page.wait_for_url("**/suggestions")
        await page.goto("/settings")
        await expect(page.locator("#profile")).to_contain_text(email)


async def test_the_page_that_was_wanted_is_shown_after_the_provider(site: Site):
    email = f"{secrets.token_hex(6)}@university.example"
    async with site.visitor() as page:
        await agree(page, email, "/paths?company=Caf%C3%A9%20%26%20Co")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Bring the people you know")
        await page.get_by_role("button", name="Sign out").click()
        await agree(page, email, "/paths?company=Caf%C3%A9%20%26%20Co")
        await page.wait_for_url("**/paths?company=Caf%C3%A9%20%26%20Co")
        await page.get_by_role("button", name="Sign out").click()
        await agree(page, email)
        await page.wait_for_url("**/suggestions")


async def test_an_answer_counts_once_and_in_the_browser_that_asked(site: Site):
    async with site.visitor() as page, site.visitor() as elsewhere:
        brought: list[str] = []
        page.on("request", lambda request: "/sign-in/provider?" in request.url and brought.append(request.url))
        await agree(page, f"{secrets.token_hex(6)}@university.example")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Bring the people you know")
        for each in (elsewhere, page):
            await each.goto(brought[0])
            await expect(each.get_by_role("heading", level=1)).to_have_text("This link does not work any more")
    site.strange.clear()  # the 403s above


async def test_an_address_that_the_provider_has_not_verified_opens_nothing(site: Site, provider: LocalProvider):
    provider.verified = False
    try:
        async with site.visitor() as page:
            await agree(page, f"{secrets.token_hex(6)}@university.example")
            await expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work any more")
    finally:
        provider.verified = True
    site.strange.clear()  # the 403 above
