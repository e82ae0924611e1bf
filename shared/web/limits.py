"""Request bodies have a limit, also where the client does not say how long they are. Streams pass unbuffered."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.problems import respond, too_large

DEFAULT_LIMIT = 1024 * 1024


class _TooLargeError(Exception):
    """Stops whoever is reading the body."""


class BodyLimit:
    """Answers 413 to longer bodies: at once when Content-Length says so, otherwise when the limit is passed."""

    def __init__(self, app: ASGIApp, limit: int = DEFAULT_LIMIT, by_prefix: Mapping[str, int] | None = None) -> None:
        """`by_prefix`: other limits by the beginning of the path; the longest that fits counts."""
        self._app, self._limit = app, limit
        self._by_prefix = sorted((by_prefix or {}).items(), key=lambda each: -len(each[0]))

    def limit_for(self, path: str) -> int:
        """Bytes a body may have on this path."""
        return next((limit for prefix, limit in self._by_prefix if path.startswith(prefix)), self._limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with a counting `receive`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self.limit_for(scope["path"])
        told = Headers(scope=scope).get("content-length", "")
        if told.isdecimal() and int(told) > limit:
            await respond(too_large(limit), scope["path"])(scope, receive, send)
            return
        await self._counted(scope, receive, send, limit)

    async def _counted(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        taken = 0
        started = False

        async def count() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise _TooLargeError
            return message

        async def pass_on(message: Message) -> None:
            nonlocal started
            if taken > limit and not started:
                return  # the framework's own words for a body that broke off; ours follow
            started = True
            await send(message)

        try:
            await self._app(scope, count, pass_on)
        except Exception:
            if taken <= limit or started:
                raise
        if taken > limit and not started:
            await respond(too_large(limit), scope["path"])(scope, receive, send)
