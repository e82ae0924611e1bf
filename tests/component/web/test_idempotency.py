"""`Idempotency-Key` on a real database: one effect, one answer, whatever is repeated and whenever."""

import asyncio
from datetime import timedelta
from typing import Annotated

import httpx2
import pytest
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from shared.config import ServiceSettings
from shared.storage.migrations import migrate
from shared.storage.pool import open_pool
from shared.testing.wait import until
from shared.web import idempotency
from shared.web.app import create_app
from shared.web.idempotency import Answer, run_once
from shared.web.identity import Caller, require
from shared.web.problems import invalid

SETTINGS = ServiceSettings(service_token="service-secret-of-a-test", operator_token="operator-secret-of-a-test")
OPERATOR = {"Authorization": "Bearer operator-secret-of-a-test"}
SERVICE = {"Authorization": "Bearer service-secret-of-a-test"}


class Thing(BaseModel):
    title: str


class World:
    """An application with one endpoint whose effect is a row, and switches for what happens inside it."""

    def __init__(self, pool):
        self.pool = pool
        self.runs = 0
        self.inside: asyncio.Event | None = None
        self.go_on = asyncio.Event()
        self.fail = False
        router = APIRouter(prefix="/v1")

        @router.post("/things/{shelf}", status_code=201)
        async def make(
            shelf: str,
            body: Thing,
            request: Request,
            caller: Annotated[Caller, Depends(require("operator", "service"))],
            member: str | None = None,  # noqa: ARG001 - requests that differ in it alone differ
        ) -> Response:
            async def effect(connection):
                self.runs += 1
                number = await connection.fetchval(
                    "INSERT INTO things (shelf, title) VALUES ($1, $2) RETURNING id", shelf, body.title
                )
                if self.inside is not None:
                    self.inside.set()
                    await self.go_on.wait()
                if self.fail:
                    raise invalid("title", "not now")
                return Answer(201, {"id": number, "title": body.title}, {"Location": f"/v1/things/{number}"})

            return await run_once(request, pool, caller, effect)

        self.app = create_app(SETTINGS, service="postings", routers=[router])

    async def post(self, key=None, title="Plumber é", shelf="a", caller=OPERATOR, query=""):
        headers = caller | ({"Idempotency-Key": key} if key is not None else {})
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url="http://t") as client:
            return await client.post(f"/v1/things/{shelf}{query}", json={"title": title}, headers=headers)

    async def count(self):
        return await self.pool.fetchval("SELECT count(*) FROM things")


@pytest.fixture
async def world(database):
    pool = await open_pool(database.dsn("postings"), schema="postings")
    await migrate(pool)
    await pool.execute("CREATE TABLE things (id bigserial, shelf text, title text)")
    yield World(pool)
    await pool.close()


async def test_without_a_key_every_request_has_its_effect(world):
    first, second = await world.post(), await world.post()
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() != second.json()
    assert await world.count() == 2


async def test_the_same_request_again_gets_the_same_answer_and_no_second_effect(world):
    first, again = await world.post("k-1"), await world.post("k-1")
    assert (await world.count(), world.runs) == (1, 1)
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert first.json() == {"id": 1, "title": "Plumber é"}
    for name in ("location", "content-type", "content-length"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert again.headers["x-request-id"] != first.headers["x-request-id"]


@pytest.mark.parametrize("other", [{"title": "Welder"}, {"shelf": "b"}, {"query": "?member=m-1"}], ids=str)
async def test_another_request_under_the_same_key_is_a_409(world, other):
    await world.post("k-1")
    answer = await world.post("k-1", **other)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert await world.count() == 1


async def test_another_callers_key_is_another_key(world):
    assert (await world.post("k-1")).json() != (await world.post("k-1", caller=SERVICE)).json()
    assert await world.count() == 2


@pytest.mark.parametrize("key", ["", "a b", "x" * 201])
async def test_a_malformed_key_is_a_422_naming_the_header(world, key):
    answer = await world.post(key)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert (await world.post("x" * 200)).status_code == 201


async def test_of_many_at_the_same_time_one_has_the_effect_and_all_get_its_answer(world):
    answers = await asyncio.gather(*(world.post("k-1") for _ in range(8)))
    assert {(each.status_code, each.content) for each in answers} == {(201, answers[0].content)}
    assert (await world.count(), world.runs) == (1, 1)


async def waits_for_a_lock(pool):
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    await until(lambda: pool.fetchval(waiting), what="a transaction waits for a lock")


async def test_one_that_comes_meanwhile_waits_for_the_commit(world):
    world.inside = asyncio.Event()
    async with asyncio.timeout(10):
        first = asyncio.create_task(world.post("k-1"))
        await world.inside.wait()
        second = asyncio.create_task(world.post("k-1"))
        await waits_for_a_lock(world.pool)
        assert not second.done()
        world.go_on.set()
        assert (await first).content == (await second).content
    assert (await world.count(), world.runs) == (1, 1)


async def test_one_that_waits_for_a_failure_does_the_work_itself(world):
    world.inside, world.fail = asyncio.Event(), True
    async with asyncio.timeout(10):
        first = asyncio.create_task(world.post("k-1"))
        await world.inside.wait()
        second = asyncio.create_task(world.post("k-1"))
        await waits_for_a_lock(world.pool)
        world.go_on.set()
        assert (await first).status_code == 422
        world.fail = False
        assert (await second).status_code in (201, 422)
    assert world.runs == 2
    assert await world.count() == (1 if (await second).status_code == 201 else 0)


async def test_a_failure_is_not_remembered(world):
    world.fail = True
    assert (await world.post("k-1")).status_code == 422
    assert await world.pool.fetchval("SELECT count(*) FROM idempotency") == 0
    world.fail = False
    assert (await world.post("k-1", title="Welder")).status_code == 201, "corrected, under the same key"
    assert await world.count() == 1


async def age(world, hours):
    await world.pool.execute("UPDATE idempotency SET created_at = now() - $1::interval", timedelta(hours=hours))


async def test_after_a_day_the_key_is_free(world):
    first = await world.post("k-1")
    await age(world, 23)
    assert (await world.post("k-1")).content == first.content
    await age(world, 25)
    assert (await world.post("k-1", title="Welder")).json() == {"id": 2, "title": "Welder"}
    assert (await world.post("k-1", title="Welder")).json() == {"id": 2, "title": "Welder"}


async def test_old_answers_are_cleaned_up_and_a_callers_can_be_forgotten(world):
    await world.post("k-1")
    await age(world, 25)
    await world.post("k-2")
    await world.post("k-3", caller=SERVICE)
    await idempotency.clean_up(world.pool)
    kept = "SELECT array_agg(key ORDER BY key) FROM idempotency"
    assert await world.pool.fetchval(kept) == ["k-2", "k-3"]
    await idempotency.forget(world.pool, Caller("service", "service"))
    assert await world.pool.fetchval(kept) == ["k-2"]
