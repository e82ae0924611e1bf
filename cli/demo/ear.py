"""Listens to one member's live stream, so that the story can say what she heard and when."""

import asyncio
import json
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx2

PATIENCE_S = 30.0


class SilenceError(Exception):
    """What was waited for did not come; the text says what."""


class Ear:
    """`async with Ear(client, auth) as ear: data, at = await ear.hear("suggestion", …)`."""

    def __init__(self, notifications: httpx2.AsyncClient, auth: dict[str, str]) -> None:
        self._client, self._auth = notifications, auth
        self._heard: asyncio.Queue[tuple[str, dict[str, Any], float]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Listens from now on."""
        self._task = asyncio.create_task(self._listen())
        await self.hear("ready")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def hear(
        self, kind: str, about: Callable[[dict[str, Any]], bool] = lambda _data: True
    ) -> tuple[dict[str, Any], float]:
        """The next event of this kind that is about it, and when it came (`time.perf_counter`); others are passed over.

        Raises:
            SilenceError: it did not come in time, or the stream ended.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    said, data, at = await self._next()
                    if said == kind and about(data):
                        return data, at
        except TimeoutError:
            raise SilenceError(f"nothing was heard of a {kind!r} event for {PATIENCE_S:.0f} s") from None

    async def _next(self) -> tuple[str, dict[str, Any], float]:
        task = self._task
        if task is not None and task.done() and self._heard.empty():
            raise SilenceError("the live stream ended") from task.exception()
        return await self._heard.get()

    async def _listen(self) -> None:
        async with self._client.stream("GET", "/v1/inbox/stream", headers=self._auth, timeout=None) as answer:
            answer.raise_for_status()
            kind = ""
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    self._heard.put_nowait((kind, json.loads(value), time.perf_counter()))
