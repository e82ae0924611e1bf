"""One member's live stream, for the demo to report what arrived and when."""

import asyncio
import json
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx2

EVENT_TIMEOUT_S = 30.0


class NoEventError(Exception):
    """The awaited event did not arrive; the text says which."""


class InboxStream:
    """`async with InboxStream(client, auth) as stream: data, at = await stream.next_event("suggestion", …)`."""

    def __init__(self, notifications: httpx2.AsyncClient, auth: dict[str, str]) -> None:
        self._client, self._auth = notifications, auth
        self._events: asyncio.Queue[tuple[str, dict[str, Any], float]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Subscribes."""
        self._task = asyncio.create_task(self._receive())
        await self.next_event("ready")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Unsubscribes."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def next_event(
        self, kind: str, matches: Callable[[dict[str, Any]], bool] = lambda _data: True
    ) -> tuple[dict[str, Any], float]:
        """The next matching event of this kind, and when it arrived (`time.perf_counter`); all others are skipped.

        Raises:
            NoEventError: none arrived in time, or the stream ended.
        """
        try:
            async with asyncio.timeout(EVENT_TIMEOUT_S):
                while True:
                    received, data, at = await self._next()
                    if received == kind and matches(data):
                        return data, at
        except TimeoutError:
            raise NoEventError(f"no {kind!r} event arrived within {EVENT_TIMEOUT_S:.0f} s") from None

    async def _next(self) -> tuple[str, dict[str, Any], float]:
        task = self._task
        if task is not None and task.done() and self._events.empty():
            raise NoEventError("the live stream ended") from task.exception()
        return await self._events.get()

    async def _receive(self) -> None:
        async with self._client.stream("GET", "/v1/inbox/stream", headers=self._auth, timeout=None) as answer:
            answer.raise_for_status()
            kind = ""
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    self._events.put_nowait((kind, json.loads(value), time.perf_counter()))
