"""A relay that was stopped in the middle of its transaction, while another took over, writes nothing when it goes on.

For matchers see `test_matcher_shards.py`.
"""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

from infra.local.ports import free_port
from shared.messaging.topics import cluster
from shared.testing.processes import environment, service
from shared.testing.reading import committed, version_and_value
from shared.testing.wait import until
from tests.fault.storm import Mortal
from tests.integration.cluster import operator

OPENING = {"external_id": "it", "company": {"name": "Initech"}, "title": "First", "workplace": "remote"}


@pytest.mark.parametrize("place", ["committed, not published", "inside the transaction"])
async def test_a_relay_that_was_stopped_writes_nothing_over_its_successor(clean_kafka, database, tmp_path, place):
    """Before its first record, and between its last and the commit: continued, it would go on from there."""
    await cluster.ensure(clean_kafka.bootstrap)
    env = environment(clean_kafka.bootstrap, database.dsn("postings"))
    first = Mortal("postings", free_port(), env, log=tmp_path / "first.log")
    # The clock's record goes out first, by itself; the opening's is the second batch.
    first.launch_doomed(f"{place}:2:stop")
    await first.until_ready()
    try:
        await until(lambda: _all_is_published(database), timeout=30, what="the clock's record is out")
        async with httpx2.AsyncClient(base_url=first.url, headers=operator(), timeout=20) as client:
            made = (await client.post("/internal/v1/organisations", json={"name": "Zombie"})).json()
            recruiter = {"Authorization": f"Bearer {made['api_key']}"}
            posting = asyncio.create_task(client.post("/v1/postings", json=OPENING, headers=recruiter))
            await until(lambda: _stopped(first), timeout=30)
            posting.cancel()
            await asyncio.gather(posting, return_exceptions=True)
        await _cut_off(database)
        async with service("postings", env) as second:
            await until(lambda: _all_is_published(database), timeout=30, what="the successor says what was left to it")
            async with httpx2.AsyncClient(base_url=second.url, headers=recruiter, timeout=20) as client:
                answer = await client.post("/v1/postings", json=OPENING | {"title": "Second"})
                assert answer.is_success, answer.text
            posting_id = answer.json()["posting_id"]
            # Not by what readers see: a transaction that was left open ends by itself after a minute, fenced or not.
            await until(lambda: _all_is_published(database), timeout=30, what="the successor speaks")
            os.killpg(first.pid or 0, signal.SIGCONT)
            await until(lambda: _says(first, "relay_fenced") or _says(first, "loop_interrupted"), timeout=60)
            assert await _titles(clean_kafka.bootstrap, posting_id) == ["First", "Second"], "each by the successor"
            assert _says(first, "relay_fenced"), "its transaction was refused, and it says so"
            await first.kill()
            assert await _titles(clean_kafka.bootstrap, posting_id) == ["First", "Second"]
    finally:
        await first.kill()


def _stopped(process: Mortal) -> bool:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def _says(process: Mortal, event: str) -> bool:
    return event in process.log.read_text()


async def _all_is_published(database: Any) -> bool:
    connection = await asyncpg.connect(database.admin_dsn)
    try:
        waiting = "SELECT count(*) FROM postings.outbox WHERE not_before IS NULL"
        return bool(await connection.fetchval(waiting) == 0)
    finally:
        await connection.close()


async def _cut_off(database: Any) -> None:
    """As after a network partition: the server forgets the connections, and with them the lock."""
    connection = await asyncpg.connect(database.admin_dsn)
    try:
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postings'")
    finally:
        await connection.close()


async def _titles(bootstrap: str, posting_id: str) -> list[str]:
    records = await committed(bootstrap, "postings.v1", 12)
    return [version_and_value(each)[1]["title"] for each in records if each.key == posting_id.encode()]
