"""The live stream: a member's numbered events as server-sent events, woken when they are committed.

Kept true: every event after `Last-Event-ID` is sent, once and in order, even if client or server restart meanwhile;
where that is no longer possible the client gets a `reset`. Events hold ids only; what is sent is the present inbox.
A stream ends within a minute once its token is revoked or names another kind of caller, and at once on an erasure.
"""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.notifications import store
from services.notifications.store import Event
from shared.observability import trace
from shared.observability.metric_list import INBOX_STREAMS, INBOX_STREAMS_CUT_OFF
from shared.service_kit.backoff import delays
from shared.service_kit.loop import Loop
from shared.storage.pool import Connection, Pool, session_of
from shared.web.problems import Problem

LISTEN_CHECK_S = 10.0
RECONNECT_WITHIN_S = 1.0
LONGEST_S = 3600.0
"""A stream ends after this long, and the client reconnects: to another process, say, that was started since."""

_RETRY = b"retry: 2000\n\n"
_HEARTBEAT = b": still here\n\n"

Render = Callable[[Event], Awaitable[dict[str, Any]]]
StillValid = Callable[[], Awaitable[bool]]


class Hub:
    """Wakes open streams: one listening connection for the process, one asyncio event for each stream."""

    def __init__(self, pool: Pool, per_member: int, on_any: Callable[[], None] = lambda: None) -> None:
        """`on_any` is called whenever an event of any member was committed."""
        self._pool, self._per_member, self._on_any = pool, per_member, on_any
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._listener = Loop("listener", self._listen, pauses=partial(delays, cap=RECONNECT_WITHIN_S))
        self._event_loop: asyncio.AbstractEventLoop | None = None
        self._listening = False
        self.closed = False

    async def start(self) -> None:
        """Begin to listen."""
        self._event_loop = asyncio.get_running_loop()
        await self._listener.start()

    async def stop(self) -> None:
        """Stop listening; open streams end."""
        self.close()
        await self._listener.stop()

    def close(self) -> None:
        """End all streams; clients resume elsewhere or later. Safe to call from a signal handler."""
        self.closed = True
        if self._event_loop is not None and not self._event_loop.is_closed():
            self._event_loop.call_soon_threadsafe(self._wake_all)

    async def check(self) -> str | None:
        """For `/ready`: whether the database's notifications are received."""
        return None if self._listening else "not listening to the database"

    def subscribe(self, member_id: str) -> asyncio.Event:
        """An event that is set when something is committed for the member, until `unsubscribe`. 429 with too many."""
        if len(self._waiting.get(member_id, ())) >= self._per_member:
            raise Problem(429, detail=f"at most {self._per_member} live streams", headers={"Retry-After": "5"})
        event = asyncio.Event()
        self._waiting[member_id].add(event)
        INBOX_STREAMS.inc()
        return event

    def unsubscribe(self, member_id: str, event: asyncio.Event) -> None:
        """The stream has ended."""
        INBOX_STREAMS.dec()
        events = self._waiting[member_id]
        events.discard(event)
        if not events:
            del self._waiting[member_id]

    def _wake_all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()

    def _on_notification(self, _connection: Connection, _pid: int, _channel: str, payload: object) -> None:
        self._on_any()
        for event in self._waiting.get(str(payload), ()):
            event.set()

    async def _listen(self) -> None:
        """One round of the listener: as long as its connection lives."""
        async with session_of(self._pool) as connection:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _connection: lost.set())
            await connection.add_listener(store.CHANNEL, self._on_notification)
            try:
                self._listening = True
                self._listener.moved()
                self._wake_all()  # for what was committed while nothing listened
                self._on_any()
                while not lost.is_set():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LISTEN_CHECK_S):
                            await lost.wait()
                    await connection.execute("SELECT 1")
            finally:
                self._listening = False


class EventStream(StreamingResponse):
    """An event stream that ends when the client disconnects, or reads nothing for `patience_s`."""

    media_type = "text/event-stream"

    def __init__(self, content: AsyncGenerator[bytes], patience_s: float, on_end: Callable[[], None]) -> None:
        super().__init__(content, headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        self._content, self._patience_s, self._on_end = content, patience_s, on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI names the arguments
        """Send until the stream ends on either side."""

        async def send_in_time(message: Any) -> None:
            async with asyncio.timeout(self._patience_s):
                await send(message)

        sending = asyncio.ensure_future(self.stream_response(send_in_time))
        disconnected = asyncio.ensure_future(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait([sending, disconnected], return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        except TimeoutError:
            INBOX_STREAMS_CUT_OFF.inc()
            raise ConnectionAbortedError("the client read nothing") from None
        finally:
            for task in (sending, disconnected):
                task.cancel()
            await asyncio.gather(sending, disconnected, return_exceptions=True)
            await self._content.aclose()
            self._on_end()


def frame(kind: str, data: dict[str, Any], seq: int) -> bytes:
    """One event as it is sent. JSON escapes line ends, so it has one `data` line."""
    return f"id: {seq}\nevent: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode("utf-8", "replace")


def resume_from(header: str | None, first: int, last: int) -> tuple[int, str | None]:
    """The number of the last event the client has, and `ready` or `reset` where the stream must begin with that.

    `first` is the oldest number still stored, `last` the newest assigned. Without a header the stream begins now.
    """
    if header is None:
        return last, "ready"
    known = int(header) if header.isascii() and header.isdecimal() and len(header) < 19 else -1  # noqa: PLR2004 - a bigint's
    if first - 1 <= known <= last:
        return known, None
    return last, "reset"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a quiet stream shows that it lives, and how often a stream asks whether its token is still valid."""

    heartbeat_s: float
    check_s: float


async def follow(
    pool: Pool,
    woken: asyncio.Event,
    hub: Hub,
    member_id: str,
    header: str | None,
    render: Render,
    still_valid: StillValid,
    pace: Pace,
) -> AsyncGenerator[bytes]:
    """The bytes of one member's stream, continuing where the client was, while `still_valid` holds."""
    began = time.monotonic()
    ends_at, check_at = began + LONGEST_S, began + pace.check_s
    last, opening = resume_from(header, *await store.stream_span(pool, member_id))
    yield _RETRY
    if opening is not None:
        yield frame(opening, {"last_event_id": last}, last)
    while not hub.closed and (now := time.monotonic()) < ends_at:
        if now >= check_at:
            if not await still_valid():
                return
            check_at = now + pace.check_s
        woken.clear()
        events = await store.events_after(pool, member_id, last)
        for event in events:
            span = trace.start("deliver to live stream", event.traceparent, kind="producer", facts=_facts(event))
            with trace.carry(span.traceparent):
                data = await render(event)
            yield frame(event.kind, data, event.seq)
            span.end()  # only once the client has read it
            last = event.seq
            if time.monotonic() >= check_at:
                break  # a client that reads slowly must not put the check off
        if events:
            continue
        if await store.is_erased(pool, member_id):
            return
        try:
            async with asyncio.timeout(min(pace.heartbeat_s, max(0.0, check_at - time.monotonic()))):
                await woken.wait()
        except TimeoutError:
            yield _HEARTBEAT


def _facts(event: Event) -> trace.Facts:
    return {
        "warmpath.message.kind": event.kind,
        "warmpath.message.seq": event.seq,
        "warmpath.item.id": event.item_id,
    }
