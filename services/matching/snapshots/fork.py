"""Work on the state as it is this moment, in a copy of the process, while the process itself goes on.

Why a fork: the kernel keeps the two apart page by page, so all of the state is caught at one moment without a copy,
without marks in our kernels of what changed, and whatever kind of object it is made of. Measured: forking takes 1.2 ms
a GB where arrays lie in large pages and 15 to 20 ms a GB in small ones, and that is all the pause there is; as long as
the child lives, a page is copied at its first change. Copying 1.2 GB between two slices would take 110 ms; copying it
piece by piece needs every kernel to say what it touches, and one that forgets spoils the snapshot without a sign.
A large page that is changed meanwhile falls apart into small ones: whoever lives by large pages joins them again.

The child may only compute and write files. It never returns, logs, locks or starts a thread: what other threads held
when it was made stays held in it for ever. It lets go of all inherited handles, so that sockets close when the parent
goes, and of signals, which are the parent's to answer.
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
"""The exit code of a failure that has no error number."""

NICE: Final = 10
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_READ: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Child:
    """A copy that is at work, and where its answer comes from."""

    process: int
    answer: int


class ChildError(Exception):
    """A child did not do its work; the text says why, as far as can be told."""


def start(work: Callable[[], bytes]) -> Child:
    """Fork, and do `work` in the child; returns at once. What `work` gives is to be had from `result`.

    To be called on the thread that changes the state, between two changes. Raises OSError where it cannot fork.
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
        gc.disable()  # it would touch every object, and so copy every page
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
    """Wait for a child; what its work gave. To be called once for each child.

    Whoever is cancelled meanwhile ends the child. Raises ChildError.
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
