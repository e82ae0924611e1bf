"""How long the console takes to make a page while several people ask at once, and how large it is."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import httpx2

from benchmarks.console.world import Person

EACH = 12
"""So many times each person asks for each page; the first is not counted."""

REFUSED = -1
"""In place of the size of an answer that is no page, as where a service did not answer in time."""


async def measure(console: str, pages: dict[str, str], people: Sequence[Person]) -> dict[str, Any]:
    """By page: percentiles in ms over everybody's requests, and bytes of the longest answer."""
    found = {}
    for name, path in pages.items():
        rounds = await asyncio.gather(*(_ask(console, path, person) for person in people))
        times = sorted(ms for one in rounds for ms, _ in one)
        sizes = [size for one in rounds for _, size in one]
        found[name] = {
            "p50_ms": round(times[len(times) // 2], 1),
            "p95_ms": round(times[int(len(times) * 0.95)], 1),
            "kilobytes": round(max(sizes) / 1000, 1),
            "refused": sum(size == REFUSED for size in sizes),
        }
        print(f"  {name}: {found[name]}")
    return found


async def _ask(console: str, path: str, person: Person) -> list[tuple[float, int]]:
    """One person's requests, one after another as people do: they read between two."""
    measured = []
    async with httpx2.AsyncClient(base_url=console, cookies={"session": person.token}, timeout=60) as http:
        for number in range(EACH):
            began = time.perf_counter()
            answer = await http.get(person.own(path))
            took = 1000 * (time.perf_counter() - began)
            if number:
                measured.append((took, len(answer.content) if answer.is_success else REFUSED))
    return measured
