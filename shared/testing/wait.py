"""Waiting in tests: for a condition, with a limit, never for luck."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any


async def until(  # the limit is the function's whole point
    predicate: Callable[[], Any | Awaitable[Any]],
    timeout: float = 15,  # noqa: ASYNC109
    every: float = 0.02,
    what: str | None = None,
) -> Any:
    """Calls `predicate` (plain or async) until it returns something true, and returns that.

    An AssertionError it raises counts as "not yet" and is shown when `timeout` seconds are over.
    """
    limit = time.monotonic() + timeout
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
        if time.monotonic() > limit:
            name = what or getattr(predicate, "__name__", repr(predicate))
            raise AssertionError(f"not within {timeout} s: {name} (last seen: {last!r})")
        await asyncio.sleep(every)
