"""From posted (HTTP 2xx) to the inbox and the live stream: how long it takes, how much fits through, whether it lasts.

Everything runs as `warmpath up` runs it, on one machine with this process: PostgreSQL, Apache Kafka, the four services.
The inbox is timed by PostgreSQL's own commit times, the stream by when a client of it has the event, both from just
before the request that posts the opening; the echo is two bare FastStream hops in the same run.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.end_to_end.echo import echo
from benchmarks.end_to_end.figures import quantiles, report, soak_plot
from benchmarks.end_to_end.measurements import Measurements, record_commit_times
from benchmarks.end_to_end.spans import time_by_part, time_by_part_plot
from benchmarks.graphs.generated import CACHE
from benchmarks.machine import facts
from cli.demo.services import connected
from infra.local.process import LocalError
from infra.local.supervisor import Stack
from shared.testing.collector import collecting

Json = dict[str, Any]
RESULTS = Path("benchmarks/results")
SEEKERS = 1000
RATE, SECONDS = 50.0, 20.0
LIGHT = 10.0
"""A rate at which nothing queues."""

BURST = 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print as it goes, and write `end_to_end.json` and `end_to_end.md`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.end_to_end", description=__doc__)
    parser.add_argument("--seekers", type=int, default=SEEKERS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long the rate of 50/s is kept up")
    parser.add_argument("--soak", type=float, default=600.0, help="seconds of the soak test; 0 leaves it out")
    chosen = parser.parse_args(arguments)
    try:
        made = asyncio.run(_run(chosen.seekers, chosen.seconds, chosen.soak))
    except LocalError as problem:
        print(problem, file=sys.stderr)
        return 1
    folder = RESULTS if vars(chosen) == vars(parser.parse_args([])) else CACHE
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(report(made))
    (folder / "end_to_end.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    (folder / "end_to_end.md").write_text(text + "\n", encoding="utf-8")
    if "soak" in made:
        soak_plot(made["soak"], folder / "soak.png")
    time_by_part_plot(made["time_by_part_ms"], folder / "time_by_part.png")
    print(text)
    return 0


async def _run(seekers: int, seconds: float, soak: float) -> Json:
    async with Stack.start(CACHE / "end_to_end", fresh=True) as stack, connected(stack) as to:
        await record_commit_times(stack)
        database = await asyncpg.connect(stack.postgres.dsn())
        measurements = Measurements(stack, to, database)
        await measurements.load_network(seekers)
        made: Json = {"made": datetime.now(UTC).date().isoformat(), "machine": facts(), "seekers": seekers}
        await measurements.round(RATE, 3.0)  # warms up; not counted
        made["full"] = _printed(f"{RATE:g} openings/s", await measurements.round(RATE, seconds))
        made["light"] = _printed(f"{LIGHT:g} openings/s", await measurements.round(LIGHT, seconds))
        made["echo_ms"] = _printed("echo", quantiles(await echo(stack.bootstrap, RATE, seconds)))
        made["burst"] = _printed("burst", await measurements.burst(BURST))
        made["contacts"] = _printed("contacts", await measurements.contacts())
        if soak:
            made["sustained"] = _printed("highest sustained rate", await measurements.sustained())
            print(f"{soak:g} seconds at {made['sustained']['rate'] / 2:g} openings/s", flush=True)
            made["soak"] = await measurements.soak(made["sustained"]["rate"] / 2, soak)
        await database.close()
    print("both rates once more, traced", flush=True)
    made["time_by_part_ms"] = await _traced(seekers, seconds)
    return made


def _printed(what: str, found: Json) -> Json:
    """Print a figure when it is known: the report comes only at the end."""
    print(f"{what}: {json.dumps(found)}", flush=True)
    return found


async def _traced(seekers: int, seconds: float) -> dict[str, Json]:
    """Both rates once more with tracing on, so that the other figures do not include its cost."""
    with collecting() as collector:
        tracing = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        async with Stack.start(CACHE / "end_to_end", fresh=True, settings=tracing) as stack, connected(stack) as to:
            await record_commit_times(stack)
            database = await asyncpg.connect(stack.postgres.dsn())
            measurements = Measurements(stack, to, database)
            await measurements.load_network(seekers)
            await measurements.round(RATE, 3.0)  # warms up; not counted
            begun = [time.time_ns()]
            for rate in (LIGHT, RATE):
                await measurements.round(rate, seconds)
                begun.append(time.time_ns())
            await database.close()
        light, full = (time_by_part(collector.spans, *pair) for pair in pairwise(begun))
        return {f"{LIGHT:g} openings/s": light, f"{RATE:g} openings/s": full}


if __name__ == "__main__":
    sys.exit(main())
