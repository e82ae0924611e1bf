import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import pytest

from infra.local.postgres import ADMIN, ROLES, Postgres

pytestmark = pytest.mark.postgres


def _children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def test_a_killed_server_restarts_once_its_child_processes_have_ended(data_folder):
    passwords = {role: f"pass'word/{role}%" for role in (ADMIN, *ROLES)}
    server = Postgres(data_folder / "data", passwords, log=data_folder / "log", durable=False)
    await server.start()
    try:
        await server.create_roles()
        connection = await asyncpg.connect(server.dsn("profiles"))
        await connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        await connection.close()
        slow = _children(server.pid)[0]
        os.kill(slow, signal.SIGSTOP)
        await server.kill()
        asyncio.get_running_loop().call_later(1, os.kill, slow, signal.SIGCONT)
        await server.start()
        assert "is still in use" in (data_folder / "log").read_text()
        connection = await asyncpg.connect(server.dsn("profiles"))
        assert await connection.fetchval("SELECT n FROM kept") == 7
        await connection.close()
    finally:
        await server.stop()


async def test_a_role_reaches_its_own_schema_and_no_other(database):
    connection = await asyncpg.connect(database.dsn("profiles"))
    try:
        for forbidden in ("CREATE TABLE postings.mine (id int)", "CREATE TABLE public.mine (id int)"):
            try:
                await connection.execute(forbidden)
            except asyncpg.InsufficientPrivilegeError:
                continue
            raise AssertionError(f"allowed: {forbidden}")
    finally:
        await connection.close()


async def test_what_was_refused_is_not_in_the_log(postgres, database):
    """Details of errors name values, such as somebody's address."""
    connection = await asyncpg.connect(database.admin_dsn)
    try:
        await connection.execute("CREATE TABLE addresses (email text PRIMARY KEY)")
        await connection.execute("INSERT INTO addresses VALUES ($1)", "secret@leak.example")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO addresses VALUES ($1)", "secret@leak.example")
    finally:
        await connection.close()
    log = postgres.log.read_text()
    assert "duplicate key" in log
    assert "leak.example" not in log
