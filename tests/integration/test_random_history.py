"""A random history through real processes ends where the plain rules end; one matcher a shard, the older one fenced."""

from datetime import date

import pytest

from infra.local.service import ServiceProcess
from shared.testing.processes import service
from shared.testing.wait import until
from tests.integration.cluster import Cluster, expected, ready, running
from tests.integration.histories import Event, World
from tests.tiers import seeds

TODAY = date(2026, 11, 23)
CLOCK = Event("clock.v1", "day", 1, {"day": TODAY.isoformat(), "version": 1})


async def ends_as_expected(cluster: Cluster, events: list[Event]) -> None:
    wanted = expected(events, TODAY)
    assert len(wanted) > 10, "a history that suggests nothing shows nothing"

    async def same() -> bool:
        held = await cluster.inboxes()
        differing = [key for key in held.keys() | wanted.keys() if held.get(key) != wanted.get(key)]
        assert not differing, f"{len(differing)} of {len(wanted)} differ, such as {differing[:3]}"
        return True

    await until(same, timeout=60)


@seeds(1, long=10)
async def test_two_matchers_and_a_random_history_end_in_the_inboxes_the_plain_rules_give(clean_kafka, database, seed):
    world = World(seed + 1, f"h{seed}-", TODAY)
    async with running(clean_kafka.bootstrap, database) as cluster:
        history = [CLOCK, *world.beginning()]
        await cluster.publish(history)
        await ends_as_expected(cluster, history)
        for burst in (world.draw(100), world.draw_ties(40), world.draw(100), world.draw_ties(40)):
            history += burst
            await cluster.publish(burst)
            await ends_as_expected(cluster, history)


@pytest.mark.long  # by day `test_matcher_shards` shows it
async def test_a_second_start_of_a_shard_fences_the_first_and_goes_on_where_it_was(clean_kafka, database):
    world = World(3, "f-", TODAY)
    async with running(clean_kafka.bootstrap, database) as cluster:
        history = [CLOCK, *world.beginning()]
        await cluster.publish(history)
        await ends_as_expected(cluster, history)
        first = cluster.matchers[0]
        env = {name: value for name, value in first._env.items() if name != "WARMPATH_PORT"}
        async with service("matching", env) as second:
            burst = world.draw(120)
            history += burst
            await cluster.publish(burst)
            await ends_as_expected(cluster, history)
            await until(lambda: _has_given_up(first), timeout=30, what="the older matcher to notice that it is fenced")
            assert await ready(second)


async def _has_given_up(process: ServiceProcess) -> bool:
    return not process.running or not await ready(process)
