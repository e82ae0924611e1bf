"""What is written to `suggestions.v1`, and when: only what differs, and only by who has claimed and read back."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer

from services.matching.events import Change
from services.matching.rules.suggestions import Introducer, Suggestion
from services.matching.stream.ledger import Ledger, Pending
from services.matching.stream.memory import empty_memory
from services.matching.stream.opening_traces import OpeningTraces
from services.matching.stream.partition_publisher import PartitionPublisher
from services.matching.stream.suggestion_publisher import SuggestionPublisher
from shared.events.suggestions import Opening, suggestion_id
from shared.messaging.kafka.settings import consumer_options
from shared.messaging.publish.publisher import Fenced
from tests.component.matching.world import VOCABULARY, settings

HEAD = Opening(title="Developer", company="Initech", posted_at=datetime(2026, 1, 5, tzinfo=UTC))
PARTITION = 7


class Answers:
    """Instead of an engine: what it would say of one suggestion, and how often it was asked."""

    def __init__(self, world) -> None:
        self.seeker, self.posting = world.id("ann"), world.id("opening")
        self.key = suggestion_id(self.seeker, self.posting)
        self.pending = Pending(self.seeker, self.posting, PARTITION, "network")
        self.fit: float | None = 1.0
        self.asked = 0

    async def look_up(self, wanted: Sequence[Pending]) -> list[Suggestion | None]:
        self.asked += len(wanted)
        path = Introducer("bob", "bob", 0.5, "warm", "app", ("you said you know them well",))
        found = None if self.fit is None else Suggestion(self.seeker, self.posting, self.fit, HEAD, (path,))
        return [found] * len(wanted)


@asynccontextmanager
async def reading(world) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(**consumer_options(world.bootstrap, client_id="test", group="test"))
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def no_end() -> int:
    return 0


async def test_only_what_differs_from_the_topic_is_written(world):
    answers, ledger, partition = Answers(world), Ledger(), PartitionPublisher(world.bootstrap, PARTITION)
    await partition.claim(no_end)
    try:
        for fit in (1.0, 1.0, 0.9, 0.9, 0.9001, None, None, 0.9):  # 0.9001 reads as 90 percent too
            answers.fit = fit
            partition.enqueue(answers.key, answers.pending)
            await partition.publish(answers.look_up, ledger)
            assert partition.idle
    finally:
        await partition.close()
    written = await world.said(answers.key)
    assert [value and value.fit for *_, value in written] == [100, 90, None, 90]
    versions = [int(headers["ce_version"]) for _, headers, _ in written]
    assert versions == sorted(set(versions))
    assert [value.version for *_, value in written if value] == [versions[0], versions[1], versions[3]]


async def test_what_an_opening_caused_stays_so_until_it_is_written(world):
    answers, partition = Answers(world), PartitionPublisher(world.bootstrap, PARTITION)
    await partition.claim(no_end)
    try:
        for cause in ("network", "opening", "network"):
            partition.enqueue(answers.key, answers.pending._replace(cause=cause))
        await partition.publish(answers.look_up, Ledger())
    finally:
        await partition.close()
    [(_, headers, _)] = await world.said(answers.key)
    assert headers["ce_cause"] == b"opening"


async def test_who_has_not_claimed_a_partition_writes_nothing_there(world):
    answers, partition = Answers(world), PartitionPublisher(world.bootstrap, PARTITION)
    partition.enqueue(answers.key, answers.pending)
    with pytest.raises(RuntimeError, match="not been started"):
        await partition.publish(answers.look_up, Ledger())
    assert not partition.idle
    assert await world.said(answers.key) == []


async def test_who_lost_the_claim_writes_nothing_and_keeps_what_is_pending(world):
    answers, first, second = Answers(world), *(PartitionPublisher(world.bootstrap, PARTITION) for _ in range(2))
    await first.claim(no_end)
    await second.claim(no_end)
    first.enqueue(answers.key, answers.pending)
    try:
        with pytest.raises(Fenced):
            await first.publish(answers.look_up, Ledger())
        assert not first.claimed
        assert answers.key in first.pending
        assert await world.said(answers.key) == []
    finally:
        await first.close()
        await second.close()


async def test_a_partition_is_claimed_and_read_back_before_it_is_written(world):
    """Whatever a predecessor wrote is known by then, so it is not written again."""
    answers, predecessor = Answers(world), PartitionPublisher(world.bootstrap, PARTITION)
    await predecessor.claim(no_end)
    predecessor.enqueue(answers.key, answers.pending)
    await predecessor.publish(answers.look_up, Ledger())
    made = settings(world.bootstrap)
    memory, publisher = empty_memory(made, VOCABULARY), SuggestionPublisher(made, OpeningTraces("test", made.owns))
    memory.intake.partitions[answers.posting] = PARTITION
    async with reading(world) as consumer:
        consumer.assign(publisher.places)
        await consumer.seek_to_beginning(*publisher.places)
        publisher.enqueue_changes(memory, [Change(answers.seeker, answers.posting, "network")])
        try:
            await publisher.publish(memory, consumer, answers.look_up)
            assert answers.asked == 1, "asked by the predecessor only: claimed now, and not read back yet"
            with pytest.raises(Fenced):
                await _publish_again(predecessor, answers)
            while publisher.pending:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    memory.intake.take(records)
                await publisher.publish(memory, consumer, answers.look_up)
        finally:
            await publisher.close()
            await predecessor.close()
    assert len(await world.said(answers.key)) == 1


async def _publish_again(partition: PartitionPublisher, answers: Answers) -> None:
    partition.enqueue(answers.key, answers.pending)
    await partition.publish(answers.look_up, Ledger())
