"""Numbered SQL files, each applied once, in order, in its own transaction, under one lock for each schema.

Kept true: applied files never change. A file that was edited, removed or inserted later stops the start.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from shared.observability.logs import get_logger
from shared.storage.pool import Connection, Pool, session_of

log = get_logger(__name__)

SHARED = Path(__file__).resolve().with_name("migrations")
"""Tables that every service has: outbox, processed offsets, idempotency, audit. They come first."""

_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_LOCK = "SELECT pg_advisory_lock(hashtextextended('warmpath migrations ' || current_schema(), 0))"
_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version text PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
)"""
_INSERT = "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)"


class MigrationError(Exception):
    """The files and the database disagree; the message names the file and what to do."""


class Migration(NamedTuple):
    """One file. `version` is `<namespace>/<number>`: the folder's parent (`postings/0001`), or `shared/0001`."""

    version: str
    name: str
    sql: str
    checksum: str


def read(folder: Path) -> list[Migration]:
    """The folder's migrations in order. Raises MigrationError for a misnamed file or a number used twice."""
    found: dict[str, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(f"{path}: name it NNNN_what_it_does.sql")
        version = f"{_namespace(folder)}/{match[1]}"
        if version in found:
            raise MigrationError(f"{path}: number {match[1]} is already {found[version].name}; take the next one")
        sql = path.read_text(encoding="utf-8")
        found[version] = Migration(version, match[2], sql, hashlib.sha256(sql.encode()).hexdigest())
    return list(found.values())


def pending(folder: Path, files: list[Migration], applied: dict[str, str]) -> Iterator[Migration]:
    """The files still to apply. `applied`: checksums by version. Raises MigrationError when applied files changed."""
    known = {each.version for each in files}
    ours = {version for version in applied if version.partition("/")[0] == _namespace(folder)}
    if missing := sorted(ours - known):
        raise MigrationError(f"the database has {missing}, {folder} has not: start code as new as the database")
    for each in files:
        if each.version not in applied:
            if ours and each.version < max(ours):
                raise MigrationError(f"{each.version} comes before {max(ours)}, already applied: give it a new number")
            yield each
        elif applied[each.version] != each.checksum:
            raise MigrationError(f"{each.version} was edited after it was applied: restore it, and add a new file")


async def migrate(pool: Pool, *folders: Path) -> list[str]:
    """Apply what is missing: the shared migrations, then each folder's. Returns the versions applied now."""
    async with session_of(pool) as connection:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute(_LOCK)
        await connection.execute(_TABLE)
        rows = await connection.fetch("SELECT version, checksum FROM schema_migrations")
        applied = {row["version"]: row["checksum"] for row in rows}
        ordered = dict.fromkeys([SHARED, *(folder.resolve() for folder in folders)])
        missing = [each for folder in ordered for each in pending(folder, read(folder), applied)]
        return [await _apply(connection, each) for each in missing]


async def _apply(connection: Connection, each: Migration) -> str:
    async with connection.transaction():
        await connection.execute(each.sql)
        await connection.execute(_INSERT, each.version, each.name, each.checksum)
    log.info("migrated", version=each.version, migration=each.name)
    return each.version


def _namespace(folder: Path) -> str:
    return "shared" if folder == SHARED else folder.parent.name
