"""How soon a page is drawn on a slow phone, and how soon an open page shows what has just come into the inbox."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from statistics import median
from typing import Any

from playwright.async_api import Browser, Page

from benchmarks.console.world import Person, World
from cli.demo.services import Services

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 3, "is_mobile": True}
CPU_SLOWER = 4
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
"""A phone that computes a quarter as fast, on what browsers call slow 4G: 1.6 Mbit/s, 150 ms to and fro."""

TIMES = 3
LOOK_MS = 20
OPENINGS = 8
BETWEEN_S = 13.0
"""Up to five openings a minute are told one by one, so no more are posted: the others wait for a summary."""

SEEN_WITHIN_S = 60
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"
_SEEN = """title => new Promise(seen => {
  const look = () => document.body.innerText.includes(title) && seen(performance.timeOrigin + performance.now());
  look() || new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
})"""


@asynccontextmanager
async def opened(browser: Browser, console: str, person: Person, **options: Any) -> AsyncIterator[Page]:
    """A page of a browser in which somebody is signed in."""
    context = await browser.new_context(base_url=console, **options)
    await context.add_cookies([{"name": "session", "value": person.token, "url": console}])
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def first_paint(browser: Browser, console: str, pages: dict[str, str], person: Person) -> dict[str, float]:
    """By page, milliseconds until something is drawn: the median of several, each in a browser that knows nothing."""
    found = {}
    for name, path in pages.items():
        times = []
        for _ in range(TIMES):
            async with opened(browser, console, person, **PHONE) as page:
                session = await page.context.new_cdp_session(page)
                await session.send("Network.enable")
                await session.send("Network.emulateNetworkConditions", NETWORK)
                await session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
                await page.goto(person.own(path))
                while (painted := await page.evaluate(_PAINTED)) < 0:
                    await page.wait_for_timeout(LOOK_MS)  # pages allow no predicate that is made of a string
                times.append(painted)
        found[name] = round(median(times), 0)
        print(f"  {name}: first paint {found[name]} ms")
    return found


async def live(browser: Browser, console: str, to: Services, world: World) -> dict[str, float]:
    """Milliseconds from when a suggestion stands in the inbox's table until an open page shows it."""
    person, times = world.people[0], []
    async with opened(browser, console, person, viewport={"width": 1280, "height": 900}) as page:
        await page.goto("/suggestions?sort=newest")
        for number in range(OPENINGS):
            await asyncio.sleep(BETWEEN_S)
            title = f"Data Engineer, live {number}"
            seeing = asyncio.create_task(page.evaluate(_SEEN, title))
            posted = await world.post(to, title, number)
            shown = await asyncio.wait_for(seeing, SEEN_WITHIN_S)
            times.append(shown - await _stored_ms(to, person, posted["posting_id"]))
    times.sort()
    found = {"p50_ms": round(median(times), 0), "max_ms": round(times[-1], 0), "load": round(os.getloadavg()[0], 1)}
    print(f"  live: {found}")
    return found


async def _stored_ms(to: Services, person: Person, posting_id: str) -> float:
    """When somebody's suggestion for an opening was put into the inbox's table, in ms since 1970."""
    answer = await to.notifications.get("/v1/inbox", params={"member": person.id, "sort": "newest"})
    (item,) = (item for item in answer.json()["items"] if item.get("posting_id") == posting_id)
    return 1000 * datetime.fromisoformat(item["created_at"]).timestamp()
