"""The engine doing the whole job: records as the service reads them go in, suggestions with reasons come out."""

import gc
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from benchmarks.engine.filled_engine import loaded
from benchmarks.engine.questions import Ask
from benchmarks.engine.subject import Subject
from benchmarks.engine.whole_job import requests
from benchmarks.engine.whole_job.requests import SEPARATOR, Answer, Introducer, Line, Request
from benchmarks.graphs import records
from benchmarks.graphs.generated import Data, Graph, opening_id, person_id
from services.matching.engine.engine import Engine
from services.matching.events import Change, Event
from services.matching.rules.suggestions import Suggestion
from shared.events.people import PersonV1


class Ours(Subject):
    """`services.matching.engine.engine`."""

    name = "ours"
    package = "warmpath"

    def version(self) -> str:
        """That of the project."""
        return "this project"

    def load(self, data: Data, *, live: bool) -> None:  # noqa: ARG002 - they are always live here
        """Start from the snapshot with this graph; the first time it is filled, which takes longer."""
        self.hold(loaded(data), data.graph)

    def hold(self, engine: Engine, graph: Graph, versions: Iterator[int] | None = None) -> None:
        """Be this engine, which holds the graph; whoever else is it too draws from the same `versions`."""
        self.engine, self._graph = engine, graph
        self.versions = count(2) if versions is None else versions
        self._place = {int(person): k for k, person in enumerate(graph.seekers)}
        gc.collect()
        gc.freeze()

    def prepare(self, request: Request) -> Any:
        """The records, as they are once they were read from their topic."""
        graph, version = self._graph, next(self.versions)
        match request:
            case requests.OpeningArrives(opening):
                event = records.opening(graph, opening, version)
            case requests.OpeningCloses(opening):
                event = Event("postings.v1", opening_id(opening), None, version)
            case requests.SearchBegins(person):
                event = records.person(graph, person, self._place[person], version)
            case requests.SearchEnds(person):
                event = records.person(graph, person, None, version)
            case requests.IntroducingEnds(person):
                event = _introducing_no_more(records.person(graph, person, self._place.get(person), version))
            case requests.TiesArrive(ties):
                return list(records.sides(ties.a, ties.b, ties.kind_a, ties.kind_b))
            case _:
                return request
        return [event]

    def answer(self, prepared: Any) -> Callable[[], Answer]:
        """All changes, each put into words."""
        if isinstance(prepared, Ask):
            paths, _ = self.engine.paths(person_id(prepared.person), records.company_name(prepared.company))
            return lambda: [
                Introducer(
                    _number(one.introducer), _number(one.insider), one.score, one.label == "warm", one.ask == "app"
                )
                for one in paths
            ]
        changes = self.engine.apply_all(prepared)
        found = list(self.engine.current(changes))
        return lambda: _lines(changes, found)


class OursBeforeWords(Ours):
    """The same up to the changed suggestions as rows of numbers: what a service would go on from in its own time."""

    name = "ours, before words"

    def answer(self, prepared: Any) -> Callable[[], Answer]:
        """The changes; their words are made afterwards."""
        if isinstance(prepared, Ask):
            return super().answer(prepared)
        changes = self.engine.apply_all(prepared)
        return lambda: _lines(changes, self.engine.current(changes))


def _introducing_no_more(event: Event) -> Event:
    assert isinstance(event.value, PersonV1)  # noqa: S101 - it is made so
    return Event(event.topic, event.key, event.value.model_copy(update={"introduces": False}), event.version)


def _number(identity: str) -> int:
    return int(identity[1:])


def _lines(changes: list[Change], suggestions: list[Suggestion | None]) -> Answer:
    found: list[Line] = []
    for change, suggestion in zip(changes, suggestions, strict=True):
        pair = (_number(change.seeker), _number(change.posting))
        if suggestion is None:
            found.append(Line(*pair, None))
            continue
        for place, path in enumerate(suggestion.paths, 1):
            ends = (_number(path.introducer), _number(path.insider))
            warm, app, words = path.label == "warm", path.ask == "app", SEPARATOR.join(path.reasons)
            found.append(Line(*pair, place, suggestion.fit, *ends, path.score, warm, app, words))
    return sorted(found, key=lambda line: (line.seeker, line.opening, line.rank or 0))
