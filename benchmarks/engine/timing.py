"""How two subjects are compared: the same answers first, then the same questions in turns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from benchmarks.engine.paths.protocol import Peer, Reply
from benchmarks.engine.questions import Answer, Ask, Call, Question

CHECKED = 12
"""Questions of a row whose answers are compared before anything is timed."""


class WrongAnswerError(Exception):
    """A subject does not answer as the reference does; its times mean nothing."""


@dataclass(slots=True)
class Times:
    """Seconds a question, over all rounds."""

    seconds: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, float | int]:
        """Median and 99th percentile in milliseconds, and how many questions they come from."""
        p50, p99 = np.percentile(self.seconds, [50, 99]) * 1e3
        return {"p50_ms": round(float(p50), 4), "p99_ms": round(float(p99), 4), "questions": len(self.seconds)}


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to go on: rounds, and the seconds a subject may take for one row altogether."""

    rounds: int
    patience: float


def ask(subject: Peer, question: Question) -> Reply:
    """Put a question to a subject."""
    if isinstance(question, Ask):
        return subject.introducers(question)
    return subject.opening(question) if isinstance(question, Call) else subject.profile(question)


def answers(subject: Peer, questions: Sequence[Question]) -> list[Answer]:
    """Answers to compare; they also warm the subject up."""
    found = []
    for question in questions:
        subject.before(question)
        reply = ask(subject, question)
        found.append(reply if isinstance(reply, Answer) else reply())
    return found


def check(reference: Sequence[Answer], subject: Peer, questions: Sequence[Question]) -> None:
    """Compare a subject's answers with the reference.

    Raises:
        WrongAnswerError: one differs.
    """
    for number, (right, found) in enumerate(zip(reference, answers(subject, questions), strict=True)):
        if not found.same(right, subject.tolerance):
            raise WrongAnswerError(f"{subject.name} answers question {number} differently: {questions[number]}")


def time_round(subject: Peer, questions: Sequence[Question], patience: float, times: Times) -> None:
    """Ask all questions once, or as many as patience (in seconds) lasts for, but one at least."""
    begun = perf_counter()
    for question in questions:
        subject.before(question)
        started = perf_counter()
        ask(subject, question)
        ended = perf_counter()
        times.seconds.append(ended - started)
        if ended - begun > patience:
            return


def in_turns(subjects: Sequence[Peer], questions: Sequence[Question], effort: Effort) -> list[Times]:
    """All subjects, round by round, the order reversed every other time. Whose patience is spent sits the rest out."""
    times, spent = [Times() for _ in subjects], [0.0 for _ in subjects]
    for number in range(effort.rounds):
        order = range(len(subjects)) if number % 2 == 0 else reversed(range(len(subjects)))
        for at in order:
            if spent[at] < effort.patience:
                started = perf_counter()
                time_round(subjects[at], questions, effort.patience / effort.rounds, times[at])
                spent[at] += perf_counter() - started
    return times
