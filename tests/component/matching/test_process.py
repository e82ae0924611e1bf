"""As a process of its own: ready when caught up, answers over HTTP, and ends with 1 when it was fenced."""

import httpx2

from shared.testing.processes import OPERATOR_TOKEN, environment, service
from shared.testing.wait import until
from tests.component.matching.world import matcher


async def test_a_fenced_process_ends_with_1(world):
    await world.everything()
    async with service("matching", environment(world.bootstrap)) as process:
        async with httpx2.AsyncClient(base_url=process.url, trust_env=False) as client:
            token = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
            question = {"posting_id": world.id("opening"), "member": world.id("ann")}
            answer = await client.get("/v1/explain", params=question, headers=token)
            assert answer.json()["suggestion"]["paths"][0]["introducer_id"] == world.id("bob")
        async with matcher(world.bootstrap):
            await world.tie("ann", "bob", 1)
            await until(lambda: not process.running, timeout=30)
        assert process.exit_code == 1


async def test_told_to_stop_it_ends_with_0(world):
    await world.everything()
    async with service("matching", environment(world.bootstrap)) as process:
        await process.stop()
        assert process.exit_code == 0
