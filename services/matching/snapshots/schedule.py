"""When and where snapshots are written, by whom, and which one a start resumes from."""

import asyncio
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from services.matching.snapshots import fork
from services.matching.snapshots.snapshot_file import MAX_AGE_S
from services.matching.stream.engine_thread import EngineThread
from shared.observability.logs import get_logger
from shared.observability.metric_list import SNAPSHOT_AGE, SNAPSHOT_BYTES, SNAPSHOT_SECONDS

log = get_logger(__name__)

SUFFIX: Final = ".snapshot"

Save = Callable[[Path, float], Callable[[], bytes]]
"""Given the file and the time, what is to be done in the copy of the process."""


@runtime_checkable
class RejoinsPages(Protocol):
    """An engine that lives by large pages, which a fork lets fall apart."""

    def rejoin_pages(self) -> Generator[None, None, None]:
        """Join them again, in slices."""


class SnapshotSchedule:
    """The snapshots of one matcher in a folder. Others, of other shards, may lie beside them."""

    def __init__(self, folder: Path, name: str, every_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = folder / f"{name}{SUFFIX}"
        self._every_s, self._clock = every_s, clock
        self._next = clock()
        self._writing: asyncio.Task[None] | None = None

    @property
    def due(self) -> bool:
        """Whether it is time for another one, and none is being written."""
        return self._clock() >= self._next and (self._writing is None or self._writing.done())

    def candidates(self) -> Iterator[Path]:
        """What a start may resume from: its own, then those of other shards, the newest first."""
        others = (path for path in self.path.parent.glob(f"*{SUFFIX}") if path != self.path)
        yield from (self.path, *sorted(others, key=_changed_at, reverse=True))

    def restored(self, written_at: float, size: int, seconds: float) -> None:
        """A start has resumed from a snapshot: the next one has time."""
        self._next = self._clock() + self._every_s
        SNAPSHOT_SECONDS.labels("read").observe(seconds)
        _show(written_at, size)

    async def save(self, thread: EngineThread, save: Save, engine: object) -> None:
        """Take a snapshot between two slices; it is written in the background. What goes wrong is logged."""
        self._next = self._clock() + self._every_s
        at = time.time()

        def begin() -> fork.Child:
            began = time.perf_counter()
            child = fork.start(save(self.path, at))
            SNAPSHOT_SECONDS.labels("pause").observe(time.perf_counter() - began)
            return child

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            child = await thread.ask(begin)
        except OSError as error:
            log.warning("snapshot_not_taken", error=error)
            return
        self._writing = asyncio.create_task(self._written(child, at, thread, engine), name="snapshot")

    async def stop(self) -> None:
        """Give up what is being written; the one before it stays."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)

    async def _written(self, child: fork.Child, at: float, thread: EngineThread, engine: object) -> None:
        began = time.perf_counter()
        try:
            size = int(await fork.result(child))
        except fork.ChildError as error:
            log.warning("snapshot_not_written", reason=str(error))
        else:
            seconds = time.perf_counter() - began
            SNAPSHOT_SECONDS.labels("write").observe(seconds)
            _show(at, size)
            log.info("snapshot_written", bytes=size, seconds=round(seconds, 3))
            self._forget_old(at)
        if isinstance(engine, RejoinsPages):
            await thread.run(engine.rejoin_pages())

    def _forget_old(self, now: float) -> None:
        """A snapshot that nobody may use any more holds people who may have been erased since."""
        for path in self.path.parent.glob(f"*{SUFFIX}*"):
            if path != self.path and _changed_at(path) < now - MAX_AGE_S:
                path.unlink(missing_ok=True)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _show(written_at: float, size: int) -> None:
    SNAPSHOT_AGE.set_function(lambda: time.time() - written_at)
    SNAPSHOT_BYTES.set(size)
