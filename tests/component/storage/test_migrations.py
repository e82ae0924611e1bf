"""Migrations on a real database: once, in order, whole or not at all, however many processes start."""

import asyncio
import os
import sys

import asyncpg
import pytest

from shared.storage.migrations import SHARED, MigrationError, migrate, read
from shared.storage.pool import open_pool

SHARED_VERSIONS = [each.version for each in read(SHARED)]


@pytest.fixture
async def pool(database):
    opened = await open_pool(database.dsn("postings"), schema="postings")
    yield opened
    await opened.close()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "postings" / "migrations"
    made.mkdir(parents=True)
    (made / "0001_first.sql").write_text("CREATE TABLE first (x int); INSERT INTO first VALUES (1);")
    return made


async def test_shared_first_then_the_services_own_and_nothing_twice(pool, folder):
    assert await migrate(pool, folder) == [*SHARED_VERSIONS, "postings/0001"]
    assert await migrate(pool, folder) == []
    (folder / "0002_second.sql").write_text("INSERT INTO first VALUES (2)")
    assert await migrate(pool, folder) == ["postings/0002"]
    assert await pool.fetchval("SELECT array_agg(x ORDER BY x) FROM first") == [1, 2]
    tables = await pool.fetch("SELECT DISTINCT table_schema FROM information_schema.tables WHERE table_name = 'outbox'")
    assert [row["table_schema"] for row in tables] == ["postings"]
    kept = await pool.fetchrow("SELECT name, applied_at FROM schema_migrations WHERE version = 'postings/0001'")
    assert kept["name"] == "first"
    assert kept["applied_at"].tzinfo is not None


async def test_a_failing_file_leaves_nothing_of_itself_and_keeps_those_before(pool, folder):
    (folder / "0002_broken.sql").write_text("CREATE TABLE second (x int); SELECT 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(pool, folder)
    assert await pool.fetchval("SELECT to_regclass('first')") == "first"
    assert await pool.fetchval("SELECT to_regclass('second')") is None
    (folder / "0002_broken.sql").write_text("CREATE TABLE second (x int)")
    assert await migrate(pool, folder) == ["postings/0002"], "the lock is free again, and the mended file goes in"


async def test_a_file_and_the_record_of_it_come_together_or_not_at_all(pool, folder):
    take_its_place = "INSERT INTO schema_migrations (version, name, checksum) VALUES ('postings/0002', 'x', 'x')"
    (folder / "0002_second.sql").write_text(f"CREATE TABLE second (x int); {take_its_place}")
    with pytest.raises(asyncpg.UniqueViolationError):
        await migrate(pool, folder)
    assert await pool.fetchval("SELECT to_regclass('second')") is None


async def test_an_edited_file_stops_the_start_and_changes_nothing(pool, folder):
    await migrate(pool, folder)
    (folder / "0001_first.sql").write_text("CREATE TABLE other (x int)")
    (folder / "0002_second.sql").write_text("CREATE TABLE second (x int)")
    with pytest.raises(MigrationError, match="postings/0001 was edited"):
        await migrate(pool, folder)
    assert await pool.fetchval("SELECT to_regclass('second')") is None


async def test_two_services_in_one_database_keep_their_own_history(database, pool, folder):
    await migrate(pool, folder)
    other = await open_pool(database.dsn("profiles"), schema="profiles")
    try:
        assert await migrate(other) == SHARED_VERSIONS
    finally:
        await other.close()


PROCESS = """
import asyncio, os, pathlib
from shared.storage.migrations import migrate
from shared.storage.pool import open_pool

async def main():
    pool = await open_pool(os.environ["DSN"], schema="postings")
    print(*await migrate(pool, pathlib.Path(os.environ["FOLDER"])))
    await pool.close()

asyncio.run(main())
"""


MORE = "SELECT pg_sleep(0.02); INSERT INTO first VALUES (%d)"


async def test_two_processes_at_once_apply_each_file_once(database, pool, folder):
    for number in range(2, 8):
        (folder / f"000{number}_more.sql").write_text(MORE % number)
    env = os.environ | {"DSN": database.dsn("postings"), "FOLDER": str(folder), "PYTHONPATH": "."}
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROCESS, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    said = [await process.communicate() for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    applied = [out.decode().split() for out, _ in said]
    assert sorted(applied, key=len) == [[], [*SHARED_VERSIONS, *(f"postings/000{n}" for n in range(1, 8))]]
    assert await pool.fetchval("SELECT array_agg(x ORDER BY x) FROM first") == list(range(1, 8))


async def test_a_slow_file_is_not_cut_off_and_the_limit_is_back_afterwards(database, folder):
    (folder / "0002_slow.sql").write_text("SELECT pg_sleep(0.5)")
    hasty = await open_pool(database.dsn("postings"), schema="postings", max_size=1, statement_timeout_s=0.2)
    try:
        assert "postings/0002" in await migrate(hasty, folder)
        with pytest.raises(asyncpg.QueryCanceledError):
            await hasty.fetchval("SELECT pg_sleep(0.5)")
    finally:
        await hasty.close()
