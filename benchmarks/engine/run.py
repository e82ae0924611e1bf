"""One run over all graphs: the engine by itself, then each peer beside it, in a copy of the process with limits."""

import gc
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from time import monotonic, perf_counter
from typing import Any

from benchmarks.engine.paths.ours import Ours as OurPaths
from benchmarks.engine.peers import PATHS, WHOLE_JOB, peers
from benchmarks.engine.questions import Call, Questions, Turn
from benchmarks.engine.rows import Case, Row
from benchmarks.engine.subject import Subject
from benchmarks.engine.timing import Effort, Step, Times, WrongAnswerError, in_turns
from benchmarks.engine.updates import measure_updates
from benchmarks.engine.whole_job.ours import Ours, OursBeforeWords
from benchmarks.graphs.generated import Data
from benchmarks.limits import LimitError, Limits, limited

ALONE = Effort(3, 30.0)
"""For the engine by itself."""

MEMORY = 16 << 30
RUN_S = 75 * 60.0
"""When so much time has passed, no other peer is begun."""

GROUPS = {"whole job": WHOLE_JOB, "paths alone": PATHS}

Json = dict[str, Any]
Asked = dict[str, Sequence[Step]]


class Run:
    """Keeps what it found: `rows`, what was measured besides, and who could not take part."""

    def __init__(self, only: str | None, *, with_peers: bool) -> None:
        self._only, self._until = only, monotonic() + RUN_S
        self._peers: dict[str, list[type[Subject]]] = {}
        self.rows: list[Json] = []
        self.updates: Json = {}
        self.absent: list[Json] = []
        for group, named in GROUPS.items():
            self._peers[group], missing = peers(named) if with_peers else ([], [])
            self.absent += [{"peer": name, "graph": "any", "why": "not installed"} for name in missing]

    def case(self, case: Case) -> None:
        """All rows of one graph."""
        rows = [row for row in case.rows if self._only in (None, row.name, row.group)]
        with_updates = case.goals and self._only in (None, "goals")
        if not (rows or with_updates):
            return
        data = case.graph()
        ours, before_words, our_paths = Ours(), OursBeforeWords(), OurPaths()
        ours.load(data, live=True)
        before_words.hold(ours.engine, data.graph, ours.versions)
        our_paths.hold(ours.engine)
        for group, own in (("whole job", (ours, before_words)), ("paths alone", (our_paths,))):
            self._group(case, data, own, [row for row in rows if row.group == group], self._peers[group])
        if with_updates:
            self.updates |= measure_updates(ours.engine, data, Limits(600.0, MEMORY), case.records)
        gc.unfreeze()
        del ours, before_words, our_paths
        gc.collect()

    def _group(
        self, case: Case, data: Data, own: Sequence[Subject], rows: Sequence[Row], kinds: Sequence[type[Subject]]
    ) -> None:
        drawn = Questions(data)
        asked = {row.name: row.steps(drawn, data) for row in rows}
        made = {row.name: _begun(row, data, drawn, asked[row.name]) for row in rows}
        for row in rows:
            if row.repeats:
                for subject in own:
                    (times,) = in_turns([subject], asked[row.name], ALONE)
                    _note(made[row.name], subject.name, {"version": subject.version(), **times.summary()})
        for kind in kinds if rows else ():
            if kind.most_arcs is not None and len(data.arcs) > kind.most_arcs:
                self._fails(kind.name, data, made, kind.limit)
                continue
            self._limited(case.seconds, data, made, kind.name, partial(_beside, kind, own[0], data, rows, asked, case))
        self.rows += [_with_ratios(row) for row in made.values()]

    def _limited(
        self, seconds: float, data: Data, made: dict[str, Json], name: str, work: Callable[[], Iterator[Any]]
    ) -> None:
        """One peer in a copy of the process; what it came to before a limit counts."""
        seconds = min(seconds, self._until - monotonic())
        if seconds <= 0:
            self._fails(name, data, made, "not reached within the time of a run")
            return
        try:
            for row, found in limited(work, Limits(seconds, MEMORY)):
                _note(made[row], name, found)
        except LimitError as error:
            self._fails(name, data, made, str(error))

    def _fails(self, name: str, data: Data, made: dict[str, Json], why: str) -> None:
        self.absent.append({"peer": name, "graph": data.name, "why": why})
        print(f"{data.name:>42} {'-':<14} {name:<18} {why}", flush=True)
        for row in made.values():
            row["subjects"].setdefault(name, {"without": why})


def _beside(
    kind: type[Subject], own: Subject, data: Data, rows: Sequence[Row], asked: Asked, case: Case
) -> Iterator[tuple[str, Json]]:
    """One peer and the engine in turns, row by row."""
    subject = kind()
    started = perf_counter()
    subject.load(data, live=case.live)
    found = {"version": subject.version(), "load_s": round(perf_counter() - started, 1)}
    try:
        for row in rows:
            yield row.name, {**found, **_compared(own, subject, row, asked[row.name], case.effort)}
    finally:
        subject.close()


def _compared(own: Subject, subject: Subject, row: Row, steps: Sequence[Step], effort: Effort) -> Json:
    refused = subject.refuses.get(type(steps[0].request))
    if refused:
        return {"without": refused}
    try:
        ours, times = in_turns([own, subject], steps, effort, repeats=row.repeats)
    except WrongAnswerError as error:
        return {"without": f"wrong: {error}"}
    return {**times.summary(), "ours": ours.summary()}


def _begun(row: Row, data: Data, drawn: Questions, steps: Sequence[Step]) -> Json:
    graph = data.graph
    sizes = {"people": graph.people, "arcs": len(data.arcs), "seekers": len(graph.seekers)}
    texts = {"group": row.group, "row": row.name, "asked": row.asked, "timed": row.timed, "checked": row.checked}
    made = {**texts, "graph": data.name, **sizes, "openings": len(graph.opening_company), "subjects": {}}
    return made | _handed(drawn, [step.request for step in steps])


def _handed(drawn: Questions, requests: Sequence[Any]) -> Json:
    """Of paths alone: how many fit, and how long numpy takes for what is handed."""
    times, sizes = Times(), list[int]()
    for request in requests:
        started = perf_counter()
        if isinstance(request, Call):
            sizes.append(len(drawn.call(request.opening).seekers))
        elif isinstance(request, Turn):
            sizes.append(len(drawn.fitting_openings(drawn.place(request.person))))
        times.seconds.append(perf_counter() - started)
    return {"handed_ms": times.summary()["p50_ms"], "fitting": [min(sizes), max(sizes)]} if sizes else {}


def _note(row: Json, name: str, found: Json) -> None:
    row["subjects"][name] = found
    said = found["without"] if "without" in found else f"{found['p50_ms']:>12.3f} ms"
    print(f"{row['graph']:>42} {row['row']:<14} {name:<18} {said}", flush=True)


def _with_ratios(row: Json) -> Json:
    """How many times longer each peer takes than the engine did in the same turns."""
    timed = {name: found for name, found in row["subjects"].items() if "ours" in found}
    row["ratios"] = {name: round(found["p50_ms"] / found["ours"]["p50_ms"], 1) for name, found in timed.items()}
    row["best_peer"] = min(row["ratios"], key=row["ratios"].__getitem__, default=None)
    return row
