"""How soon a page is drawn on a slow phone, and how soon an open page shows what has just come into the inbox."""

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

TIMES = 5
LOOK_MS = 20
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
        for number in range(2 * TIMES):
            title = f"Data Engineer, live {number}"
            posted = await world.post(to, title, number)
            shown = await page.evaluate(_SEEN, title)
            items = (await to.notifications.get("/v1/inbox", params={"member": person.id, "sort": "newest"})).json()[
                "items"
            ]
            stored = next(item for item in items if item["posting_id"] == posted["posting_id"])["created_at"]
            times.append(shown - 1000 * datetime.fromisoformat(stored).timestamp())
    times.sort()
    found = {"p50_ms": round(median(times), 0), "max_ms": round(times[-1], 0)}
    print(f"  live: {found}")
    return found
