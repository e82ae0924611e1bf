"""`warmpath topics reconcile` on postings as a process, whose tables lost and changed what was published."""

import json
import time

import asyncpg
import httpx2

from shared.events.postings import PostingV1
from shared.messaging.publish.outbox import outgoing_record
from shared.messaging.publish.publisher import FencedPublisher
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import POSTINGS
from shared.testing.processes import OPERATOR_TOKEN, environment, service
from shared.testing.reading import latest
from shared.testing.wait import until

AS_OLD = """UPDATE postings.postings SET record = record || '{"version": 5, "title": "Old"}' WHERE posting_id = $1"""
VERSIONS = "SELECT posting_id, (record->>'version')::bigint AS version FROM postings.postings"
NOTED = "SELECT actor, action FROM postings.audit WHERE subject = 'postings.v1' ORDER BY seq"
AHEAD_MS = 3_600_000
OPENING = {"company": {"name": "Initech"}, "title": "Cook", "workplace": "onsite"}


async def test_openings_are_reconciled_after_a_restore(clean_kafka, database, warmpath):
    bootstrap = clean_kafka.bootstrap
    await cluster.ensure(bootstrap)
    async with service("postings", environment(bootstrap, database.dsn("postings"))) as process:
        env = {"WARMPATH_OPERATOR_TOKEN": OPERATOR_TOKEN, "WARMPATH_POSTINGS_URL": process.url}
        async with httpx2.AsyncClient(base_url=process.url) as http:
            operator = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
            made = await http.post("/internal/v1/organisations", headers=operator, json={"name": "Recruiting"})
            key = {"Authorization": f"Bearer {made.json()['api_key']}"}
            ids = []
            for number in range(4):
                body = OPENING | {"title": f"Cook {number}"}
                ids.append((await http.post("/v1/postings", headers=key, json=body)).json()["posting_id"])
            await until(lambda: _holds(bootstrap, 4))
            lost, older, same, gone = ids
            assert (await http.delete(f"/v1/postings/{gone}", headers=key)).is_success
            future = int(time.time() * 1000) + AHEAD_MS  # as if its last writer's clock had been ahead
            value = PostingV1.model_validate((await latest(bootstrap, "postings.v1"))[older][1] | {"version": future})
            publisher = FencedPublisher(bootstrap, "test.ahead")
            await publisher.start()
            await publisher.publish([outgoing_record(POSTINGS, older, value, future, source="postings")])
            await publisher.stop()
            before = await latest(bootstrap, "postings.v1")
            assert before[older][0] == future

            conn = await asyncpg.connect(database.admin_dsn)
            row = await conn.fetchrow("SELECT * FROM postings.postings WHERE posting_id = $1", lost)
            await conn.execute("DELETE FROM postings.postings WHERE posting_id = $1", lost)
            await conn.execute(AS_OLD, older)
            never = json.loads(row["record"]) | {"posting_id": "never-said"}
            await conn.execute(
                "INSERT INTO postings.postings SELECT 'never-said', organisation_id, NULL, status, company,"
                " company_domain, title, posted_at, valid_through, hiring_contact, $2::jsonb, created_at, updated_at"
                " FROM postings.postings WHERE posting_id = $1",
                same,
                json.dumps(never),
            )

            dry = await warmpath("topics", "reconcile", "postings.v1", env=env)
            assert "Nothing was changed" in dry.stdout
            assert f"unknown   {lost}" in dry.stdout
            assert f"different {older}" in dry.stdout
            assert "missing   never-said" in dry.stdout
            assert await conn.fetch(NOTED) == [], "a dry run is not noted"
            done = await warmpath("topics", "reconcile", "postings.v1", "--yes", env=env)
            assert "are being published" in done.stdout
            await until(lambda: _is(bootstrap, lost, None))
            now = await latest(bootstrap, "postings.v1")
            assert now[older][1]["title"] == "Old"
            assert now[older][0] > before[older][0]
            assert now["never-said"][1]["title"] == "Cook 0"
            assert now[same] == before[same]
            noted = [tuple(row) for row in await conn.fetch(NOTED)]
            assert noted == [("operator", "topic.reconciling"), ("operator", "topic.reconciled")]
            versions = await conn.fetch(VERSIONS)
            await conn.close()
            assert {r["posting_id"]: r["version"] for r in versions} == {
                key: version for key, (version, value) in now.items() if value is not None
            }
        again = await warmpath("topics", "reconcile", "postings.v1", env=env)
        assert "agrees with the tables" in again.stdout
        assert "agrees with the tables" in (await warmpath("topics", "reconcile", "clock.v1", "--yes", env=env)).stdout


async def _holds(bootstrap, count):
    return len(await latest(bootstrap, "postings.v1")) == count


async def _is(bootstrap, key, value):
    return (await latest(bootstrap, "postings.v1"))[key][1] == value


async def test_a_topic_without_tables_is_refused(warmpath):
    entry = await warmpath("topics", "reconcile", "suggestions.v1")
    assert entry.exit_code == 1
    assert "restart it" in entry.stderr
    assert "cannot be compared" in (await warmpath("topics", "reconcile", "postings.dlq")).stderr
