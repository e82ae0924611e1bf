"""The schema came back from a backup: nobody is told a second time what a lost message may have told."""

import asyncio
import os
import subprocess
from datetime import timedelta
from urllib.parse import urlsplit

from infra.local.postgres import binaries
from infra.local.process import ROOT
from services.notifications import timers
from shared.events.suggestions import suggestion_id

from .conftest import record, suggestion


async def restored(database):
    """What an administrator runs after `pg_restore`."""
    way = urlsplit(database.admin_dsn)
    command = [binaries() / "psql", "-X", "-v", "schema=notifications", "-f", ROOT / "infra/postgres/restored.sql"]
    place = {"PGHOST": way.hostname, "PGPORT": str(way.port), "PGUSER": way.username, "PGDATABASE": way.path[1:]}
    env = {**os.environ, **place, "PGPASSWORD": way.password}
    await asyncio.to_thread(subprocess.run, command, env=env, check=True)


async def test_what_was_suggested_before_a_restore_is_shown_and_not_told(world, module_database):
    waiting = suggestion("ada", "waits")
    await world.apply(record(suggestion("ada", "told")), record(waiting, cause="network"))
    assert await world.deliveries("ada") == [("suggestion", "queued")]
    await restored(module_database)
    assert await world.deliveries("ada") == [("suggestion", "in_doubt")]
    await world.make_due("ada")
    assert await timers.send_summaries(world.pool, email=True) == 0

    since = record(suggestion("ada", "since"), age=timedelta(seconds=30))
    await world.apply(since)
    assert await world.events("ada") == ["suggestion"], "it stands in the inbox, without a message"
    assert len(await world.inbox("ada")) == 3
    await world.apply(record(suggestion_id("ada", "since")), record(suggestion("ada", "since")))
    assert await world.events("ada") == ["suggestion", "withdrawn"], "nor is it told as if it were new"
    await world.apply(record(suggestion("ada", "new")))
    assert (await world.events("ada"))[2:] == ["suggestion"]
    numbers = await world.pool.fetch("SELECT seq FROM events WHERE member_id = 'ada' ORDER BY seq")
    assert numbers[1]["seq"] > 1_000_000, "no number of the stream is given twice"
