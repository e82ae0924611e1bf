"""Kill -9 of every service at every named place, of PostgreSQL and of the broker, under load, in a drawn order."""

import random

import pytest

from tests.fault.points import POINTS
from tests.fault.storm import Storm, storm
from tests.tiers import is_long, seeds

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

STRIKES = [
    *((service, name) for name, point in POINTS.items() for service in point.services),
    ("postgres", ""),
    ("broker", ""),
]
FEW = 4
"""So many strikes by day; in the long tier every seed goes through all."""


@pytest.mark.timeout(900)
@seeds(1, long=10)
async def test_whatever_dies_nothing_accepted_is_lost_and_nobody_is_told_twice(seed, tmp_path):
    async with storm(seed, tmp_path) as running:
        async with running.load():
            for service, name in _drawn(seed):
                await _strike(running, service, name)
        await running.verify()


def _drawn(seed: int) -> list[tuple[str, str]]:
    return random.Random(seed).sample(STRIKES, len(STRIKES) if is_long() else FEW)


async def _strike(running: Storm, service: str, name: str) -> None:
    if service == "postgres":
        await running.strike_postgres()
    elif service == "broker":
        await running.strike_broker()
    else:
        strike = running.strike_beside if POINTS[name].beside else running.strike
        await strike(service, f"{name}:{running.rng.randint(1, POINTS[name].often)}")
