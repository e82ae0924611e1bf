"""Kill -9 of every service at every named place, of PostgreSQL and of the broker, under load, in a drawn order."""

import os
import random

import pytest

from tests.fault.points import POINTS
from tests.fault.storm import Storm, storm

STRIKES = [
    *((service, name) for name, point in POINTS.items() for service in point.services),
    ("postgres", ""),
    ("broker", ""),
]
SEEDS = int(os.environ.get("WARMPATH_FAULT_SEEDS", "0"))
"""`make test-faults` sets it: so many seeds, each through every strike. Without it, one seed and some of them."""

FEW = 7


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(SEEDS or 1))
async def test_whatever_dies_nothing_accepted_is_lost_and_nobody_is_told_twice(seed, tmp_path):
    async with storm(seed, tmp_path) as running:
        async with running.load():
            for service, name in _drawn(seed):
                await _strike(running, service, name)
        await running.verify()


def _drawn(seed: int) -> list[tuple[str, str]]:
    return random.Random(seed).sample(STRIKES, len(STRIKES) if SEEDS else FEW)


async def _strike(running: Storm, service: str, name: str) -> None:
    if service == "postgres":
        await running.strike_postgres()
    elif service == "broker":
        await running.strike_broker()
    else:
        strike = running.strike_beside if POINTS[name].beside else running.strike
        await strike(service, f"{name}:{running.rng.randint(1, POINTS[name].often)}")
