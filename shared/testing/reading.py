"""What a topic holds, as a reader sees it that comes late."""

import asyncio
import json
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.messaging.kafka.settings import consumer_options

LIMIT_S = 90.0
"""Longer than a transaction of a dead process stays open."""


async def committed(bootstrap: str, topic: str, partitions: int) -> list[ConsumerRecord[bytes, bytes]]:
    """All committed records of a topic up to where it ends now; those of a partition in their order.

    A transaction that is under way is waited for: a broker tells the writer of a commit that readers do not see yet.
    Raises TimeoutError after `LIMIT_S`.
    """
    ends = await _ends(bootstrap, [TopicPartition(topic, number) for number in range(partitions)])
    if not ends:
        return []
    consumer = AIOKafkaConsumer(**consumer_options(bootstrap, client_id="test-reader"))
    await consumer.start()
    try:
        consumer.assign(list(ends))
        for place in ends:
            consumer.seek(place, 0)
        found: list[ConsumerRecord[bytes, bytes]] = []
        async with asyncio.timeout(LIMIT_S):
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for batch in (await consumer.getmany(timeout_ms=100)).values():
                    found += batch
        return found
    finally:
        await consumer.stop()


async def _ends(bootstrap: str, places: list[TopicPartition]) -> dict[TopicPartition, int]:
    """Where those that are not empty end, open transactions included."""
    options = consumer_options(bootstrap, client_id="test-reader") | {"isolation_level": "read_uncommitted"}
    consumer = AIOKafkaConsumer(**options)
    await consumer.start()
    try:
        return {place: end for place, end in (await consumer.end_offsets(places)).items() if end}
    finally:
        await consumer.stop()


def version_and_value(record: ConsumerRecord[bytes, bytes]) -> tuple[int, Any]:
    """A state record's version and its value as JSON; a tombstone's is None."""
    value = None if record.value is None else json.loads(record.value)
    return int(dict(record.headers)["ce_version"]), value


async def latest(bootstrap: str, topic: str, partitions: int = 12) -> dict[str, tuple[int, Any]]:
    """(version, value) of the last committed record of every key."""
    records = await committed(bootstrap, topic, partitions)
    return {(record.key or b"").decode(): version_and_value(record) for record in records}
