"""The matcher's loop between Kafka and the engine.

At start it claims the partitions it owns, which fences whoever had them, notes where all topics end, reads up to there,
and only then publishes: never from half a graph, never before the day is known, never what the topic says already. All
inputs are read by plain assignment, from the offsets of a good snapshot or else from their beginning; positions are
committed only so that lag tools see them.
"""

import asyncio
import contextlib
import gc
from collections.abc import Callable, Sequence
from time import perf_counter, time_ns
from typing import Final, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.matching.engine.engines import Engine
from services.matching.events import Change
from services.matching.quota import CompaniesADay
from services.matching.rules.suggestions import Suggestion
from services.matching.settings import Settings
from services.matching.snapshots.matcher_snapshots import MatcherSnapshots
from services.matching.snapshots.schedule import SnapshotSchedule
from services.matching.stream.engine_thread import SLICE_S, EngineThread, Job
from services.matching.stream.intake import GROUP, INPUTS
from services.matching.stream.ledger import Pending
from services.matching.stream.memory import empty_memory
from services.matching.stream.opening_traces import OpeningTraces, Origins
from services.matching.stream.reconciler import Reconciler
from services.matching.stream.suggestion_publisher import TRANSIENT, SuggestionPublisher
from shared.messaging.consume import lag
from shared.messaging.consume.decoding import Raw
from shared.messaging.kafka.closing import close_consumer
from shared.messaging.kafka.fetcher import RawBatch, WholeBatches
from shared.messaging.kafka.settings import consumer_options
from shared.messaging.publish.publisher import Fenced
from shared.messaging.topics.catalogue import TIES
from shared.observability.logs import get_logger
from shared.observability.metric_list import SUGGESTIONS as SUGGESTIONS_HELD
from shared.resolution import Vocabulary
from shared.service_kit.backoff import delays
from shared.web.health import Heartbeat

log = get_logger(__name__)

POLL_MS: Final = 200
RECORDS: Final = 5000
"""At most so many records, or whole batches of ties, make one step of the engine."""

FIRST_RECORDS: Final = 16
"""So many records are taken in by the first slice; the time it takes decides how many the next one takes."""

LOOKED_UP: Final = 50
"""Suggestions put into words in one slice: a millisecond when none of their reasons is cached."""

HOUSEKEEPING_S: Final = 2.0
STUCK_S: Final = 120.0

T = TypeVar("T")


class Matcher:
    """One process's part: all inputs in, the suggestions of its openings out."""

    def __init__(
        self, settings: Settings, vocabulary: Vocabulary, on_failure: Callable[[], None] = lambda: None
    ) -> None:
        self._settings, self._on_failure = settings, on_failure
        self._memory = empty_memory(settings, vocabulary)
        self.companies_a_day = CompaniesADay(settings.paths_a_day)
        self._traces = OpeningTraces(settings.group, settings.owns)
        self._publisher = SuggestionPublisher(settings, self._traces)
        self._assigned = [TopicPartition(t.name, p) for t in INPUTS for p in range(t.partitions)]
        self._assigned += self._publisher.places
        self._until: dict[TopicPartition, int] = {}
        self._thread = EngineThread()
        folder = settings.snapshot
        schedule = None if folder is None else SnapshotSchedule(folder, settings.group, settings.snapshot_seconds)
        self._snapshots = MatcherSnapshots(settings, vocabulary, schedule, self._publisher.owned)
        self._reconciler = Reconciler(settings.check_seconds)
        self._task: asyncio.Task[None] | None = None
        self._restored = self._caught_up = self._publishing = self._outdated = False
        self._in_progress: dict[tuple[str, int], int] = {}
        self.failure: str | None = None
        self.heartbeat = Heartbeat("the matcher's loop", STUCK_S)

    @property
    def engine(self) -> Engine:
        """The engine. To be used on its own thread only, through `ask`, or while nothing else runs."""
        return self._memory.engine

    async def start(self) -> None:
        """Begin. The broker may come later; until then `check` says why nothing is answered."""
        self._task = asyncio.create_task(self._run(), name="matcher")

    async def stop(self) -> None:
        """End the loop and let go of the partitions."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._reconciler.stop()
        await self._snapshots.stop()
        await self._thread.stop()

    async def check(self) -> str | None:
        """For `/ready`: caught up with all topics, and the day is known."""
        if self.failure is not None:
            return self.failure
        if not self._caught_up:
            return "not caught up with the topics yet"
        return None if self._publishing else "the day is not known yet"

    async def check_moving(self) -> str | None:
        """For `/live`: the loop has moved lately."""
        return await self.heartbeat.check()

    @property
    def answers(self) -> bool:
        """Whether questions can be answered: from a whole graph, even while the broker is down."""
        return self._publishing and self.failure is None

    async def ask(self, question: Callable[[Engine], T]) -> T:
        """Answer a question between two slices of the engine's work, off the event loop."""
        return await self._thread.ask(lambda: question(self.engine))

    async def _run(self) -> None:
        try:
            for delay in delays():
                try:
                    await self._consume()
                except TRANSIENT as error:
                    log.warning("matcher_interrupted", error=error)
                self._caught_up = False
                self.heartbeat.beat()
                await asyncio.sleep(delay)
        except Fenced as error:
            self._fail("fenced: another matcher has taken these partitions", error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the process must not stay up and publish nothing
            self._fail("the matcher's loop has ended", error)
        finally:
            await self._publisher.close()

    def _fail(self, why: str, error: Exception) -> None:
        self.failure = why
        log.error("matcher_stopped", reason=why, exc_info=error)
        self._on_failure()

    async def _consume(self) -> None:
        group = self._settings.group
        options = consumer_options(self._settings.kafka_bootstrap_servers, client_id=group, group=group)
        # The reader of whole batches is compiled too, so the plain engine does without.
        whole = WholeBatches(TIES.name) if self._settings.engine == "fast" else None
        consumer = AIOKafkaConsumer(**options, value_deserializer=whole)
        housekeeping: asyncio.Task[None] | None = None
        try:
            await consumer.start()
            await self._begin(consumer)
            housekeeping = asyncio.create_task(self._housekeeping(consumer), name="matcher-housekeeping")
            while True:
                await self._step(consumer)
        finally:
            if housekeeping is not None:
                housekeeping.cancel()
                await asyncio.gather(housekeeping, return_exceptions=True)
            await close_consumer(consumer)

    async def _begin(self, consumer: AIOKafkaConsumer) -> None:
        """Claim first, then note the ends: whatever a fenced predecessor wrote is before them."""
        if not self._restored:
            self._memory = await self._snapshots.restore(consumer, self._assigned, self._thread)
            self._publisher.restore(self._memory.pending)
            self._restored = True
        taken = self._memory.intake.taken
        consumer.assign(self._assigned)
        for each in self._assigned:
            consumer.seek(each, taken.get((each.topic, each.partition), 0))
        await self._publisher.claim(consumer)
        self._until = dict(await consumer.end_offsets(self._assigned))
        records = sum(end - taken.get((each.topic, each.partition), 0) for each, end in self._until.items())
        log.info("matcher_reads", shard=self._settings.shard, records=records)

    async def _step(self, consumer: AIOKafkaConsumer) -> None:
        """Read what there is, work out what it changes, and publish that."""
        self.heartbeat.beat()
        batches = await consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS)
        raws = [raw for batch in batches.values() for raw in batch]
        self._in_progress = {
            (each.topic, each.partition): _first_offset(group[0]) for each, group in batches.items() if group
        }
        if raws:
            since = time_ns()
            origins = await self._thread.run(self._ingesting(raws))
            self._traces.postings_read(origins, since_ns=since, live=self._publishing)
            self._outdated = True
        self._in_progress = {}
        if self._publishing:
            await self._publisher.pause_readback(consumer, batches)
        if await self._has_caught_up(consumer) and await self._update():
            await self._publisher.publish(self._memory, consumer, self._look_up)
            await self._maintain()

    async def _update(self) -> bool:
        """Enqueue what changed; whether there may be publishing, which is not before the day is known."""
        if self._publishing and not self._outdated:
            return True
        self._outdated = False  # before it begins: a repair may come while it runs
        since = time_ns()
        changes = await self._thread.run(self._updating())
        if self.engine.state.today is None:
            return False
        if self._publishing:
            self._publisher.enqueue_changes(self._memory, changes)
            self._traces.postings_matched(changes, (since, time_ns()))
        else:
            self._publisher.enqueue_at_start(self._memory, changes)
            self._traces.forget()
            gc.freeze()  # the graph stays: looking through it for garbage would hold everything up for seconds
            self._publishing = True
        return True

    def _ingesting(self, raws: Sequence[Raw | RawBatch]) -> Job[Origins]:
        """Take records in; once there may be questions, as many at a time as make a slice."""
        origins: Origins = {}
        at, many = 0, FIRST_RECORDS if self._publishing else len(raws)
        while at < len(raws):
            began = perf_counter()
            origins |= self._memory.intake.take(raws[at : at + many])
            at, took = at + many, perf_counter() - began
            if took > SLICE_S / 2:
                many = max(1, many // 2)
            elif took < SLICE_S / 4:
                many *= 2
            self.heartbeat.beat()
            yield
        return origins

    def _updating(self) -> Job[list[Change]]:
        """Bring the engine up to date, slice by slice; what that changed."""
        for _ in self.engine.update_in_slices():
            self.heartbeat.beat()
            yield
        return (yield from self.engine.take_changes_in_slices())

    async def _look_up(self, wanted: Sequence[Pending]) -> list[Suggestion | None]:
        return await self._thread.run(self._looking_up(wanted))

    def _looking_up(self, wanted: Sequence[Pending]) -> Job[list[Suggestion | None]]:
        found: list[Suggestion | None] = []
        for first in range(0, len(wanted), LOOKED_UP):
            found += self.engine.current(wanted[first : first + LOOKED_UP])
            yield
        return found

    async def _maintain(self) -> None:
        """Now and then a snapshot and a check, both begun here, where the engine is up to date."""
        if self._outdated:
            return
        await self._snapshots.take_if_due(self._memory, lambda: self._publisher.pending, self._thread)
        if self._reconciler.due:
            settings, partitions = self._settings, self._memory.intake.partitions
            await self._reconciler.begin(
                self._thread, self.engine, lambda posting: settings.owns(partitions[posting]), self._repaired
            )

    def _repaired(self) -> None:
        self._outdated = True

    async def _has_caught_up(self, consumer: AIOKafkaConsumer) -> bool:
        """Whether all topics were read to where they ended at the start.

        Positions count: the last offsets may be those of transaction markers, which are no records.
        """
        if not self._caught_up:
            positions = [(await consumer.position(each), end) for each, end in self._until.items()]
            self._caught_up = all(position >= end for position, end in positions)
            if self._caught_up:
                log.info("matcher_caught_up", shard=self._settings.shard)
        return self._caught_up

    async def _housekeeping(self, consumer: AIOKafkaConsumer) -> None:
        """Now and then: commit positions, measure the lag, read back what was written. Nothing depends on it."""
        measured: lag.Lag = {}
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            self._publisher.resume_readback(consumer)
            with contextlib.suppress(KafkaError):
                taken = self._memory.intake.taken.items()
                await consumer.commit({TopicPartition(*place): next_ for place, next_ in taken})
                measured = await lag.measure(consumer, self._in_progress, measured, GROUP)
            for state, count in zip(("open", "withdrawn"), self._memory.ledger.counts(), strict=True):
                SUGGESTIONS_HELD.labels(state).set(count)


def _first_offset(read: Raw | RawBatch) -> int:
    return read.base if isinstance(read, RawBatch) else read.offset
