"""TCP ports on loopback that no other process can take between being chosen and being bound."""

import asyncio
import contextlib
import random
import socket
from collections.abc import Iterator

from infra.local.process import LocalError

LOOPBACK = "127.0.0.1"
PORTS = range(15_000, 32_000)
"""Below the range the kernel uses for outgoing connections: none of those takes a port while its server restarts."""

BACKLOG = 2048  # uvicorn's default
_RANDOM = random.SystemRandom()  # not the module's generator: two programs with the same seed would try the same ports
_GIVEN: set[int] = set()  # the caller of `free_port` may not have bound it yet


def free_port() -> int:
    """A port that nobody has bound now. Another process can still take it before its user binds it: see `held_port`."""
    with _bound_exclusively() as probe:
        return _port_of(probe)


@contextlib.contextmanager
def held_port() -> Iterator[int]:
    """A free port, reserved while the block lasts, for a server that cannot be handed a socket (PostgreSQL, Kafka).

    Linux lets a second socket bind a port if both have SO_REUSEADDR and neither listens. Servers set it, PostgreSQL and
    Java among them; a process that looks for a free port does not, and is refused.
    """
    with _bound_exclusively() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        yield _port_of(holder)


def listen(port: int | None = None) -> socket.socket:
    """A socket that listens on this port or on any free one. Raises LocalError if the port is in use."""
    listener = _bound_exclusively() if port is None else socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if port is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT of an earlier run is no obstacle
            listener.bind((LOOPBACK, port))
        listener.listen(BACKLOG)  # where two sockets could bind, the second one fails here
    except OSError as problem:
        listener.close()
        raise LocalError(f"Port {port} on {LOOPBACK} is in use by another process") from problem
    return listener


async def accepts_connections(port: int) -> bool:
    """Whether a server accepts TCP connections there."""
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def _bound_exclusively() -> socket.socket:
    for port in _RANDOM.sample(PORTS, 50):
        if port in _GIVEN:
            continue
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            bound.bind((LOOPBACK, port))
        except OSError:
            bound.close()
        else:
            _GIVEN.add(port)
            return bound
    raise LocalError(f"No free TCP port on {LOOPBACK} between {PORTS.start} and {PORTS.stop}")


def _port_of(bound: socket.socket) -> int:
    return int(bound.getsockname()[1])
