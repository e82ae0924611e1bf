"""The engine and the databases do the whole job as the plain rules do: the same changes, to the last digit and word."""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from itertools import chain

import numpy as np
import pytest

from benchmarks.engine.filled_engine import filled
from benchmarks.engine.peers import WHOLE_JOB, peer
from benchmarks.engine.questions import Questions
from benchmarks.engine.subject import Subject, ask
from benchmarks.engine.whole_job.ours import Ours, OursBeforeWords
from benchmarks.engine.whole_job.requests import (
    Answer,
    IntroducingEnds,
    Line,
    OpeningArrives,
    OpeningCloses,
    Request,
    SearchBegins,
    SearchEnds,
    TiesArrive,
)
from benchmarks.graphs import records
from benchmarks.graphs.generated import Data, Size, generate
from benchmarks.graphs.new_ties import Ties, draw_ties
from services.matching.rules import bridge, questions
from services.matching.rules.plain.engine import Engine as PlainEngine

pytestmark = pytest.mark.slow  # databases and whole engines

SIZE = Size(people=300, arcs=6_000, openings=120, seekers=0.6, companies=15)


@pytest.fixture(autouse=True)
def few_ties(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that mutual contacts count in a graph this small, and new ties make them count for more people."""
    monkeypatch.setattr(bridge, "FEW_TIES", 20)


@cache
def tiny() -> Data:
    graph = generate(SIZE)
    return Data("tiny", graph, graph.arcs())


@cache
def asked() -> tuple[Request, ...]:
    """A history of every kind of request; each leaves something behind for those after it."""
    data, drawn = tiny(), Questions(tiny())
    openings = [call.opening for call in drawn.calls(10, 40)]
    people = [turn.person for turn in drawn.turns(8)]
    ties = draw_ties(data, 120)
    parts = [np.array_split(getattr(ties, field.name), 3) for field in fields(Ties)]
    return tuple(
        chain(
            drawn.asks(15),
            chain.from_iterable((OpeningCloses(one), OpeningArrives(one)) for one in openings),
            chain.from_iterable((SearchEnds(one), SearchBegins(one)) for one in dict.fromkeys(people)),
            (OpeningCloses(openings[0]), SearchEnds(people[0])),
            map(IntroducingEnds, drawn.introducing(40)),
            (TiesArrive(Ties(*part)) for part in zip(*parts, strict=True)),
            (OpeningArrives(openings[0]),),
            drawn.asks(5),
        )
    )


class PlainRules(Ours):
    """The plain rules behind the same requests."""

    def load(self, data: Data, *, live: bool) -> None:  # noqa: ARG002 - they are always live
        engine = PlainEngine(records.vocabulary(data.graph))
        engine.apply_all(records.everything(data.graph))
        engine.paths = lambda person, company: questions.paths(  # type: ignore[attr-defined]
            engine.network, engine.network.state.people[person], company
        )
        self.hold(engine, data.graph)  # type: ignore[arg-type]  # it answers to the same calls


@cache
def right() -> tuple[Answer, ...]:
    plain = PlainRules()
    plain.load(tiny(), live=True)
    return tuple(ask(plain, request) for request in asked())


def by_kind(answers: tuple[Answer, ...]) -> Iterator[tuple[type, int]]:
    for kind in dict.fromkeys(map(type, asked())):
        yield kind, sum(len(found) for request, found in zip(asked(), answers, strict=True) if type(request) is kind)


def test_the_history_has_changes_worth_comparing() -> None:
    assert all(count > 3 for _, count in by_kind(right())), dict(by_kind(right()))
    lines = [line for answer in right() for line in answer if isinstance(line, Line)]
    assert {line.rank for line in lines} == {None, 1, 2, 3}
    assert any("know you both" in (line.reasons or "") for line in lines)
    assert {(line.warm, line.app) for line in lines} >= {(True, True), (False, True), (True, False), (None, None)}


def agrees(subject: Subject, *, live: bool) -> None:
    """Every answer up to a request that the subject refuses; who begins without live suggestions withdraws none."""
    for request, expected in zip(asked(), right(), strict=True):
        if type(request) in subject.refuses:
            return
        found = ask(subject, request)
        if live or not isinstance(request, OpeningCloses | SearchEnds):
            assert found == expected, request


@pytest.mark.parametrize("kind", [Ours, OursBeforeWords])
def test_the_engine_does_the_whole_job(kind: type[Ours]) -> None:
    subject = kind()
    subject.hold(filled(tiny().graph), tiny().graph)
    agrees(subject, live=True)


WITH_A_SERVER = "whole_job.with_postgres"


@pytest.mark.parametrize(
    ("module", "name"),
    [pytest.param(*each, marks=pytest.mark.postgres if each[0] == WITH_A_SERVER else ()) for each in WHOLE_JOB],
)
def test_a_database_does_the_whole_job(module: str, name: str) -> None:
    try:
        subject = peer(module, name)()
    except ImportError as error:
        pytest.skip(f"{error}: the peers are in requirements-bench.txt")
    subject.load(tiny(), live=True)
    try:
        agrees(subject, live=name != "Ladybug")
    finally:
        subject.close()
