"""Imports a list of so many connections, as the service does, and prints the peak of this process's memory in KiB.

python -m tests.component.profiles.large_import DSN ROWS
"""

import asyncio
import resource
import sys
import tempfile
from typing import cast

from services.profiles import importing, network
from services.profiles.domain import Member
from services.profiles.imports import registry
from shared.storage.pool import open_pool
from tests.component.profiles.conftest import HEADER, Calendar

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def row(number: int) -> str:
    link = f"https://www.linkedin.com/in/someone-{number}-example"
    day = f"{number % 28 + 1:02} {MONTHS[number % 12]} {2010 + number % 15}"
    return f"Given{number},Family{number},{link},,Company {number % 5000},Data Engineer {number % 500},{day}\n"


async def main(dsn: str, rows: int) -> None:
    pool = await open_pool(dsn, schema="profiles", max_size=1)
    owner, today = f"owner-{rows}", Calendar().day
    async with pool.acquire() as conn, conn.transaction():
        await network.add_member(conn, Member(owner, "Dana", f"{owner}@example.org"), today)
    with tempfile.TemporaryFile("w+") as file:
        file.write(HEADER + "\n")
        file.writelines(map(row, range(rows)))
        file.flush()
        report = registry.read_contacts(file.buffer)  # type: ignore[arg-type]
        async with pool.acquire() as conn, conn.transaction():
            counts = await importing.import_contacts(conn, owner, report.books, today)
    await pool.close()
    assert cast("importing.Counts", counts).added == rows
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
