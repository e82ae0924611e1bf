"""Work on the state of this moment in a copy of the process, while the process itself goes on.

Why a fork: the kernel copies on write, page by page, so all of the state is captured at one moment without copying it,
without tracking changes in our kernels, and whatever objects it consists of. Measured: a fork takes 1.2 ms per GB of
arrays in huge pages and 15 to 20 ms per GB in small ones, and that is the only pause; while the child lives, a page is
copied when it is first written. Copying 1.2 GB between two slices would take 110 ms; copying it bit by bit would need
every kernel to report what it writes, and one that fails to would corrupt the snapshot silently. A huge page that is
written meanwhile is split into small ones; whoever relies on huge pages joins them again afterwards.

The child may only compute and write files. It never returns, logs, takes locks or starts threads: locks that other
threads held at the fork stay held in it for ever. It closes all inherited handles, so that sockets close when the
parent goes, and ignores signals, which are for the parent.
"""

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

UNKNOWN: Final = 255
"""The exit code of a failure without an errno."""

NICE: Final = 10
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_READ: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Child:
    """A running child, by process id, and the pipe its answer comes through."""

    process: int
    answer: int


class ChildError(Exception):
    """A child failed; the text says why, as far as it is known."""


def start(work: Callable[[], bytes]) -> Child:
    """Fork, and do `work` in the child; returns at once. `result` gives what `work` returns.

    Must be called on the thread that changes the state, between two changes. Raises OSError if it cannot fork.
    """
    parent, (reading, writing) = os.getpid(), os.pipe()
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        process = os.fork()
        if not process:
            _be_child(work, parent, writing)
    except OSError:
        os.close(reading)
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)
        os.close(writing)
    return Child(process, reading)


def _be_child(work: Callable[[], bytes], parent: int, writing: int) -> NoReturn:
    code = UNKNOWN
    try:
        gc.disable()  # it would write to every object, and so copy every page
        signal.set_wakeup_fd(-1)
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        os.closerange(0, writing)
        os.closerange(writing + 1, os.sysconf("SC_OPEN_MAX"))
        os.nice(NICE)
        if os.getppid() == parent:
            answer = work()
            while answer:
                answer = answer[os.write(writing, answer) :]
            code = 0
    except OSError as error:
        code = error.errno or UNKNOWN
    finally:
        os._exit(code)


async def result(child: Child) -> bytes:
    """Wait for a child and return what its work returned. Call it once for each child.

    Cancelling the caller kills the child. Raises ChildError.
    """
    waiting = asyncio.ensure_future(asyncio.to_thread(_wait, child))
    try:
        answer, code = await asyncio.shield(waiting)
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.process, signal.SIGKILL)
        await asyncio.wait((waiting,))
        raise
    if code:
        raise ChildError("killed" if code < 0 else "failed" if code == UNKNOWN else os.strerror(code))
    return answer


def _wait(child: Child) -> tuple[bytes, int]:
    parts = []
    try:
        while part := os.read(child.answer, _READ):
            parts.append(part)
    finally:
        os.close(child.answer)
        _, status = os.waitpid(child.process, 0)
    return b"".join(parts), os.waitstatus_to_exitcode(status)
