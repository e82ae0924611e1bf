"""Pytest fixtures over real parts; tests/conftest.py hands them to every test.

Several pytest runs may go on at once on one machine: each has its own ports and throwaway folders.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from infra.local.postgres import Postgres
from shared.testing.broker import Broker, running_broker
from shared.testing.broker import empty as empty_broker
from shared.testing.database import Database, fresh_database, start_postgres

__all__ = [
    "clean_kafka",
    "data_folder",
    "database",
    "fresh_kafka",
    "kafka",
    "module_database",
    "own_kafka",
    "postgres",
    "topics",
]


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """A throwaway folder for a PostgreSQL server or a whole stack; `tmp_path` will not do.

    Run as root, PostgreSQL is another user, and every pytest run that starts closes pytest's base folder to others.
    """
    with tempfile.TemporaryDirectory(prefix="warmpath-data-") as folder:
        yield Path(folder)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kafka() -> AsyncIterator[Broker]:
    """The session's broker: `.bootstrap`, `await .kill()`, `await .restart()`. Its tests share it: use fresh ids."""
    async with running_broker() as broker:
        yield broker


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def own_kafka() -> AsyncIterator[Broker]:
    """The session's second broker, never one that was given. Whoever uses it empties it first."""
    async with running_broker(own=True) as broker:
        yield broker


@pytest_asyncio.fixture(loop_scope="session")
async def clean_kafka(own_kafka: Broker) -> Broker:
    """A broker without topics: nobody else's records are read, nobody reads the test's."""
    await empty_broker(own_kafka)
    return own_kafka


@pytest_asyncio.fixture(loop_scope="session")
async def fresh_kafka() -> AsyncIterator[Broker]:
    """A new broker, for tests that kill it: three seconds, where `clean_kafka` takes a tenth."""
    async with running_broker(own=True) as broker:
        yield broker


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def module_kafka() -> AsyncIterator[Broker]:
    """A new broker for a module: groups that earlier tests left behind would never be without lag on it."""
    async with running_broker(own=True) as broker:
        yield broker


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres() -> AsyncIterator[Postgres]:
    """The session's PostgreSQL server."""
    server = await start_postgres()
    yield server
    await server.stop()
    shutil.rmtree(server.folder.parent, ignore_errors=True)


@pytest_asyncio.fixture(loop_scope="session")
async def database(postgres: Postgres) -> AsyncIterator[Database]:
    """A fresh database with every service's role and schema: `.dsn("postings")`, `.admin_dsn`."""
    async with fresh_database(postgres) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def module_database(postgres: Postgres) -> AsyncIterator[Database]:
    """The same for all tests of a module, for parts that are costly to put together; `empty` it between them."""
    async with fresh_database(postgres) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _catalogue(kafka: Broker) -> Broker:
    from shared.messaging.topics import cluster as messaging  # noqa: PLC0415 - only tests with topics need it

    await messaging.ensure(kafka.bootstrap)
    return kafka


@pytest_asyncio.fixture(loop_scope="session")
async def topics(_catalogue: Broker) -> Broker:
    """The session's broker with every topic of the catalogue."""
    return _catalogue
