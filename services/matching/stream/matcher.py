"""The matcher's loop between Kafka and the engine.

At start it fences the partitions it owns, notes where all topics end, reads up to there, and only then speaks: never
from half a graph, never before the day is known, never what the topic says already. All inputs are read by plain
assignment, from a good snapshot's offsets or else from their beginning; positions are committed only so that lag tools
see them.
"""

import asyncio
import contextlib
import gc
from collections.abc import Callable, Collection, Sequence
from time import perf_counter, time_ns
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.matching.engine.engines import Engine
from services.matching.events import Cause, Change, Numbers
from services.matching.rules.suggestions import Suggestion
from services.matching.settings import Settings
from services.matching.snapshots.restore import Restorer, empty_memory
from services.matching.snapshots.schedule import SnapshotSchedule
from services.matching.stream.engine_thread import SLICE_S, EngineThread, Job
from services.matching.stream.intake import GROUP, INPUTS
from services.matching.stream.opening_traces import OpeningTraces, Origins
from services.matching.stream.partition_publisher import PartitionPublisher
from services.matching.stream.publication import Pending
from services.matching.stream.reconciler import Reconciler
from shared.events.suggestions import suggestion_id
from shared.messaging.consume import lag
from shared.messaging.consume.decoding import Raw
from shared.messaging.kafka.closing import close_consumer
from shared.messaging.kafka.fetcher import RawBatch, WholeBatches
from shared.messaging.kafka.settings import consumer_options
from shared.messaging.publish.publisher import Fenced
from shared.messaging.topics.catalogue import SUGGESTIONS, TIES
from shared.observability.logs import get_logger
from shared.observability.metric_list import SUGGESTIONS as SUGGESTIONS_HELD
from shared.resolution import Vocabulary
from shared.service_kit.backoff import delays
from shared.web.health import Heartbeat

log = get_logger(__name__)

POLL_MS = 200
RECORDS = 5000
"""As many records, or whole batches of ties, make one step of the engine at most."""

FEW_RECORDS = 16
"""So many are taken in at first; how long they take says how many make a slice."""

LOOKED_UP = 50
"""Suggestions put into words in one slice: a millisecond when none of their reasons is cached."""

HOUSEKEEPING_S = 2.0
RETRY_S = 0.5
STUCK_S = 120.0
_TRANSIENT = (KafkaError, OSError, TimeoutError)

T = TypeVar("T")


class Matcher:
    """One process's part: all inputs in, the suggestions of its openings out."""

    def __init__(
        self, settings: Settings, vocabulary: Vocabulary, on_failure: Callable[[], None] = lambda: None
    ) -> None:
        self._settings, self._on_failure = settings, on_failure
        self._memory = empty_memory(settings, vocabulary)
        owned = [number for number in range(SUGGESTIONS.partitions) if settings.owns(number)]
        self._publishers = {number: PartitionPublisher(settings.kafka_bootstrap_servers, number) for number in owned}
        self._assigned = [TopicPartition(t.name, p) for t in INPUTS for p in range(t.partitions)]
        self._assigned += map(_suggestions, owned)
        self._until: dict[TopicPartition, int] = {}
        self._thread = EngineThread()
        folder = settings.snapshot
        schedule = None if folder is None else SnapshotSchedule(folder, settings.group, settings.snapshot_seconds)
        self._restorer = Restorer(settings, vocabulary, schedule, owned)
        self._reconciler = Reconciler(settings.check_seconds)
        self._opening_traces = OpeningTraces(settings.group, settings.owns)
        self._task: asyncio.Task[None] | None = None
        self._resumed = self._caught_up = self._publishing = self._outdated = False
        self._in_progress: dict[tuple[str, int], int] = {}
        self.failure: str | None = None
        self.heartbeat = Heartbeat("the matcher's loop", STUCK_S)

    @property
    def engine(self) -> Engine:
        """The engine. Only to be asked on its own thread, by `ask`, or when nothing else runs."""
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
        await self._restorer.stop()
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
        """Whether questions can be answered: from a whole graph, be it that the broker is away now."""
        return self._publishing and self.failure is None

    async def ask(self, question: Callable[[Engine], T]) -> T:
        """Answer a question between two slices of the engine's work, away from the event loop."""
        return await self._thread.ask(lambda: question(self.engine))

    async def _run(self) -> None:
        try:
            for delay in delays():
                try:
                    await self._consume()
                except _TRANSIENT as error:
                    log.warning("matcher_interrupted", error=error)
                self._caught_up = False
                self.heartbeat.beat()
                await asyncio.sleep(delay)
        except Fenced as error:
            self._fail("fenced: another matcher has taken these partitions", error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the process must not stay up and say nothing
            self._fail("the matcher's loop has ended", error)
        finally:
            await asyncio.gather(*(publisher.close() for publisher in self._publishers.values()))

    def _fail(self, why: str, error: Exception) -> None:
        self.failure = why
        log.error("matcher_stopped", reason=why, exc_info=error)
        self._on_failure()

    async def _consume(self) -> None:
        group = self._settings.group
        bootstrap = self._settings.kafka_bootstrap_servers
        options = consumer_options(bootstrap, client_id=group, group=group)
        # What reads whole batches of ties is compiled too.
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
        """Fence first, then note the ends: whatever a fenced predecessor wrote stands before them."""
        if not self._resumed:
            self._memory = await self._restorer.restore(consumer, self._assigned, self._thread)
            for key, pending in self._memory.pending.items():
                self._publishers[pending.partition].enqueue(key, pending._replace(caused_at=None, numbers=None))
            self._resumed = True
        taken = self._memory.intake.taken
        consumer.assign(self._assigned)
        for each in self._assigned:
            consumer.seek(each, taken.get((each.topic, each.partition), 0))
        claims = (self._claim(publisher, consumer) for publisher in self._publishers.values())
        claimed = await asyncio.gather(*claims, return_exceptions=True)  # side by side: each takes a while
        if failed := [each for each in claimed if isinstance(each, BaseException)]:
            raise next((each for each in failed if isinstance(each, Fenced)), failed[0])
        self._until = dict(await consumer.end_offsets(self._assigned))
        records = sum(end - taken.get((each.topic, each.partition), 0) for each, end in self._until.items())
        log.info("matcher_reads", shard=self._settings.shard, records=records)

    async def _pause_readback(self, read: Collection[TopicPartition], consumer: AIOKafkaConsumer) -> None:
        """Read back what was written here only now and then: it is known, and each time would be a fetch of its own."""
        own = [_suggestions(publisher.partition) for publisher in self._publishers.values() if publisher.claimed]
        if self._publishing and not set(own).isdisjoint(read):
            known = [
                each for each in own if await consumer.position(each) >= self._publishers[each.partition].readback_end
            ]
            consumer.pause(*known)

    async def _claim(self, publisher: PartitionPublisher, consumer: AIOKafkaConsumer) -> None:
        own = _suggestions(publisher.partition)
        consumer.resume(own)

        async def end() -> int:
            return int((await consumer.end_offsets([own]))[own])

        await publisher.claim(end)

    async def _step(self, consumer: AIOKafkaConsumer) -> None:
        """Read what there is, work out what it changes, and say it."""
        self.heartbeat.beat()
        batches = await consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS)
        raws = [raw for batch in batches.values() for raw in batch]
        self._in_progress = {(each.topic, each.partition): _first(group[0]) for each, group in batches.items() if group}
        if raws:
            since = time_ns()
            traces = await self._thread.run(self._ingesting(raws))
            self._opening_traces.postings_read(traces, since_ns=since, live=self._publishing)
            self._outdated = True
        self._in_progress = {}
        await self._pause_readback(batches, consumer)
        if not await self._has_caught_up(consumer):
            return
        if not self._publishing:
            changes = await self._thread.run(self._update())
            if self.engine.state.today is None:
                return
            self._enqueue_at_start(changes)
            self._opening_traces.forget()
            gc.freeze()  # a graph stays: to look through it for garbage would hold everything up for seconds
            self._publishing, self._outdated = True, False
        elif self._outdated:
            self._outdated = False
            since = time_ns()
            changes = await self._thread.run(self._update())
            for change in changes:
                self._enqueue(change.seeker, change.posting, change.cause, change.numbers, timed=True)
            self._opening_traces.postings_matched(changes, (since, time_ns()))
        await asyncio.gather(*(self._publish(publisher, consumer) for publisher in self._publishers.values()))
        await self._maintain()

    def _ingesting(self, raws: Sequence[Raw | RawBatch]) -> Job[Origins]:
        """Take records in; while there may be questions, as many at a time as make a slice."""
        traces: Origins = {}
        at, many = 0, FEW_RECORDS if self._publishing else len(raws)
        while at < len(raws):
            began = perf_counter()
            traces |= self._memory.intake.take(raws[at : at + many])
            at, took = at + many, perf_counter() - began
            if took > SLICE_S / 2:
                many = max(1, many // 2)
            elif took < SLICE_S / 4:
                many *= 2
            self.heartbeat.beat()
            yield
        return traces

    def _update(self) -> Job[list[Change]]:
        """Bring the engine up to date, slice by slice; what that changed."""
        for _ in self.engine.update_in_slices():
            self.heartbeat.beat()
            yield
        return (yield from self.engine.take_changes_in_slices())

    async def _maintain(self) -> None:
        """Now and then a snapshot and a check, both begun here, where the engine is up to date."""
        if self._outdated:
            return
        await self._restorer.snapshot_if_due(self._memory, self._pending, self._thread)
        if self._reconciler.due:
            settings, partitions = self._settings, self._memory.intake.partitions
            await self._reconciler.begin(
                self._thread, self.engine, lambda posting: settings.owns(partitions[posting]), self._repaired
            )

    def _pending(self) -> dict[str, Pending]:
        return {key: each for publisher in self._publishers.values() for key, each in publisher.pending.items()}

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

    def _enqueue(
        self, seeker: str, posting: str, cause: Cause, numbers: Numbers | None = None, *, timed: bool = False
    ) -> None:
        partition, origin = self._memory.intake.partitions[posting], self._opening_traces.origin(posting)
        caused_at = origin.at if timed and origin and cause == "opening" else None
        traceparent = self._opening_traces.traceparent(posting)
        pending = Pending(seeker, posting, partition, cause, traceparent, caused_at, numbers)
        self._publishers[pending.partition].enqueue(suggestion_id(seeker, posting), pending)

    def _enqueue_at_start(self, changes: Sequence[Change]) -> None:
        """What may have to be said after a start: all there is, or after a snapshot what changed on either side."""
        since = self._memory.ledger.changed_since_snapshot()
        if since is None:
            self._enqueue_everything()
            return
        told = {posting for _, posting in since.values()}
        for change in changes:
            self._enqueue(change.seeker, change.posting, "network" if change.posting in told else change.cause)
        for key, (seeker, posting) in since.items():
            partition = self._memory.ledger.partition(key)
            self._publishers[partition].enqueue(key, Pending(seeker, posting, partition, "network"))

    def _enqueue_everything(self) -> None:
        """All is compared with what the topics say. An opening of which nobody was ever told is new."""
        ledger, wanted = self._memory.ledger, list(self.engine.keys())
        told = {posting for seeker, posting in wanted if ledger.ever_published(suggestion_id(seeker, posting))}
        for seeker, posting in wanted:
            self._enqueue(seeker, posting, "network" if posting in told else "opening")
        keys = {suggestion_id(*each) for each in wanted}
        for key, partition in ledger.live():
            if key not in keys:
                self._publishers[partition].withdraw(key)

    async def _publish(self, publisher: PartitionPublisher, consumer: AIOKafkaConsumer) -> None:
        """Let one partition say what it has to. A failure is not the end of it: it is claimed and read again first."""
        if publisher.idle:
            return
        try:
            if not publisher.claimed:
                await self._claim(publisher, consumer)
            if await consumer.position(_suggestions(publisher.partition)) >= publisher.readback_end:
                await publisher.publish(self._look_up, self._memory.ledger)
        except _TRANSIENT as error:
            log.warning("publishing_interrupted", partition=publisher.partition, error=error)
            await asyncio.sleep(RETRY_S)

    async def _look_up(self, wanted: Sequence[Pending]) -> list[Suggestion | None]:
        return await self._thread.run(self._looking_up(wanted))

    def _looking_up(self, wanted: Sequence[Pending]) -> Job[list[Suggestion | None]]:
        found: list[Suggestion | None] = []
        for first in range(0, len(wanted), LOOKED_UP):
            found += self.engine.current(wanted[first : first + LOOKED_UP])
            yield
        return found

    async def _housekeeping(self, consumer: AIOKafkaConsumer) -> None:
        """Commit positions and measure the lag, now and then, and let own words be read back. Nothing depends on it."""
        measured: lag.Lag = {}
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            consumer.resume(*map(_suggestions, self._publishers))
            with contextlib.suppress(KafkaError):
                taken = self._memory.intake.taken.items()
                await consumer.commit({TopicPartition(*place): next_ for place, next_ in taken})
                measured = await lag.measure(consumer, self._in_progress, measured, GROUP)
            self._count_suggestions()

    def _count_suggestions(self) -> None:
        for state, count in zip(("open", "withdrawn"), self._memory.ledger.counts(), strict=True):
            SUGGESTIONS_HELD.labels(state).set(count)


def _first(read: Raw | RawBatch) -> int:
    return read.base if isinstance(read, RawBatch) else read.offset


def _suggestions(partition: int) -> TopicPartition:
    return TopicPartition(SUGGESTIONS.name, partition)
