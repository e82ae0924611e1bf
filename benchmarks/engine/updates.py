"""Updates of the engine alone: ties and days as they arrive, restarting, and reading the topics again.

Each is measured in a copy of the process, or a fresh one, so that none affects another. Bursts of ties run
in a fresh one: in a copy the first write to each large page takes as long as many slices.
"""

import gc
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.engine.filled_engine import loaded, restarts, snapshot_of
from benchmarks.graphs.evidence import KINDS, TODAY, draw_kinds
from benchmarks.graphs.generated import LARGE, SMALL, Data, generated, person_id
from benchmarks.limits import LimitError, Limits, limited
from services.matching.engine.engine import Change, Engine, Event, Ties
from services.matching.stream.engine_thread import SLICE_S, Job
from shared.events.clock import ClockV1

Json = dict[str, Any]

BOOKS, BOOK, MEMBERS = 5, 30_000, 0.1
"""Address books, their rows, and how many of the rows are members."""

BURSTS, BURST = 5, 1_000
DAYS = 5
JUMP = 31


def measure_updates(engine: Engine, data: Data, limits: Limits, records: int) -> Json:
    """All of it; what went over a limit says so under `wrong`. `records`: how many are read from topics."""
    works: Mapping[str, Callable[[], Iterator[Json]]] = {
        "books": partial(_fresh, "books", data),
        "random_ties": partial(_fresh, "random_ties", data),
        "days": partial(_days, engine),
        "month": partial(_month, engine),
        "restart": partial(_restart, data),
        "rebuild": partial(_rebuild, records),
    }
    found: Json = {}
    for name, work in works.items():
        try:
            found[name] = next(limited(work, limits))
        except LimitError as error:
            found[name] = {"wrong": str(error)}
        print(f"{data.name:>42} {name:<14} {json.dumps(found[name])}", flush=True)
    return found


@dataclass(slots=True)
class Slices:
    """Seconds of each slice of a step."""

    seconds: list[float]

    @classmethod
    def of(cls, steps: Iterator[None]) -> "Slices":
        """Go through a step, slice by slice."""
        found, ended = list[float](), False
        while not ended:
            started = perf_counter()
            ended = next(steps, steps) is steps
            found.append(perf_counter() - started)
        return cls(found)

    def summary(self) -> Json:
        """How many, milliseconds of the longest and of nearly all, and the share that took longer than two."""
        of = np.array(self.seconds)
        p99 = round(float(np.percentile(of, 99)) * 1e3, 3)
        long = round(float((of > SLICE_S).mean()), 5)
        return {
            "slices": len(of),
            "longest_slice_ms": round(float(of.max()) * 1e3, 3),
            "p99_slice_ms": p99,
            "longer_than_2_ms": long,
        }


def _fresh(name: str, data: Data) -> Iterator[Json]:
    """In a process that loads the graph from its snapshot first."""
    command = [sys.executable, "-m", "benchmarks.engine.updates", name, data.name]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - this very module
    found: Json = json.loads(out.stdout)
    yield found


def _books(engine: Engine, data: Data) -> Json:
    """Address books, each one step: ingested, matched, and its changes taken."""
    rng = np.random.default_rng(5)
    return _applied(engine, [_book(rng, data, number) for number in range(BOOKS + 1)])


def _book(rng: np.random.Generator, data: Data, number: int) -> Ties:
    """One member's, of whose contacts a tenth are members too."""
    owner = person_id(int(rng.choice(data.graph.seekers)))
    members = [person_id(one) for one in rng.choice(data.graph.people, int(BOOK * MEMBERS), replace=False).tolist()]
    contacts = [*members, *(f"x{number}-{row}" for row in range(BOOK - len(members)))]
    kinds = rng.integers(1, len(KINDS), BOOK).tolist()
    return Ties([owner] * BOOK, contacts, [2] * BOOK, [KINDS[kind] for kind in kinds])


def _random_ties(engine: Engine, data: Data) -> Json:
    """Ties of members with members anywhere in the graph: each moves mutual counts around it."""
    rng = np.random.default_rng(6)
    return _applied(engine, [_burst(rng, data) for _ in range(BURSTS + 1)])


def _burst(rng: np.random.Generator, data: Data) -> Ties:
    """The well connected likelier; a tie shown from both sides is two records."""
    ends = rng.choice(data.arcs.source, (2, BURST))
    sides: list[tuple[int, int, int]] = []
    for one, other, kind, back in zip(
        *ends.tolist(), *(kinds.tolist() for kinds in draw_kinds(rng, BURST)), strict=True
    ):
        sides += [(one, other, kind), (other, one, back)]
    sides = [side for side in sides if side[2] and side[0] != side[1]]
    versions = [2] * len(sides)
    persons, contacts = [person_id(side[0]) for side in sides], [person_id(side[1]) for side in sides]
    return Ties(persons, contacts, versions, [KINDS[side[2]] for side in sides])


def _applied(engine: Engine, bursts: list[Ties]) -> Json:
    """Each as one step. The first is not counted: it fetches compiled code."""
    seconds, ingesting, changes, slices = list[float](), list[float](), list[int](), Slices([])
    for burst in bursts:
        started = perf_counter()
        engine.ingest_ties(burst)
        ingesting.append(perf_counter() - started)
        changed: list[Change] = []
        updated, taken = (
            Slices.of(engine.update_in_slices()),
            Slices.of(_into(changed, engine.take_changes_in_slices())),
        )
        changes.append(len(changed))
        seconds.append(perf_counter() - started)
        slices.seconds += updated.seconds + taken.seconds
        if burst is bursts[0]:
            seconds, ingesting, changes, slices = [], [], [], Slices([])
    records = len(bursts[-1].persons)
    return {
        "records": records,
        "bursts": len(seconds),
        "seconds": round(float(np.median(seconds)), 4),
        "ties_a_second": round(records / float(np.median(seconds))),
        "ingesting_s": round(float(np.median(ingesting)), 4),
        "changes": round(float(np.median(changes))),
        **slices.summary(),
    }


def _into(changed: list[Change], slices: Job[list[Change]]) -> Iterator[None]:
    """The slices in which changes are taken; these are put there at the end."""
    changed += yield from slices


def _days(engine: Engine) -> Iterator[Json]:
    """Day by day. The first is not counted: it fetches compiled code."""
    single = [_day(engine, TODAY + timedelta(days=number + 1)) for number in range(DAYS + 1)][1:]
    slowest = max(single, key=lambda day: float(day["seconds"]))
    median = round(float(np.median([day["seconds"] for day in single])), 3)
    yield {"one_day_s": median, "slowest_day": slowest}


def _month(engine: Engine) -> Iterator[Json]:
    """As after a long outage: a month at once."""
    yield _day(engine, TODAY + timedelta(days=JUMP))


def _day(engine: Engine, day: date) -> Json:
    started = perf_counter()
    engine.ingest([Event("clock.v1", "day", ClockV1(day=day), day.toordinal())])
    slices = Slices.of(engine.update_in_slices())
    updated = perf_counter()
    changes = len(engine.take_changes())
    return {
        "seconds": round(updated - started, 3),
        **slices.summary(),
        "changes": changes,
        "taking_changes_s": round(perf_counter() - updated, 3),
    }


def _restart(data: Data) -> Iterator[Json]:
    yield restarts(snapshot_of(data))


def _rebuild(records: int) -> Iterator[Json]:
    command = [sys.executable, "-m", "benchmarks.engine.rebuild", str(records)]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    found: Json = json.loads(out.stdout)
    yield {name: found[name] for name in ("varied", "alike")}


def main() -> None:
    """One kind of burst over one generated graph, as JSON."""
    _, work, name = sys.argv
    data = generated(next(size for size in (SMALL, LARGE) if size.name == name))
    engine = loaded(data)
    gc.collect()
    gc.freeze()
    print(json.dumps({"books": _books, "random_ties": _random_ties}[work](engine, data)))


if __name__ == "__main__":
    main()
