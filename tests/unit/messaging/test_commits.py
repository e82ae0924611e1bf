"""What Kafka is told of what was applied, and when."""

from types import SimpleNamespace

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from shared.messaging.consume import commits
from shared.messaging.consume.commits import OffsetCommitter, PolledBatch

ONE, TWO = TopicPartition("t", 1), TopicPartition("t", 2)


class Client:
    """Takes commits, for the partitions that are its own."""

    def __init__(self, *assigned, fails=False):
        self.assigned, self.fails, self.commits = set(assigned), fails, []

    def assignment(self):
        return self.assigned

    async def commit(self, offsets):
        self.commits.append(offsets)
        if self.fails:
            raise CommitFailedError


def records(partition, *offsets):
    return tuple(SimpleNamespace(topic="t", partition=partition, offset=offset) for offset in offsets)


async def test_nothing_is_told_before_it_is_applied():
    client, applied = Client(ONE), OffsetCommitter()
    batch = PolledBatch(records(1, 4, 5), client, applied)
    await applied.commit_if_due(client, idle=True)
    assert client.commits == []
    await batch.ack()
    await applied.commit_if_due(client, idle=True)
    assert client.commits == [{ONE: 6}]


async def test_of_what_keeps_coming_kafka_is_told_now_and_then(monkeypatch):
    clock = SimpleNamespace(monotonic=lambda: now)
    monkeypatch.setattr(commits, "time", clock)
    client, applied, now = Client(ONE, TWO), OffsetCommitter(), 100.0
    for offset in range(3):
        applied.mark_applied(records(1, offset))
        applied.mark_applied(records(2, 10 + offset))
        await applied.commit_if_due(client, idle=False)
    assert client.commits == [{ONE: 1, TWO: 11}]
    now = 100.0 + commits.EVERY_SECONDS + 0.1
    await applied.commit_if_due(client, idle=False)
    assert client.commits[1:] == [{ONE: 3, TWO: 13}]
    await applied.commit_if_due(client, idle=True)
    assert len(client.commits) == 2, "there was nothing new"


async def test_a_batch_that_was_given_back_is_not_told_of():
    client, applied = Client(ONE), OffsetCommitter()
    client.seek = lambda partition, offset: sought.append((partition, offset))
    sought = []
    batch = PolledBatch(records(1, 4, 5), client, applied)
    await batch.nack()
    await batch.ack()
    await applied.commit_if_due(client, idle=True)
    assert (sought, client.commits) == ([(ONE, 4)], [])


async def test_partitions_that_went_elsewhere_and_refused_commits_cost_nothing():
    applied, client = OffsetCommitter(), Client(TWO, fails=True)
    applied.mark_applied(records(1, 1))
    applied.mark_applied(records(2, 1))
    await applied.commit_if_due(client, idle=True)
    assert client.commits == [{TWO: 2}]
