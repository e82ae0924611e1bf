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


def _every_time(*_args: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Point:
    """Just before or just after a function of the services; `often` is how often they come there under load.

    `counts`: which calls of it are meant, by their arguments. `beside`: a second process of the same group is there.
    """

    services: tuple[str, ...]
    module: str
    function: str
    after: bool
    often: int
    counts: Callable[..., bool] = _every_time
    beside: bool = False


def _of_some(_listener: Any, partitions: Any) -> bool:
    return bool(partitions)


def _of_suggestions(_connection: Any, events: Any) -> bool:
    return any(event.kind != "summary" for event in events)


RELAYS = ("postings", "profiles")
GROUPS = ("postings", "notifications")
POINTS = {
    "committed, not published": Point(
        (*RELAYS, "matching"), "shared.messaging.publish.publisher", "FencedPublisher.publish", after=False, often=6
    ),
    "inside the transaction": Point(
        (*RELAYS, "matching"), "shared.messaging.publish.publisher", "_send", after=True, often=6
    ),
    "published, not deleted": Point(
        (*RELAYS, "matching"), "shared.messaging.publish.publisher", "FencedPublisher.publish", after=True, often=6
    ),
    "in the middle of a batch": Point(
        GROUPS, "shared.messaging.consume.batch_applier", "BatchApplier._apply_one", after=False, often=12
    ),
    "halfway through writing suggestions": Point(
        ("notifications",),
        "services.notifications.store",
        "add_events",
        after=True,
        often=5,
        counts=_of_suggestions,
    ),
    "effects written, not the offset": Point(
        GROUPS, "shared.messaging.consume.processed", "move", after=False, often=5
    ),
    "effects and offset written, not committed": Point(
        GROUPS, "shared.messaging.consume.processed", "move", after=True, often=5
    ),
    "applied, not acknowledged": Point(
        GROUPS, "shared.messaging.consume.batch_applier", "BatchApplier.apply", after=True, often=5
    ),
    "during a rebalance": Point(
        GROUPS,
        "shared.messaging.consume.positions",
        "ProcessedOffsetListener.on_partitions_assigned",
        after=False,
        often=1,
    ),
    "as partitions are taken away": Point(
        GROUPS,
        "shared.messaging.consume.positions",
        "ProcessedOffsetListener.on_partitions_revoked",
        after=False,
        often=1,
        counts=_of_some,  # whoever joins is first told that none of theirs are
        beside=True,
    ),
    "effects written, beside another": Point(
        GROUPS, "shared.messaging.consume.processed", "move", after=False, often=8, beside=True
    ),
    "while rebuilding": Point(("matching",), "services.matching.stream.intake", "Intake.take", after=True, often=2),
    "fenced, not caught up": Point(
        ("matching",), "services.matching.stream.partition_publisher", "PartitionPublisher.claim", after=True, often=8
    ),
    "writing a snapshot": Point(
        ("matching",), "services.matching.snapshots.snapshot_file", "_write_array", after=True, often=9
    ),
}

OF_INTRODUCTIONS = {
    "a seeker locked, nothing done": Point(
        ("introductions",), "services.introductions.store", "open_case", after=True, often=3
    ),
    "halfway through a step": Point(("introductions",), "services.introductions.store", "save", after=True, often=3),
    "a step carried out, not committed": Point(
        ("introductions",), "services.introductions.working", "save", after=True, often=3
    ),
    "a step carried out, not answered": Point(
        ("introductions",), "services.introductions.showing", "view", after=False, often=3
    ),
    "an ask committed, not answered": Point(
        ("introductions",), "services.introductions.api", "run_once", after=True, often=1
    ),
    "a step committed, not published": Point(
        ("introductions",), "shared.messaging.publish.publisher", "FencedPublisher.publish", after=False, often=3
    ),
    "a step published, not deleted": Point(
        ("introductions",), "shared.messaging.publish.publisher", "FencedPublisher.publish", after=True, often=3
    ),
    "somebody erased from one of several": Point(
        ("introductions",), "services.introductions.departures", "_change_of_seeker", after=True, often=1
    ),
}
"""Where introductions may die in its own histories: the load of a storm does not come there."""

OF_MESSAGES = {
    "a message planned, not committed": Point(
        ("notifications",), "services.notifications.telling", "plan", after=True, often=1
    ),
    "a message allowed, not told": Point(
        ("notifications",), "services.notifications.telling", "Teller._put_in_the_inbox", after=False, often=1
    ),
    "a message told, not committed": Point(
        ("notifications",), "services.notifications.telling", "Teller._put_in_the_inbox", after=True, often=1
    ),
    "an e-mail about to be prepared": Point(
        ("notifications",), "services.notifications.channels.sender", "Sender._prepare", after=False, often=1
    ),
    "an e-mail prepared, not sent": Point(
        ("notifications",), "services.notifications.channels.sender", "Sender._prepare", after=True, often=1
    ),
    "asked whether it is to be said": Point(
        ("introductions",), "services.introductions.messages", "is_to_be_said", after=False, often=1
    ),
    "a link made, not given": Point(("introductions",), "services.introductions.links", "make", after=True, often=1),
}
"""Between the record of an introduction and the message about it, in either service."""


def arm(fault: str) -> None:
    """Wrap the place that `fault` names, in this process."""
    name, count, *stop = fault.split(":")
    point, end = (POINTS | OF_INTRODUCTIONS | OF_MESSAGES)[name], signal.SIGSTOP if stop else signal.SIGKILL
    owner: Any = importlib.import_module(point.module)
    *path, last = point.function.split(".")
    for part in path:
        owner = getattr(owner, part)
    setattr(owner, last, _deadly(getattr(owner, last), int(count), end, point))


def _deadly(function: Callable[..., Any], count: int, end: signal.Signals, point: Point) -> Callable[..., Any]:
    times = 0

    def come(args: tuple[Any, ...], *, after: bool) -> None:
        nonlocal times
        if after != point.after or not point.counts(*args):
            return
        times += 1
        if times == count:
            os.killpg(0, end)  # a copy that writes a snapshot goes with it: each service leads a group

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def wrapped(*args: Any, **named: Any) -> Any:
            come(args, after=False)
            result = await function(*args, **named)
            come(args, after=True)
            return result

    else:

        @functools.wraps(function)
        def wrapped(*args: Any, **named: Any) -> Any:
            come(args, after=False)
            result = function(*args, **named)
            come(args, after=True)
            return result

    return wrapped
