"""Every peer answers as the plain rules do, to the last digit, or its times would mean nothing."""

from functools import cache

import numpy as np
import pytest

from benchmarks.engine.ours import Ours, PathsAlone
from benchmarks.engine.paths.protocol import Peer
from benchmarks.engine.paths.registry import PEERS, peer
from benchmarks.engine.paths.with_plain import Plain
from benchmarks.engine.questions import Answer, Ask, Call, Question, Questions
from benchmarks.engine.timing import WrongAnswerError, answers, check
from benchmarks.graphs.generated import Data, Size, generate, opening_id, person_id
from benchmarks.graphs.new_ties import draw_burst
from services.matching.rules import bridge
from services.matching.rules.suggestions import fit_of

SIZE = Size(people=400, arcs=9_000, openings=1_000, companies=20)
OTHERS = [pair for pair in PEERS if pair[1] != "Plain"]


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
    subject.load(tiny())
    return subject


@cache
def right() -> tuple[Answer, ...]:
    return tuple(answers(plain(), asked()))


def made(module: str, name: str) -> Peer:
    try:
        return peer(module, name)()
    except ImportError as error:
        pytest.skip(f"{error}: the peers are in requirements-bench.txt")


def test_the_questions_have_answers_worth_comparing() -> None:
    by_kind: dict[type, list[Answer]] = {}
    for question, answer in zip(asked(), right(), strict=True):
        by_kind.setdefault(type(question), []).append(answer)
    assert [sum(map(len, found)) > 20 for found in by_kind.values()] == [True, True, True]
    assert len(np.unique(tiny().arcs.bridge)) > 5


@pytest.mark.parametrize(("module", "name"), OTHERS)
def test_a_peer_answers_as_the_plain_rules_do(module: str, name: str) -> None:
    subject = made(module, name)
    subject.load(tiny())
    check(right(), subject, asked())
    subject.close()


@pytest.mark.parametrize(("module", "name"), OTHERS)
def test_after_a_burst_too(module: str, name: str) -> None:
    burst = draw_burst(tiny(), 60)
    oracle, subject = Plain(), made(module, name)
    oracle.load(burst.after)
    subject.load(tiny())
    subject.burst(burst)
    check(answers(oracle, asked()), subject, asked())
    subject.close()


def test_the_engine_as_a_subject_answers_so_too() -> None:
    subject = Ours()
    subject.load(tiny())
    check(right(), subject, asked())


def test_handed_what_fits_it_answers_so_too() -> None:
    whole = Ours()
    whole.load(tiny())
    subject, kept = PathsAlone(whole.engine), [k for k, one in enumerate(asked()) if not isinstance(one, Ask)]
    check([right()[k] for k in kept], subject, [asked()[k] for k in kept])


def test_an_answer_that_differs_in_the_last_digit_is_found() -> None:
    first = next(answer for answer in right() if len(answer))
    nudged = Answer(first.keys, np.nextafter(first.score, 1))
    with pytest.raises(WrongAnswerError):
        check([nudged], plain(), [asked()[right().index(first)]])


def test_what_peers_are_handed_is_what_the_rules_say() -> None:
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
