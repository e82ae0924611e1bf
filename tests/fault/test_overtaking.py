"""Consent that is withdrawn overtakes an address book of ties that wait to be published."""

import time
from contextlib import AsyncExitStack

import httpx2

from shared.events.ties import TieV1, tie_key
from shared.messaging.publish import outbox
from shared.messaging.publish.outbox import Lane
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import TIES
from shared.storage.pool import Pool, open_pool
from shared.testing.processes import environment, service
from shared.testing.reading import latest
from shared.testing.wait import until
from tests.integration.cluster import operator
from tests.tiers import is_long

WAITING = 200_000 if is_long() else 80_000
MEMBER = {"name": "Somebody", "email": "somebody@people.example", "introduces": True}


async def test_consent_that_is_withdrawn_overtakes_an_address_book(clean_kafka, database, record_property):
    await cluster.ensure(clean_kafka.bootstrap)
    env = environment(clean_kafka.bootstrap, database.dsn("profiles"))
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(service("profiles", env))
        client = httpx2.AsyncClient(base_url=process.url, headers=operator(), timeout=60)
        await stack.enter_async_context(client)
        pool = await open_pool(database.dsn("profiles"), schema="profiles")
        stack.push_async_callback(pool.close)
        made = (await client.post("/internal/v1/members", json=MEMBER)).json()
        records = [_tie(number) for number in range(WAITING)]
        async with pool.acquire() as conn, conn.transaction():
            await outbox.enqueue_many(conn, records, lane=Lane.BULK)
        began = time.monotonic()
        member = {"Authorization": f"Bearer {made['token']}"}
        answer = await client.patch("/v1/me", json={"introduces": False}, headers=member)
        assert answer.is_success, answer.text
        await until(lambda: _gone_out(pool), timeout=30, every=0.005)
        record_property("seconds until it was out", round(time.monotonic() - began, 3))
        left = await pool.fetchval("SELECT count(*) FROM outbox WHERE lane = $1", int(Lane.BULK))
        assert left > WAITING / 2, "it went out before them, not after"
        held = await latest(clean_kafka.bootstrap, "people.v1")
        assert held[made["member_id"]][1]["introduces"] is False


async def _gone_out(pool: Pool) -> bool:
    return bool(await pool.fetchval("SELECT count(*) FROM outbox WHERE lane = $1", int(Lane.PROMPT)) == 0)


def _tie(number: int) -> outbox.OutgoingRecord:
    tie = TieV1(person_id="owner", contact_id=f"c{number}", version=1)
    return outbox.outgoing_record(TIES, tie_key("owner", f"c{number}"), tie, 1, source="profiles")
