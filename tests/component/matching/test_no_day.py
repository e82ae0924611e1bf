"""In a module of its own, for a broker on which the clock has never spoken."""

from shared.testing.wait import until
from tests.component.matching.world import matcher


async def test_nothing_is_said_before_the_day_is_known(world):
    await world.people()
    await world.opening()
    async with matcher(world.bootstrap, ready=False) as running:

        async def waits_for_the_day():
            return await running.check() == "the day is not known yet"

        await until(waits_for_the_day)
        assert not running.answers
        assert await world.said() == []
        await world.day()
        [(_, headers, _)] = await world.hears(1)
    assert headers["ce_cause"] == b"opening"
