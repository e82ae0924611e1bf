"""Work in a forked copy of the process, with limits of time and memory, so that no peer can end a run."""

import multiprocessing
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from time import monotonic
from typing import TypeVar

PAGE = 4096
POLL_S = 0.1

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and bytes of memory: the copy's, including what it shares with its origin, and its child processes'."""

    seconds: float
    memory: int


class LimitError(Exception):
    """The work exceeded a limit or failed. The text says which."""


def limited(work: Callable[[], Iterator[T]], limits: Limits) -> Generator[T, None, None]:
    """Yield what `work` yields. It runs in a forked copy, so that its changes do not reach this process.

    Raises:
        LimitError: a limit was reached, or the work failed; what was yielded before is valid.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield from _received(ours, process, limits)
    finally:
        process.kill()
        process.join()
        ours.close()


def _send(work: Callable[[], Iterator[T]], to: Connection) -> None:
    try:
        for found in work():
            to.send((found, None))
    except MemoryError:
        to.send((None, "out of memory"))
    except Exception as error:  # noqa: BLE001 - any error of a peer is its result
        to.send((None, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"))
    else:
        to.send((None, ""))


def _received(connection: Connection, process: ForkProcess, limits: Limits) -> Iterator[T]:
    started = monotonic()
    while True:
        while not connection.poll(POLL_S):
            if monotonic() - started > limits.seconds:
                raise LimitError(f"more than {limits.seconds:.0f} s")
            if _resident(process.pid) > limits.memory:
                raise LimitError(f"more than {limits.memory / 2**30:.0f} GiB")
        try:
            found, wrong = connection.recv()
        except EOFError:
            raise LimitError("the process ended") from None
        if wrong is None:
            yield found
        elif wrong:
            raise LimitError(wrong)
        else:
            return


def _resident(pid: int | None) -> int:
    """Bytes of a process and of those below it, memory that the latter share counted once."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE
    except OSError:
        return 0
    return own + sum(map(_proportional, _children(pid)))


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    own = next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)
    return own + sum(map(_proportional, _children(pid)))


def _children(pid: int | None) -> list[int]:
    found: list[int] = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, listed.read_text(encoding="ascii").split())
    return found
