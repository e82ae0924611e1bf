"""Engine and peers over the same data, in one run: `python -m benchmarks.engine [--small] [--only ROW]`.

Answers are compared before anything is timed, and as it is timed. Each peer is held in a copy of the process, beside
the engine, and takes turns with it there; limits of time and memory end what would not.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from benchmarks.engine.goals import goals
from benchmarks.engine.growth import curves, draw
from benchmarks.engine.report import report
from benchmarks.engine.rows import cases
from benchmarks.engine.run import Run
from benchmarks.graphs.generated import CACHE
from benchmarks.machine import facts

RESULTS = Path("benchmarks/results")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print as it goes, and write `engine.json` and `engine.md`; a part of it into the cache folder."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a small generated graph alone")
    parser.add_argument(
        "--only", metavar="ROW", help="a row's name (introducers, opening-1000, ties, ...) or group, goals or growth"
    )
    parser.add_argument("--ours", action="store_true", help="the engine alone")
    parser.add_argument("--graph", help="one graph: a real one's name, small, tenth or large")
    chosen = parser.parse_args(arguments)
    started, run = monotonic(), Run(chosen.only, with_peers=not chosen.ours)
    for case in cases(small=chosen.small):
        if chosen.graph in (None, case.name):
            run.case(case)
    whole = not (chosen.small or chosen.only or chosen.ours or chosen.graph)
    growth = curves() if whole or chosen.only == "growth" else None
    made = {
        "made": datetime.now(UTC).date().isoformat(),
        "machine": facts(),
        "minutes": round((monotonic() - started) / 60, 1),
        "goals": goals(run.rows, run.updates),
        "updates": run.updates,
        "rows": run.rows,
        "absent": run.absent,
        "growth": growth,
    }
    folder = RESULTS if whole else CACHE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "engine.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    if growth is not None:
        draw(growth, folder / "growth.png")
    (folder / "engine.md").write_text(report(made), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
