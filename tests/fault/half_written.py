"""Snapshots in every bad state: half written when the machine stops, damaged, of another cluster, of another time."""

import os
import signal
from dataclasses import replace
from pathlib import Path

from infra.local.service import ServiceProcess
from services.matching import snapshot
from shared.testing.wait import until


async def kill_while_it_writes(process: ServiceProcess, folder: Path) -> None:
    """Kill -9 of a matcher and the copy of it that writes, while the copy has a file that is not in its place yet."""
    group = process.pid
    assert group is not None

    async def caught() -> bool:
        if not _half_written(folder):
            return False
        os.killpg(group, signal.SIGSTOP)  # every service leads a group of its own
        await until(lambda: all(state == "T" for state in _states(group)), every=0.001)
        if _half_written(folder):
            return True
        os.killpg(group, signal.SIGCONT)
        return False

    await until(caught, timeout=60, every=0.0005)
    os.killpg(group, signal.SIGKILL)
    await process.kill()


def _half_written(folder: Path) -> list[Path]:
    return list(folder.glob("*.part"))


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


def rewrite(source: Path, target: Path, *, cluster: str | None = None, older_s: float = 0.0) -> None:
    """The same snapshot as if of another cluster, or written so much earlier."""
    with source.open("rb") as file:
        identity = snapshot._index(file.fileno(), source.stat().st_size).identity
    other = replace(identity, cluster=cluster or identity.cluster)
    with snapshot.read(source, identity) as held:
        arrays = ((name, held.array(name)) for name in held.names)
        snapshot.write(target, other, held.meta, arrays, written_at=held.written_at - older_s)
