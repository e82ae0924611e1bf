"""Work in a copy of the process: the state as it was, whatever happens meanwhile, and no trace left behind."""

import asyncio
import errno
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

from services.matching.kernels.storage.memory import reserve
from services.matching.snapshots import fork, snapshot_file
from services.matching.snapshots.schedule import SnapshotSchedule
from services.matching.snapshots.snapshot_file import Identity, RefusedError
from services.matching.stream.engine_thread import EngineThread
from shared.observability.metric_list import SNAPSHOT_BYTES
from shared.testing.wait import until

OURS = Identity("cluster", {}, "contracts", "vocabulary", "layout")


def gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


class Held:
    """Holds a child back until it is let go. Opened by path: inherited handles are closed there."""

    def __init__(self, folder: Path):
        self.path = folder / "held"
        os.mkfifo(self.path)

    def wait(self):
        os.close(os.open(self.path, os.O_RDONLY))

    def let_go(self):
        os.close(os.open(self.path, os.O_WRONLY))


async def test_it_gives_what_the_work_gives():
    assert await fork.result(fork.start(lambda: b"x" * 300_000)) == b"x" * 300_000
    assert await fork.result(fork.start(lambda: b"")) == b""


async def test_it_sees_the_moment_it_was_made_in(tmp_path):
    held, array, things = Held(tmp_path), reserve(1 << 20, np.int32), ["before"]
    array[:100] = 1

    def work():
        held.wait()
        return f"{array.sum()} {things}".encode()

    child = fork.start(work)
    array[:] = 2
    things.append("after")
    await asyncio.to_thread(held.let_go)
    assert await fork.result(child) == b"100 ['before']"


async def test_a_failure_says_why():
    def full():
        raise OSError(errno.ENOSPC, "no")

    for work, says in ((full, os.strerror(errno.ENOSPC)), (lambda: 1 / 0, "failed")):
        with pytest.raises(fork.ChildError, match=says):
            await fork.result(fork.start(work))


async def test_a_killed_one_is_told(tmp_path):
    child = fork.start(Held(tmp_path).wait)
    os.kill(child.process, signal.SIGKILL)
    with pytest.raises(fork.ChildError, match="killed"):
        await fork.result(child)
    assert gone(child.process)


async def test_giving_up_ends_it(tmp_path):
    child = fork.start(Held(tmp_path).wait)
    waiting = asyncio.create_task(fork.result(child))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert gone(child.process)


async def test_it_holds_none_of_our_handles_and_hears_no_signals(tmp_path):
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])

    def work():
        handles = [each for each in Path("/proc/self/fd").iterdir() if each.exists()]
        heard = [signal.getsignal(each).name for each in (signal.SIGINT, signal.SIGTERM)]
        return f"{len(handles)} {heard}".encode()

    with (tmp_path / "open").open("w"):
        told = (await fork.result(fork.start(work))).decode()
    handles, _, heard = told.partition(" ")
    assert int(handles) <= 2  # the answer's, and that of the listing
    assert heard.count("SIG_IGN") == 2
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask


async def test_it_works_from_another_thread_while_locks_are_held():
    thread, lock = EngineThread(), threading.Lock()
    try:
        with lock:
            child = await thread.ask(lambda: fork.start(lambda: str(threading.active_count()).encode()))
            assert await fork.result(child) == b"1"
    finally:
        await thread.stop()


class Taken:
    """A schedule over a state that changes, and the clock by which it goes."""

    def __init__(self, folder: Path):
        self.now, self.array, self.held = 0.0, np.arange(1000), None
        self.schedule = SnapshotSchedule(folder, "ours", 300, lambda: self.now)
        self.thread = EngineThread()

    def save(self, path: Path, at: float):
        def arrays():
            yield "one", self.array
            if self.held:
                self.held.wait()
            yield "two", self.array

        return lambda: str(snapshot_file.write(path, OURS, {}, arrays(), written_at=at)).encode()

    async def take(self):
        await self.schedule.start_writing(self.thread, self.save, None)

    async def close(self):
        await self.schedule.stop()
        await self.thread.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


async def test_it_is_written_while_the_state_goes_on(tmp_path, folder):
    taken = Taken(folder)
    taken.held = Held(tmp_path)
    assert taken.schedule.due
    await taken.take()
    taken.now = 1000.0
    assert not taken.schedule.due  # one is being written
    taken.array[:] = 0
    assert not taken.schedule.path.exists()
    await asyncio.to_thread(taken.held.let_go)
    await until(lambda: taken.schedule.due)
    with snapshot_file.read(taken.schedule.path, OURS) as found:
        assert found.array("one").sum() == found.array("two").sum() == 499_500
        assert SNAPSHOT_BYTES._value.get() == found.size
    await taken.close()


async def test_a_writer_that_is_killed_leaves_the_old_one(tmp_path, folder):
    taken = Taken(folder)
    await taken.take()
    await until(taken.schedule.path.exists)
    whole = taken.schedule.path.read_bytes()
    await until(taken.schedule._writing.done)
    taken.held = Held(tmp_path)
    await taken.take()
    await until(lambda: list(folder.glob("*.part")))
    await taken.close()
    assert taken.schedule.path.read_bytes() == whole
    again = Taken(folder)
    await again.take()
    await until(again.schedule._writing.done)
    await again.close()
    assert [each.name for each in folder.iterdir()] == ["ours.snapshot"]


async def test_one_that_cannot_be_written_is_no_harm(folder):
    folder.mkdir()
    taken = Taken(folder)
    taken.schedule.path.mkdir()
    await taken.take()
    await until(taken.schedule._writing.done)
    assert [each.name for each in folder.iterdir()] == ["ours.snapshot"]
    await taken.close()


async def test_what_is_too_old_to_be_used_by_anybody_goes(folder):
    folder.mkdir()
    for name, age in (("other.snapshot", 4), ("fresh.snapshot", 2), ("note.txt", 9)):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, times=(0, snapshot_file.time.time() - age * 86_400))
    taken = Taken(folder)
    await taken.take()
    await until(taken.schedule._writing.done)
    assert sorted(each.name for each in folder.iterdir()) == ["fresh.snapshot", "note.txt", "ours.snapshot"]
    assert [each.name for each in taken.schedule.candidates()] == ["ours.snapshot", "fresh.snapshot"]
    await taken.close()


async def test_it_is_due_again_after_a_while(folder):
    taken = Taken(folder)
    await taken.take()
    await until(taken.schedule._writing.done)
    taken.now = 299.0
    assert not taken.schedule.due
    taken.now = 300.0
    assert taken.schedule.due
    taken.schedule.restored(0.0, 1, 0.1)
    assert not taken.schedule.due
    await taken.close()
    with pytest.raises(RefusedError):
        snapshot_file.read(folder / "none", OURS)
