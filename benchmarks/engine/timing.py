"""How subjects are compared: the same requests in turns, every answer equal to the reference's, or no figure at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.engine.subject import Subject, ask, completed

CHECKED = 12
"""So many answers of a row are compared before anything is timed."""

CHUNK = 10
"""So many requests one subject takes before it is another's turn."""


class WrongAnswerError(Exception):
    """A subject does not answer as the reference does; its times mean nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """A timed request, and the requests before and after it that make it what it is."""

    request: Any
    before: tuple[Any, ...] = ()
    after: tuple[Any, ...] = ()


@dataclass(slots=True)
class Times:
    """Seconds a request."""

    seconds: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, float | int]:
        """Median and 99th percentile in milliseconds, and how many requests they come from."""
        p50, p99 = np.percentile(self.seconds, [50, 99]) * 1e3
        return {"p50_ms": round(float(p50), 4), "p99_ms": round(float(p99), 4), "questions": len(self.seconds)}


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to go on: rounds, and the seconds that one subject may take for a row."""

    rounds: int
    patience: float


def in_turns(
    subjects: Sequence[Subject], steps: Sequence[Step], effort: Effort, *, repeats: bool = True
) -> list[Times]:
    """Times of each subject over the same steps, some at a time, the order of the subjects reversed every other time.

    The first steps are not timed. Steps that do not leave everything as it was are asked once: `repeats` is false.

    Raises:
        WrongAnswerError: a subject answers otherwise than the first one.
    """
    warm = min(CHECKED, len(steps)) if repeats else 1
    _chunk(subjects, steps[:warm])
    timed = [*steps] * effort.rounds if repeats else steps[warm:]
    size = CHUNK if repeats else 1
    times = [Times() for _ in subjects]
    for number, first in enumerate(range(0, len(timed), size)):
        for found, seconds in zip(
            times, _chunk(subjects, timed[first : first + size], turned=number % 2 > 0), strict=True
        ):
            found.seconds += seconds
        if max(sum(found.seconds) for found in times) > effort.patience:
            break
    return times


def _chunk(subjects: Sequence[Subject], steps: Sequence[Step], *, turned: bool = False) -> list[list[float]]:
    """Seconds of these steps by subject."""
    order = list(range(len(subjects)))
    took: list[list[float]] = [[] for _ in subjects]
    answers: list[list[Any]] = [[] for _ in subjects]
    for number in reversed(order) if turned else order:
        for step in steps:
            seconds, answer = _step(subjects[number], step)
            took[number].append(seconds)
            answers[number].append(answer)
    for number in order[1:]:
        for step, right, found in zip(steps, answers[0], answers[number], strict=True):
            if found != right:
                raise WrongAnswerError(f"{subjects[number].name} answers differently: {str(step.request)[:120]}")
    return took


def _step(subject: Subject, step: Step) -> tuple[float, Any]:
    for request in step.before:
        ask(subject, request)
    prepared = subject.prepare(step.request)
    started = perf_counter()
    reply = subject.answer(prepared)
    took = perf_counter() - started
    answer = completed(reply)
    for request in step.after:
        ask(subject, request)
    return took, answer
