"""What passes by itself and what does not."""

import asyncpg
import httpx2
import pytest

from shared.storage.errors import is_transient


def _state(code: str) -> asyncpg.PostgresError:
    return asyncpg.PostgresError.new({"C": code, "M": "made for a test"})


@pytest.mark.parametrize(
    "error",
    [
        _state("08006"),
        _state("40001"),
        _state("40P01"),
        _state("55000"),
        _state("55P03"),
        _state("57P01"),
        _state("57P03"),
        _state("57014"),
        _state("53300"),
        _state("25006"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InterfaceError("pool is closing"),
        asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"),
        TimeoutError(),
        ConnectionRefusedError(),
        ConnectionResetError(),
        OSError("network is unreachable"),
    ],
    ids=lambda error: f"{type(error).__name__}-{getattr(error, 'sqlstate', '')}",
)
def test_passing(error):
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        _state("23505"),
        _state("22021"),
        _state("42P01"),
        _state("28P01"),
        _state("3D000"),
        asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
        asyncpg.DataError("invalid input for query argument $1: 'the door is closed'"),
        ValueError("connection is closed"),
        KeyError("x"),
    ],
    ids=lambda error: f"{type(error).__name__}-{getattr(error, 'sqlstate', '')}",
)
def test_lasting(error):
    assert not is_transient(error)


def test_the_driver_gives_states_to_the_classes_that_are_raised_without_a_server():
    assert asyncpg.TooManyConnectionsError.sqlstate == "53300"
    assert is_transient(asyncpg.DeadlockDetectedError("made for a test"))


def test_a_cause_counts_and_a_circle_ends():
    error, cause = ValueError(), ConnectionResetError()
    error.__cause__ = cause
    assert is_transient(error)
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert not is_transient(first)


async def test_a_clients_failed_connection_counts():
    async with httpx2.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx2.ConnectError) as caught:
            await client.get("http://127.0.0.1:9/")  # nobody listens on the discard port
    assert is_transient(caught.value)
