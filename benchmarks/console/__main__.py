"""The console's speed against its goals: pages made for 20 people at once, drawn on a phone, and kept up to date.

Everything runs as `warmpath up` runs it, on one machine with this process and the browser. `make bench-console`.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from benchmarks.console import drawing, serving, world
from benchmarks.graphs.generated import CACHE
from benchmarks.machine import facts
from cli import kernels
from cli.demo.services import connected
from infra.local.process import LocalError
from infra.local.supervisor import Stack
from shared.testing.chromium import MISSING, find

RESULTS = Path("benchmarks/results")
PEOPLE, CONTACTS, ROUNDS = 20, 5_000, 3
GOALS = {"p95_ms": 60, "kilobytes": 60, "first_paint_ms": 1_000, "live_ms": 150}
# `{item}` and `{contact}` are whoever asks' own.
PAGES = {
    "suggestions": "/suggestions",
    "suggestion": "/suggestions/{item}",
    "map": "/companies",
    "company": "/company?name=Company%201",
    "taps": "/taps",
    "ways": "/paths?company=Company%201",
    "job seen": "/seen?company=Company%201&title=Data%20Engineer",
    "people": "/people",
    "person": "/people/{contact}",
    "hidden": "/hidden",
    "introductions": "/introductions",
    "give": "/give",
    "privacy": "/privacy",
    "settings": "/settings",
    "file": "/welcome/file",
    "search": "/welcome/search",
    "consents": "/welcome/consents",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print as it goes, and write `console.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console", description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args(arguments)
    chromium = find()
    if chromium is None:
        print(MISSING, file=sys.stderr)
        return 1
    try:
        made = asyncio.run(_run(chosen, chromium))
    except LocalError as problem:
        print(problem, file=sys.stderr)
        return 1
    folder = RESULTS if vars(chosen) == vars(parser.parse_args([])) else CACHE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "console.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    return 0


async def _run(chosen: argparse.Namespace, chromium: str) -> dict[str, Any]:
    settings = kernels.engine_settings(print)
    async with Stack.start(CACHE / "console", fresh=True, settings=settings) as stack, connected(stack) as to:
        made: dict[str, Any] = {
            "made": datetime.now(UTC).date().isoformat(),
            "machine": facts(),
            "people": chosen.people,
            "contacts": chosen.contacts,
            "rounds": chosen.rounds,
            "goals": GOALS,
        }
        loaded = await world.make(to, chosen.people, chosen.contacts)
        console, everybody = stack.urls["console"], loaded.people
        pids = {name: pid for name, pid in stack.pids.items() if pid is not None}
        measured = partial(serving.measure, console, PAGES, pids=pids, rounds=chosen.rounds)
        made["alone"] = await measured(everybody[:1])
        made["reading"] = await measured(everybody, reading_s=serving.READING_S)
        made["without_a_pause"] = await measured(everybody)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            made["first_paint_ms"] = await drawing.first_paint(browser, console, PAGES, loaded.people[0])
            made["live"] = await drawing.live(browser, console, to, loaded)
            await browser.close()
        return made


if __name__ == "__main__":
    sys.exit(main())
