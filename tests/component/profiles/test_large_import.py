"""How much memory an import takes: no more for more contacts."""

import asyncio
import subprocess
import sys

import pytest

from services.profiles import store
from shared.storage.migrations import migrate
from shared.storage.pool import open_pool

SOME, MANY = 20_000, 60_000
BOUND_KIB = 8 * 1024
"""What the peaks may differ by: 40,000 contacts held would be 60 MiB and more."""


async def peak(dsn: str, rows: int) -> int:
    command = [sys.executable, "-m", "tests.component.profiles.large_import", dsn, str(rows)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    told, _ = await process.communicate()
    assert process.returncode == 0
    return int(told)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_three_times_the_contacts_take_no_more_memory(database):
    pool = await open_pool(database.dsn("profiles"), schema="profiles")
    await migrate(pool, store.MIGRATIONS)
    await pool.close()
    few, many = await peak(database.dsn("profiles"), SOME), await peak(database.dsn("profiles"), MANY)
    assert many - few < BOUND_KIB, f"{few} KiB for {SOME:,} contacts, {many} KiB for {MANY:,}"
