"""Child processes of the local stack: each in a session of its own, logged to a file, and ended with its parent.

`spawn` must run in the main thread: Linux sends the death signal when the *thread* that started the child ends.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The root folder of the project; services are started from here."""

Progress = Callable[[str], None]
"""Takes one line about progress, for the person who waits."""

_PR_SET_PDEATHSIG = 1


def silent(_line: str) -> None:
    """Progress for nobody."""


class LocalError(Exception):
    """Something on this machine is missing or did not start. The text says what, why, and what to do."""


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, for an error message; empty if there is no log."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 64 * 1024))
            return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-lines:])
    except OSError:
        return ""


def _before_exec(orphan: signal.Signals, parent: int) -> Callable[[], None]:
    """What a child runs between fork and exec."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def prepare() -> None:
        # A shell starts background jobs with SIGINT ignored, and children inherit that.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if libc is None:
            return
        libc.prctl(_PR_SET_PDEATHSIG, int(orphan))
        if os.getppid() != parent:  # the parent died between fork and here
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
    """Starts a command in a session of its own, with its output appended to `log`.

    Args:
        command: program and arguments; never secrets, since every user can read command lines.
        log: created with its folder if missing.
        env: the whole environment, our own by default; the place for secrets.
        cwd: the working directory.
        user: (uid, gid) to run as.
        orphan: the signal it gets when this process dies.
        keep: file descriptors that it inherits, under the same numbers.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - no shell, and all arguments are ours
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
    """Runs a command to its end, started as by `spawn`: None if it succeeded, otherwise its output."""
    begin = log.stat().st_size if log.exists() else 0  # noqa: ASYNC240 - a local file
    process = spawn(command, log=log, env=env, cwd=cwd, user=user)
    try:
        if not await wait_exit(process, timeout):
            return f"{Path(str(command[0])).name} did not end in {timeout:.0f} s"
    finally:
        signal_group(process, signal.SIGKILL)
    if process.returncode == 0:
        return None
    output = log.read_bytes()[begin:]  # noqa: ASYNC240 - a small local file
    return output.decode("utf-8", "replace") or f"exit code {process.returncode}"


def signal_group(process: subprocess.Popen[bytes], sent: signal.Signals) -> None:
    """Sends a signal to a spawned process and everything it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, sent)


async def wait_exit(process: subprocess.Popen[bytes], timeout: float) -> bool:  # noqa: ASYNC109 - a plain limit
    """Waits up to `timeout` seconds for a process to end; False if it is still running."""
    limit = time.monotonic() + timeout
    while process.poll() is None:
        if time.monotonic() >= limit:
            return False
        await asyncio.sleep(0.02)
    return True


async def stop(process: subprocess.Popen[bytes], sent: signal.Signals = signal.SIGTERM, timeout: float = 20) -> bool:  # noqa: ASYNC109
    """Signals a process, and kills its whole group after `timeout` seconds; True if it ended by itself."""
    if process.poll() is None:
        process.send_signal(sent)
    ended = await wait_exit(process, timeout)
    signal_group(process, signal.SIGKILL)
    await wait_exit(process, 5)
    return ended


async def stop_leftover(pid_file: Path, folder: Path, sent: signal.Signals, timeout: float = 30) -> None:  # noqa: ASYNC109
    """Stops the process that an earlier run left on a folder, if it is still running, and waits until it has ended.

    Only a process with the folder on its command line is stopped: process ids are reused.
    """
    try:
        pid = int(pid_file.read_text().split()[0])  # noqa: ASYNC240 - a dozen bytes
    except (OSError, ValueError, IndexError):
        return
    limit = time.monotonic() + timeout
    signalled = False
    while _is_running_on(pid, folder):
        if not signalled:
            os.kill(pid, sent)
            signalled = True
        if time.monotonic() > limit:
            raise LocalError(f"Process {pid} of an earlier run is still using {folder}: stop it and try again")
        await asyncio.sleep(0.05)


def _is_running_on(pid: int, folder: Path) -> bool:
    try:
        return os.fsencode(folder) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
