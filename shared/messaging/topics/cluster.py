"""Topics in the cluster: created from the catalogue, compared with it, and known by their ids."""

import asyncio
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.messaging.kafka import metadata
from shared.messaging.kafka.settings import client_options
from shared.messaging.topics.catalogue import Topic, all_topics
from shared.observability.logs import get_logger

log = get_logger(__name__)

VISIBLE_SECONDS = 15.0
NO_TOPIC = 3
"""Kafka's error code for a topic that does not exist."""


class TopicError(Exception):
    """A topic could not be made or is not there; the text says which, and Kafka's error."""


async def ensure(bootstrap: str, topics: Iterable[Topic] | None = None, replication: int = 1) -> list[str]:
    """Create what is missing, and report how what was there differs from the catalogue (it is never altered).

    Raises TopicError when a topic cannot be created, KafkaConnectionError when no broker answers.
    """
    wanted = list(all_topics() if topics is None else topics)
    admin = AIOKafkaAdminClient(**client_options(bootstrap, "topics"))
    try:
        await admin.start()
        there = await _there(admin, wanted)
        await _create(admin, [topic for topic in wanted if topic.name not in there], replication)
        found = await _differences(admin, wanted, there)
    finally:
        await admin.close()
    for line in found:
        log.warning("topic_differs", difference=line)
    return found


async def differences(bootstrap: str, topics: Iterable[Topic] | None = None) -> tuple[list[str], list[str]]:
    """The names of topics that are not there, and how the others differ from the catalogue; nothing is changed.

    Raises KafkaError.
    """
    wanted = list(all_topics() if topics is None else topics)
    admin = AIOKafkaAdminClient(**client_options(bootstrap, "topics"))
    try:
        await admin.start()
        there = await _there(admin, wanted)
        return [t.name for t in wanted if t.name not in there], await _differences(admin, wanted, there)
    finally:
        await admin.close()


async def brokers(bootstrap: str) -> int:
    """How many brokers the cluster has. Raises KafkaError."""
    admin = AIOKafkaAdminClient(**client_options(bootstrap, "topics"))
    try:
        await admin.start()
        return len((await metadata.ask(admin, []))["brokers"])
    finally:
        await admin.close()


async def ids(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, uuid.UUID]:
    """Each topic's id, by name; one that is made anew has a new one. Raises TopicError for one that is not there."""
    found = await _metadata(admin, names)
    for name in names:
        if name not in found:
            raise TopicError(f"topic {name} is not there")
    return {name: found[name]["topic_id"] for name in names}


async def identities(bootstrap: str, names: Sequence[str]) -> tuple[str, dict[str, uuid.UUID]]:
    """The cluster's id and each topic's. Raises TopicError for one that is not there, KafkaError without a broker."""
    admin = AIOKafkaAdminClient(**client_options(bootstrap, "topic-ids"))
    try:
        await admin.start()
        cluster_id = str((await metadata.ask(admin, names))["cluster_id"])
        return cluster_id, await ids(admin, names)
    finally:
        await admin.close()


async def _metadata(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    answer = await metadata.ask(admin, names)
    return {each["name"]: each for each in answer["topics"] if each["error_code"] == 0}


async def _there(admin: AIOKafkaAdminClient, wanted: Sequence[Topic]) -> dict[str, dict[str, Any]]:
    return await _metadata(admin, [topic.name for topic in wanted])


async def _differences(
    admin: AIOKafkaAdminClient, wanted: Sequence[Topic], there: dict[str, dict[str, Any]]
) -> list[str]:
    known = [topic for topic in wanted if topic.name in there]
    return [line for topic in known for line in _partitions(topic, there[topic.name])] + await _configs(admin, known)


async def _create(admin: AIOKafkaAdminClient, missing: Sequence[Topic], replication: int) -> None:
    if not missing:
        return
    new = [
        NewTopic(
            topic.name, num_partitions=topic.partitions, replication_factor=replication, topic_configs=topic.configs
        )
        for topic in missing
    ]
    response = await admin.create_topics(new)
    for name, code, *_ in response.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise TopicError(f"topic {name} could not be created: {error.__name__}")
    async with asyncio.timeout(VISIBLE_SECONDS):
        while not await _led(admin, missing):  # noqa: ASYNC110 - the cluster has no event to wait for
            await asyncio.sleep(0.05)
    log.info("topics_created", topics=[topic.name for topic in missing])


async def _led(admin: AIOKafkaAdminClient, wanted: Sequence[Topic]) -> bool:
    """Every partition has a leader: a created topic is usable a moment after it was created."""
    there = await _there(admin, wanted)
    partitions = [each for found in there.values() for each in found["partitions"]]
    return len(there) == len(wanted) and all(each["error_code"] == 0 and each["leader"] >= 0 for each in partitions)


def _partitions(topic: Topic, found: dict[str, Any]) -> list[str]:
    count = len(found["partitions"])
    if count == topic.partitions:
        return []
    return [f"{topic.name}: {count} partitions, the catalogue says {topic.partitions}"]


async def _configs(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> list[str]:
    if not topics:
        return []
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(asked):
        for code, _message, _kind, name, entries in response.resources:
            if code:
                raise KafkaError(f"configs of {name}: {for_code(code).__name__}")
            found[name] = {entry[0]: entry[1] for entry in entries}
    return [
        f"{topic.name}: {name} is {found.get(topic.name, {}).get(name)}, the catalogue says {value}"
        for topic in topics
        for name, value in topic.configs.items()
        if found.get(topic.name, {}).get(name) != value
    ]
