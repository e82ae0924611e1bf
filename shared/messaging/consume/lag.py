"""How many records a process has still to apply: the end of each of its partitions minus its applied position."""

from collections.abc import Iterable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.observability.metric_list import CONSUMER_LAG

EVERY_SECONDS = 5.0
Lag = dict[tuple[str, int], int]


async def measure(
    consumer: AIOKafkaConsumer,
    in_progress: Mapping[tuple[str, int], int],
    before: Iterable[tuple[str, int]],
    group: str,
) -> Lag:
    """Lag by topic and partition, also set in the gauges. Gauges of partitions only in `before` are removed.

    `in_progress`: the applied positions of partitions whose records were read and are not applied yet.
    Raises KafkaError.
    """
    assigned: set[TopicPartition] = consumer.assignment()
    ends = await consumer.end_offsets(list(assigned)) if assigned else {}
    found: Lag = {}
    for each, end in ends.items():
        place = (each.topic, each.partition)
        position = in_progress.get(place)
        if position is None:
            position = await consumer.position(each)
        found[place] = max(0, end - position)
    for place, behind in found.items():
        CONSUMER_LAG.labels(group, *map(str, place)).set(behind)
    for topic, partition in set(before) - set(found):
        CONSUMER_LAG.remove(group, topic, str(partition))
    return found
