"""Topics are made from the catalogue, and differences are reported, never mended behind anybody's back."""

from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import all_topics


async def test_what_is_missing_is_made_and_differences_are_reported(stage):
    fresh = replace(stage.people, name=f"{stage.group}.fresh")
    assert await cluster.ensure(stage.bootstrap, [stage.people, fresh]) == []
    other = replace(fresh, partitions=5, configs=fresh.configs | {"delete.retention.ms": "1"})
    expected = [
        f"{fresh.name}: 3 partitions, the catalogue says 5",
        f"{fresh.name}: delete.retention.ms is 604800000, the catalogue says 1",
    ]
    assert await cluster.ensure(stage.bootstrap, [other]) == expected
    assert await cluster.ensure(stage.bootstrap, [other]) == expected, "reported, not altered"


async def test_the_whole_catalogue_can_be_made(kafka):
    await cluster.ensure(kafka.bootstrap)
    assert await cluster.ensure(kafka.bootstrap) == []
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        names = [topic.name for topic in all_topics()]
        found = await cluster.ids(admin, names)
        assert len(set(found.values())) == len(names)
        with pytest.raises(cluster.TopicError, match="nonsense is not there"):
            await cluster.ids(admin, ["nonsense"])
    finally:
        await admin.close()


async def test_a_topic_that_cannot_be_made_is_an_error(stage):
    with pytest.raises(cluster.TopicError, match="InvalidReplicationFactorError"):
        await cluster.ensure(stage.bootstrap, [replace(stage.people, name=f"{stage.group}.two")], replication=2)
