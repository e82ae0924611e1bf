"""Time per opening as the work grows tenfold in one direction at a time; the base is a tenth of the large graph.

Openings are drawn as they come, not by how many they fit. `python -m benchmarks.engine.growth` draws the curves again
from `engine.json`.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.engine.ours import Ours
from benchmarks.engine.paths.protocol import Peer
from benchmarks.engine.paths.registry import peer
from benchmarks.engine.questions import Call, Questions
from benchmarks.graphs.generated import Size, generated

RESULTS = Path("benchmarks/results")
BASE = Size(people=100_000, arcs=1_500_000, openings=10_000, seekers=0.02)
STEPS = (1.0, 10**0.5, 10.0)
TIMED = 60

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
    first, last = _ends(points, axis, Ours.name)
    grown = f"{last['mean_ms'] / first['mean_ms']:.1f} times the mean time ({first['mean_ms']} to {last['mean_ms']} ms)"
    other, another = _ends(points, axis, "scipy.sparse")
    return (
        f"ten times as many {axis} take {grown}, with {first['fitting']:g}, then {last['fitting']:g} fitting seekers "
        f"an opening; {WHY[axis]} scipy.sparse, handed what fits: {another['mean_ms'] / other['mean_ms']:.1f} times."
    )


def _ends(points: list[Json], axis: str, subject: str) -> tuple[Json, Json]:
    line = [point for point in points if (point["axis"], point["subject"]) == (axis, subject)]
    return line[0], line[-1]


def _subjects() -> Iterator[Peer]:
    yield Ours()
    yield peer("with_scipy", "Scipy")()


def _points(axis: str, by: float) -> Iterator[Json]:
    data = generated(AXES[axis](by))
    drawn = Questions(data)
    calls = drawn.any_calls(TIMED)
    graph = data.graph
    sizes = {"people": graph.people, "arcs": len(data.arcs), "seekers": len(graph.seekers)}
    sizes["openings"] = len(graph.opening_company)
    for subject in _subjects():
        subject.load(data)
        times = np.array([_time(subject, call) for call in calls[:5] + calls])[5:] * 1e3
        found = {"mean_ms": round(float(times.mean()), 4), "p50_ms": round(float(np.median(times)), 4)}
        fitting = round(float(np.mean([len(call.seekers) for call in calls])), 1)
        print(f"growth {axis:>9} {sizes[axis]:>12,} {subject.name:<14} {found['p50_ms']:>10.3f} ms", flush=True)
        yield {"axis": axis, "size": sizes[axis], "subject": subject.name, "fitting": fitting, **found}
        subject.close()


def _time(subject: Peer, call: Call) -> float:
    subject.before(call)
    started = perf_counter()
    subject.opening(call)
    return perf_counter() - started


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
