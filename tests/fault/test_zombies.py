"""A relay that was stopped in the middle of its transaction, while another took over, writes nothing when it goes on.

For matchers see `test_matcher_shards.py`.
"""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from infra.local.process import free_port
from shared.messaging import topics
from shared.testing.processes import environment, service
from shared.testing.reading import committed, version_and_value
from shared.testing.wait import until
from tests.fault.storm import Mortal
from tests.integration.cluster import operator

OPENING = {"external_id": "it", "company": {"name": "Initech"}, "title": "First", "workplace": "remote"}


async def test_a_relay_that_was_stopped_writes_nothing_over_its_successor(fresh_kafka, database, tmp_path):
    await topics.ensure(fresh_kafka.bootstrap)
    env = environment(fresh_kafka.bootstrap, database.dsn("postings"))
    first = Mortal("postings", free_port(), env, log=tmp_path / "first.log")
    # The clock's record is the first it sends; the opening the second.
    first.launch_doomed("inside the transaction:2:stop")
    await first.until_ready()
    try:
        async with httpx.AsyncClient(base_url=first.url, headers=operator(), timeout=20) as client:
            made = (await client.post("/internal/v1/organisations", json={"name": "Zombie"})).json()
            recruiter = {"Authorization": f"Bearer {made['api_key']}"}
            posting = asyncio.create_task(client.post("/v1/postings", json=OPENING, headers=recruiter))
            await until(lambda: _stopped(first), timeout=30)
            posting.cancel()
            await asyncio.gather(posting, return_exceptions=True)
        await _cut_off(database)
        async with service("postings", env) as second:
            async with httpx.AsyncClient(base_url=second.url, headers=recruiter, timeout=20) as client:
                answer = await client.post("/v1/postings", json=OPENING | {"title": "Second"})
                assert answer.is_success, answer.text
            posting_id = answer.json()["posting_id"]
            await until(lambda: _last_is(fresh_kafka.bootstrap, posting_id, "Second"), timeout=30)
            os.killpg(first.pid or 0, signal.SIGCONT)
            # Its transaction is refused; it says so, or that its connection is gone, and stands by from then on.
            await until(lambda: "relay_fenced" in first.log.read_text() or _interrupted(first), timeout=60)
            again = await _titles(fresh_kafka.bootstrap, posting_id)
            assert again[-1] == "Second"
            assert again.count("First") <= 1
            await first.kill()
            assert await _titles(fresh_kafka.bootstrap, posting_id) == again
    finally:
        await first.kill()


def _stopped(process: Mortal) -> bool:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def _interrupted(process: Mortal) -> bool:
    return "relay_interrupted" in process.log.read_text()


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


async def _last_is(bootstrap: str, posting_id: str, title: str) -> bool:
    return (await _titles(bootstrap, posting_id))[-1:] == [title]
