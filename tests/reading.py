"""What a topic holds, as a reader sees it that comes late: the last committed record of every key."""

import json
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.messaging.catalogue import STATE_TOPICS

_PARTITIONS = {topic.name: topic.partitions for topic in STATE_TOPICS}


async def latest(bootstrap: str, topic: str) -> dict[str, tuple[int, Any]]:
    """(version, value) by key; a tombstone's value is None."""
    found: dict[str, tuple[int, Any]] = {}
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed", enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(_PARTITIONS[topic])]
        consumer.assign(places)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for batch in (await consumer.getmany(timeout_ms=100)).values():
                for record in batch:
                    value = None if record.value is None else json.loads(record.value)
                    found[record.key.decode()] = (int(dict(record.headers)["ce_version"]), value)
    finally:
        await consumer.stop()
    return found
