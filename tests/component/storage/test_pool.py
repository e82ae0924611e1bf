"""The pool on a real database: own schema only, UTC, JSON as Python, patient at the start."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from shared.storage.errors import is_transient
from shared.storage.pool import check, open_pool, session_of

LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What asyncpg makes of a connection that was cut, depending on where it was at that moment."""


@pytest.fixture
async def pool(database):
    opened = await open_pool(database.dsn("postings"), schema="postings", max_size=2)
    yield opened
    await opened.close()


async def test_json_columns_are_python_objects_also_inside_arrays_and_as_null(pool):
    value = {"a": [1, 2.5, None, True], "ü": "“x”", "deep": {"b": []}}
    for kind in ("json", "jsonb"):
        assert await pool.fetchval(f"SELECT $1::{kind}", value) == value
        assert await pool.fetchval(f"SELECT $1::{kind}", None) is None
        assert await pool.fetchval(f"SELECT $1::{kind}[]", [value, {}]) == [value, {}]
    assert await pool.fetchval("SELECT $1::jsonb->>'ü'", value) == "“x”"
    with pytest.raises((asyncpg.DataError, ValueError)):
        await pool.fetchval("SELECT $1::jsonb", float("nan"))


async def test_json_can_be_copied_in(pool):
    await pool.execute("CREATE TABLE things (id int, value jsonb)")
    async with pool.acquire() as connection:
        await connection.copy_records_to_table("things", records=[(1, {"a": 1}), (2, None)])
    assert [tuple(row) for row in await pool.fetch("SELECT * FROM things ORDER BY id")] == [(1, {"a": 1}), (2, None)]


async def test_a_connection_is_utc_and_sees_its_own_schema_and_says_who_it_is(pool):
    shown = {name: await pool.fetchval(f"SHOW {name}") for name in ("timezone", "search_path", "application_name")}
    assert shown == {"timezone": "UTC", "search_path": "postings", "application_name": "warmpath-postings"}
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert await pool.fetchval("SELECT $1::timestamptz::text", moment) == "2026-03-01 12:00:00+00"


async def test_the_schema_is_the_pools_whatever_the_role_prefers(database):
    admin = await open_pool(database.admin_dsn, schema="profiles")
    try:
        assert await admin.fetchval("SELECT current_schema()") == "profiles"
    finally:
        await admin.close()


async def test_another_services_tables_are_out_of_reach(database, pool):
    other = await open_pool(database.dsn("profiles"), schema="profiles")
    try:
        await other.execute("CREATE TABLE members (name text)")
        with pytest.raises(asyncpg.UndefinedTableError):
            await pool.fetch("SELECT * FROM members")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.fetch("SELECT * FROM profiles.members")
    finally:
        await other.close()


async def test_a_statement_that_takes_too_long_ends_as_a_passing_failure(database):
    hasty = await open_pool(database.dsn("postings"), schema="postings", statement_timeout_s=0.05)
    try:
        with pytest.raises(asyncpg.QueryCanceledError) as caught:
            await hasty.fetchval("SELECT pg_sleep(5)")
        assert is_transient(caught.value)
    finally:
        await hasty.close()


async def test_connections_that_were_cut_are_a_passing_failure_and_new_ones_work(database, pool):
    admin = await asyncpg.connect(database.admin_dsn)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postings' AND datname = $1"
    try:
        async with pool.acquire() as connection:
            await connection.execute("SELECT 1")
            await admin.execute(cut, database.name)
            with pytest.raises(LOST) as caught:
                await connection.execute("SELECT 1")
        assert is_transient(caught.value)
        assert await pool.fetchval("SELECT 1") == 1
    finally:
        await admin.close()


async def test_a_deadlocks_victim_may_try_again(pool):
    await pool.execute("CREATE TABLE locks (id int); INSERT INTO locks VALUES (1), (2)")
    both_hold_one = asyncio.Barrier(2)

    async def work(first, second):
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT * FROM locks WHERE id = $1 FOR UPDATE", first)
            await both_hold_one.wait()
            await connection.execute("SELECT * FROM locks WHERE id = $1 FOR UPDATE", second)

    outcomes = await asyncio.gather(work(1, 2), work(2, 1), return_exceptions=True)
    (victim,) = [each for each in outcomes if each is not None]
    assert is_transient(victim)


async def test_check_says_why_not(pool):
    assert await check(pool) is None
    held = [await pool.acquire(), await pool.acquire()]
    finding = await check(pool, timeout_s=0.05)
    for connection in held:
        await pool.release(connection)
    assert finding == "the database does not answer: TimeoutError"
    await pool.close()
    assert await check(pool) == "the database does not answer: InterfaceError"


async def test_a_database_that_is_not_there_yet_is_waited_for(database, monkeypatch):
    real, attempts = asyncpg.create_pool, []

    async def sometimes(*args, **options):
        attempts.append(1)
        if len(attempts) < 3:
            raise ConnectionRefusedError
        return await real(*args, **options)

    monkeypatch.setattr("shared.storage.pool._FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(asyncpg, "create_pool", sometimes)
    opened = await open_pool(database.dsn("postings"), schema="postings")
    assert await opened.fetchval("SELECT 1") == 1
    await opened.close()


async def test_patience_ends_and_a_wrong_database_needs_none(database):
    with pytest.raises(OSError, match=r"."):
        await open_pool("postgresql://x@127.0.0.1:9/x", schema="postings", wait_s=0.1)
    missing = database.dsn("postings").replace(database.name, "no_such_database")
    assert missing != database.dsn("postings")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await open_pool(missing, schema="postings", wait_s=60)


@pytest.mark.parametrize("schema", ["", "a,b", "Postings", "public; DROP", '"x"'])
async def test_a_schemas_name_is_checked(schema):
    with pytest.raises(ValueError, match="not a schema name"):
        await open_pool("postgresql://x@127.0.0.1:9/x", schema=schema)


LEFT = """
SELECT ARRAY(SELECT pg_listening_channels()), current_setting('enable_seqscan'),
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database =
        (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


@pytest.fixture
async def single(database):
    opened = await open_pool(database.dsn("postings"), schema="postings", max_size=1)
    yield opened
    opened.terminate()  # closing would wait for one that was not given back


async def change(connection):
    await connection.execute("SET enable_seqscan = off")
    await connection.execute("SELECT pg_advisory_lock(7)")
    await connection.add_listener("channel", lambda *_: None)


async def backend(pool):
    return await pool.fetchval("SELECT pg_backend_pid()")


async def test_what_was_changed_in_a_session_does_not_stay_in_the_pool(single):
    before = await backend(single)
    async with session_of(single) as connection:
        await change(connection)
        assert tuple(await connection.fetchrow(LEFT)) == (["channel"], "off", 1)
    assert tuple(await single.fetchrow(LEFT)) == ([], "on", 0)
    assert await backend(single) == before


async def test_who_is_cut_off_in_a_session_leaves_nothing_in_the_pool(single):
    locked = asyncio.Event()

    async def work():
        async with session_of(single) as connection:
            await change(connection)
            locked.set()
            await connection.execute("SELECT pg_sleep(60)")

    task = asyncio.create_task(work())
    await locked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert tuple(await single.fetchrow(LEFT)) == ([], "on", 0)


async def change_and(pool, work):
    async with session_of(pool) as connection:
        await change(connection)
        await work(connection)


async def test_a_session_that_cannot_be_undone_is_ended_and_hides_no_error(single, monkeypatch):
    before = await backend(single)

    async def no_answer(_connection, **_):
        raise TimeoutError

    async def fail(_connection):
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(asyncpg.Connection, "reset", no_answer)
        with pytest.raises(ZeroDivisionError):
            await change_and(single, fail)
    assert await backend(single) != before
    async with asyncio.timeout(10):
        await single.execute("SELECT pg_advisory_lock(7)")  # the server lets go of it in its own time
    await single.execute("SELECT pg_advisory_unlock(7)")
    assert tuple(await single.fetchrow(LEFT)) == ([], "on", 0)


async def test_a_session_whose_connection_is_lost_says_what_was_being_done(single):
    with pytest.raises(LOST):
        await change_and(single, lambda conn: conn.execute("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert tuple(await single.fetchrow(LEFT)) == ([], "on", 0)
