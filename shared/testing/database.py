"""A real PostgreSQL for tests: one server a session, and a database a test or a module, cloned from a template."""

import secrets
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from infra.local.postgres import ADMIN, ROLES, Postgres

TEMPLATE = "warmpath_template"


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database of one test: the services' roles and schemas are there, no tables."""

    name: str
    server: Postgres

    def dsn(self, service: str) -> str:
        """Where a service connects, as its own role."""
        return self.server.dsn(service, self.name)

    @property
    def admin_dsn(self) -> str:
        """The superuser's way in, to look at every schema."""
        return self.server.dsn(ADMIN, self.name)


async def start_postgres() -> Postgres:
    """A server on a throwaway folder with a template database."""
    folder = Path(tempfile.mkdtemp(prefix="warmpath-postgres-"))
    passwords = {role: secrets.token_urlsafe(16) for role in (ADMIN, *ROLES)}
    server = Postgres(folder / "data", passwords, log=folder / "postgres.log", durable=False)
    await server.start()
    await server.create_roles(TEMPLATE)
    return server


async def create(server: Postgres) -> Database:
    """A fresh database."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    await _admin(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return Database(name, server)


EMPTY = """
DO $$
DECLARE
    wanted text;
BEGIN
    SET LOCAL lock_timeout = '10s';
    SET LOCAL session_replication_role = replica;  -- no foreign keys to mind the order of
    FOR wanted IN
        SELECT format('DELETE FROM %I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname = ANY (ARRAY[{schemas}]) AND tablename <> 'schema_migrations'
        UNION ALL
        SELECT format('SELECT setval(%L, %s, false)', format('%I.%I', schemaname, sequencename), start_value)
        FROM pg_sequences WHERE last_value IS NOT NULL
    LOOP
        EXECUTE wanted;
    END LOOP;
END $$
"""


async def empty(database: Database) -> None:
    """Deletes all rows, whoever is connected, and keeps the tables: a tenth of the time that a new database takes."""
    schemas = ", ".join(f"'{role}'" for role in ROLES)
    await _admin(database.server, EMPTY.format(schemas=schemas), database.name)


async def drop(database: Database) -> None:
    """Removes it, whoever is still connected."""
    await _admin(database.server, f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")


@asynccontextmanager
async def fresh_database(server: Postgres) -> AsyncIterator[Database]:
    """A database as of `create`, removed at the end."""
    made = await create(server)
    try:
        yield made
    finally:
        await drop(made)


async def _admin(server: Postgres, statement: str, database: str = "postgres") -> None:
    connection = await asyncpg.connect(server.dsn(ADMIN, database))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
