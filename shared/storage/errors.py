"""Which failures are transient, so that the same work is worth trying again. Everything else is permanent."""

import ssl
from collections.abc import Iterator

import asyncpg
import httpx2

_TRANSIENT_CLASSES = frozenset({"08", "53", "57", "58"})
"""Connection lost, out of resources (too many connections), operator intervention (shutdown, timeout), system error."""

_TRANSIENT_STATES = frozenset({"25006", "25P03", "40001", "40P01", "55000", "55P03"})
"""A read-only standby during failover, an idle transaction that was ended, serialization failure, deadlock, a database
that accepts no connections yet, a lock that is not available."""

_NETWORK = (OSError, httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError)
"""ConnectionError and TimeoutError are OSErrors; httpx2's errors are not, and do not always have one as their cause."""

_CLOSED = ("is closed", "is closing", "was closed", "has been released")


def is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed later: the database or network was away, overloaded, or resolved a deadlock.

    An error raised from a transient one counts too (a client library's own timeout, for instance).
    """
    return any(_is_transient(each) for each in _causes(error))


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, ssl.SSLCertVerificationError):
        return False  # an OSError, but waiting does not repair a certificate
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state[:2] in _TRANSIENT_CLASSES or state in _TRANSIENT_STATES
    if isinstance(error, asyncpg.InterfaceError):
        # The driver has no separate type for a connection that was lost during use: misuse raises the same one.
        return any(words in str(error) for words in _CLOSED)
    # A connection that is cut while the driver reads the server's last message raises an internal error.
    return isinstance(error, (*_NETWORK, asyncpg.InternalClientError))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__
