"""A client's connection to the server: uvicorn's own, with limits on time and on their number.

Kept true: no client can hold a connection by sending slowly, by sending nothing, or by not reading the response.
"""

import asyncio
import resource
import sys
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from shared.config import ServiceSettings
from shared.observability.logs import get_logger
from shared.web.limits import LINGER_S
from shared.web.problems import Problem, respond, too_slow, unavailable

log = get_logger(__name__)

SPARE_FILES = 100
"""File descriptors reserved for what is not a client: the database, Kafka, the log."""

_CAN_ANSWER = (h11.IDLE, h11.SEND_RESPONSE)


class Connection(H11Protocol):
    """Answers with problem details also where it refuses a client before there is a request."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        settings: ServiceSettings = self.config.app.state.settings  # type: ignore[union-attr]  # always one of our applications
        self._patience_s = settings.patience_seconds
        self._most = min(settings.connections, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_FILES)
        self._head_since: float | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn declares it so
        """A client has connected."""
        super().connection_made(transport)
        self._head_since = self.loop.time()
        self._watch = self.loop.call_later(self._patience_s, self._check_progress)
        if len(self.connections) > self._most:
            self._refuse(unavailable("too many connections at the moment; try again"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has disconnected, or was disconnected."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A part of a request has arrived."""
        if self._refused or self.transport.is_closing():
            return
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE or self.timeout_keep_alive_task is not None:
            self._head_since = None
        elif self._head_since is None:
            self._head_since = self.loop.time()

    def _check_progress(self) -> None:
        """Called at intervals: end a connection whose head is never completed, or whose client does not read."""
        if self.transport.is_closing():
            self.transport.abort()
            return
        if self._head_since is not None and self.loop.time() - self._head_since >= self._patience_s:
            log.info("slow_client_disconnected")
            self._refuse(too_slow(), linger_s=LINGER_S)
        self._watch = self.loop.call_later(self._patience_s, self._check_progress)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, or too long a head. Called while h11's error, which knows which, is handled."""
        status = getattr(sys.exception(), "error_status_hint", 400)
        self._refuse(Problem(status, detail=msg), linger_s=LINGER_S)

    def _refuse(self, problem: Problem, linger_s: float = 0) -> None:
        """Respond and close; with `linger_s`, keep reading what still arrives for that long first."""
        if self.conn.our_state in _CAN_ANSWER:
            answer = respond(problem, None)
            headers = [*answer.raw_headers, (b"connection", b"close")]
            for event in (
                h11.Response(status_code=answer.status_code, headers=headers, reason=b""),
                h11.Data(data=bytes(answer.body)),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self._refused, self._head_since = True, None
        if linger_s and self.transport.can_write_eof():
            self.transport.write_eof()
            self.loop.call_later(linger_s, self.transport.abort)
        else:
            self.transport.close()
