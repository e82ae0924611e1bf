"""The whole stack with its console, and Chromium to drive it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from infra.local.postgres import Postgres
from shared.testing.broker import running_broker
from shared.testing.chromium import MISSING, find
from shared.testing.database import fresh_database
from tests.browser.provider import LocalProvider, local_provider
from tests.integration.whole_stack import WholeStack, whole_stack

OPERATOR_ADDRESS = "olu@operators.example"
"""Whoever has it verified is an operator."""

expect.set_options(timeout=30_000)  # a busy machine is no reason to fail

ENVIRONMENT = {"WARMPATH_OPERATOR_ADDRESSES": OPERATOR_ADDRESS, "WARMPATH_ANSWER_SECONDS": "60"}


@dataclass
class Site:
    """The console as browsers reach it."""

    stack: WholeStack
    browser: Browser
    url: str
    provider: LocalProvider
    strange: list[str] = field(default_factory=list)
    """Errors on the pages' consoles, and requests to other hosts."""

    @asynccontextmanager
    async def visitor(self, *, width: int = 1280, scripts: bool = True, **more: Any) -> AsyncIterator[Page]:
        """A page in a browser of its own."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, base_url=self.url, **more
        )
        page = await context.new_page()
        page.on("console", lambda message: message.type == "error" and self.strange.append(message.text))
        page.on("request", lambda request: request.url.startswith(self.url) or self.strange.append(request.url))
        try:
            yield page
        finally:
            await context.close()

    async def code_for(self, email: str) -> str:
        """The six digits that were mailed to this address last."""
        return await self.stack.mailed(email, r"\b(\d{3} ?\d{3})\b")

    async def signed_in(self, page: Page, member_id: str) -> None:
        """Sign in by a link that an operator makes."""
        made = await self.stack.ok("profiles", "POST", f"/internal/v1/members/{member_id}/sign-in-links")
        await page.goto(f"/sign-in/link?token={made['link']}")
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url(lambda url: "/sign-in/" not in url)

    async def is_fine(self, page: Page) -> None:
        """As below; a page without scripts is looked at once more in a browser with them, since axe is one."""
        state, size = await page.context.storage_state(), page.viewport_size
        async with self.visitor(width=size["width"] if size else 360, storage_state=state) as same:
            await same.goto(page.url)
            await is_fine(same)


async def is_fine(page: Page) -> None:
    """No violation that axe-core finds, and nothing wider than the screen."""
    found = await Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is too wide"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A whole stack on a broker and a database of its own, another provider to sign in by, and a browser.

    All journeys share it: each has people, companies and titles of its own.
    """
    chromium = find()
    if chromium is None:
        pytest.skip(MISSING)
    folder = tmp_path_factory.mktemp("site")
    async with (
        local_provider() as provider,
        running_broker(own=True) as broker,
        fresh_database(postgres) as database,
        whole_stack(broker.bootstrap, database, folder, **ENVIRONMENT, **provider.environment) as stack,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield Site(stack, browser, str(stack.clients["console"].base_url).rstrip("/"), provider)
        await browser.close()


@pytest.fixture(autouse=True)
def nothing_strange(request: pytest.FixtureRequest) -> Any:
    """No page writes an error to its console, and none asks another host for anything."""
    yield
    site: Site | None = request.node.funcargs.get("site")
    if site is not None:
        strange, site.strange = site.strange, []
        assert strange == []
