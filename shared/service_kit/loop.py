"""A background loop: rounds of work with pauses between them, until it is stopped.

Kept true: an error ends its round and never the loop. It is logged, counted and followed by another round, after a
pause that grows while rounds keep failing. A stop ends the loop even where a driver that loses its connection answers
the cancellation with an error of its own.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from shared.observability.logs import get_logger
from shared.observability.metric_list import LOOP_FAILURES
from shared.service_kit.backoff import delays
from shared.storage.errors import is_transient

log = get_logger(__name__)

Round = Callable[[], Awaitable[float | None]]
"""One round of work. Returns the seconds to pause before the next; None stands for the loop's usual interval."""


class Loop:
    """Runs one round after another in a task of its own."""

    def __init__(
        self,
        name: str,
        work: Round,
        *,
        every_s: float = 0.0,
        stuck_after_s: float | None = None,
        finish_s: float = 0.0,
        expected: tuple[type[Exception], ...] = (),
        pauses: Callable[[], Iterator[float]] = delays,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Describe a loop; `start` runs it.

        Args:
            name: in logs, metrics and checks; one of a few fixed words.
            work: one round.
            every_s: the pause after a round that names none itself.
            stuck_after_s: a loop that has not moved for so long fails `check_moving`. None: never.
            finish_s: how long `stop` lets the round under way go on before it is cancelled.
            expected: errors, besides those of a database or network that is away, which are logged without a trace.
            pauses: the pauses after failed rounds, from the first in a row on.
            clock: seconds, for `silent_s`.
        """
        self.name: Final = name
        self._work, self._every_s, self._stuck_after_s, self._finish_s = work, every_s, stuck_after_s, finish_s
        self._expected, self._pauses, self._clock = expected, pauses, clock
        self._waits = pauses()
        self._woken, self._stop = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._moved_at = self._clock()
        self.failure: str | None = None
        """The class of the error that ended the latest round; None once a round has gone well."""
        LOOP_FAILURES.labels(name)  # there from the start, at 0

    async def start(self) -> None:
        """Run in the background until `stop`."""
        self._stop.clear()
        self._woken.clear()
        self._moved_at = self._clock()
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        """End: after the round under way where it takes at most `finish_s`, else by cancelling it."""
        self._stop.set()
        self._woken.set()
        task, self._task = self._task, None
        if task is None:
            return
        if self._finish_s:
            await asyncio.wait([task], timeout=self._finish_s)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def wake(self) -> None:
        """Cut the present pause short, or leave out the next one. A pause after a failure is not cut short."""
        self._woken.set()

    def moved(self) -> None:
        """Note progress, from within a long round: the loop is not stuck, and has recovered from earlier failures."""
        self._moved_at = self._clock()
        self.failure = None
        self._waits = self._pauses()

    async def pause(self, seconds: float) -> None:
        """Wait, at most until `wake` or `stop` is called. For long rounds, which pause in their middle."""
        await _wait(self._woken, seconds)
        self._woken.clear()

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called: long rounds look at this now and then."""
        return self._stop.is_set()

    @property
    def running(self) -> bool:
        """Whether the task is there and has not ended."""
        return self._task is not None and not self._task.done()

    @property
    def silent_s(self) -> float:
        """Seconds since the last round began, or since `moved` was called in it."""
        return self._clock() - self._moved_at

    async def check(self) -> str | None:
        """For `/ready`: whether it runs."""
        return None if self.running else f"the loop {self.name} does not run"

    async def check_moving(self) -> str | None:
        """For `/live`: whether it has moved lately."""
        silent_s = self.silent_s
        if self._stuck_after_s is None or silent_s <= self._stuck_after_s:
            return None
        return f"the loop {self.name} has not moved for {silent_s:.0f} s"

    async def _run(self) -> None:
        while not self.stopping:
            self._moved_at = self._clock()
            try:
                pause_s = await self._work()
            except Exception as error:  # noqa: BLE001 - whatever ended this round, the next may go well
                if not self.stopping:
                    await _wait(self._stop, self._failed(error))
            else:
                self.moved()
                await self.pause(self._every_s if pause_s is None else pause_s)

    def _failed(self, error: Exception) -> float:
        """Note a failed round. Returns the seconds to wait before the next."""
        self.failure = type(error).__name__
        LOOP_FAILURES.labels(self.name).inc()
        pause_s = next(self._waits)
        facts = {"loop": self.name, "retry_in_s": round(pause_s, 1)}
        if isinstance(error, self._expected) or is_transient(error):
            log.warning("loop_interrupted", error=error, **facts)
        else:
            log.error("loop_failed", exc_info=error, **facts)
        return pause_s


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
