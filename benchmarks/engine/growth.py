"""Time per opening as the work grows tenfold in one direction at a time; the base is a tenth of the large graph.

Openings are drawn as they come, not by how many they fit. `python -m benchmarks.engine.growth` draws the curves again
from `engine.json`.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.engine.paths.ours import Ours as OurPaths
from benchmarks.engine.peers import peer
from benchmarks.engine.questions import Questions
from benchmarks.engine.timing import Effort, Step, in_turns
from benchmarks.engine.whole_job.ours import Ours as WholeJob
from benchmarks.engine.whole_job.requests import OpeningArrives, OpeningCloses
from benchmarks.graphs.generated import Size, generated

RESULTS = Path("benchmarks/results")
BASE = Size(people=100_000, arcs=1_500_000, openings=10_000, seekers=0.02)
STEPS = (1.0, 10**0.5, 10.0)
TIMED = 60
WHOLE, PATHS, SCIPY = "ours, whole job", "ours, paths alone", "scipy.sparse, paths alone"

AXES: Mapping[str, Callable[[float], Size]] = {
    # The other three stay as they are, so a larger crowd has a smaller share of seekers.
    "people": lambda by: replace(BASE, people=round(BASE.people * by), seekers=BASE.seekers / by),
    "arcs": lambda by: replace(BASE, arcs=2 * round(BASE.arcs * by / 2)),
    "seekers": lambda by: replace(BASE, seekers=BASE.seekers * by),
    "openings": lambda by: replace(BASE, openings=round(BASE.openings * by)),
}

WHY: Mapping[str, str] = {
    "people": "companies grow in number with them, not in size, so that an opening has as many insiders as before.",
    "arcs": "each insider and each seeker has as many times more ties to look at.",
    "seekers": "as many times more of them fit and are answered.",
    "openings": "an opening is worked out by itself, so others that are there do not matter.",
}
"""What each axis changes for one opening."""

Json = dict[str, Any]


def curves() -> Json:
    """Every point: the axis, the size on it, and for each subject the mean and median milliseconds an opening.

    And a sentence on each curve.
    """
    points = [point for axis in AXES for by in STEPS for point in _points(axis, by)]
    return {"points": points, "sentences": {axis: _sentence(points, axis) for axis in AXES}}


def _sentence(points: list[Json], axis: str) -> str:
    """What tenfold work does to the time, by the first and the last point."""
    first, last = _ends(points, axis, WHOLE)
    grown = f"{last['mean_ms'] / first['mean_ms']:.1f} times the mean time ({first['mean_ms']} to {last['mean_ms']} ms)"
    alone = " and ".join(f"{name} {_grown(points, axis, name):.1f} times" for name in (PATHS, SCIPY))
    return (
        f"ten times as many {axis} take {grown}, with {first['fitting']:g}, then {last['fitting']:g} fitting seekers "
        f"an opening; {WHY[axis]} {alone[0].upper()}{alone[1:]}."
    )


def _grown(points: list[Json], axis: str, subject: str) -> float:
    first, last = _ends(points, axis, subject)
    return float(last["mean_ms"] / first["mean_ms"])


def _ends(points: list[Json], axis: str, subject: str) -> tuple[Json, Json]:
    line = [point for point in points if (point["axis"], point["subject"]) == (axis, subject)]
    return line[0], line[-1]


def _points(axis: str, by: float) -> Iterator[Json]:
    data = generated(AXES[axis](by))
    calls = Questions(data).any_calls(TIMED)
    graph = data.graph
    sizes = {"people": graph.people, "arcs": len(data.arcs), "seekers": len(graph.seekers)}
    sizes["openings"] = len(graph.opening_company)
    arriving = [Step(OpeningArrives(call.opening), (OpeningCloses(call.opening),)) for call in calls]
    paths = [Step(call) for call in calls]
    ours, our_paths, scipy = WholeJob(), OurPaths(), peer("paths.with_scipy", "Scipy")()
    ours.load(data, live=True)
    our_paths.hold(ours.engine)
    scipy.load(data, live=False)
    for name, subject, steps in ((WHOLE, ours, arriving), (PATHS, our_paths, paths), (SCIPY, scipy, paths)):
        (times,) = in_turns([subject], steps, Effort(1, 120.0))
        ms = np.array(times.seconds) * 1e3
        found = {"mean_ms": round(float(ms.mean()), 4), "p50_ms": round(float(np.median(ms)), 4)}
        fitting = round(float(np.mean([len(call.seekers) for call in calls])), 1)
        print(f"growth {axis:>9} {sizes[axis]:>12,} {name:<24} {found['p50_ms']:>10.3f} ms", flush=True)
        yield {"axis": axis, "size": sizes[axis], "subject": name, "fitting": fitting, **found}


def draw(growth: Json, path: Path) -> None:
    """One picture, a panel an axis, both scales logarithmic."""
    points: list[Json] = growth["points"]
    from matplotlib.figure import Figure  # noqa: PLC0415 - only who draws needs it

    figure = Figure(figsize=(11, 3.2), layout="constrained")
    panels = figure.subplots(1, len(AXES), sharey=True)
    for panel, axis in zip(panels, AXES, strict=True):
        for name in dict.fromkeys(point["subject"] for point in points):
            line = [point for point in points if (point["axis"], point["subject"]) == (axis, name)]
            sizes, medians = [point["size"] for point in line], [point["p50_ms"] for point in line]
            panel.loglog(sizes, medians, marker="o", label=name)
        panel.set_xlabel(axis)
        panel.grid(visible=True, which="both", alpha=0.3)
    panels[0].set_ylabel("ms an opening, median")
    panels[0].legend()
    figure.savefig(path, dpi=130)


def main() -> int:
    """Draw what is in the results."""
    made = json.loads((RESULTS / "engine.json").read_text(encoding="utf-8"))
    draw(made["growth"], RESULTS / "growth.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
