"""One thread that does all of the engine's work: long jobs in slices, and questions between the slices.

Kept true: nothing runs beside anything else, so a question sees the engine between two slices; a question waits for one
slice and for the questions before it; a flood of questions does not stop the jobs. Knows nothing of the engine itself.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final, TypeVar

from shared.observability.metric_list import MATCHER_STEP_SECONDS

SLICE_S: Final = 0.002
"""The longest a slice should take. It is up to the job to keep to it."""

_SLICE, _QUESTION = MATCHER_STEP_SECONDS.labels("slice"), MATCHER_STEP_SECONDS.labels("question")

T = TypeVar("T")
Job = Generator[None, None, T]
"""A long job: every `yield` ends a slice, and what it returns is the result."""


class StoppedError(RuntimeError):
    """The thread has ended, and with it everything that was waiting for it."""


@dataclass(eq=False, slots=True)
class _QueuedJob:
    slices: Job[Any]
    ended: Future[Any] = field(default_factory=Future)
    cancelled: bool = False


@dataclass(eq=False, slots=True)
class _Question:
    work: Callable[[], Any]
    ended: Future[Any] = field(default_factory=Future)


class EngineThread:
    """The thread; it runs from the start until `stop`."""

    def __init__(self, name: str = "engine") -> None:
        self._wake = threading.Condition()
        self._questions: deque[_Question] = deque()
        self._jobs: deque[_QueuedJob] = deque()
        self._stopping = False
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)
        self._thread.start()

    async def ask(self, question: Callable[[], T]) -> T:
        """Run something short before the next slice, and return its result or raise its error.

        Raises StoppedError when the thread ends first.
        """
        queued = _Question(question)
        self._enqueue(self._questions, queued)
        answer: T = await asyncio.wrap_future(queued.ended)
        return answer

    async def run(self, job: Job[T]) -> T:
        """Run a job to its end, after the jobs enqueued before it, and return its result or raise its error.

        Cancelling the caller ends the job after the current slice. Raises StoppedError when the thread ends first.
        """
        queued = _QueuedJob(job)
        self._enqueue(self._jobs, queued)
        ended = asyncio.wrap_future(queued.ended)
        try:
            result: T = await asyncio.shield(ended)
        except asyncio.CancelledError:
            queued.cancelled = True
            await asyncio.wait((ended,))
            if not ended.cancelled():
                ended.exception()  # retrieved, or asyncio would complain that nobody did
            raise
        return result

    async def stop(self) -> None:
        """End after the slice or question that is running. Whoever is waiting gets a StoppedError."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        await asyncio.to_thread(self._thread.join)

    def _enqueue(self, queue: deque[Any], item: _QueuedJob | _Question) -> None:
        with self._wake:
            if self._stopping:
                raise StoppedError("the engine's thread has ended")
            queue.append(item)
            self._wake.notify()

    def _loop(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._questions or self._jobs or self._stopping)
                if self._stopping:
                    break
                asked = list(self._questions)
                self._questions.clear()
                job = self._jobs[0] if self._jobs else None
            for question in asked:
                _answer(question)
            if job is not None and _run_slice(job):
                self._jobs.popleft()
        self._fail_all()

    def _fail_all(self) -> None:
        for job in self._jobs:
            job.slices.close()
        for ended in (*(job.ended for job in self._jobs), *(question.ended for question in self._questions)):
            _fail(ended, StoppedError("the engine's thread has ended"))


def _answer(question: _Question) -> None:
    if not question.ended.set_running_or_notify_cancel():
        return
    began = perf_counter()
    try:
        question.ended.set_result(question.work())
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where the question was asked
        question.ended.set_exception(error)
    _QUESTION.observe(perf_counter() - began)


def _run_slice(job: _QueuedJob) -> bool:
    """Run one slice; whether the job is over."""
    if job.cancelled:
        job.slices.close()
        job.ended.cancel()
        return True
    began = perf_counter()
    try:
        next(job.slices)
    except StopIteration as end:
        job.ended.set_result(end.value)
        return True
    except BaseException as error:  # noqa: BLE001 - it is raised where the job is awaited, and the thread goes on
        _fail(job.ended, error)
        return True
    finally:
        _SLICE.observe(perf_counter() - began)
    return False


def _fail(ended: Future[Any], error: BaseException) -> None:
    if not ended.done():
        ended.set_exception(error)
