"""What a topic holds, as a reader sees it that comes late."""

import asyncio
import json
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.messaging.kafka.settings import consumer_options

LIMIT_S = 90.0
"""Longer than a transaction of a dead process stays open."""


class TopicReader:
    """Reads a topic from its beginning, and on from there with every call. Used with `async with`."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        options = consumer_options(bootstrap, client_id="test-reader")
        self._partitions = [TopicPartition(topic, number) for number in range(partitions)]
        self._consumer = AIOKafkaConsumer(**options)
        self._uncommitted = AIOKafkaConsumer(**options | {"isolation_level": "read_uncommitted"})
        self._found: list[ConsumerRecord[bytes, bytes]] = []

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        await self._uncommitted.start()
        self._consumer.assign(self._partitions)
        for partition in self._partitions:
            self._consumer.seek(partition, 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()
        await self._uncommitted.stop()

    async def records(self) -> list[ConsumerRecord[bytes, bytes]]:
        """All committed records up to where the topic ends now; those of a partition in their order.

        A transaction that is under way is waited for: a broker tells the writer of a commit that readers do not see
        yet. Raises TimeoutError after `LIMIT_S`.
        """
        ends = await self._uncommitted.end_offsets(self._partitions)
        async with asyncio.timeout(LIMIT_S):
            while any([await self._consumer.position(place) < end for place, end in ends.items() if end]):
                for batch in (await self._consumer.getmany(timeout_ms=100)).values():
                    self._found += batch
        return list(self._found)


async def committed(bootstrap: str, topic: str, partitions: int) -> list[ConsumerRecord[bytes, bytes]]:
    """All committed records of a topic up to where it ends now, as `TopicReader.records` gives them."""
    async with TopicReader(bootstrap, topic, partitions) as reader:
        return await reader.records()


def version_and_value(record: ConsumerRecord[bytes, bytes]) -> tuple[int, Any]:
    """A state record's version and its value as JSON; a tombstone's is None."""
    value = None if record.value is None else json.loads(record.value)
    return int(dict(record.headers)["ce_version"]), value


async def latest(bootstrap: str, topic: str, partitions: int = 12) -> dict[str, tuple[int, Any]]:
    """(version, value) of the last committed record of every key."""
    records = await committed(bootstrap, topic, partitions)
    return {(record.key or b"").decode(): version_and_value(record) for record in records}
