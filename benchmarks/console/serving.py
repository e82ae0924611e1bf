"""How long the console takes to make a page while several people ask at once, how large it is, and what it costs."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from random import Random
from statistics import median
from typing import Any, NamedTuple

import httpx2

from benchmarks.console.world import Person
from benchmarks.processor_time import busy_seconds

EACH, EACH_ALONE = 3, 15
"""So many times in a round each of many people asks for each page, or somebody alone; the first is not counted."""

READING_S = 1.0
"""How long somebody reads a page, on average, before they ask for another one."""

REFUSED = -1
"""In place of the size of an answer that is no page, as where a service did not answer in time."""


class Round(NamedTuple):
    """One round of one page. `pids`: the processes that make it, by name."""

    console: str
    path: str
    people: Sequence[Person]
    reading_s: float
    pids: Mapping[str, int]


async def measure(
    console: str,
    pages: Mapping[str, str],
    people: Sequence[Person],
    pids: Mapping[str, int],
    *,
    rounds: int,
    reading_s: float = 0.0,
) -> dict[str, Any]:
    """By page, the medians of the rounds: percentiles in ms over everybody's requests, kilobytes, refused answers.

    `processor_ms`: what all the processes together spent on a page. `load`: how many processes wanted the processor.
    """
    found = {}
    for name, path in pages.items():
        one = Round(console, path, people, reading_s, pids)
        made = [await _round(one) for _ in range(rounds)]
        found[name] = {what: round(median(each[what] for each in made), 1) for what in made[0]}
        found[name]["refused"] = sum(each["refused"] for each in made)
        print(f"  {name}: {found[name]}")
    return found


async def _round(one: Round) -> dict[str, float]:
    before = sum(busy_seconds(one.pids).values())
    answers = await asyncio.gather(*(_ask(one, person, Random(at)) for at, person in enumerate(one.people)))
    spent = sum(busy_seconds(one.pids).values()) - before
    times = sorted(ms for each in answers for ms, _ in each[1:])
    sizes = [size for each in answers for _, size in each]
    return {
        "p50_ms": times[len(times) // 2],
        "p95_ms": times[int(len(times) * 0.95)],
        "kilobytes": max(sizes) / 1000,
        "refused": sum(size == REFUSED for size in sizes),
        "processor_ms": 1000 * spent / len(sizes),
        "load": os.getloadavg()[0],
    }


async def _ask(one: Round, person: Person, drawn: Random) -> list[tuple[float, int]]:
    """One person's requests, one after another: they read between two, or do not."""
    measured = []
    async with httpx2.AsyncClient(base_url=one.console, cookies={"session": person.token}, timeout=60) as http:
        for _ in range(EACH if len(one.people) > 1 else EACH_ALONE):
            await asyncio.sleep(one.reading_s * drawn.uniform(0.5, 1.5))
            began = time.perf_counter()
            answer = await http.get(person.own(one.path))
            took = 1000 * (time.perf_counter() - began)
            measured.append((took, len(answer.content) if answer.is_success else REFUSED))
    return measured
