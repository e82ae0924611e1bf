"""Every table that the services make is in the table of what is kept, and for how long."""

import asyncpg

from infra.local.process import ROOT
from shared.messaging.topics.catalogue import all_topics
from shared.privacy import KEPT
from shared.services import WITH_DATABASE
from shared.storage.migrations import migrate
from shared.storage.pool import open_pool

TABLES = "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname = ANY ($1::text[])"


async def test_each_table_is_kept_for_a_time_that_somebody_chose(database):
    for name in WITH_DATABASE:
        pool = await open_pool(database.dsn(name), schema=name)
        await migrate(pool, ROOT / "services" / name / "migrations")
        await pool.close()
    admin = await asyncpg.connect(database.admin_dsn)
    found = {row[0] for row in await admin.fetch(TABLES, list(WITH_DATABASE))}
    await admin.close()
    schemas = tuple(f"{name}." for name in WITH_DATABASE)
    said = {place for one in KEPT for place in one.places if place.startswith(schemas)}
    assert found == said - {topic.name for topic in all_topics()}
