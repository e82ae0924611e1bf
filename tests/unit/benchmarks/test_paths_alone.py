"""Everybody who finds paths alone answers as the plain rules do, to the last digit, or its times would mean nothing."""

from functools import cache

import numpy as np
import pytest

from benchmarks.engine.filled_engine import filled
from benchmarks.engine.paths.ours import Ours
from benchmarks.engine.paths.with_plain import Plain
from benchmarks.engine.peers import PATHS, peer
from benchmarks.engine.questions import Answer, Ask, Call, Question, Questions
from benchmarks.engine.subject import Subject, ask
from benchmarks.engine.timing import Effort, Step, WrongAnswerError, in_turns
from benchmarks.graphs.generated import Data, Size, generate, opening_id, person_id
from services.matching.rules import bridge
from services.matching.rules.suggestions import fit_of

pytestmark = pytest.mark.slow  # array libraries and whole engines

SIZE = Size(people=400, arcs=9_000, openings=1_000, companies=20)
OTHERS = [pair for pair in PATHS if pair[1] != "Plain"]


@cache
def tiny() -> Data:
    graph = generate(SIZE)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bridge, "FEW_TIES", 12)
        return Data("tiny", graph, graph.arcs())


@pytest.fixture(autouse=True)
def few_ties(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that mutual contacts count in a graph this small."""
    monkeypatch.setattr(bridge, "FEW_TIES", 12)


@cache
def asked() -> tuple[Question, ...]:
    drawn = Questions(tiny())
    return (*drawn.asks(40), *drawn.calls(12, 15), *drawn.turns(20))


@cache
def plain() -> Plain:
    subject = Plain()
    subject.load(tiny(), live=False)
    return subject


@cache
def right() -> tuple[Answer, ...]:
    return tuple(ask(plain(), question) for question in asked())


def test_the_questions_have_answers_worth_comparing() -> None:
    by_kind: dict[type, list[Answer]] = {}
    for question, answer in zip(asked(), right(), strict=True):
        by_kind.setdefault(type(question), []).append(answer)
    assert [sum(map(len, found)) > 20 for found in by_kind.values()] == [True, True, True]
    assert len(np.unique(tiny().arcs.bridge)) > 5


@pytest.mark.parametrize(("module", "name"), OTHERS)
def test_a_peer_answers_as_the_plain_rules_do(module: str, name: str) -> None:
    try:
        subject = peer(module, name)()
    except ImportError as error:
        pytest.skip(f"{error}: the peers are in requirements-bench.txt")
    subject.load(tiny(), live=False)
    assert [ask(subject, question) for question in asked()] == list(right())
    subject.close()


def test_the_engine_answers_so_too() -> None:
    subject = Ours()
    subject.hold(filled(tiny().graph))
    assert [ask(subject, question) for question in asked()] == list(right())


class NearlyRight(Subject):
    """Answers right but for the last digit of one score."""

    name = "nearly right"
    package = "warmpath"

    def load(self, data: Data, *, live: bool) -> None:
        raise NotImplementedError

    def prepare(self, request: Question) -> Question:
        return request

    def answer(self, prepared: Question) -> Answer:
        found: Answer = ask(plain(), prepared)
        return Answer(found.keys, np.nextafter(found.score, 1)) if prepared is asked()[-1] else found


def test_an_answer_that_differs_in_the_last_digit_ends_a_comparison() -> None:
    assert len(right()[-1])
    steps = [Step(question) for question in asked()]
    with pytest.raises(WrongAnswerError, match="nearly right answers differently"):
        in_turns([plain(), NearlyRight()], steps, Effort(1, 60.0))
    times = in_turns([plain(), NearlyRight()], steps[:-1], Effort(1, 60.0))
    assert [len(found.seconds) for found in times] == [len(steps) - 1] * 2


def test_what_is_handed_is_what_the_rules_say() -> None:
    data, drawn, network = tiny(), Questions(tiny()), plain()._engine.network
    fitting: dict[int, set[int]] = {}
    for number in range(SIZE.openings):
        opening = network.state.openings[opening_id(number)]
        seekers = {
            s for s in data.graph.seekers.tolist() if fit_of(network.state.people[person_id(s)], opening, network)
        }
        fitting[number] = seekers
        assert set(drawn.fitting_seekers(number).tolist()) == seekers
        people, standings = drawn.insiders(number)
        assert dict(zip(map(person_id, people.tolist()), standings.tolist(), strict=True)) == network.insiders(opening)
    for place, seeker in enumerate(data.graph.seekers.tolist()):
        expected = {number for number, seekers in fitting.items() if seeker in seekers}
        assert set(drawn.fitting_openings(place).tolist()) == expected


def test_nobody_is_asked_about_their_own_employer() -> None:
    graph = tiny().graph
    for question in asked():
        if isinstance(question, Ask):
            own = graph.job_company[graph.job_offsets[question.person] : graph.job_offsets[question.person + 1]]
            assert question.company not in own
        elif isinstance(question, Call):
            assert not np.isin(question.seekers, question.insiders).any()
