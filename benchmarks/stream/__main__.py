"""Opening → inbox with a large graph in the matcher, at several rates, and what share of that time is matching.

Real PostgreSQL and Kafka, one matcher, the notification service, and this process share one machine. Measured from just
before an opening's record is handed to a Kafka producer (the postings service is left out) until its suggestion comes
out of `suggestions.v1` at a reader of the benchmark's own, and until its inbox row is committed by PostgreSQL's clock.
"""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import msgspec

from benchmarks.graphs.generated import CACHE
from benchmarks.machine import facts
from benchmarks.stream.figures import Json, table
from benchmarks.stream.preparation import FITTING, OPENINGS, SIZES, Posted, Prepared
from benchmarks.stream.rounds import Flow, flow
from benchmarks.stream.stack import prepare, services, stores
from infra.local.process import LocalError

RESULTS = Path("benchmarks/results")
FOLDER = CACHE / "stream"
RATES = "50,500"
MOST = "20"
SECONDS = 20.0
WARM_S = 3.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print as it goes, and write `stream.json`; anything but the whole run writes into the cache folder."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stream", description=__doc__)
    parser.add_argument("--graph", choices=sorted(SIZES), default="large")
    parser.add_argument("--rates", default=RATES, help=f"openings a second, {RATES} by default")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each rate is kept up")
    parser.add_argument(
        "--most",
        default=MOST,
        help=f"the suggestions an opening may bring at most, {MOST} by default; each gets its rounds",
    )
    parser.add_argument("--staff", type=int, default=0, help="openings only where at most so many work; 0: anywhere")
    chosen = parser.parse_args(arguments)
    rounds = plan(chosen.rates, chosen.most, chosen.seconds)
    try:
        made = asyncio.run(run(chosen.graph, chosen.staff, rounds, chosen.seconds))
    except LocalError as problem:
        print(problem, file=sys.stderr)
        return 1
    whole = vars(chosen) == vars(parser.parse_args([]))
    folder = RESULTS if whole else CACHE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stream.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(table(made["rounds"]))
    return 0


@dataclass(frozen=True, slots=True)
class Planned:
    """A round: openings a second that bring at most so many suggestions; how many to warm it up, how many to time."""

    rate: float
    most: int
    warm: int
    timed: int


def plan(rates: str, most: str, seconds: float) -> list[Planned]:
    """All rounds that the options ask for."""
    pairs = [(float(rate), int(each)) for each in most.split(",") for rate in rates.split(",")]
    return [Planned(rate, each, int(rate * WARM_S), int(rate * seconds)) for rate, each in pairs]


async def run(graph: str, staff: int, rounds: Sequence[Planned], seconds: float) -> Json:
    """All rounds, one after another, on one stack."""
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    counts: Counter[int] = Counter()
    for each in rounds:
        counts[each.most] += each.warm + each.timed
    async with stores(FOLDER) as held:
        print("PostgreSQL and Kafka are ready", flush=True)
        await prepare(held, graph, staff, counts)
        prepared = msgspec.json.decode((held.folder / OPENINGS).read_bytes(), type=Prepared)
        openings = {most: iter(found) for most, found in prepared.openings.items()}
        async with services(held) as running, flow(running) as ends:
            print("the matcher and notifications are ready", flush=True)
            commit_ms = await ends.commit_ms()
            made, cannot = await _rounds(ends, rounds, openings)
    return {
        "made": datetime.now(UTC).date().isoformat(),
        "machine": facts(),
        "graph": SIZES[graph].name,
        "fitting": [FITTING[0], FITTING[-1]],
        "staff": staff or None,
        "seconds": seconds,
        "snapshot_bytes": prepared.snapshot_bytes,
        "commit_known_ms": commit_ms,
        "rounds": made,
        "cannot": cannot,
    }


async def _rounds(
    ends: Flow, rounds: Sequence[Planned], openings: Mapping[int, Iterator[Posted]]
) -> tuple[list[Json], str | None]:
    """What they found, up to one that never came to its end, and why."""
    made: list[Json] = []
    for each in rounds:
        try:
            made.append(await _round(ends, each, openings[each.most]))
        except TimeoutError as error:
            cannot = f"{each.rate:g}/s with at most {each.most}: {error}"
            print(cannot, file=sys.stderr)
            return made, cannot
    return made, None


async def _round(ends: Flow, planned: Planned, openings: Iterator[Posted]) -> Json:
    """Each opening is posted once: a round takes the next ones."""
    await ends.warm(list(islice(openings, planned.warm)), planned.rate)
    found = {"most": planned.most} | await ends.round(list(islice(openings, planned.timed)), planned.rate)
    print(table([found]), flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
