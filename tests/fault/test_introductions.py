"""Kill -9 of introductions, PostgreSQL and Kafka in random histories: what is due is carried out, by the contract."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.messaging.topics.catalogue import INTRODUCTIONS
from shared.testing.database import create, start_postgres
from shared.testing.reading import committed, version_and_value
from tests.fault.both_readings import KINDS, LONGEST, PEOPLE, Both
from tests.fault.introducing import Running, introducing
from tests.fault.points import OF_INTRODUCTIONS
from tests.tiers import is_long, seeds
from tests.unit.introductions.second_reading import LIVE, MONTH

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

BACK = timedelta(days=29)
"""The histories begin so long ago: what they call for in this time is told, and is no old news."""

STEPS, MANY_STEPS = 16, 150
PLAINLY, BY_DAY = "wherever it is", "a step carried out, not committed"
"""Where introductions dies: by day at a place that every step comes to."""


TOLD_TWICE = (
    "SELECT kind, suggestion_id FROM notifications.events WHERE kind NOT IN ('updated', 'withdrawn')"
    " GROUP BY kind, suggestion_id, member_id HAVING count(*) > 1"
)
TOLD_ALL = (
    "NOT EXISTS (SELECT FROM notifications.items n JOIN introductions.introductions i"
    " ON n.posting_id = i.introduction_id WHERE n.version < i.version OR n.due_at < clock_timestamp())"
)
"""Notifications has read the last record of each, and told what was due."""


def _strikes(rng: random.Random, steps: int) -> dict[int, str]:
    """What is struck before which step: by day each once, in the long tier the service at each place."""
    places = sorted(OF_INTRODUCTIONS)
    chosen = [*places, *places, PLAINLY, PLAINLY] if is_long() else [BY_DAY]
    chosen += ["postgres", "broker"] * (4 if is_long() else 1)
    return dict(zip(rng.sample(range(3, steps - 3), len(chosen)), chosen, strict=True))


async def _strike(both: Both, what: str) -> None:
    running = both.running
    if both.striking is not None:
        await both.striking
        both.striking = None
    if what == "postgres":
        both.striking = asyncio.create_task(running.strike_postgres())
    elif what == "broker":
        both.striking = asyncio.create_task(running.strike_broker())
    elif what == PLAINLY:
        await running.introductions.kill()
    else:
        await running.doom(running.introductions, f"{what}:{both.rng.randint(1, 2)}")


@seeds(1, long=12)
async def test_whatever_dies_both_readings_agree_and_nothing_is_left_open(fresh_kafka, tmp_path, seed):
    postgres = await start_postgres()
    start = datetime.now(UTC).replace(microsecond=0) - BACK
    try:
        database, rng = await create(postgres), random.Random(seed)
        async with introducing(tmp_path, fresh_kafka, database, set(PEOPLE), start) as running:
            both = Both(running, rng, start)
            await both.begin()
            steps = MANY_STEPS if is_long() else STEPS
            strikes = _strikes(rng, steps)
            for number in range(steps):
                if number in strikes:
                    await _strike(both, strikes[number])
                await both.step(rng.choices(list(KINDS), list(KINDS.values()))[0])
            if both.striking:
                await both.striking
            await both.wait(both.now + 2 * LONGEST)
            await _verify(both)
    finally:
        await postgres.stop()


async def _verify(both: Both) -> None:
    """None open, none over its limit, nothing told twice, and the ledger is the sum of the histories."""
    running = both.running
    await running.is_true("NOT EXISTS (SELECT FROM introductions.outbox WHERE not_before IS NULL)")
    assert running.deaths > 0
    last = await _as_published(running)
    assert {key: _steps(value) for key, value in last.items()} == {key: one.steps for key, one in both.known.items()}
    assert not [key for key, value in last.items() if value["history"][-1]["status"] in (*LIVE, "introduced")]
    assert await running.fetch("SELECT 1 FROM introductions.introductions WHERE due_at IS NOT NULL") == []
    _nobody_was_asked_too_often(both, last.values())
    await _ledger_is_the_sum(both, last.values())
    await running.is_true(TOLD_ALL)
    assert await running.fetch(TOLD_TWICE) == []
    told = await running.fetch("SELECT DISTINCT kind FROM notifications.events")
    assert len(told) > 1, "a history in which nobody is told anything shows nothing"


async def _as_published(running: Running) -> dict[str, dict[str, Any]]:
    """The last record of each introduction. Each tells more than the one before, or is the same once more."""
    last: dict[str, tuple[int, dict[str, Any]]] = {}
    for record in await committed(running.broker.bootstrap, INTRODUCTIONS.name, INTRODUCTIONS.partitions):
        key, (version, value) = (record.key or b"").decode(), version_and_value(record)
        before, told = last.get(key, (0, {"history": []}))
        assert version > before or (version, value) == (before, told)
        assert value["history"][: len(told["history"])] == told["history"]
        last[key] = version, value
    return {key: value for key, (_, value) in last.items()}


def _steps(value: dict[str, Any]) -> list[tuple[str, datetime]]:
    return [
        (":".join([step["status"], *([step["outcome"]] if step.get("outcome") else [])]), _at(step))
        for step in value["history"]
    ]


def _at(step: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(step["at"])


def _nobody_was_asked_too_often(both: Both, records: Iterable[dict[str, Any]]) -> None:
    """Whenever a request reached somebody, it was within what they allowed then for the 720 hours before."""
    reached: dict[str, list[datetime]] = {person: [] for person in PEOPLE}
    for value in records:
        asked = [("asked", value["introducer_id"], value["legs"]["introducer"])]
        if value["insider_id"] != value["introducer_id"]:
            asked.append(("accepted", value["insider_id"], value["legs"]["target"]))
        for status, person, leg in asked:
            if leg == "app" and person in reached:
                reached[person] += [_at(step) for step in value["history"] if step["status"] == status]
    assert any(reached.values())
    for person, moments in reached.items():
        for moment in moments:
            lately = sum(moment - MONTH < each <= moment for each in moments)
            assert lately <= [most for since, most in both.allowed[person] if since <= moment][-1]


async def _ledger_is_the_sum(both: Both, records: Iterable[dict[str, Any]]) -> None:
    """What each of a pair made for the other, as the service shows it before an ask."""
    made = Counter(
        (value["introducer_id"], value["seeker_id"])
        for value in records
        if "introduced" in [step["status"] for step in value["history"]]
    )
    ways = {(seeker, introducer): about for seeker, introducer, about in both.second.ways}
    for (seeker, introducer), about in ways.items():
        where = f"/v1/introductions/preview?introducer_id={introducer}&suggestion_id={seeker}-{about}"
        shown = (await both.running.send("GET", where, seeker)).json()
        assert shown["given"] == {"to_you": made[introducer, seeker], "by_you": 0}, shown
        assert made[introducer, seeker] == both.second.given(introducer, seeker)
