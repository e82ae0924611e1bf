"""W3C trace context: which cause a piece of work belongs to, carried over HTTP and Kafka as `traceparent`.

Each task has its own; `bind` starts or continues one, and whatever is sent meanwhile carries it on.
"""

import re
import secrets
from contextvars import ContextVar

import structlog

_FORM = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(-.*)?"
)
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def parse(traceparent: str | None) -> tuple[str, str] | None:
    """(trace id, flags) of a valid header; None for anything else, as the standard asks."""
    match = _FORM.fullmatch(traceparent) if traceparent else None
    if match is None or match["version"] == "ff" or not match["trace"].strip("0") or not match["span"].strip("0"):
        return None
    if match["version"] == "00" and match[5]:
        return None
    return match["trace"], match["flags"]


def make(trace_id: str | None = None, flags: str = "01") -> str:
    """A new span, of a new trace unless one is named."""
    return f"00-{trace_id or secrets.token_hex(16)}-{secrets.token_hex(8)}-{flags}"


def child(traceparent: str | None) -> str:
    """A new span that continues `traceparent`, or begins a trace where there is none that can be read."""
    parsed = parse(traceparent)
    return make(*parsed) if parsed else make()


def current_traceparent() -> str | None:
    """What to send with whatever leaves now; None outside any request or event."""
    return _current.get()


def bind(traceparent: str | None) -> str:
    """Make a child of `traceparent` (or a new trace) the current one of this task; logs carry its `trace_id`."""
    bound = child(traceparent)
    _current.set(bound)
    structlog.contextvars.bind_contextvars(trace_id=bound.split("-")[1])
    return bound


def unbind() -> None:
    """Forget the current trace: what this task does next belongs to no request or event."""
    _current.set(None)
    structlog.contextvars.unbind_contextvars("trace_id")
