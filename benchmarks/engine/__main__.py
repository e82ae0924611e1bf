"""Engine and peers over the same data, in one run: `python -m benchmarks.engine [--small] [--only ROW]`.

Answers are compared before anything is timed. Each peer is held in a copy of the process, beside the engine, and takes
turns with it there; limits of time and memory end what would not.
"""

import argparse
import gc
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

from benchmarks.engine.goals import goals
from benchmarks.engine.growth import curves, draw
from benchmarks.engine.ours import Ours, PathsAlone
from benchmarks.engine.paths.protocol import Peer
from benchmarks.engine.paths.registry import peers
from benchmarks.engine.questions import Answer, Call, Question, Questions, Turn
from benchmarks.engine.report import table
from benchmarks.engine.rows import BURST, Case, cases
from benchmarks.engine.timing import CHECKED, Effort, Times, WrongAnswerError, answers, check, in_turns
from benchmarks.engine.updates import measured
from benchmarks.graphs.generated import CACHE, Data
from benchmarks.graphs.new_ties import draw_burst
from benchmarks.limits import LimitError, Limits, limited
from benchmarks.machine import facts

RESULTS = Path("benchmarks/results")
BURSTS = 3
ALONE = Effort(5, 30.0)
"""For the engine by itself."""

OURS_S = 120.0
MEMORY = 12 << 30
RUN_S = 26 * 60.0
"""When so much time has passed, no other peer is begun."""

FIT_HANDED = ("opening", "profile")
"""Rows whose peers are handed what fits."""

Json = dict[str, Any]
Asked = dict[str, list[Question]]


class Run:
    """One run over all cases; keeps what it found."""

    def __init__(self, only: str | None, *, peers_too: bool, until: float) -> None:
        self._only, self._until = only, until
        self._peers, missing = peers() if peers_too else ([], [])
        self.rows: list[Json] = []
        self.goals: Json = {}
        self.cannot: list[Json] = [{"peer": module, "graph": "any", "why": "not installed"} for module in missing]

    def case(self, case: Case) -> None:
        """All rows of one graph."""
        wanted = [row for row in case.rows if self._only in (None, row.name)]
        with_burst = case.burst and self._only in (None, "burst")
        with_goals = case.goals and self._only in (None, "goals")
        if not (wanted or with_burst or with_goals):
            return
        data = case.graph()
        drawn = Questions(data)
        asked = {row.name: list(row.pick(drawn)) for row in wanted}
        rows: dict[str, Json] = {}
        for row in wanted:
            rows[row.name] = {"row": row.name, "what": row.what, **_graph(data), "subjects": {}}
            rows[row.name] |= _fitting(drawn, asked[row.name])
        if with_burst:
            what = f"{BURST:,} new ties at once, then one opening; the time of both"
            rows["burst"] = {"row": "burst", "what": what, **_graph(data), "subjects": {}}
        self._case(case, data, asked, rows, drawn if with_burst else None, with_goals=with_goals)
        self.rows += [_with_ratios(row) for row in rows.values()]

    def _case(
        self,
        case: Case,
        data: Data,
        asked: Asked,
        rows: dict[str, Json],
        drawn: Questions | None,
        *,
        with_goals: bool,
    ) -> None:
        ours = Ours()
        loaded = _loaded(ours, data)
        right = {name: answers(ours, questions[:CHECKED]) for name, questions in asked.items()}
        for name, times in _alone(ours, asked, right):
            subject = ours if name[1] else PathsAlone
            _note(rows[name[0]], subject.name, {"version": subject.version(), **times, "answers": "exact"}, loaded)
        if drawn is not None:
            self._limited(OURS_S, data, rows, ours.name, partial(_burst_of_ours, ours, data, drawn))
        if with_goals:
            self.goals |= measured(ours, data, Limits(300.0, MEMORY), case.records)
        for kind in self._peers:
            if kind.most_arcs is not None and len(data.arcs) > kind.most_arcs:
                self._fails(kind.name, data, rows, kind.limit)
                continue
            work = partial(_against, kind, ours, data, asked, right, case.effort, drawn)
            self._limited(case.seconds, data, rows, kind.name, work)
        ours.close()
        gc.unfreeze()
        del ours
        gc.collect()

    def _limited(self, seconds: float, data: Data, rows: dict[str, Json], name: str, work: Any) -> None:
        """One subject in a copy of the process; what it came to before a limit counts."""
        seconds = min(seconds, self._until - monotonic())
        if seconds <= 0:
            self._fails(name, data, rows, "not reached within the time of a run")
            return
        try:
            for row, found in limited(work, Limits(seconds, MEMORY)):
                _note(rows[row], name, found, found.pop("load_s"))
        except LimitError as error:
            self._fails(name, data, rows, str(error))

    def _fails(self, name: str, data: Data, rows: dict[str, Json], why: str) -> None:
        self.cannot.append({"peer": name, "graph": data.name, "why": why})
        print(f"{data.name:>42} {'-':<14} {name:<18} {why}", flush=True)
        for row in rows.values():
            row["subjects"].setdefault(name, {"wrong": f"could not hold it: {why}"})


def _alone(ours: Ours, asked: Asked, right: dict[str, list[Answer]]) -> Iterator[tuple[tuple[str, bool], Json]]:
    """The engine by itself: whole, and handed what fits. Rows under their name, and whether it was the whole."""
    alone = PathsAlone(ours.engine)
    for name, questions in asked.items():
        yield (name, True), in_turns([ours], questions, ALONE)[0].summary()
        if not name.startswith(FIT_HANDED):
            continue
        check(right[name], alone, questions[:CHECKED])
        yield (name, False), in_turns([alone], questions, ALONE)[0].summary()


def _against(
    kind: type[Peer],
    ours: Ours,
    data: Data,
    asked: Asked,
    right: dict[str, list[Answer]],
    effort: Effort,
    drawn: Questions | None,
) -> Iterator[tuple[str, Json]]:
    """One peer and the engine in turns, row by row."""
    subject = kind()
    exact = "exact" if subject.tolerance == 0 else f"to {subject.tolerance:g}"
    found = {"version": subject.version(), "answers": exact, "load_s": round(_loaded(subject, data), 2)}
    answers(ours, [question for questions in asked.values() for question in questions[:CHECKED]])
    for name, questions in asked.items():
        try:
            check(right[name], subject, questions[:CHECKED])
        except WrongAnswerError as error:
            yield name, {**found, "wrong": f"wrong: {error}"}
            continue
        own, times = in_turns([ours, subject], questions, effort)
        yield name, {**found, **times.summary(), "ours_p50_ms": own.summary()["p50_ms"]}
    if drawn is not None and kind.rebuilds:
        yield "burst", {**found, **_burst(subject, data, drawn).summary()}
    subject.close()


def _burst_of_ours(ours: Ours, data: Data, drawn: Questions) -> Iterator[tuple[str, Json]]:
    times = _burst(ours, data, drawn)
    yield "burst", {"version": ours.version(), **times.summary(), "answers": "exact", "load_s": 0.0}


def _burst(subject: Peer, data: Data, drawn: Questions) -> Times:
    """From the same graph each time: a burst, then the opening with the most fitting seekers of a few."""
    call = max(drawn.calls(3, 1_000), key=lambda found: len(found.seekers))
    times = Times()
    for number in range(BURSTS):
        burst = draw_burst(data, BURST, seed=number)
        subject.load(data)
        subject.before(call)
        started = perf_counter()
        subject.burst(burst)
        subject.opening(call)
        times.seconds.append(perf_counter() - started)
    return times


def _loaded(subject: Peer, data: Data) -> float:
    started = perf_counter()
    subject.load(data)
    return perf_counter() - started


def _graph(data: Data) -> Json:
    graph = data.graph
    sizes = {"people": graph.people, "arcs": len(data.arcs), "seekers": len(graph.seekers)}
    return {"graph": data.name, **sizes, "openings": len(graph.opening_company)}


def _fitting(drawn: Questions, questions: Sequence[Question]) -> Json:
    """How many fit, and how long numpy takes for what peers are handed and the engine works out: insiders and fit."""
    times, sizes = Times(), []
    for question in questions:
        started = perf_counter()
        if isinstance(question, Call):
            sizes.append(len(drawn.call(question.opening).seekers))
        elif isinstance(question, Turn):
            sizes.append(len(drawn.fitting_openings(drawn.place(question.person))))
        times.seconds.append(perf_counter() - started)
    if not sizes:
        return {}
    return {"handed_ms": times.summary()["p50_ms"], "fitting": [min(sizes), max(sizes)]}


def _note(row: Json, name: str, found: Json, loaded: float) -> None:
    row["subjects"][name] = {**found, "load_s": round(loaded, 2)}
    said = found["wrong"] if "wrong" in found else f"{found['p50_ms']:>12.3f} ms"
    print(f"{row['graph']:>42} {row['row']:<14} {name:<18} {said}", flush=True)


def _with_ratios(row: Json) -> Json:
    """How many times longer each peer takes than the engine: whole, in their turns; and handed what they are handed."""
    own, alone = Ours.name, row["subjects"].get(PathsAlone.name)
    peer = {name: found for name, found in row["subjects"].items() if "p50_ms" in found and not name.startswith(own)}
    ours = row["subjects"].get(own, {}).get("p50_ms")
    row["best_peer"] = min(peer, key=lambda name: float(peer[name]["p50_ms"]), default=None)
    if ours:
        row["ratios"] = {
            name: round(found["p50_ms"] / found.get("ours_p50_ms", ours), 1) for name, found in peer.items()
        }
        row["ratio"] = row["ratios"].get(row["best_peer"])
    if alone:
        row["ratios_handed"] = {name: round(found["p50_ms"] / alone["p50_ms"], 1) for name, found in peer.items()}
        row["ratio_handed"] = row["ratios_handed"].get(row["best_peer"])
    return row


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print as it goes, and write `engine.json` and `engine.md`; with --small or --only into the cache folder."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a small generated graph alone, under two minutes")
    parser.add_argument(
        "--only", metavar="ROW", help="introducers, opening-100, opening-1000, ..., profile, burst, goals or growth"
    )
    parser.add_argument("--ours", action="store_true", help="the engine alone")
    parser.add_argument("--graph", help="one graph: a real one's name, small, tenth or large")
    chosen = parser.parse_args(arguments)
    run = Run(chosen.only, peers_too=not chosen.ours, until=monotonic() + RUN_S)
    for case in cases(small=chosen.small):
        if chosen.graph in (None, case.name):
            run.case(case)
    whole = not (chosen.small or chosen.only or chosen.ours or chosen.graph)
    growth = curves() if whole or chosen.only == "growth" else None
    made = {
        "made": datetime.now(UTC).date().isoformat(),
        "machine": facts(),
        "goals": goals(run.rows, run.goals),
        "measured": run.goals,
        "rows": run.rows,
        "cannot": run.cannot,
        "growth": growth,
    }
    folder = RESULTS if whole else CACHE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "engine.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    if growth is not None:
        draw(growth, folder / "growth.png")
    (folder / "engine.md").write_text(table(made), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
