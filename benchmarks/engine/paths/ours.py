"""The engine finding paths alone: handed who fits, as its peers are, and up to rows of numbers, without words.

It still finds out who works at an opening's company, and keeps the rows as live ones; of introducers it says the names,
the insider, the label and how to ask as well.
"""

from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.engine.filled_engine import loaded
from benchmarks.engine.paths.path_finder import PathFinder
from benchmarks.engine.questions import Answer, Ask, Call, Question, Turn
from benchmarks.graphs import records
from benchmarks.graphs.generated import Data, opening_id, person_id
from services.matching.engine.engine import Engine
from services.matching.engine.rematch import Rematcher
from services.matching.kernels.suggestions.rows import BEST

NOBODY = (np.empty(0, np.int32), np.empty(0, np.uint16))


class Ours(PathFinder):
    """Shares the columns of an engine, with live rows of its own."""

    name = "ours"
    package = "warmpath"

    def version(self) -> str:
        """That of the project."""
        return "this project"

    def load(self, data: Data, *, live: bool) -> None:  # noqa: ARG002 - paths alone need none
        """Start from the snapshot with this graph."""
        self.hold(loaded(data))

    def hold(self, engine: Engine) -> None:
        """Share this engine's columns."""
        store = engine.store
        self._engine, self._names, self._openings = engine, store.names, store.openings
        handed: Any = SimpleNamespace(  # a store, but for the fit
            fit=self, names=store.names, openings=store.openings, people=store.people, words=store.words
        )
        self._rematcher = Rematcher(handed)
        self._rematcher.answers[: len(store.openings)] = 1
        today = engine.state.today
        self._view = store.view(today.toordinal() if today else 0)
        self._fit, self._handed = store.fit, NOBODY

    def seekers_for(self, _opening: int) -> tuple[Any, Any]:
        """What was handed."""
        return self._handed

    def openings_for(self, _person: int) -> tuple[Any, Any]:
        """What was handed."""
        return self._handed

    def prepare(self, request: Question) -> Question:
        """No suggestion is there yet; who fits is found out and put aside."""
        self._handed = NOBODY
        if isinstance(request, Ask):
            return request
        self._match(request)
        if isinstance(request, Call):
            found, fits = self._fit.seekers_for(self._openings.find(opening_id(request.opening)))
        else:
            found, fits = self._fit.openings_for(self._names.find(person_id(request.person)))
        self._handed = found.copy(), fits.copy()
        return request

    def introducers(self, ask: Ask) -> Callable[[], Answer]:
        """As a person asks."""
        paths, _ = self._engine.paths(person_id(ask.person), records.company_name(ask.company))
        return lambda: Answer.of([(_number(path.introducer), path.score) for path in paths])

    def opening(self, call: Call) -> Callable[[], Answer]:
        """All paths of the seekers who fit."""
        self._match(call)
        return lambda: self._answer(call)

    def profile(self, turn: Turn) -> Callable[[], Answer]:
        """All paths into the openings that fit."""
        self._match(turn)
        return lambda: self._answer(turn)

    def _match(self, question: Call | Turn) -> None:
        if isinstance(question, Call):
            slices = self._rematcher.match_opening(self._view, self._openings.find(opening_id(question.opening)))
        else:
            slices = self._rematcher.match_seeker(self._view, self._names.find(person_id(question.person)))
        deque(slices, maxlen=0)
        self._rematcher.changes.counts[0] = 0

    def _answer(self, question: Call | Turn) -> Answer:
        live, name = self._rematcher.live, self._names.name
        if isinstance(question, Turn):
            rows = live.by_seeker.of(self._names.find(person_id(question.person))).tolist()
            posting = self._openings.id
            return Answer.of(
                sorted((_number(posting(live.rows.opening[row])), float(live.rows.score[BEST * row])) for row in rows)
            )
        rows = live.by_opening.of(self._openings.find(opening_id(question.opening))).tolist()
        found = [
            (_number(name(live.rows.seeker[row])), _number(name(live.rows.introducer[at])), float(live.rows.score[at]))
            for row in rows
            for at in range(BEST * row, BEST * row + int(live.rows.paths[row]))
        ]
        return Answer.of(sorted(found, key=lambda one: one[0]), keys=2)


def _number(identity: str) -> int:
    return int(identity[1:])
