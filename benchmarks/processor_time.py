"""Processor time by process, each with the processes below it."""

import os
from collections.abc import Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def busy_seconds(parts: Mapping[str, int]) -> dict[str, float]:
    """Seconds of processor time by name: of the named process, and of all processes below it.

    A child that ends between two calls still counts: its time is in what its parent has waited for.
    """
    parents, own = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        pid = int(folder.name)
        parents[pid], own[pid] = int(fields[1]), sum(map(int, fields[11:15])) / _TICKS
    names = {pid: name for name, pid in parts.items()}
    found = dict.fromkeys(parts, 0.0)
    for pid, seconds in own.items():
        if (name := _whose(pid, parents, names)) is not None:
            found[name] += seconds
    return found


def _whose(pid: int, parents: Mapping[int, int], names: Mapping[int, str]) -> str | None:
    """The nearest named process that this one is, or is below."""
    while pid:
        if pid in names:
            return names[pid]
        pid = parents.get(pid, 0)
    return None
