"""Snapshots in every bad state: half written when the machine stops, damaged, of another cluster, of another time."""

import os
import signal
from dataclasses import replace
from pathlib import Path

from infra.local.service import ServiceProcess
from services.matching.snapshots import matcher_state, snapshot_file
from shared.messaging.topics.catalogue import SUGGESTIONS
from shared.testing.wait import until


async def kill_while_it_writes(process: ServiceProcess, folder: Path) -> None:
    """Kill -9 of a matcher and the copy of it that writes, while a file of the copy lacks its end."""
    group = process.pid
    assert group is not None

    async def caught() -> bool:
        if not half_written(folder):
            return False
        os.killpg(group, signal.SIGSTOP)  # every service leads a group of its own
        await until(lambda: all(state == "T" for state in _states(group)), every=0.001)
        if half_written(folder):
            return True
        os.killpg(group, signal.SIGCONT)
        return False

    await until(caught, timeout=60, every=0.0005)
    os.killpg(group, signal.SIGKILL)
    await process.kill()


def half_written(folder: Path) -> list[Path]:
    """The files that do not end as a whole snapshot does, whatever they are called."""
    return [path for path in folder.glob("*") if _lacks_its_end(path)]


def _lacks_its_end(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - len(snapshot_file.MAGIC)))
            end = file.read()
            # MAGIC alone is how one begins.
            return end != snapshot_file.MAGIC or file.tell() == len(snapshot_file.MAGIC)
    except FileNotFoundError:  # it was renamed meanwhile
        return False


def _states(group: int) -> list[str]:
    """The states of a group's processes that are not over."""
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, member = each.read_text().rpartition(")")[2].split()[:3]
        except OSError:  # it went meanwhile
            continue
        if int(member) == group and state != "Z":
            found.append(state)
    return found


def damage(path: Path) -> None:
    """Turn one bit in the middle."""
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)


def unsaid_in(path: Path) -> set[str]:
    """The keys of what a snapshot says is still to be written; of none where there is no snapshot yet."""
    if not path.exists():
        return set()
    with snapshot_file.read(path, _identity(path)) as held:
        return set(matcher_state.read_state(held, range(SUGGESTIONS.partitions)).pending)


def rewrite(source: Path, target: Path, *, cluster: str | None = None, older_s: float = 0.0) -> None:
    """The same snapshot as if of another cluster, or written so much earlier."""
    identity = _identity(source)
    other = replace(identity, cluster=cluster or identity.cluster)
    with snapshot_file.read(source, identity) as held:
        arrays = ((name, held.array(name)) for name in held.names)
        snapshot_file.write(target, other, held.meta, arrays, written_at=held.written_at - older_s)


def _identity(path: Path) -> snapshot_file.Identity:
    with path.open("rb") as file:
        return snapshot_file._index(file.fileno(), os.fstat(file.fileno()).st_size).identity
