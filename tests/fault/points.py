"""Named places in the services where a process can be made to die by kill -9, or to stop, the nth time it comes there.

The services know nothing of this: `dying.py` starts one with the place wrapped.
"""

import functools
import importlib
import inspect
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

VARIABLE = "WARMPATH_FAULT"
"""`name:count` in the environment of a process: die there at that time. With `:stop` it is stopped instead."""


@dataclass(frozen=True, slots=True)
class Point:
    """Just before or just after a function of the services; `often` is how often they come there under load."""

    services: tuple[str, ...]
    module: str
    function: str
    after: bool
    often: int


RELAYS = ("postings", "profiles")
GROUPS = ("postings", "notifications")
POINTS = {
    "committed, not published": Point(
        (*RELAYS, "matching"), "shared.messaging.publisher", "FencedPublisher.publish", after=False, often=6
    ),
    "inside the transaction": Point((*RELAYS, "matching"), "shared.messaging.publisher", "_send", after=True, often=6),
    "published, not deleted": Point(
        (*RELAYS, "matching"), "shared.messaging.publisher", "FencedPublisher.publish", after=True, often=6
    ),
    "in the middle of a batch": Point(GROUPS, "shared.messaging.batches", "Batches._one", after=False, often=12),
    "applied, not acknowledged": Point(GROUPS, "shared.messaging.batches", "Batches.apply", after=True, often=5),
    "during a rebalance": Point(
        GROUPS, "shared.messaging.positions", "StartWhereProcessed.on_partitions_assigned", after=False, often=1
    ),
    "while rebuilding": Point(("matching",), "services.matching.intake", "Intake.take", after=True, often=2),
    "fenced, not caught up": Point(("matching",), "services.matching.voice", "Voice.claim", after=True, often=8),
    "writing a snapshot": Point(("matching",), "services.matching.snapshot", "_write_one", after=True, often=9),
}


def arm(fault: str) -> None:
    """Wrap the place that `fault` names, in this process."""
    name, count, *stop = fault.split(":")
    point, end = POINTS[name], signal.SIGSTOP if stop else signal.SIGKILL
    owner: Any = importlib.import_module(point.module)
    *path, last = point.function.split(".")
    for part in path:
        owner = getattr(owner, part)
    setattr(owner, last, _deadly(getattr(owner, last), int(count), end, after=point.after))


def _deadly(function: Callable[..., Any], count: int, end: signal.Signals, *, after: bool) -> Callable[..., Any]:
    times = 0

    def come() -> None:
        nonlocal times
        times += 1
        if times == count:
            os.killpg(0, end)  # a copy that writes a snapshot goes with it: each service leads a group

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def wrapped(*args: Any, **named: Any) -> Any:
            if not after:
                come()
            result = await function(*args, **named)
            if after:
                come()
            return result

    else:

        @functools.wraps(function)
        def wrapped(*args: Any, **named: Any) -> Any:
            if not after:
                come()
            result = function(*args, **named)
            if after:
                come()
            return result

    return wrapped
