"""The snapshots of a matcher: which one a start restores, and what goes into the next. Without any, topics are read."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.matching.settings import Settings
from services.matching.snapshots import matcher_state, snapshot_file
from services.matching.snapshots.matcher_state import MatcherState, Offsets, Snapshotable
from services.matching.snapshots.schedule import SnapshotSchedule
from services.matching.snapshots.snapshot_file import Identity, RefusedError
from services.matching.stream.engine_thread import EngineThread
from services.matching.stream.intake import INPUTS
from services.matching.stream.ledger import Pending
from services.matching.stream.memory import MatcherMemory, empty_memory
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import SUGGESTIONS
from shared.observability.logs import get_logger
from shared.observability.metric_list import MATCHER_STARTS
from shared.resolution import Vocabulary

log = get_logger(__name__)

for _source in ("snapshot", "topics"):
    MATCHER_STARTS.labels(_source)  # there from the start, at 0


@dataclass(slots=True)
class MatcherSnapshots:
    """Takes and restores snapshots; neither without a schedule, or with an engine that is not `Snapshotable`."""

    settings: Settings
    vocabulary: Vocabulary
    schedule: SnapshotSchedule | None
    owned: Collection[int]
    _identity: Identity | None = None

    async def restore(
        self, consumer: AIOKafkaConsumer, places: list[TopicPartition], thread: EngineThread
    ) -> MatcherMemory:
        """The memory to start with: from the first snapshot that is not refused, else empty.

        Raises KafkaError, after which it can be tried again.
        """
        memory = empty_memory(self.settings, self.vocabulary)
        if self.schedule is not None and isinstance(memory.engine, Snapshotable):
            wanted = self._identity = await self._identify(memory.engine)
            bounds = [_offsets(await ask(places)) for ask in (consumer.beginning_offsets, consumer.end_offsets)]
            for path in self.schedule.candidates():
                attempt = _Attempt(path, wanted, bounds, self.owned, memory)
                try:
                    written_at, size, seconds = await thread.ask(attempt.read)
                except RefusedError as error:
                    report = log.info if error.reason == "missing" else log.warning
                    report("snapshot_refused", file=path.name, reason=error.reason, detail=error.detail)
                    memory = empty_memory(self.settings, self.vocabulary)
                    continue
                self.schedule.restored(written_at, size, seconds)
                MATCHER_STARTS.labels("snapshot").inc()
                log.info("matcher_resumes", file=path.name, bytes=size, seconds=round(seconds, 3))
                return memory
        MATCHER_STARTS.labels("topics").inc()
        return memory

    async def take_if_due(
        self, memory: MatcherMemory, pending: Callable[[], dict[str, Pending]], thread: EngineThread
    ) -> None:
        """Take a snapshot when one is due, and write it in the background. The engine must be up to date."""
        engine, identity = memory.engine, self._identity
        if self.schedule is None or identity is None or not self.schedule.due or not isinstance(engine, Snapshotable):
            return

        def writer(path: Path, at: float) -> Callable[[], bytes]:
            intake = memory.intake
            state = MatcherState(engine, intake.taken, intake.partitions, memory.ledger.held, pending())
            return state.writer(path, identity, at)

        await self.schedule.start_writing(thread, writer, engine)

    async def stop(self) -> None:
        """Cancel what is being written."""
        if self.schedule is not None:
            await self.schedule.stop()

    async def _identify(self, engine: object) -> Identity:
        read = (*INPUTS, SUGGESTIONS)
        names = [topic.name for topic in read]
        cluster_id, ids = await cluster.identities(self.settings.kafka_bootstrap_servers, names)
        return matcher_state.identity(cluster_id, ids, read, self.vocabulary.digest, engine)


@dataclass(slots=True)
class _Attempt:
    """Fills an empty memory from one snapshot. If that is refused, the memory must not be used."""

    path: Path
    wanted: Identity
    bounds: list[Offsets]
    owned: Collection[int]
    memory: MatcherMemory

    def read(self) -> tuple[float, int, float]:
        """When it was written (Unix seconds), its size in bytes, and the seconds it took. Raises RefusedError."""
        began, memory = time.perf_counter(), self.memory
        with snapshot_file.read(self.path, self.wanted) as opened:
            found = matcher_state.read_state(opened, self.owned)
            matcher_state.check_offsets(found.taken, *self.bounds)
            memory.intake.partitions.update(found.partitions)
            memory.intake.taken.update(found.taken)
            memory.ledger.restore(found.held)
            memory.pending.update(found.pending)
            if isinstance(memory.engine, Snapshotable):
                matcher_state.restore_engine(opened, memory.engine)
            return opened.written_at, opened.size, time.perf_counter() - began


def _offsets(found: dict[TopicPartition, int]) -> Offsets:
    return {(place.topic, place.partition): offset for place, offset in found.items()}
