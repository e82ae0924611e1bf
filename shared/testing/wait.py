"""Waiting in tests: for a condition, with a limit, never for luck."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any

SHORTEST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 0.2


async def until(  # the limit is the function's whole point
    predicate: Callable[[], Any | Awaitable[Any]],
    timeout: float = 15,  # noqa: ASYNC109
    every: float | None = None,
    what: str | None = None,
) -> Any:
    """Calls `predicate` (plain or async) until it returns something true, and returns that.

    It is called `every` so many seconds; unless given, the less often the longer it takes: asking costs what is waited
    for, too. An AssertionError it raises counts as "not yet" and is shown when `timeout` seconds are over.
    """
    begun = time.monotonic()
    last: object = None
    while True:
        try:
            last = predicate()
            if inspect.isawaitable(last):
                last = await last
            if last:
                return last
        except AssertionError as problem:
            last = problem
        waited = time.monotonic() - begun
        if waited > timeout:
            name = what or getattr(predicate, "__name__", repr(predicate))
            raise AssertionError(f"not within {timeout} s: {name} (last seen: {last!r})")
        await asyncio.sleep(every or min(LONGEST_PAUSE_S, max(SHORTEST_PAUSE_S, waited / 20)))
