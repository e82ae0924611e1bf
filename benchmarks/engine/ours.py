"""The engine itself as a subject: the same questions, put the way the service puts them.

An opening is a record that arrives; a profile is a person's record that changes. What it hands out are suggestions with
reasons and all; turning them into rows to compare is not timed. `PathsAlone` is handed what fits, as peers are.
"""

import gc
from collections import deque
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.engine.filled_engine import loaded
from benchmarks.engine.paths.protocol import Peer
from benchmarks.engine.questions import Answer, Ask, Call, Question, Turn
from benchmarks.graphs import records
from benchmarks.graphs.generated import Data, opening_id, person_id
from benchmarks.graphs.new_ties import Burst
from services.matching.engine.engine import Engine, Event
from services.matching.engine.rematch import Rematcher
from services.matching.kernels.suggestions.rows import BEST
from services.matching.rules.suggestions import Suggestion


class Ours(Peer):
    """`services.matching.engine.engine`."""

    name = "ours"
    package = "warmpath"

    @classmethod
    def version(cls) -> str:
        """That of the project."""
        return "this project"

    def load(self, data: Data) -> None:
        """Thaw the engine that holds this graph; the first time it is filled, which takes longer."""
        self._graph = data.graph
        self.engine = loaded(data)
        gc.collect()
        gc.freeze()
        self._version = 1
        self._place = {int(person): k for k, person in enumerate(data.graph.seekers)}

    def before(self, question: Question) -> None:
        """The opening is not there yet; the person does not seek yet. The record that comes is made already."""
        self._version += 2
        if isinstance(question, Call):
            self.engine.apply(Event("postings.v1", opening_id(question.opening), None, self._version - 1))
            self._next = records.opening(self._graph, question.opening, self._version)
        elif isinstance(question, Turn):
            self.engine.apply(records.person(self._graph, question.person, None, self._version - 1))
            place = self._place[question.person]
            self._next = records.person(self._graph, question.person, place, self._version)

    def introducers(self, ask: Ask) -> Callable[[], Answer]:
        """As a person asks."""
        paths, _ = self.engine.paths(person_id(ask.person), records.company_name(ask.company))
        return lambda: _rows([(_number(path.introducer), path.score) for path in paths])

    def opening(self, call: Call) -> Callable[[], Answer]:  # noqa: ARG002 - it is told by `before`
        """The opening's record arrives."""
        changes = self.engine.apply(self._next)
        return lambda: _by_seeker(self.engine.current(changes))

    def profile(self, turn: Turn) -> Callable[[], Answer]:  # noqa: ARG002 - it is told by `before`
        """The person's record changes."""
        changes = self.engine.apply(self._next)
        return lambda: _rows(
            sorted((_number(one.posting), one.paths[0].score) for one in self.engine.current(changes) if one)
        )

    def burst(self, burst: Burst) -> None:
        """The ties' records arrive as one step, and everything they touch is matched again."""
        ties = burst.ties
        columns = (ties.a, ties.b, ties.kind_a, ties.kind_b)
        found = []
        for a, b, kind_a, kind_b in zip(*(column.tolist() for column in columns), strict=True):
            found += [records.tie(*side) for side in ((a, b, kind_a), (b, a, kind_b)) if side[2]]
        self.engine.apply_all(found)


class PathsAlone(Peer):
    """The same engine, handed what fits: from there to suggestions in their rows, as far as peers go.

    It shares the columns of the engine given, and keeps rows of its own.
    """

    name = "ours, fit handed"
    package = "warmpath"
    rebuilds = False

    def __init__(self, engine: Engine) -> None:
        store = engine.store
        self._names, self._openings = store.names, store.openings
        shared = SimpleNamespace(
            fit=self, names=store.names, openings=store.openings, people=store.people, words=store.words
        )
        handed: Any = shared  # a store, but for the fit
        self.matching = Rematcher(handed)
        self.matching.answers[: len(store.openings)] = 1
        today = engine.state.today
        self._view = store.view(today.toordinal() if today else 0)
        self._fit = store.fit
        self._handed: tuple[Any, Any] = (np.empty(0, np.int32), np.empty(0, np.uint16))

    @classmethod
    def version(cls) -> str:
        """That of the project."""
        return "this project"

    def load(self, data: Data) -> None:
        """It is loaded already."""

    def seekers_for(self, _opening: int) -> tuple[Any, Any]:
        """What was handed."""
        return self._handed

    def openings_for(self, _person: int) -> tuple[Any, Any]:
        """What was handed."""
        return self._handed

    def before(self, question: Question) -> None:
        """No suggestion is there yet; what fits is worked out and put aside."""
        self._handed = (np.empty(0, np.int32), np.empty(0, np.uint16))
        if isinstance(question, Ask):
            return
        self._work(question)
        if isinstance(question, Call):
            number = self._openings.find(opening_id(question.opening))
            found, fits = self._fit.seekers_for(number)
        else:
            person = self._names.find(person_id(question.person))
            found, fits = self._fit.openings_for(person)
        self._handed = found.copy(), fits.copy()

    def introducers(self, ask: Ask) -> Answer:
        """It is the same as ours: nothing is handed.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError

    def opening(self, call: Call) -> Callable[[], Answer]:
        """All paths of the seekers who fit."""
        self._work(call)
        return lambda: self._answer(call)

    def profile(self, turn: Turn) -> Callable[[], Answer]:
        """All paths into the openings that fit."""
        self._work(turn)
        return lambda: self._answer(turn)

    def _work(self, question: Call | Turn) -> None:
        if isinstance(question, Call):
            number = self._openings.find(opening_id(question.opening))
            deque(self.matching.match_opening(self._view, number), maxlen=0)
        else:
            number = self._names.find(person_id(question.person))
            deque(self.matching.match_seeker(self._view, number), maxlen=0)
        self.matching.changes.counts[0] = 0

    def _answer(self, question: Call | Turn) -> Answer:
        live, name = self.matching.live, self._names.name
        if isinstance(question, Turn):
            rows = live.by_seeker.of(self._names.find(person_id(question.person))).tolist()
            posting = self._openings.id
            return _rows(
                sorted((_number(posting(live.rows.opening[row])), float(live.rows.score[BEST * row])) for row in rows)
            )
        rows = live.by_opening.of(self._openings.find(opening_id(question.opening))).tolist()
        found = [
            (_number(name(live.rows.seeker[row])), _number(name(live.rows.introducer[at])), float(live.rows.score[at]))
            for row in rows
            for at in range(BEST * row, BEST * row + int(live.rows.paths[row]))
        ]
        return _rows(sorted(found, key=lambda one: one[0]), keys=2)


def _number(identity: str) -> int:
    return int(identity[1:])


def _by_seeker(found: Sequence[Suggestion | None]) -> Answer:
    rows = [
        (_number(one.seeker), _number(path.introducer), path.score)
        for one in sorted(filter(None, found), key=lambda one: one.seeker)
        for path in one.paths
    ]
    return _rows(rows, keys=2)


def _rows(rows: Sequence[tuple[float, ...]], keys: int = 1) -> Answer:
    table = np.array(rows, np.float64).reshape(len(rows), keys + 1)
    return Answer(tuple(table[:, key].astype(np.int64) for key in range(keys)), np.ascontiguousarray(table[:, keys]))
