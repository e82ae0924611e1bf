"""W3C trace context: the trace that a piece of work belongs to, passed on over HTTP and Kafka as `traceparent`.

Each task has a current one, which is sent with its requests and records. Where a collector is configured (`configure`),
work is also recorded as spans. Where none is, `traceparent` is passed on unchanged, so that others' spans stay linked.
"""

import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, Protocol

import structlog

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Facts = Mapping[str, str | int | float | bool | None]
"""A span's attributes, named by OpenTelemetry's conventions. Ids are allowed, personal data is not."""

_FORM = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(-.*)?"
)
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


class Span:
    """A piece of work. This class is not recorded: it only has a `traceparent`."""

    __slots__ = ("traceparent",)

    def __init__(self, traceparent: str) -> None:
        self.traceparent = traceparent

    def rename(self, name: str) -> None:
        """Set the name, where it was not known at the start."""

    def note(self, facts: Facts) -> None:
        """Add attributes; those that are None are left out."""

    def fail(self, kind: str) -> None:
        """The work failed: `kind` is a class of errors or a status, never a message."""

    def end(self, at_ns: int | None = None) -> None:
        """The work is over, now or at `at_ns` (Unix nanoseconds). Must be called once."""


class Recorder(Protocol):
    """Makes spans that are sent to a collector."""

    def start(self, name: str, parent: str | None, kind: Kind, facts: Facts | None, begun_ns: int | None) -> Span:
        """Begin a span under `parent`, or a new trace without a valid parent."""

    def shut_down(self) -> None:
        """Send what is left, within a few seconds."""


_recorder: Recorder | None = None


def configure(service: str) -> None:
    """Record spans from now on if `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`) names a collector.

    The other `OTEL_*` variables have their usual meaning. Without an endpoint the SDK is not even imported.
    Raises ValueError for an exporter or a protocol that is not supported.
    """
    global _recorder  # noqa: PLW0603 - one a process, as there is one set of variables
    if not _wanted():
        return
    from shared.observability.spans import OtlpRecorder  # noqa: PLC0415 - the SDK takes its time and memory

    _recorder = OtlpRecorder(service)


def _wanted() -> bool:
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or not any(map(os.environ.get, _ENDPOINTS)):
        return False
    exporter = os.environ.get("OTEL_TRACES_EXPORTER") or "otlp"
    if exporter not in ("otlp", "none"):
        raise ValueError("OTEL_TRACES_EXPORTER: set it to otlp or none, or leave it out")
    protocol = next(filter(None, map(os.environ.get, _PROTOCOLS)), "http/protobuf")
    if protocol != "http/protobuf":
        raise ValueError(f"{_PROTOCOLS[1]}: set it to http/protobuf and the endpoint to the collector's HTTP port")
    return exporter == "otlp"


def recording() -> bool:
    """Whether spans are recorded; if not, work done only for spans can be skipped."""
    return _recorder is not None


def shut_down() -> None:
    """Send what is left, before the process ends."""
    if _recorder is not None:
        _recorder.shut_down()


def parse(traceparent: str | None) -> tuple[str, str, str] | None:
    """(trace id, span id, flags) of a valid header; None for any other, as the standard demands."""
    match = _FORM.fullmatch(traceparent) if traceparent else None
    if match is None or match["version"] == "ff" or not match["trace"].strip("0") or not match["span"].strip("0"):
        return None
    if match["version"] == "00" and match[5]:
        return None
    return match["trace"], match["span"], match["flags"]


def id_of(traceparent: str | None) -> str | None:
    """The trace id of a header; None for an invalid one."""
    parsed = parse(traceparent)
    return parsed[0] if parsed else None


def make(trace_id: str | None = None, span_id: str | None = None, flags: str = "01") -> str:
    """A header, with a new trace id and span id unless they are given."""
    return f"00-{trace_id or secrets.token_hex(16)}-{span_id or secrets.token_hex(8)}-{flags}"


def start(
    name: str,
    parent: str | None,
    *,
    kind: Kind = "internal",
    facts: Facts | None = None,
    begun_ns: int | None = None,
) -> Span:
    """Begin a piece of work under `parent`, a `traceparent`; a new trace where that is None or invalid.

    The caller ends it. It does not become the task's current one: `bind` and `carry` do that. `begun_ns` is in Unix
    nanoseconds.
    """
    if _recorder is not None:
        return _recorder.start(name, parent, kind, facts, begun_ns)
    parsed = parse(parent)
    return Span(make(*parsed) if parsed else make())


@contextmanager
def span(name: str, parent: str | None, *, kind: Kind = "internal", facts: Facts | None = None) -> Iterator[Span]:
    """`start` for the work inside, as the task's current one. An error that leaves the block marks it as failed."""
    work = start(name, parent, kind=kind, facts=facts)
    try:
        with carry(work.traceparent):
            yield work
    except BaseException as error:
        work.fail(type(error).__name__)
        raise
    finally:
        work.end()


@contextmanager
def carry(traceparent: str) -> Iterator[None]:
    """Make a header the task's current one for the work inside; logs carry its `trace_id`."""
    token = _current.set(traceparent)
    try:
        with structlog.contextvars.bound_contextvars(trace_id=traceparent.split("-", 2)[1]):
            yield
    finally:
        _current.reset(token)


def current_traceparent() -> str | None:
    """The header to send with requests and records; None outside any request or event."""
    return _current.get()


def bind(traceparent: str) -> None:
    """As `carry`, until `unbind`; faster, for many records."""
    _current.set(traceparent)
    structlog.contextvars.bind_contextvars(trace_id=traceparent.split("-", 2)[1])


def unbind() -> None:
    """Forget the current trace: what the task does next belongs to no request or event."""
    _current.set(None)
    structlog.contextvars.unbind_contextvars("trace_id")
