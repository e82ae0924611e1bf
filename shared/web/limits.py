"""Limits on a request: the number of headers, the length of the body (declared or not), and the time until it is there.

Streams pass unbuffered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.events.base import MAX_BODY_BYTES
from shared.web.problems import Problem, respond, too_large, too_many_headers, too_slow

DEFAULT_LIMIT = MAX_BODY_BYTES
"""The longest value of a record, since a body becomes one record at most."""

MOST_HEADERS = 100
PATIENCE_S = 20.0
SLOWEST_BYTES_PER_S = 16 * 1024
"""A body may take `PATIENCE_S`, and longer while it comes at least this fast."""

LINGER_S = 2.0
"""How long a refused body is still read: closing a connection with unread bytes would discard the response."""

Responder = Callable[[Request, Problem], Awaitable[Response]]


async def as_document(request: Request, problem: Problem) -> Response:
    """Problem details, for programs."""
    return respond(problem, request.url.path)


class _RefusedError(Exception):
    """Raised in whatever reads a refused body."""


class Limits:
    """Answers 413 to longer bodies (at once when Content-Length says so), 408 to slow ones, 431 to many headers."""

    def __init__(
        self,
        app: ASGIApp,
        by_prefix: Mapping[str, int] | None = None,
        patience_s: float = PATIENCE_S,
        respond: Responder = as_document,
    ) -> None:
        """`by_prefix`: other limits by the beginning of the path; the longest match counts."""
        self._app, self._patience_s, self._respond = app, patience_s, respond
        self._by_prefix = sorted((by_prefix or {}).items(), key=lambda each: -len(each[0]))

    def limit_for(self, path: str) -> int:
        """Bytes a body may have on this path."""
        return next((limit for prefix, limit in self._by_prefix if path.startswith(prefix)), DEFAULT_LIMIT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with a `receive` that counts bytes and time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self.limit_for(scope["path"])
        refusal = _refusal_by_headers(scope, limit)
        if refusal is not None:
            await _refuse(await self._respond(Request(scope), refusal), scope, receive, send)
            return
        await _Body(receive, send, limit, self._patience_s, self._respond).run(self._app, scope)


def _refusal_by_headers(scope: Scope, limit: int) -> Problem | None:
    """The problem to refuse a request with before its body is read, if any."""
    if len(scope["headers"]) > MOST_HEADERS:
        return too_many_headers(MOST_HEADERS)
    declared = Headers(scope=scope).get("content-length", "")
    return too_large(limit) if declared.isdecimal() and int(declared) > limit else None


async def _refuse(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Respond while the body is still arriving, and go on reading it for a moment before the connection ends."""

    async def send_without_end(message: Message) -> None:
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    await response(scope, receive, send_without_end)
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while (await receive()).get("more_body", False):
                pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Body:
    """One request: how much of its body has arrived, and whether the response has begun."""

    def __init__(self, receive: Receive, send: Send, limit: int, patience_s: float, respond: Responder) -> None:
        self._receive, self._send, self._limit, self._patience_s = receive, send, limit, patience_s
        self._respond = respond
        self._began = asyncio.get_running_loop().time()
        self._read_bytes = 0
        self._whole = False
        self._started = False
        self._refusal: Problem | None = None

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Let the application respond, or respond for it where the body is refused."""
        try:
            await app(scope, self._receive_counted, self._send_unless_refused)
        except Exception:
            if self._refusal is None or self._started:
                raise
        if self._refusal is not None and not self._started:
            response = await self._respond(Request(scope), self._refusal)
            if self._whole:
                await response(scope, self._receive, self._send)
            else:
                await _refuse(response, scope, self._receive, self._send)

    async def _receive_counted(self) -> Message:
        if self._whole:
            return await self._receive()  # the client's disconnect, which may come at any time
        until = self._began + self._patience_s + self._read_bytes / SLOWEST_BYTES_PER_S
        try:
            async with asyncio.timeout_at(until):
                message = await self._receive()
        except TimeoutError:
            self._refusal = too_slow()
            raise _RefusedError from None
        self._read_bytes += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._read_bytes > self._limit:
            self._refusal = too_large(self._limit)
            raise _RefusedError
        return message

    async def _send_unless_refused(self, message: Message) -> None:
        if self._refusal is not None and not self._started:
            return  # the framework's own response to the interrupted body: ours follows
        self._started = True
        await self._send(message)
