"""A real PostgreSQL for tests: one server a session, and a database a test, cloned from a template."""

import secrets
import tempfile
import uuid
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


async def drop(database: Database) -> None:
    """Removes it, whoever is still connected."""
    await _admin(database.server, f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")


async def _admin(server: Postgres, statement: str) -> None:
    connection = await asyncpg.connect(server.dsn(ADMIN, "postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
