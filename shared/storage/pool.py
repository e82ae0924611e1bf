"""The connection pool of a service, for its own schema only. Times are UTC; json columns are Python objects."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from shared.observability.logs import get_logger
from shared.storage.errors import is_transient

log = get_logger(__name__)

Pool: TypeAlias = asyncpg.Pool
Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy

_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0


_JSONB_FORM = b"\x01"  # the only version of jsonb's binary form


def _to_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _to_jsonb(value: Any) -> bytes:
    return _JSONB_FORM + _to_json(value)


def _from_json(raw: bytes) -> Any:
    return json.loads(raw)


def _from_jsonb(raw: bytes) -> Any:
    return json.loads(raw[len(_JSONB_FORM) :])


async def _set_up(connection: Connection) -> None:
    # Binary, since COPY supports no other format.
    codecs = {"json": (_to_json, _from_json), "jsonb": (_to_jsonb, _from_jsonb)}
    for name, (encoder, decoder) in codecs.items():
        await connection.set_type_codec(name, schema="pg_catalog", encoder=encoder, decoder=decoder, format="binary")


async def _keep_session(_connection: Connection) -> None:
    """Resetting settings, locks, cursors and listeners after each use would cost as much as the query itself."""


async def open_pool(
    dsn: str,
    *,
    schema: str,
    min_size: int = 1,
    max_size: int = 10,
    statement_timeout_s: float = 30.0,
    wait_s: float = 60.0,
) -> Pool:
    """Open a pool whose connections see only `schema`. Whoever changes the state of a session takes it by `session_of`.

    Waits at most `wait_s` seconds for a database that does not answer yet, then raises its error. A wrong password or a
    missing database is raised at once.
    """
    if not _SCHEMA.fullmatch(schema):
        raise ValueError(f"not a schema name: {schema!r}")
    settings = {
        "search_path": schema,
        "timezone": "UTC",
        "application_name": f"warmpath-{schema}",
        "statement_timeout": str(int(statement_timeout_s * 1000)),
        # A handler that hangs inside a transaction must not hold its locks forever.
        "idle_in_transaction_session_timeout": str(int(2 * statement_timeout_s * 1000)),
    }
    deadline, pause = time.monotonic() + wait_s, _FIRST_PAUSE_S
    while True:
        try:
            pool: Pool = await asyncpg.create_pool(
                dsn,
                min_size=min_size,
                max_size=max_size,
                init=_set_up,
                reset=_keep_session,
                server_settings=settings,
                timeout=10,
            )
        except Exception as error:
            if not is_transient(error) or time.monotonic() + pause > deadline:
                raise
            log.warning("database_does_not_answer_yet", schema=schema, error=error, retry_in_s=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
        else:
            log.info("database_connected", schema=schema)
            return pool


@asynccontextmanager
async def session_of(pool: Pool, timeout_s: float | None = None) -> AsyncIterator[Connection]:
    """A connection whose session may be changed (settings, locks, listeners): it is reset before the pool gets it back.

    A connection that cannot be reset because it is lost is terminated. That never hides an error of the work itself.
    """
    async with pool.acquire(timeout=timeout_s) as connection:
        try:
            yield connection
        finally:
            await _reset(connection)


async def _reset(connection: Connection) -> None:
    try:
        await connection.reset()
    except BaseException as error:
        with suppress(asyncpg.InterfaceError):  # the pool may have dropped it already
            connection.terminate()
        if not isinstance(error, Exception) or not is_transient(error):
            raise
        log.info("database_session_lost", error=error)


async def check(pool: Pool, timeout_s: float = 2.0) -> str | None:
    """For `/ready`: None when the database answers in time, else the reason."""
    try:
        async with asyncio.timeout(timeout_s):  # the driver's own timeout leaves out the wait for a connection
            await pool.fetchval("SELECT 1")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return f"the database does not answer: {type(error).__name__}"
    return None
