"""Work in a forked copy of the process, within limits of time and memory, so that nothing a peer does can end a run."""

import multiprocessing
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from time import monotonic
from typing import TypeVar

PAGE = 4096
LOOK_S = 0.1

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and bytes of memory of the copy, what it shares with its origin among them."""

    seconds: float
    memory: int


class LimitError(Exception):
    """The work was ended: it went over a limit, or failed. The text says which."""


def limited(work: Callable[[], Iterator[T]], limits: Limits) -> Generator[T, None, None]:
    """What `work` gives, one by one. It runs in a copy: what it changes is not changed here.

    Raises:
        LimitError: a limit was reached, or the work failed; what came before that is good.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield from _heard(ours, process, limits)
    finally:
        process.kill()
        process.join()
        ours.close()


def _tell(work: Callable[[], Iterator[T]], to: Connection) -> None:
    try:
        for found in work():
            to.send((found, None))
    except MemoryError:
        to.send((None, "out of memory"))
    except Exception as error:  # noqa: BLE001 - whatever a peer raises is what is wrong with it
        to.send((None, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"))
    else:
        to.send((None, ""))


def _heard(connection: Connection, process: ForkProcess, limits: Limits) -> Iterator[T]:
    started = monotonic()
    while True:
        while not connection.poll(LOOK_S):
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
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE
    except OSError:
        return 0
