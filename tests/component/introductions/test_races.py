"""The limits under real races: many askers, several processes, one database."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta

import asyncpg
import httpx2
import pytest

from services.introductions import store, timers, transitions
from services.introductions.limits import Limits
from shared.testing.processes import environment, service
from tests.component.introductions.conftest import SERVICE, START, Matcher, token
from tests.component.notifications.conftest import Profiles, served

ASKERS = 50
PROCESSES = 3


async def states(pool: object) -> Counter[str]:
    rows = await pool.fetch("SELECT state, count(*) AS there FROM introductions GROUP BY state")  # type: ignore[attr-defined]
    return Counter({row["state"]: row["there"] for row in rows})


async def test_of_fifty_who_ask_at_once_four_reach_the_introducer(world):
    await world.member("mei", "ida")
    for number in range(ASKERS):
        await world.path(f"s{number}", "mei", f"target{number}")
    await asyncio.gather(*[world.ask(f"s{number}", "mei") for number in range(ASKERS)])
    assert await states(world.pool) == {"asked": 4, "requested": ASKERS - 4}
    sweepers = [timers.carry_out(world.deps) for _ in range(4)]
    await asyncio.gather(*sweepers)
    assert await states(world.pool) == {"asked": 4, "requested": ASKERS - 4}
    world.clock.moment = START + timedelta(days=14)
    await asyncio.gather(*[timers.carry_out(world.deps) for _ in range(4)])
    assert await states(world.pool) == {"expired": 4, "closed": ASKERS - 4}


async def test_over_three_processes_four_reach_the_introducer(database, topics):
    matcher = Matcher()
    for number in range(ASKERS):
        path = {"introducer_id": "mei", "insider_id": f"target{number}", "score": 0.2, "ask": "app"}
        known = {"target_ask": "app", "firmness": 0.5, "target_firmness": 0.5}
        matcher.paths[f"s{number}", "Initech"] = [path | known]
    async with AsyncExitStack() as stack:
        profiles_url = await stack.enter_async_context(served(Profiles().app()))
        matching_url = await stack.enter_async_context(served(matcher.app()))
        env = environment(
            topics.bootstrap, database.dsn("introductions"),
            WARMPATH_PROFILES_URL=profiles_url, WARMPATH_MATCHING_URL=matching_url, WARMPATH_SERVICE_TOKEN=SERVICE,
        )  # fmt: skip
        first = await stack.enter_async_context(service("introductions", env))
        more = [stack.enter_async_context(service("introductions", env)) for _ in range(PROCESSES - 1)]
        processes = [first, *[await each for each in more]]

        async def ask(number: int) -> int:
            async with httpx2.AsyncClient(base_url=processes[number % PROCESSES].url, timeout=60) as http:
                body = {"company": "Initech", "introducer_ids": ["mei"], "known_as_looking": True}
                headers = {"Authorization": f"Bearer {token(f's{number}')}"}
                return (await http.post("/v1/introductions", json=body, headers=headers)).status_code

        assert set(await asyncio.gather(*map(ask, range(ASKERS)))) == {201}
        connection = await asyncpg.connect(database.dsn("introductions"))
        await connection.execute("SET search_path TO introductions")
        try:
            assert await states(connection) == {"asked": 4, "requested": ASKERS - 4}
        finally:
            await connection.close()


async def test_a_target_who_is_asked_through_many_is_asked_four_times(world):
    await world.member("ida", *(f"i{number}" for number in range(12)))
    made = []
    for number in range(12):
        await world.path(f"s{number}", f"i{number}", "ida")
        made.append(await world.ask(f"s{number}", f"i{number}"))
    await asyncio.gather(*[world.answer(one, f"i{number}", "yes") for number, one in enumerate(made)])
    assert await states(world.pool) == {"accepted": 4, "asked": 8}
    waiting = await world.get("/v1/introductions?role=introducer", "i11")
    assert waiting["items"][0]["answered"] == "yes"


async def test_one_seeker_who_asks_five_at_once_for_one_opening_asks_one(world):
    people = [f"i{number}" for number in range(5)]
    await world.member(*people, "ida")
    for person in people:
        await world.path("amara", person)
    body = {"suggestion_id": "amara/o1", "known_as_looking": True}
    answers = await asyncio.gather(
        *[world.call("POST", "/v1/introductions", "amara", json=body | {"introducer_ids": [one]}) for one in people]
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


async def test_the_live_states_of_the_indexes_are_those_of_the_code(world):
    rows = await world.pool.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'introductions' AND indexname LIKE '%one_an_%'"
    )
    assert {row["indexname"] for row in rows} == {"introductions_one_an_opening", "introductions_one_an_introducer"}
    for row in rows:
        definition = row["indexdef"]
        assert "UNIQUE" in definition
        named = {state for state in transitions.State if f"'{state.value}'::text" in definition.split("AND (NOT")[0]}
        assert named == transitions.LIVE


async def test_the_database_itself_refuses_a_second_one(world):
    await world.member("mei", "kai", "ida")
    await world.path("amara", "mei")
    one = await world.ask("amara", "mei")
    row = dict(await world.pool.fetchrow("SELECT * FROM introductions WHERE introduction_id = $1", one["id"]))
    for changes in ({"introducer_id": "kai"}, {"opening_key": "opening:o2"}):
        columns = row | {"introduction_id": "other"} | changes
        names = ", ".join(columns)
        values = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
        with pytest.raises(asyncpg.UniqueViolationError):
            await world.pool.execute(
                f"INSERT INTO introductions ({names}) VALUES ({values})",  # noqa: S608 - names of columns
                *columns.values(),
            )


async def test_whose_turn_it_is_when_room_appears(world):
    await world.member("mei")
    async with world.pool.acquire() as conn, conn.transaction():
        await store.put_limits(conn, "mei", Limits(asks_a_month=0), {})
    scores = {"s1": 0.1, "s2": 0.4, "s3": 0.2}
    made = {}
    for seeker, score in scores.items():
        await world.path(seeker, "mei", f"target {seeker}", score=score)
        made[seeker] = await world.ask(seeker, "mei")
    await world.call("PUT", "/v1/limits", "mei", json={"asks_a_month": 2})
    await world.tick()
    seen = {
        seeker: (await world.get(f"/v1/introductions/{one['id']}", seeker))["state"] for seeker, one in made.items()
    }
    assert seen == {"s1": "waiting", "s2": "asked", "s3": "asked"}
