"""Every table that the services make is in the table of what is kept, and for how long."""

import asyncio
from contextlib import AsyncExitStack

import asyncpg

from shared.messaging.topics.catalogue import all_topics
from shared.privacy import KEPT
from shared.services import WITH_DATABASE
from shared.testing.processes import environments, service

TABLES = "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname = ANY ($1::text[])"


async def test_each_table_is_kept_for_a_time_that_somebody_chose(topics, database):
    env = environments(topics.bootstrap, database)
    async with AsyncExitStack() as stack:
        starting = [stack.enter_async_context(service(name, env[name])) for name in WITH_DATABASE]
        await asyncio.gather(*starting)
        admin = await asyncpg.connect(database.admin_dsn)
        found = {row[0] for row in await admin.fetch(TABLES, list(WITH_DATABASE))}
        await admin.close()
    schemas = tuple(f"{name}." for name in WITH_DATABASE)
    said = {place for one in KEPT for place in one.places if place.startswith(schemas)}
    assert found == said - {topic.name for topic in all_topics()}
