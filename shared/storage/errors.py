"""Which failures pass by themselves, so that the same work is worth trying again. Everything else is permanent."""

import ssl
from collections.abc import Iterator

import asyncpg
import httpx2

_TRANSIENT_CLASSES = frozenset({"08", "53", "57", "58"})
"""Connection lost, out of resources (too many connections), operator intervention (shutdown, timeout), system error."""

_TRANSIENT_STATES = frozenset({"25006", "25P03", "40001", "40P01", "55000", "55P03"})
"""A read-only standby during failover, an idle transaction ended, serialization, deadlock, a database that takes no
connections for now, lock not available."""

_NETWORK = (OSError, httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError)
"""ConnectionError and TimeoutError are OSErrors; httpx2's own are not, and do not always name one as their cause."""

_CLOSED = ("is closed", "is closing", "was closed", "has been released")


def is_transient(error: BaseException) -> bool:
    """True when the same call may succeed later: the database or network was away, busy, or chose us as a victim.

    An error that was raised from a transient one counts too (a client library's own timeout, for instance).
    """
    return any(_is_transient(each) for each in _causes(error))


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, ssl.SSLCertVerificationError):
        return False  # an OSError, but no waiting mends a certificate
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state[:2] in _TRANSIENT_CLASSES or state in _TRANSIENT_STATES
    if isinstance(error, asyncpg.InterfaceError):
        # The driver has no type of its own for "the connection went away under you": misuse is the same type.
        return any(words in str(error) for words in _CLOSED)
    # A connection that is cut while the driver reads the server's last words leaves it in a state of its own.
    return isinstance(error, (*_NETWORK, asyncpg.InternalClientError))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__
