"""A generated graph in the engine: filled from columns once, saved as a snapshot, and loaded from it afterwards.

People and openings are ingested as records. Ties go into `store.ties` in large bursts, as ingesting puts them there but
without a Python object a tie. `python -m benchmarks.engine.filled_engine [--small] [--bare]` does all of it, and prints
what it took.
"""

import argparse
import hashlib
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter
from typing import Any

import numpy as np

from benchmarks.graphs import records
from benchmarks.graphs.evidence import KINDS
from benchmarks.graphs.generated import CACHE, LARGE, SMALL, Data, Graph, Size, generated, opening_id, person_id
from services.matching.engine.engine import Engine
from services.matching.snapshots import snapshot_file
from services.matching.snapshots.arrays import LazyArrays
from services.matching.snapshots.snapshot_file import Identity, RefusedError
from shared.resolution import Vocabulary

Json = dict[str, Any]

AT_ONCE = 1_000_000
"""Ties put in at once."""

OPENINGS_AT_ONCE = 500
STARTS = 3

WORTH_KEEPING = 100_000
"""With so many arcs or more an engine is loaded from a snapshot rather than filled."""


def filled(graph: Graph, took: Json | None = None, *, openings: bool = True) -> Engine:
    """An engine that holds the graph, up to date. What each step took, in seconds, goes into `took`."""
    engine = Engine(records.vocabulary(graph))
    engine.ingest([records.day()])
    steps = (("people", _people), ("ties", _ties), ("derive", _settle))
    for name, step in steps:
        _time(name, step, engine, graph, took)
    if openings:
        _time("openings", _openings, engine, graph, took)
    return engine


def _time(name: str, step: Callable[[Engine, Graph], None], engine: Engine, graph: Graph, took: Json | None) -> None:
    started = perf_counter()
    step(engine, graph)
    if took is not None:
        took[f"{name}_s"] = round(perf_counter() - started, 2)


def _people(engine: Engine, graph: Graph) -> None:
    engine.ingest(records.people(graph))
    last = graph.people - 1
    if engine.store.names.find(person_id(last)) != last:
        raise AssertionError("people are not numbered as the columns do")


def _ties(engine: Engine, graph: Graph) -> None:
    """Both sides of every tie, straight into the columns."""
    codes = np.array([engine.store.evidence.code(kind) if kind else 0 for kind in KINDS], np.uint32)
    for first in range(0, len(graph.a), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        for one, other, kinds in (
            (graph.a[part], graph.b[part], graph.kind_a[part]),
            (graph.b[part], graph.a[part], graph.kind_b[part]),
        ):
            shown = kinds > 0
            count = int(shown.sum())
            versions, present = np.ones(count, np.int64), np.ones(count, np.uint8)
            engine.store.ties.apply(one[shown], other[shown], codes[kinds[shown]], versions, present)


def _openings(engine: Engine, graph: Graph) -> None:
    """In bursts, so that what changes is never held for all openings at once."""
    told = (records.opening(graph, number) for number in range(len(graph.opening_company)))
    while some := list(islice(told, OPENINGS_AT_ONCE)):
        engine.ingest(some)
        _settle(engine, graph)


def _settle(engine: Engine, _graph: Graph) -> None:
    engine.update()


def snapshot_of(data: Data, cache: Path = CACHE, *, openings: bool = True) -> Path:
    """Where the engine filled with this graph is kept, with its openings or without."""
    return cache / f"{data.name}{'' if openings else '-bare'}.snapshot"


def identity() -> Identity:
    """Of what a snapshot is: of arrays that are called so and of these types. Answers are compared before timing."""
    _, arrays = Engine(Vocabulary.of({})).snapshot_state()
    layout = [(name, array.dtype.str, array.shape[1:]) for name, array in arrays]
    return Identity("benchmark", {}, "", "generated", hashlib.sha256(repr(layout).encode()).hexdigest())


def keep(engine: Engine, graph: Graph, path: Path) -> int:
    """Write a snapshot, with what is needed for the vocabulary; gives its size in bytes."""
    meta, arrays = engine.snapshot_state()
    titles = {"group": graph.title_group.tolist(), "recruiting": graph.title_recruiting.tolist()}
    return snapshot_file.write(path, identity(), {"engine": meta, "titles": titles}, arrays)


def from_snapshot(path: Path) -> Engine:
    """The engine that was kept there.

    Raises:
        RefusedError: there is none, or its arrays are others than those of today.
    """
    with snapshot_file.read(path, identity(), max_age_s=math.inf) as opened:
        titles = opened.meta["titles"]
        engine = Engine(records.titles(titles["group"], titles["recruiting"]))
        engine.restore_state(opened.meta["engine"], LazyArrays(opened))
    engine.update()
    return engine


def loaded(data: Data, cache: Path = CACHE) -> Engine:
    """The engine with this graph: from its snapshot, which is made first where there is no good one.

    A small one is filled each time.

    Raises:
        OSError: the snapshot could not be written.
    """
    if len(data.arcs) < WORTH_KEEPING:
        return filled(data.graph)
    try:
        return from_snapshot(snapshot_of(data, cache))
    except RefusedError:
        return _made(data, {}, cache)


def _made(data: Data, took: Json, cache: Path = CACHE) -> Engine:
    """Fill an engine and keep it, once without openings and once with them: most of the time goes into these."""
    bare = snapshot_of(data, cache, openings=False)
    try:
        engine = from_snapshot(bare)
    except RefusedError:
        engine = filled(data.graph, took, openings=False)
        keep(engine, data.graph, bare)
    _time("openings", _openings, engine, data.graph, took)
    keep(engine, data.graph, snapshot_of(data, cache))
    return engine


def facts(engine: Engine) -> Json:
    """What an engine holds."""
    store, people = engine.store, len(engine.store.names)
    return {
        "people": people,
        "arcs": int(store.ties.arcs.size[:people].sum()),
        "bytes_an_arc": round(store.ties.bytes_per_arc(), 2),
        "openings": len(store.openings),
        "suggestions": sum(engine.reach(opening_id(number)) or 0 for number in range(len(store.openings))),
        "resident_gib": round(resident() / 2**30, 2),
    }


def resident() -> int:
    """Bytes of memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def restarts(path: Path) -> Json:
    """Start fresh processes that load a snapshot; the median of several, with what they hold.

    `ready_s`: from the start of the process; `thaw_s`: of that, from opening the snapshot.
    """
    found = [_restart(path) for _ in range(STARTS)]
    medians = {name: round(median(each[name] for each in found), 2) for name in ("ready_s", "thaw_s")}
    return {**found[-1], **medians, "starts": STARTS, "snapshot_bytes": path.stat().st_size}


def _restart(path: Path) -> Json:
    started = monotonic()
    command = [sys.executable, "-m", "benchmarks.engine.filled_engine", "--thaw", str(path)]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - this very module
    found: Json = json.loads(out.stdout)
    return {"ready_s": found.pop("ready_at") - started, **found}


def _steps(size: Size, *, openings: bool) -> Iterator[Json]:
    data, took = generated(size), dict[str, Any]()
    path = snapshot_of(data, openings=openings)
    if openings:
        engine = _made(data, took)
    else:
        engine = filled(data.graph, took, openings=False)
        started = perf_counter()
        keep(engine, data.graph, path)
        took["written_s"] = round(perf_counter() - started, 2)
    yield {"filled": took, **facts(engine), "snapshot_bytes": path.stat().st_size}
    del engine, data
    yield {"restart": restarts(path)}


def _thaw(path: Path) -> Json:
    started = perf_counter()
    engine = from_snapshot(path)
    ready = {"ready_at": monotonic(), "thaw_s": perf_counter() - started}
    return {**ready, **facts(engine)}


def main() -> None:
    """Fill, save and load, printing what it takes as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine.filled_engine", description=__doc__)
    parser.add_argument("--small", action="store_true", help="10,000 people rather than a million")
    parser.add_argument("--bare", action="store_true", help="people and ties alone")
    parser.add_argument("--thaw", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.thaw is not None:
        print(json.dumps(_thaw(chosen.thaw)))
        return
    for step in _steps(SMALL if chosen.small else LARGE, openings=not chosen.bare):
        print(json.dumps(step, indent=1), flush=True)


if __name__ == "__main__":
    main()
