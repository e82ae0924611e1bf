"""When and where a matcher's snapshots are written, and which ones a start may restore."""

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

MakeWriter = Callable[[Path, float], Callable[[], bytes]]
"""From the file and the time (Unix seconds), the function that writes it in the forked copy and returns its size."""


@runtime_checkable
class RejoinsPages(Protocol):
    """An engine whose arrays lie in huge pages, which writes during a fork split into small ones."""

    def rejoin_pages(self) -> Generator[None, None, None]:
        """Join the pages again, in slices."""


class SnapshotSchedule:
    """The snapshots of one matcher, in a folder that may hold those of other shards too."""

    def __init__(self, folder: Path, name: str, every_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = folder / f"{name}{SUFFIX}"
        self._every_s, self._clock = every_s, clock
        self._next = clock()
        self._writing: asyncio.Task[None] | None = None

    @property
    def due(self) -> bool:
        """Whether it is time for the next one, and none is being written."""
        return self._clock() >= self._next and (self._writing is None or self._writing.done())

    def candidates(self) -> Iterator[Path]:
        """What a start may restore: its own snapshot, then those of other shards, newest first."""
        others = (path for path in self.path.parent.glob(f"*{SUFFIX}") if path != self.path)
        yield from (self.path, *sorted(others, key=_changed_at, reverse=True))

    def restored(self, written_at: float, size: int, seconds: float) -> None:
        """A start has restored a snapshot, so the next one is not due yet."""
        self._next = self._clock() + self._every_s
        SNAPSHOT_SECONDS.labels("read").observe(seconds)
        _set_metrics(written_at, size)

    async def start_writing(self, thread: EngineThread, make_writer: MakeWriter, engine: object) -> None:
        """Take a snapshot between two slices, and write it in the background. Failures are logged."""
        self._next = self._clock() + self._every_s
        at = time.time()

        def start() -> fork.Child:
            began = time.perf_counter()
            child = fork.start(make_writer(self.path, at))
            SNAPSHOT_SECONDS.labels("pause").observe(time.perf_counter() - began)
            return child

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            child = await thread.ask(start)
        except OSError as error:
            log.warning("snapshot_not_taken", error=error)
            return
        self._writing = asyncio.create_task(self._finish(child, at, thread, engine), name="snapshot")

    async def stop(self) -> None:
        """Cancel what is being written; the snapshot before it stays."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)

    async def _finish(self, child: fork.Child, at: float, thread: EngineThread, engine: object) -> None:
        began = time.perf_counter()
        try:
            size = int(await fork.result(child))
        except fork.ChildError as error:
            log.warning("snapshot_not_written", reason=str(error))
        else:
            seconds = time.perf_counter() - began
            SNAPSHOT_SECONDS.labels("write").observe(seconds)
            _set_metrics(at, size)
            log.info("snapshot_written", bytes=size, seconds=round(seconds, 3))
            self._delete_old(at)
        if isinstance(engine, RejoinsPages):
            await thread.run(engine.rejoin_pages())

    def _delete_old(self, now: float) -> None:
        """Delete snapshots that are too old to be restored: they may hold people who were erased since."""
        for path in self.path.parent.glob(f"*{SUFFIX}*"):
            if path != self.path and _changed_at(path) < now - MAX_AGE_S:
                path.unlink(missing_ok=True)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _set_metrics(written_at: float, size: int) -> None:
    SNAPSHOT_AGE.set_function(lambda: time.time() - written_at)
    SNAPSHOT_BYTES.set(size)
