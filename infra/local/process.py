"""Child processes of the local stack: started in a session of their own, logged to a file, gone when their parent is.

`spawn` must run in the main thread: Linux sends the death signal when the *thread* that started the child ends.
"""

import asyncio
import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The folder the project stands in; services are started from here."""

Say = Callable[[str], None]
"""Takes one line for the person who waits."""

_PR_SET_PDEATHSIG = 1
_RANDOM = random.SystemRandom()  # the module's own may be seeded: two programs would try the same ports
_GIVEN: set[int] = set()  # whoever got one from `free_port` may not have bound it yet
BACKLOG = 2048  # as uvicorn's
LOOPBACK = "127.0.0.1"


class LocalError(Exception):
    """Something local is missing or would not start. The text is for a person: what, why and what to do."""


def free_port() -> int:
    """A TCP port on loopback that nobody has bound now; where somebody else must not get it meanwhile: `held_port`.

    It lies below the range the kernel gives to outgoing connections: none takes it while its owner restarts.
    """
    with _bound_exclusively() as probe:
        return _port_of(probe)


@contextlib.contextmanager
def held_port() -> Iterator[int]:
    """A free port that only our children get while the block lasts, for a server that cannot be handed a socket.

    Linux lets a second socket bind a port when neither listens and both have SO_REUSEADDR, as servers' sockets have
    (PostgreSQL's and Java's do). Whoever looks for a free port binds without, and is refused.
    """
    with _bound_exclusively() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        yield _port_of(holder)


def listen(port: int | None = None) -> socket.socket:
    """A socket that listens on loopback, on this port or on any free one. Raises LocalError when it is taken."""
    listener = _bound_exclusively() if port is None else socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if port is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of an earlier run may linger
            listener.bind((LOOPBACK, port))
        listener.listen(BACKLOG)  # of two that could bind, the second fails here
    except OSError as problem:
        listener.close()
        raise LocalError(f"Port {port} on {LOOPBACK} is in use by another process") from problem
    return listener


def _bound_exclusively() -> socket.socket:
    for port in _RANDOM.sample(range(15_000, 32_000), 50):
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
    raise LocalError(f"No free TCP port on {LOOPBACK} between 15000 and 32000")


def _port_of(bound: socket.socket) -> int:
    return int(bound.getsockname()[1])


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, for an error message; empty when there is none."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 64 * 1024))
            return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-lines:])
    except OSError:
        return ""


def _before_exec(orphan: signal.Signals, parent: int) -> Callable[[], None]:
    """What a child does between fork and exec."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def prepare() -> None:
        # A shell starts background jobs with SIGINT ignored, and a child would inherit that.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if libc is None:
            return
        libc.prctl(_PR_SET_PDEATHSIG, int(orphan))
        if os.getppid() != parent:  # it died between fork and here
            os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def spawn(
    command: Sequence[object],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    user: tuple[int, int] | None = None,
    orphan: signal.Signals = signal.SIGKILL,
    keep: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Starts a command in its own session, output appended to `log`; `orphan` is sent to it when we die.

    `user` is (uid, gid) to run as; `keep` are file descriptors that it inherits under their numbers. Secrets belong in
    `env`, never in `command`: everyone can read command lines.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - no shell, and every argument is ours
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=dict(os.environ if env is None else env),
            start_new_session=True,
            pass_fds=tuple(keep),
            user=user[0] if user else None,
            group=user[1] if user else None,
            extra_groups=[] if user else None,
            preexec_fn=_before_exec(orphan, os.getpid()),  # noqa: PLW1509 - short, and only before threads matter
        )


async def run(
    command: Sequence[object],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    user: tuple[int, int] | None = None,
    timeout: float = 120,  # noqa: ASYNC109 - a plain limit
) -> str | None:
    """Runs a command to its end, like `spawn`; None when it went well, else what it said."""
    begin = log.stat().st_size if log.exists() else 0  # noqa: ASYNC240 - one look at a local file
    process = spawn(command, log=log, env=env, cwd=cwd, user=user)
    try:
        if not await wait_exit(process, timeout):
            return f"{Path(str(command[0])).name} did not end in {timeout:.0f} s"
    finally:
        signal_group(process, signal.SIGKILL)
    if process.returncode == 0:
        return None
    said = log.read_bytes()[begin:]  # noqa: ASYNC240 - likewise
    return said.decode("utf-8", "replace") or f"exit code {process.returncode}"


def signal_group(process: subprocess.Popen[bytes], sent: signal.Signals) -> None:
    """Sends a signal to a spawned process and whatever it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, sent)


async def wait_exit(process: subprocess.Popen[bytes], timeout: float) -> bool:  # noqa: ASYNC109 - a plain limit
    """Waits up to `timeout` seconds for the end of a process; False when it is still there."""
    limit = time.monotonic() + timeout
    while process.poll() is None:
        if time.monotonic() >= limit:
            return False
        await asyncio.sleep(0.02)
    return True


async def stop(process: subprocess.Popen[bytes], sent: signal.Signals = signal.SIGTERM, timeout: float = 20) -> bool:  # noqa: ASYNC109
    """Asks a process to end and kills its whole group past `timeout` seconds; True when it went by itself."""
    if process.poll() is None:
        process.send_signal(sent)
    went = await wait_exit(process, timeout)
    signal_group(process, signal.SIGKILL)
    await wait_exit(process, 5)
    return went


async def end_left_over(pid_file: Path, folder: Path, sent: signal.Signals, timeout: float = 30) -> None:  # noqa: ASYNC109
    """Ends what an earlier run left on a folder, if its process is still there, and waits until it is gone.

    Only a process that names the folder on its command line is meant: process ids are used again by others.
    """
    try:
        pid = int(pid_file.read_text().split()[0])  # noqa: ASYNC240 - a dozen bytes
    except (OSError, ValueError, IndexError):
        return
    limit = time.monotonic() + timeout
    signalled = False
    while _names(pid, folder):
        if not signalled:
            os.kill(pid, sent)
            signalled = True
        if time.monotonic() > limit:
            raise LocalError(f"Process {pid} of an earlier run still uses {folder}: stop it, then try again")
        await asyncio.sleep(0.05)


def _names(pid: int, folder: Path) -> bool:
    try:
        return os.fsencode(folder) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


async def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something accepts TCP connections there."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
