"""Pictures of every page, full and empty, on phones and desktops, light and dark: `make screenshots`.

All of them go to `.warmpath/screenshots`; those that the README and the guides show go to `docs/pictures`. With names
(`full`, `empty`, `recruiter`, `operator`, `seeker`, `introducer`, …) only those pages as these see them.
"""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page, async_playwright

from cli import kernels
from cli.demo import example, staff
from cli.demo.command import QUICK
from cli.demo.load import call
from cli.demo.printer import Printer
from cli.demo.services import Services, connected
from infra.local.supervisor import Stack
from shared.testing.chromium import MISSING, find
from tests.browser import scenes

ALL, SHOWN = Path(".warmpath/screenshots"), Path("docs/pictures")
PAGES = {
    "suggestions": "/suggestions",
    "suggestion": "/suggestions",
    "hidden": "/hidden",
    "map": "/companies",
    "company": "/company?name=Tidewater%20Health,%20Inc.",
    "taps": "/taps",
    "ways": "/paths?company=Lumenforge",
    "seen": "/seen?company=Lumenforge&title=Staff%20Gardener",
    "seen-form": "/seen?by_hand=true",
    "people": "/people",
    "privacy": "/privacy",
    "settings": "/settings",
    "file": "/welcome/file",
    "search": "/welcome/search",
    "consents": "/welcome/consents",
    "introductions": "/introductions",
    "ended": "/introductions?ended=true",
    "give": "/give",
    "keep-in-touch": "/keep-in-touch",
    "limits": "/limits",
    "corrections": "/corrections",
    "draft": "/welcome/draft",
}
OF_RECRUITERS = {
    "organisations": "/organisations",
    "openings": "",
    "opening": "/openings/new",
    "colleagues": "/people",
    "keys": "/keys",
    "about": "/about",
    "upload": "/upload",
}
"""Below the path of the organisation, but for the first."""

OF_OPERATORS = {
    "operations": "/operations",
    "letters": "/operations/letters",
    "topics": "/operations/topics",
    "topic": "/operations/topics/postings.v1",
    "audit": "/operations/audit",
}
IN_DOCS = {
    *(("full", "suggestions", 1280, "light"), ("full", "map", 1280, "light"), ("full", "ways", 360, "light")),
    *(
        ("full", "taps", 360, "dark"),
        ("recruiter", "openings", 1280, "light"),
        ("operator", "operations", 1280, "light"),
    ),
    *(("introducer", "to-answer", 360, "light"), ("nobody", "link-read", 360, "dark")),
    *(("introducer", "give", 1280, "light"), ("seeker", "introduced", 360, "light")),
}
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


async def main() -> None:
    """Start the demo's stack, and take them."""
    chromium = find()
    if chromium is None:
        sys.exit(MISSING)
    printer = Printer()
    data, settings = Path(".warmpath/pictures"), {**QUICK, **kernels.engine_settings(printer.line)}
    started = Stack.start(data, fresh=True, progress=printer.line, settings=settings)
    async with started as stack, connected(stack) as to:
        _, organisation, people = await example.show(to, printer, stack.mail)
        nobody = {"name": "Nia Newcomer", "email": "nia@mail.example", "verified": True}
        made = await call(to.profiles, "POST", "/internal/v1/members", json=nobody)
        who = {"full": (next(iter(people.values())), PAGES), "empty": (str(made["member_id"]), PAGES)}
        (_, recruiter, path), (_, operator, _) = await staff.join(to, organisation["organisation_id"])
        ours = {what: where if what == "organisations" else path + where for what, where in OF_RECRUITERS.items()}
        who |= {"recruiter": (recruiter, ours), "operator": (operator, OF_OPERATORS)}
        who |= await scenes.play(to, stack.mail)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for name, (member_id, pages) in who.items():
                if name in (sys.argv[1:] or who):
                    await take(browser, to, stack.urls["console"], name, member_id, pages)
            await browser.close()


async def take(
    browser: Browser, to: Services, console: str, name: str, member_id: str, pages: Mapping[str, str]
) -> None:
    """Every page as one member sees it; "" is somebody who is not signed in."""
    for width in (360, 1280):
        for scheme in SCHEMES:
            context = await browser.new_context(
                viewport={"width": width, "height": 800}, color_scheme=scheme, base_url=console
            )
            page = await context.new_page()
            if member_id:
                link = await call(to.profiles, "POST", f"/internal/v1/members/{member_id}/sign-in-links")
                await page.goto(link["url"])
                await page.get_by_role("button", name="Sign in").click()
                await page.wait_for_url(lambda url: "/sign-in/" not in url)
            for what, where in pages.items():
                await picture(page, where, ALL / f"{what}-{name}-{width}-{scheme}.png")
                if (name, what, width, scheme) in IN_DOCS:
                    await picture(page, where, SHOWN / f"{what}.png", whole=False)
            await context.close()


async def picture(page: Page, where: str, path: Path, *, whole: bool = True) -> None:
    """One page in one file; all of it, or as much as the screen shows."""
    await page.goto(where)
    first = page.locator(".card h2 a").first
    if path.name.startswith("suggestion-") and await first.count():
        await first.click()
        if await page.locator("summary").count():
            await page.locator("summary").first.click()
    if path.name.startswith("link-read"):
        await page.get_by_role("button", name="Read it").click()
    path.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=path, full_page=whole)


if __name__ == "__main__":
    asyncio.run(main())
